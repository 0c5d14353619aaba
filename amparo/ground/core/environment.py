"""What the administrator may set, read once from the environment.

Every value that cannot be used raises `Misconfigured` with one sentence that names the setting to change.
"""

import hashlib
import os
import re
import secrets
import socket
import tempfile
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyrage

from .disk import write_once

LONGEST_SOCKET_FOLDER = 80  # bytes, with room for the socket's own name
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
UNCERTIFIED = re.compile(r"(.+\.)?(onion|localhost)|[\d.]+")
DEFAULT_HTTP_PORT, DEFAULT_SIP_PORT, DEFAULT_RTP_PORTS = 8000, 5060, "20000-21999"


class Misconfigured(Exception):
    """One sentence for the person who starts Amparo; the process ends with 2."""


@dataclass(frozen=True)
class Environment:
    home: Path
    hosts: tuple[str, ...]  # literal addresses to listen on; the first is the one we tell others
    http_port: int
    public_host: str | None  # the name of the public pages; None: they share one with the staff's
    staff_host: str | None  # None together with it
    sip_port: int
    rtp_ports: range  # even ports only: RTP leaves the odd one to RTCP (RFC 3550 section 11)
    database_url: str | None  # None: the embedded server
    process: str  # which of ours this is; blank: the owner of the database, who prepares it
    demo: bool
    trunks: tuple[str, ...]  # addresses whose calls come from the public telephone network
    trunk: tuple[str, int] | None  # where return calls leave: a literal address and its port
    trunk_user: str | None  # who we are at the trunk, if it wants us to register there
    trunk_secret: str = field(repr=False)
    line_number: str  # the hotline's own number, shown when we call somebody back
    witnesses: tuple[Path, ...]  # folders outside the database that are told how far the ledger is sealed
    keys: str  # who keeps the key-encryption keys: "file" or "age"
    age_identities: tuple[str, ...] = field(repr=False)  # what opens the keys that `age` keeps; empty: nobody can
    age_recipients: tuple[str, ...]  # who else can open them, such as a custodian with an identity in a safe
    backup_keys: Path | None  # where backups of the key store go; None: it must be said each time
    backup_recipients: tuple[str, ...]  # of age: who can open a backup of the data
    backup_key_recipients: tuple[str, ...]  # and who one of the key store
    answer_days: int | None  # working days to answer a person who asks for their data; None: as the law says
    hooks_inside: bool  # whether webhooks may go to addresses within private networks
    time_zone: str  # an IANA name: safe hours, days and clocks are local

    @property
    def control_socket(self) -> Path:
        """Where the web asks the switchboard; never reachable from another machine."""
        return short(self.home / "run") / "switchboard.sock"

    @property
    def is_secure(self) -> bool:
        """Whether staff come by https: under a name of their own that is no onion's, no number and not this machine."""
        return self.staff_host is not None and not UNCERTIFIED.fullmatch(self.staff_host)

    @property
    def web_address(self) -> str:
        return f"http://{_bracket(self.hosts[0])}:{self.http_port}/"

    @property
    def sip_address(self) -> str:
        return f"sip:ayuda@{_bracket(self.hosts[0])}:{self.sip_port}"

    def secret(self, name: str) -> str:
        """A secret made at the first start and kept in the home folder, readable by nobody else."""
        path = self.home / "keys" / name
        if not path.exists():
            write_once(path, secrets.token_urlsafe(48).encode())
        if not (value := path.read_text().strip()):
            raise Misconfigured(f"{path} is empty, and everybody could guess that: delete it, and start again.")
        return value


def read() -> Environment:
    public_host, staff_host = _host_names()
    home, hosts = _home(), _hosts(os.environ.get("AMPARO_HOST", "localhost"))
    return Environment(
        home=home,
        hosts=hosts,
        http_port=_port("AMPARO_HTTP_PORT", DEFAULT_HTTP_PORT),
        public_host=public_host,
        staff_host=staff_host,
        sip_port=_port("AMPARO_SIP_PORT", DEFAULT_SIP_PORT),
        rtp_ports=_ports(os.environ.get("AMPARO_RTP_PORTS", DEFAULT_RTP_PORTS)),
        database_url=os.environ.get("DATABASE_URL") or None,
        process=os.environ.get("AMPARO_PROCESS", ""),
        demo=os.environ.get("AMPARO_DEMO", "1") != "0",
        trunks=_trunks(os.environ.get("AMPARO_TRUNKS", "")),
        trunk=_trunk(os.environ.get("AMPARO_TRUNK", ""), hosts),
        trunk_user=os.environ.get("AMPARO_TRUNK_USER") or None,
        trunk_secret=os.environ.get("AMPARO_TRUNK_SECRET", ""),
        line_number=os.environ.get("AMPARO_LINE_NUMBER", "ayuda"),
        witnesses=_witnesses(os.environ.get("AMPARO_WITNESSES", ""), home),
        keys=_keeper(),
        age_identities=_own_identities(),
        age_recipients=_recipients("AMPARO_AGE_RECIPIENTS"),
        backup_keys=Path(folder).expanduser().absolute() if (folder := os.environ.get("AMPARO_BACKUP_KEYS")) else None,
        backup_recipients=_recipients("AMPARO_BACKUP_RECIPIENTS"),
        backup_key_recipients=_recipients("AMPARO_BACKUP_KEY_RECIPIENTS") or _recipients("AMPARO_BACKUP_RECIPIENTS"),
        answer_days=_days("AMPARO_ANSWER_DAYS"),
        hooks_inside=os.environ.get("AMPARO_HOOKS_INSIDE", "0") == "1",
        time_zone=_time_zone(os.environ.get("AMPARO_TIME_ZONE") or "America/Lima"),
    )


def short(folder: Path) -> Path:
    """`folder`, or one of our own with a shorter name: the path of a socket may have 107 bytes."""
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    brief = Path(tempfile.gettempdir()) / f"amparo-{name}"
    brief.mkdir(mode=0o700, exist_ok=True)
    if brief.is_symlink() or brief.stat().st_mode & 0o077:  # made by somebody else, who guessed its name
        raise Misconfigured(f"{brief} is open to others: delete it, or choose an AMPARO_HOME with a shorter name.")
    return brief


def _home() -> Path:
    default = "/var/lib/amparo" if os.geteuid() == 0 else Path.home() / ".local/share/amparo"
    home = Path(os.environ.get("AMPARO_HOME") or default).expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "run").mkdir(exist_ok=True)
        probe = home / "run" / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(
            f"Amparo cannot write in {home} ({error.strerror}): give it a folder of its own with AMPARO_HOME."
        ) from error
    return home


def _hosts(wish: str) -> tuple[str, ...]:
    if wish == "localhost":
        return ("127.0.0.1", "::1") if _has_ipv6_loopback() else ("127.0.0.1",)
    hosts = _addresses(wish)
    if hosts is None or any(ip_address(host).is_unspecified for host in hosts):  # 0.0.0.0: nobody could answer to it
        raise Misconfigured(f"AMPARO_HOST={wish} is not an address: write this machine's own, such as 192.0.2.10.")
    return hosts


def _addresses(text: str) -> tuple[str, ...] | None:
    """As the system writes them; None where one is no literal address."""
    try:
        return tuple(str(ip_address(part.strip().strip("[]"))) for part in text.split(","))
    except ValueError:
        return None


def _host_names() -> tuple[str | None, str | None]:
    public, staff = _host_name("AMPARO_PUBLIC_HOST"), _host_name("AMPARO_STAFF_HOST")
    if (public is None) != (staff is None):
        raise Misconfigured("Set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST together, or neither.")
    if public is not None and public == staff:
        raise Misconfigured("AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST are the same: give each side a name of its own.")
    return public, staff


def _host_name(setting: str) -> str | None:
    name = os.environ.get(setting, "").lower()
    if not name:
        return None
    if not HOST_NAME.fullmatch(name):
        raise Misconfigured(f"{setting}={name} is not the name of a host: write it as help.example.org.")
    return name


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not _is_port(text):
        raise Misconfigured(f"{name}={text} is not a port: write a number from 1 to 65535.")
    return int(text)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _days(name: str) -> int | None:
    text = os.environ.get(name, "")
    if text and (not text.isdecimal() or not 0 < int(text) <= 365):
        raise Misconfigured(f"{name}={text} is not a number of days: write one from 1 to 365.")
    return int(text) if text else None


def _ports(text: str) -> range:
    low, _, high = text.partition("-")
    if not (low.isdigit() and high.isdigit() and 1024 <= int(low) < int(high) < 65536):
        raise Misconfigured(f"AMPARO_RTP_PORTS={text} is not a range of ports: write it as {DEFAULT_RTP_PORTS}.")
    return range(int(low) + int(low) % 2, int(high) + 1, 2)


def _trunks(text: str) -> tuple[str, ...]:
    """Whose callers are let in: as a caller's address will be written, or the whole carrier would be refused."""
    trunks = _addresses(text) if text else ()
    if trunks is None:
        raise Misconfigured(
            f"AMPARO_TRUNKS={text} are not addresses: write them with commas, such as 192.0.2.1,192.0.2.2."
        )
    return trunks


def _trunk(text: str, hosts: tuple[str, ...]) -> tuple[str, int] | None:
    """The trunk's address, of a family we speak; a name is looked up once, for nothing may wait for DNS in a call."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if host and port.isdigit() and not _is_port(port):  # the system would take another, without a word
        raise Misconfigured(f"AMPARO_TRUNK={text} has no such port: write one from 1 to 65535, such as 192.0.2.1:5060.")
    families = {":" in ours for ours in hosts}
    try:
        found = [where[0] for *_, where in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)]
        return next(str(one) for one in found if (":" in str(one)) in families), int(port)
    except (OSError, ValueError, StopIteration) as error:
        raise Misconfigured(f"AMPARO_TRUNK={text} is not reachable: write it as 192.0.2.1:5060.") from error


def _witnesses(text: str, home: Path) -> tuple[Path, ...]:
    """Without a wish, two folders of our own: they find an error, but not whoever may write on this machine."""
    if not text:
        own = (home / "witnesses" / "first", home / "witnesses" / "second")
        for folder in own:
            folder.mkdir(parents=True, exist_ok=True)
        return own
    folders = tuple(Path(part.strip()) for part in text.split(","))
    if len(set(folders)) < 2 or not all(folder.is_absolute() for folder in folders):
        raise Misconfigured(
            f"AMPARO_WITNESSES={text} are not two folders: write them with a comma, each from the root."
        )
    return folders


def _keeper() -> str:
    keeper = os.environ.get("AMPARO_KEYS") or "file"
    if keeper not in ("file", "age"):
        raise Misconfigured(f"AMPARO_KEYS={keeper} keeps no keys: write file or age.")
    if keeper == "age" and not os.environ.get("AMPARO_AGE_IDENTITY"):
        raise Misconfigured("AMPARO_KEYS=age needs an identity: set AMPARO_AGE_IDENTITY to the file of age-keygen.")
    return keeper


def _own_identities() -> tuple[str, ...]:
    path = os.environ.get("AMPARO_AGE_IDENTITY", "")
    return identities(path, "AMPARO_AGE_IDENTITY") if path else ()


def identities(path: str, setting: str) -> tuple[str, ...]:
    """What is in an age identity file. Read at once, so that the file may be taken away again while we run."""
    try:
        found = tuple(line for line in Path(path).read_text().split() if line.startswith("AGE-SECRET-KEY-"))
        _ = [pyrage.x25519.Identity.from_str(each) for each in found]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = ()
    if not found:
        raise Misconfigured(f"{setting}={path} is not the file of an age identity: make one with age-keygen.")
    return found


def _recipients(setting: str) -> tuple[str, ...]:
    text = os.environ.get(setting, "")
    recipients = tuple(filter(None, (part.strip() for part in text.split(","))))
    try:
        _ = [pyrage.x25519.Recipient.from_str(each) for each in recipients]
    except pyrage.RecipientError as error:
        raise Misconfigured(f"{setting}={text} are not age recipients: write them as age1...") from error
    return recipients


def _time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"AMPARO_TIME_ZONE={name} is not a time zone: write it as America/Lima.") from error


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
