"""Read the administrator's settings from the environment, once.

Raises `Misconfigured` for every unusable value, with one sentence that names the setting to change.
"""

import hashlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from stat import S_ISDIR
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyrage

from . import accounts, addresses, home_kind, moved_settings
from .atomic_files import write_once
from .refusal import Misconfigured

LONGEST_SOCKET_FOLDER = 80  # bytes, with room for the socket's own name
UNCERTIFIED = re.compile(r"(.+\.)?(onion|localhost)|[\d.]+")
DEFAULT_HTTP_PORT, DEFAULT_SIP_PORT, DEFAULT_SIP_TLS_PORT = 8000, 5060, 5061


@dataclass(frozen=True)
class Environment:
    home: Path
    hosts: tuple[str, ...]  # literal addresses to listen on; the first is the one we tell others
    web_hosts: tuple[str, ...]  # likewise for the pages; those of a real hotline are behind a web server
    http_port: int
    public_host: str | None  # host name of the public pages; None: they share a host with the staff pages
    staff_host: str | None  # None together with public_host
    proxies: tuple[str, ...]  # reverse proxies whose forwarded client addresses we believe; no others
    sip_port: int
    sip_tls_port: int
    sip_tls: tuple[Path, Path] | None  # certificate and key that telephones see; None: no SIP over TLS
    rtp_ports: range  # even ports only: RTP leaves the odd one to RTCP (RFC 3550 section 11)
    database_url: str | None  # None: the embedded server
    process: str  # the name of this process; blank: the owner of the database, who prepares it
    demo: bool
    demo_history: bool  # whether the demonstration builds invented months of the past
    trunks: tuple[str, ...]  # addresses whose calls come from the public telephone network
    media_networks: tuple[IPv4Network | IPv6Network, ...]  # private networks to which sound may go nevertheless
    trunk: tuple[str, int] | None  # destination of return calls: a literal address and its port
    # Where SIP addresses may be called, by what stands behind their "@". None: a host without an address.
    sip_hosts: dict[str, tuple[str, int] | None]
    trunk_user: str | None  # our user name at the trunk, if the trunk requires registration
    trunk_secret: str = field(repr=False)
    witnesses: tuple[Path, ...]  # folders outside the database that record how far the ledger is sealed
    keys: str  # the store of the key-encryption keys: "file" or "age"
    age_identities: tuple[str, ...] = field(repr=False)  # they open the keys in the store `age`; empty: nobody can
    age_recipients: tuple[str, ...]  # who else can open those keys, such as a custodian with an identity in a safe
    backup_keys: Path | None  # folder for backups of the key store; None: each command must name one
    backup_recipients: tuple[str, ...]  # age recipients who can open a backup of the data
    backup_key_recipients: tuple[str, ...]  # age recipients who can open a backup of the key store
    # What moved into the database and is still here: the start takes it over once (`moved_settings.py`).
    carried: dict[str, str | int | bool]
    carried_names: tuple[str, ...]  # of the variables
    hooks_inside: bool  # whether webhooks may go to addresses within private networks
    time_zone: str  # an IANA name; safe hours, days and clocks are local

    @property
    def control_socket(self) -> Path:
        """Unix socket on which the web reaches the switchboard; never reachable from another machine."""
        return short_socket_folder(self.home / "run" / "switchboard") / "control.sock"

    @property
    def is_secure(self) -> bool:
        """True if staff pages use https: they have a host name that is no .onion, no IP address and not this
        machine.
        """
        return self.staff_host is not None and not UNCERTIFIED.fullmatch(self.staff_host)

    @property
    def web_address(self) -> str:
        return f"http://{addresses.bracket(self.web_hosts[0])}:{self.http_port}/"

    @property
    def public_address(self) -> str:
        """Base address of the public pages, for links that leave the hotline."""
        if self.public_host is None:
            return self.web_address
        return f"http{'' if UNCERTIFIED.fullmatch(self.public_host) else 's'}://{self.public_host}/"

    @property
    def staff_address(self) -> str:
        """Base address of the staff pages, for links and notices. This machine has a name in it: browsers make no
        passkey for a number.
        """
        if self.staff_host is None:
            return self.web_address.replace("//127.0.0.1:", "//localhost:")
        return f"http{'' if UNCERTIFIED.fullmatch(self.staff_host) else 's'}://{self.staff_host}/"

    @property
    def public_root(self) -> str:
        """What a link from a staff page to a public page begins with."""
        return "/" if self.public_host is None else self.public_address

    @property
    def sip_address(self) -> str:
        return f"sip:ayuda@{addresses.bracket(self.hosts[0])}:{self.sip_port}"

    @property
    def phone_address(self) -> str:
        """The address that an operator types into a desk phone."""
        if self.sip_tls is not None:
            return f"{addresses.bracket(self.hosts[0])}:{self.sip_tls_port};transport=tls"
        return self.sip_address.partition("@")[2]

    def secret(self, name: str) -> str:
        """Read a secret of the home folder, and make it at the first start. Only our processes can read it.

        Raises `Misconfigured` if its file is empty.
        """
        path = self.home / "keys" / name
        if not path.exists():
            write_once(path, secrets.token_urlsafe(48).encode())
        if not (value := path.read_text().strip()):
            raise Misconfigured(f"{path} is empty, and everybody could guess that: delete it, and start again.")
        return value


def read_environment() -> Environment:
    """Read all settings. The home is looked at, and nothing is written into it (`home.make_folders` does that)."""
    public_host, staff_host = addresses.host_names()
    hosts = addresses.own_addresses("AMPARO_HOST", os.environ.get("AMPARO_HOST", "localhost"))
    text = os.environ.get("AMPARO_WEB_HOST", "")
    web_hosts = addresses.own_addresses("AMPARO_WEB_HOST", text) if text else ()
    home = home_folder()
    home_kind.refuse_unsaid_kind(home)
    demo = _is_demo(AMPARO_HOST=hosts, AMPARO_WEB_HOST=web_hosts)
    home_kind.refuse_other_kind(f"The home {home}", home_kind.read_kind(home), demo=demo)
    return Environment(
        home=home,
        hosts=hosts,
        web_hosts=web_hosts or (hosts if demo else addresses.loopback_of(hosts)),
        http_port=addresses.port_setting("AMPARO_HTTP_PORT", DEFAULT_HTTP_PORT),
        public_host=public_host,
        staff_host=staff_host,
        proxies=addresses.addresses_setting("AMPARO_PROXIES"),
        sip_port=addresses.port_setting("AMPARO_SIP_PORT", DEFAULT_SIP_PORT),
        sip_tls_port=addresses.port_setting("AMPARO_SIP_TLS_PORT", DEFAULT_SIP_TLS_PORT),
        sip_tls=_sip_tls(os.environ.get("AMPARO_SIP_CERTIFICATE", ""), os.environ.get("AMPARO_SIP_KEY", "")),
        rtp_ports=addresses.parse_port_range(os.environ.get("AMPARO_RTP_PORTS", addresses.RTP_PORTS)),
        database_url=os.environ.get("DATABASE_URL") or None,
        process=os.environ.get("AMPARO_PROCESS", ""),
        demo=demo,
        demo_history=demo and _is_on("AMPARO_DEMO_HISTORY", "1"),
        trunks=addresses.addresses_setting("AMPARO_TRUNKS"),
        media_networks=addresses.networks_setting("AMPARO_MEDIA_NETWORKS"),
        trunk=(trunk := addresses.trunk_address(text := os.environ.get("AMPARO_TRUNK", ""), hosts)),
        sip_hosts=addresses.sip_hosts(os.environ.get("AMPARO_SIP_HOSTS", ""), hosts, {text: trunk} if trunk else {}),
        trunk_user=os.environ.get("AMPARO_TRUNK_USER") or None,
        trunk_secret=os.environ.get("AMPARO_TRUNK_SECRET", ""),
        witnesses=_witness_folders(os.environ.get("AMPARO_WITNESSES", ""), home),
        keys=_key_store(),
        age_identities=_own_identities(),
        age_recipients=_age_recipients("AMPARO_AGE_RECIPIENTS"),
        backup_keys=Path(folder).expanduser().absolute() if (folder := os.environ.get("AMPARO_BACKUP_KEYS")) else None,
        backup_recipients=_age_recipients("AMPARO_BACKUP_RECIPIENTS"),
        backup_key_recipients=_age_recipients("AMPARO_BACKUP_KEY_RECIPIENTS")
        or _age_recipients("AMPARO_BACKUP_RECIPIENTS"),
        carried=moved_settings.carried_settings(),
        carried_names=moved_settings.carried_names(),
        hooks_inside=_is_on("AMPARO_HOOKS_INSIDE", "0"),
        time_zone=_time_zone(os.environ.get("AMPARO_TIME_ZONE") or "America/Lima"),
    )


def _sip_tls(certificate: str, key: str) -> tuple[Path, Path] | None:
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise Misconfigured("Set AMPARO_SIP_CERTIFICATE and AMPARO_SIP_KEY together, or neither.")
    for setting, file in (("AMPARO_SIP_CERTIFICATE", certificate), ("AMPARO_SIP_KEY", key)):
        # Only the switchboard's account may read these files.
        if not accounts.is_process_account() and not Path(file).is_file():
            raise Misconfigured(f"{setting}={file} is not a file: name one in PEM.")
    if not accounts.is_process_account() and accounts.is_open_to_others(Path(key)):
        raise Misconfigured(
            f"AMPARO_SIP_KEY={key} can be read by other accounts of this machine: type `chmod 600 {key}`."
        )
    return Path(certificate).absolute(), Path(key).absolute()


def short_socket_folder(folder: Path) -> Path:
    """Return `folder`, or a folder of ours with a shorter name: the path of a socket has at most 107 bytes.

    Raises `Misconfigured` if somebody else made the shorter folder.
    """
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    brief = Path(tempfile.gettempdir()) / f"amparo-{name}"
    brief.mkdir(mode=0o700, exist_ok=True)
    stat = brief.lstat()
    if not S_ISDIR(stat.st_mode) or stat.st_mode & 0o027 or stat.st_uid not in accounts.trusted_owners():
        raise Misconfigured(  # somebody else guessed the name and made it
            f"{brief} is open to others, or theirs: delete it, or choose an AMPARO_HOME with a shorter name."
        )
    return brief


def home_folder() -> Path:
    default = "/var/lib/amparo" if os.geteuid() == 0 else Path.home() / ".local/share/amparo"
    return Path(os.environ.get("AMPARO_HOME") or default).expanduser().absolute()


def _is_on(name: str, default: str) -> bool:
    text = os.environ.get(name, default)
    if text not in ("0", "1"):
        raise Misconfigured(f"{name}={text} is neither 0 nor 1: write one of them, or leave it unset.")
    return text == "1"


def _is_demo(**hosts: tuple[str, ...]) -> bool:
    """Return whether this is the demonstration.

    Its passwords are published. So it raises `Misconfigured` for a demonstration on other addresses than loopback,
    unless AMPARO_DEMO=public.
    """
    if os.environ.get("AMPARO_DEMO") == "public":
        return True
    demo = _is_on("AMPARO_DEMO", "1")
    shown = [name for name, each in hosts.items() if not all(ip_address(host).is_loopback for host in each)]
    if demo and shown:
        raise Misconfigured(
            f"{shown[0]}={','.join(hosts[shown[0]])} would show the demonstration, whose passwords are published, to "
            "others: set AMPARO_DEMO=0 for a real hotline, or AMPARO_DEMO=public to show it all the same."
        )
    return demo


def own_witnesses(home: Path) -> tuple[Path, ...]:
    return home / "witnesses" / "first", home / "witnesses" / "second"


def _witness_folders(text: str, home: Path) -> tuple[Path, ...]:
    """Return the folders of the ledger's witnesses: without the setting, two folders in our own home.

    Those reveal an error, but not an attacker who can write on this machine.
    """
    if not text:
        return own_witnesses(home)
    folders = tuple(Path(part.strip()) for part in text.split(","))
    if len(set(folders)) < 2 or not all(folder.is_absolute() for folder in folders):
        raise Misconfigured(
            f"AMPARO_WITNESSES={text} are not two folders: write them with a comma, each from the root."
        )
    return folders


def _key_store() -> str:
    keeper = os.environ.get("AMPARO_KEYS") or "file"
    if keeper not in ("file", "age"):
        raise Misconfigured(f"AMPARO_KEYS={keeper} keeps no keys: write file or age.")
    if keeper == "age" and not os.environ.get("AMPARO_AGE_IDENTITY"):
        raise Misconfigured("AMPARO_KEYS=age needs an identity: set AMPARO_AGE_IDENTITY to the file of age-keygen.")
    return keeper


def _own_identities() -> tuple[str, ...]:
    path = os.environ.get("AMPARO_AGE_IDENTITY", "")
    # This process opens no keys.
    if accounts.is_process_account() and accounts.LINE not in accounts.GROUPS[accounts.current_account()]:
        return ()
    return read_age_identities(path, "AMPARO_AGE_IDENTITY") if path else ()


def read_age_identities(path: str, setting: str) -> tuple[str, ...]:
    """Return the age identities in a file. It is read once, so that it may be removed while we run.

    Raises `Misconfigured`, which names `setting`, if the file has none.
    """
    try:
        found = tuple(line for line in Path(path).read_text().split() if line.startswith("AGE-SECRET-KEY-"))
        _ = [pyrage.x25519.Identity.from_str(each) for each in found]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = ()
    if not found:
        raise Misconfigured(f"{setting}={path} is not the file of an age identity: make one with age-keygen.")
    return found


def _age_recipients(setting: str) -> tuple[str, ...]:
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
