"""Permissions of the files in AMPARO_HOME, once each process runs under an account of its own (accounts.py).

Every account can pass through the folder, and only root can list it (mode 711), so that each account reaches its own
files. A process can read its secrets and not change them. Keys that come and go belong to a group; their folders pass
it on to new files (setgid, see atomic_files.py).
"""

import os
import shutil
from pathlib import Path

from . import accounts
from .accounts import LINE, VAULT
from .environment import Environment
from .refusal import Misconfigured

SECRETS = {  # in AMPARO_HOME/keys: the group that reads each secret
    "acting": LINE,
    "django": accounts.of("web"),
    "database-web": accounts.of("web"),
    "database-site": accounts.of("web"),
    "database-worker": accounts.of("worker"),
    "database-switchboard": accounts.of("switchboard"),
    "database-sealer": accounts.of("sealer"),
    "ledger": accounts.of("sealer"),
}
OURS = {"keys", "postgres", "postgres.log", "run", "witnesses", "figures", "prompts.local", "restoring"}
HOTLINE = "1"  # the agency whose keys the switchboard needs, for messages left on the line; it needs no others


def set_permissions(environment: Environment) -> None:
    """Set all owners and modes, as root, before the processes start. This also repairs what a restore, or a start under
    one account, left behind.

    Raises `Misconfigured` if a process cannot read or write a file that it needs.
    """
    home, keys, sealer = environment.home, environment.home / "keys", accounts.of("sealer")
    _give(keys, mode=0o711)
    for name, group in SECRETS.items():
        environment.secret(name)
        _give(keys / name, group=group, mode=0o640)
    for keeper in {keys / environment.keys, *(folder for kind in ("file", "age") if (folder := keys / kind).exists())}:
        _share(keeper, VAULT)
        keeper.chmod(0o2771)
        _share(keeper / HOTLINE, LINE)
    _give(home / "run", mode=0o711)
    _give(environment.control_socket.parent, owner=accounts.of("switchboard"), group=LINE, mode=0o2710)
    rotation_lock = home / "run" / "roll.lock"
    rotation_lock.touch()
    _give(rotation_lock, owner=accounts.of("worker"), mode=0o600)
    _make_private(home / "figures", accounts.of("web"))
    _give(home / "witnesses", mode=0o711)
    for folder in environment.witnesses:
        if home in folder.parents:
            _make_private(folder, sealer)
        elif folder.exists() and not accounts.may(sealer, "-w", str(folder), "-a", "-x", str(folder)):
            raise Misconfigured(f"The sealer cannot write into {folder}: type `chown -R {sealer} {folder}`.")
    _refuse_unreadable("AMPARO_AGE_IDENTITY", "web", "worker", "switchboard")
    for setting in ("AMPARO_SIP_CERTIFICATE", "AMPARO_SIP_KEY"):
        _refuse_unreadable(setting, "switchboard")


def tighten(home: Path) -> None:
    """Let nobody else list the home. A folder that holds foreign files, such as /tmp, stays as it is."""
    if all(path.name in OURS or path.name.startswith("postgresql-") for path in home.iterdir()):
        home.chmod(accounts.mode_of_a_way())


def _refuse_unreadable(setting: str, *processes: str) -> None:
    """Raise `Misconfigured` if a process cannot read a file of the administrator's that it needs."""
    path = os.environ.get(setting)
    for account in map(accounts.of, processes if path else ()):
        if not accounts.may(account, "-r", str(path)):
            raise Misconfigured(
                f"{setting}={path} cannot be read by the account {account}: "
                f"type `chgrp {LINE} {path}; chmod 640 {path}`, in a folder that it may enter."
            )


def _give(path: Path, *, owner: str = "root", group: str = "root", mode: int) -> None:
    if not path.exists():
        path.mkdir()
    shutil.chown(path, owner, group)
    path.chmod(mode)


def _share(folder: Path, group: str) -> None:
    """Share a folder with a group, which makes and destroys files in it."""
    for path in _paths_below(folder):
        shutil.chown(path, "root", group)
        path.chmod(0o2770 if path.is_dir() else 0o660)


def _make_private(folder: Path, account: str) -> None:
    """Give a folder to this account alone."""
    for path in _paths_below(folder):
        shutil.chown(path, account, account)
        path.chmod(0o700 if path.is_dir() else 0o600)


def _paths_below(folder: Path) -> list[Path]:
    """All paths below, without links: whoever may write there could lead root to somebody else's file."""
    folder.mkdir(parents=True, exist_ok=True)
    return [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]
