"""What a home is, a real hotline or a demonstration: it is written at the first start, and stays."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Any

from .atomic_files import write_once
from .refusal import Misconfigured

FILE = "kind"  # in the home; without it nothing was started here, or only a version that did not write it
READ_BY_ALL = 0o644
PROGRAM = Path(__file__).parents[3]


class Kind(StrEnum):
    REAL = "real"
    DEMONSTRATION = "demonstration"


SENTENCES = {
    Kind.REAL: "{place} is that of a real hotline: set AMPARO_DEMO=0 with the hotline's other settings, or give the"
    " demonstration another AMPARO_HOME and no DATABASE_URL. Nothing changed.",
    Kind.DEMONSTRATION: "{place} is that of a demonstration, and its people are invented: set AMPARO_DEMO=1, or give"
    " the real hotline another AMPARO_HOME and database. Nothing changed.",
}


def kind_of(demo: bool) -> Kind:
    return Kind.DEMONSTRATION if demo else Kind.REAL


def refuse_unsaid_kind(home: Path, program: Path = PROGRAM) -> None:
    """Raise `Misconfigured` if neither AMPARO_DEMO nor the home says what this is. Only a checkout of git is the
    demonstration without either.
    """
    if "AMPARO_DEMO" not in os.environ and not (program / ".git").exists() and read_kind(home) is None:
        raise Misconfigured(
            f"Neither the settings nor the home {home} say what this is: write AMPARO_DEMO=0 into"
            " /etc/amparo/amparo.conf for a real hotline, or AMPARO_DEMO=1 for the demonstration."
        )


def refuse_unknown_kind(home: Path) -> None:
    """Raise `Misconfigured` if this home does not say what it is: an older one may be a real hotline's."""
    if read_kind(home) is None:
        raise Misconfigured(f"The home {home} does not say yet what it is: start it once, such as with `make run`.")


def read_kind(home: Path) -> Kind | None:
    """Return what this home is; None: it does not say so yet. Raises `Misconfigured` if that cannot be read."""
    path = home / FILE
    try:
        return Kind(path.read_text().strip())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"{path} cannot be read, or says neither {Kind.REAL} nor {Kind.DEMONSTRATION}: write into it what this is."
        ) from error


def refuse_other_kind(place: str, found: Kind | None, *, demo: bool) -> None:
    """Raise `Misconfigured` if `found` is known, and another kind than the settings say. `place`: "The home /srv"."""
    if found not in (None, kind_of(demo)):
        raise Misconfigured(SENTENCES[found].format(place=place))


def keep_kind(home: Path, *, demo: bool) -> None:
    """Write what this home is. A home that says so already stays as it is."""
    write_once(home / FILE, f"{kind_of(demo)}\n".encode())
    if (home / FILE).stat().st_mode & 0o777 != READ_BY_ALL:
        (home / FILE).chmod(READ_BY_ALL)  # also for the accounts of our processes


def kind_in_database(cursor: Any) -> Kind | None:
    """Return what a database is, by the people who may sign in. None: nobody can, or it has no tables yet."""
    cursor.execute("select to_regclass('public.access_user') is not null")
    if not cursor.fetchone()[0]:
        return None
    cursor.execute("select bool_or(is_invented and is_active) from access_user")
    (some_invented,) = cursor.fetchone()
    return None if some_invented is None else kind_of(some_invented)
