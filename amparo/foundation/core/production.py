"""Settings, files and accounts that a real hotline must not start with, and the weaknesses of this one."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from stat import S_ISDIR

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from . import accounts, settings_file
from .environment import Environment
from .refusal import Misconfigured

OTHERS = 0o007
LIST_OR_WRITE = 0o006  # the accounts of our processes may pass through a folder


@dataclass(frozen=True)
class Weakness:
    what: str | Promise
    remedy: str | Promise


def refuse_unsafe_production(environment: Environment) -> None:
    """Raise `Misconfigured` if a real hotline must not start like this; the demonstration may."""
    if environment.demo:
        return
    if not environment.trunks and not all(ip_address(host).is_loopback for host in environment.hosts):
        raise Misconfigured(
            f"AMPARO_HOST={','.join(environment.hosts)} lets anybody who reaches it call in: set AMPARO_TRUNKS to the "
            "addresses of your carrier (or to 127.0.0.1, if no carrier brings calls)."
        )
    if environment.is_secure and not environment.proxies:
        raise Misconfigured(
            "AMPARO_STAFF_HOST is reached by https alone: set AMPARO_PROXIES to the address of the web server that has "
            "its certificate, such as 127.0.0.1."
        )
    _refuse_loopback_before_trunk(environment)
    home = environment.home
    found = [
        path for path in (home / "keys", home / "postgres", *_paths_below(home / "keys")) if _is_open_to_others(path)
    ]
    if identity := os.environ.get("AMPARO_AGE_IDENTITY"):
        found += [path for path in (Path(identity),) if _is_open_to_others(path)]
    if found:
        raise Misconfigured(
            f"{found[0]} can be read by every account of this machine: type `chmod -R o-rwx {found[0]}`, and "
            "`amparo keys roll` if somebody may have copied keys."
        )


def _refuse_loopback_before_trunk(environment: Environment) -> None:
    """Raise `Misconfigured` if calls to a trunk on another machine would leave from loopback, and reach nobody."""
    if environment.trunk is None or ip_address(environment.trunk[0]).is_loopback:
        return
    version = ip_address(environment.trunk[0]).version
    own = [host for host in environment.hosts if ip_address(host).version == version]
    if own and ip_address(own[0]).is_loopback:
        others = [host for host in own if not ip_address(host).is_loopback] or ["192.0.2.10"]
        raise Misconfigured(
            f"AMPARO_HOST={','.join(environment.hosts)} lets calls leave from {own[0]}, which reaches no trunk at "
            f"{environment.trunk[0]}: write this machine's own address first, as in AMPARO_HOST={others[0]},{own[0]}."
        )


def weaknesses(environment: Environment) -> list[Weakness]:
    """The weaknesses that this process can see. An empty list is as strong as Amparo can be."""
    devices = [device for folder in environment.witnesses if (device := _device(folder)) is not None]
    found = {
        Weakness(
            _("Keys stand in files that this machine can read."),
            _("Set AMPARO_KEYS=age, with an identity that does not stay on this disk."),
        ): environment.keys == "file",
        Weakness(
            _("Every account of this machine can read the settings, with their passwords."),
            format_lazy(
                _("Type `chmod 600 {file}`, and change the passwords that stand in it."), file=settings_file.FILE
            ),
        ): _is_open_to_others(settings_file.FILE),
        Weakness(
            _("No backup can be made: nobody is named who could open it."),
            _("Set AMPARO_BACKUP_RECIPIENTS, and make a backup each night."),
        ): not environment.backup_recipients,
        Weakness(
            _("The witnesses of the ledger are on one disk with it, or with each other."),
            _("Set AMPARO_WITNESSES to folders on disks of two other institutions."),
        ): len({*devices, _device(environment.home)}) <= len(devices),
        Weakness(
            _("All processes run under one account: whoever takes over one reads the keys of all."),
            _("Start Amparo as root, from a folder that other accounts can read, such as /opt/amparo."),
        ): not _has_separate_accounts(environment),
        Weakness(
            _("Staff come without TLS: whoever is on the network reads along."),
            _("Put a web server with a certificate before Amparo, and set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST."),
        ): not environment.is_secure,
        Weakness(
            _("Telephone calls cross the network without TLS: whoever is on it hears who calls, and what is said."),
            _("Set AMPARO_SIP_CERTIFICATE and AMPARO_SIP_KEY, and reach the carrier through a private line or a VPN."),
        ): not environment.sip_tls and any(not ip_address(host).is_loopback for host in environment.hosts),
        Weakness(
            _("The database is the embedded one: a young package, updated with Amparo alone."),
            _("Set DATABASE_URL to a PostgreSQL of the system."),
        ): not environment.database_url,
        Weakness(
            _("A host of AMPARO_SIP_HOSTS has no address: nobody there can be called in."),
            _("Correct its name, or look at the name server, and start Amparo again."),
        ): None in environment.sip_hosts.values(),
        Weakness(
            format_lazy(
                _("These settings are on the page “The line” now, and are read there alone: {names}."),
                names=", ".join(environment.carried_names),
            ),
            _("Delete them from the settings of the machine."),
        ): bool(environment.carried_names),
    }
    return [weakness for weakness, is_so in found.items() if is_so]


def _has_separate_accounts(environment: Environment) -> bool:
    """True if this process has an account of its own or, in `amparo run`, if each process gets one."""
    if environment.process:
        return accounts.is_process_account()
    return accounts.has_account_per_process()


def _paths_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def _is_open_to_others(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, PermissionError):
        return False
    return bool(mode & (LIST_OR_WRITE if S_ISDIR(mode) else OTHERS))


def _device(folder: Path) -> int | None:
    """Return the number of the disk that a folder is on; None if it is away, or we may not look at it."""
    try:
        return folder.stat().st_dev
    except OSError:
        return None
