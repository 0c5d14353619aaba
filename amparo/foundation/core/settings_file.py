"""The settings file: one for the units of systemd, for every command and for cron.

Its lines are those of `EnvironmentFile` in systemd.exec(5). What systemd would leave out, or reads otherwise than a
person would, is refused: a hotline does not start with half of its settings.
"""

import os
import re
from difflib import get_close_matches
from pathlib import Path

from .process_environment import DATABASE, OPEN, SECRETS, SYSTEM
from .refusal import Misconfigured

FILE = Path("/etc/amparo/amparo.conf")
OTHER_FILE = "AMPARO_CONF"  # names another file; blank: none is read
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5): where a unit finds its credentials
OF_ONE_PROCESS = {OTHER_FILE, "AMPARO_LEASH", "AMPARO_PROCESS", "AMPARO_TEST_DB"}
NAMES = (OPEN | SECRETS.keys() | {DATABASE} | SYSTEM) - OF_ONE_PROCESS

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLAIN = re.compile(r"(?!['\"])[^\\]*")
IN_SINGLE_QUOTES = re.compile(r"'([^']*)'")
IN_DOUBLE_QUOTES = re.compile(r'"((?:[^"\\]|\\["\\`$])*)"')


def read_settings_file() -> None:
    """Put the settings of the file into the environment of this process, where what is set already wins.

    Secrets that systemd hands over as credentials win over both. Without a file nothing else happens. Raises
    `Misconfigured` if it is there and cannot be used as a whole.
    """
    named = os.environ.get(OTHER_FILE)
    if named == "":
        return
    _read_credentials()
    path = Path(named or FILE).expanduser().absolute()
    found = _read(path, is_named=named is not None)
    os.environ[OTHER_FILE] = ""  # what this process starts has the settings, and may not be able to read the file
    for name, value in found.items():
        os.environ.setdefault(name, value)


def parse(text: str, path: Path) -> dict[str, str]:
    """Return the settings in the text of a settings file. Raises `Misconfigured`, which names the line, no value."""
    found = {}
    for number, line in enumerate(re.split(r"\r\n|[\r\n]", text), 1):
        stripped, where = line.strip(" \t"), f"{path}, line {number}:"
        if stripped.endswith("\\"):
            raise Misconfigured(f"{where} a line cannot go on in the next one: write the setting on one line.")
        if not stripped or stripped[0] in "#;":
            continue
        name, equals, value = stripped.partition("=")
        found[_checked_name(name.rstrip(" \t"), equals, where)] = _unquoted(value.strip(" \t"), where)
    return found


def _read(path: Path, *, is_named: bool) -> dict[str, str]:
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except (FileNotFoundError, NotADirectoryError) as error:
        if is_named:
            raise Misconfigured(f"{OTHER_FILE}={path} is not a file: name that of your settings.") from error
        return {}
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, PermissionError) and "AMPARO_DEMO" in os.environ:
            return {}  # the service manager has read it as root, and gave us the settings
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Misconfigured(
            f"The settings in {path} cannot be read ({why}): type the command as root, or as the account of the line. "
            f"{OTHER_FILE}= starts without them."
        ) from error


def _read_credentials() -> None:
    """Take the secrets that systemd hands over as credentials: files, each with the name of its setting."""
    if folder := os.environ.get(CREDENTIALS):
        for name in SECRETS:
            path = Path(folder, name)
            if path.is_file():
                os.environ[name] = path.read_text(encoding="utf-8").rstrip("\n")


def _checked_name(name: str, equals: str, where: str) -> str:
    first, _, rest = name.partition(" ")
    if first == "export":
        raise Misconfigured(f"{where} systemd does not read `export`: write {rest.strip() or 'NAME'}=value without it.")
    if not equals or not NAME.fullmatch(name):
        raise Misconfigured(f"{where} this is no setting: write NAME=value, and # before a comment.")
    if name not in NAMES:
        alike = get_close_matches(name, sorted(NAMES), n=1)
        meant = f"do you mean {alike[0]}?" if alike else "delete the line."
        raise Misconfigured(f"{where} {name} is no setting of Amparo: {meant}")
    return name


def _unquoted(value: str, where: str) -> str:
    if " #" in value and value[0] not in "'\"":
        raise Misconfigured(f"{where} a comment stands on a line of its own, and a # in a value in single quotes.")
    if quoted := IN_SINGLE_QUOTES.fullmatch(value):
        return quoted[1]
    if quoted := IN_DOUBLE_QUOTES.fullmatch(value):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if PLAIN.fullmatch(value):
        return value
    raise Misconfigured(f"{where} a quote or a backslash is not closed here: write the whole value in single quotes.")
