"""The folders of AMPARO_HOME, and the permissions in it once each process runs under an account of its own
(accounts.py).

Every account can pass through the folder, and only root can list it (mode 711), so that each account reaches its own
files. A process can read its secrets and not change them. Keys that come and go belong to a group; their folders pass
it on to new files (setgid, see atomic_files.py).
"""

import os
from pathlib import Path
from stat import S_ISLNK

from . import accounts, home_kind
from .accounts import LINE, VAULT
from .environment import Environment, own_witnesses
from .refusal import Misconfigured

SECRETS = {  # in AMPARO_HOME/keys: the group that reads each secret
    "acting": LINE,
    "django": accounts.account_of("web"),
    "database-web": accounts.account_of("web"),
    "database-site": accounts.account_of("web"),
    "database-worker": accounts.account_of("worker"),
    "database-switchboard": accounts.account_of("switchboard"),
    "database-sealer": accounts.account_of("sealer"),
    "ledger": accounts.account_of("sealer"),
}
OURS = {
    home_kind.FILE,
    "keys",
    "postgres",
    "postgres.log",
    "run",
    "witnesses",
    "published",
    "prompts.local",
    "restoring",
    "webhooks",
}
LISTED_BY_OTHERS = 0o044
HOTLINE = "1"  # the agency whose keys the switchboard needs, for messages left on the line; it needs no others


def make_folders(environment: Environment) -> None:
    """Make the folders of the home that every start needs. Raises `Misconfigured` if we cannot write there."""
    if accounts.is_process_account():  # such an account received what it needs at the start
        return
    home = environment.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        for folder in (home / "run", home / "run" / "switchboard"):
            folder.mkdir(mode=accounts.mode_of_parent_folders(), exist_ok=True)
        if environment.witnesses == own_witnesses(home):
            for folder in environment.witnesses:
                folder.mkdir(parents=True, exist_ok=True)
        probe = home / "run" / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(
            f"Amparo cannot write in {home} ({error.strerror}): give it a folder of its own with AMPARO_HOME."
        ) from error


def set_permissions(environment: Environment) -> None:
    """Set all owners and modes, as root, before the processes start. This also repairs what a restore, or a start under
    one account, left behind.

    Raises `Misconfigured` if a process cannot read or write a file that it needs.
    """
    home, keys, sealer = environment.home, environment.home / "keys", accounts.account_of("sealer")
    _make_and_give(keys, mode=0o711)
    for name, group in SECRETS.items():
        environment.secret(name)
        _make_and_give(keys / name, group=group, mode=0o640)
    for keeper in {keys / environment.keys, *(folder for kind in ("file", "age") if (folder := keys / kind).exists())}:
        _share_with_group(keeper, VAULT)
        _make_and_give(keeper, group=VAULT, mode=0o2771)
        _share_with_group(keeper / HOTLINE, LINE)
    _make_and_give(home / "run", mode=0o711)
    _make_and_give(environment.control_socket.parent, owner=accounts.account_of("switchboard"), group=LINE, mode=0o2710)
    rotation_lock = home / "run" / "roll.lock"
    if not os.path.lexists(rotation_lock):
        rotation_lock.touch()
    _make_and_give(rotation_lock, owner=accounts.account_of("worker"), mode=0o600)
    _share_with_group(
        home / "published", VAULT
    )  # the web publishes, the worker removes what has ended (programme/events)
    _share_with_group(home / "webhooks", VAULT)  # the web writes, the worker takes in (line/channels)
    _make_and_give(home / "witnesses", mode=0o711)
    for folder in environment.witnesses:
        if home in folder.parents:
            _make_private(folder, sealer)
        elif folder.exists() and not accounts.may_access(sealer, "-w", str(folder), "-a", "-x", str(folder)):
            raise Misconfigured(f"The sealer cannot write into {folder}: type `chown -R {sealer} {folder}`.")
    _refuse_unreadable("AMPARO_AGE_IDENTITY", "web", "worker", "switchboard")
    for setting in ("AMPARO_SIP_CERTIFICATE", "AMPARO_SIP_KEY"):
        _refuse_unreadable(setting, "switchboard")


def close_home_to_others(home: Path) -> None:
    """Set the mode of the home, so that no other account can list it.

    Raises `Misconfigured` if others can list it and it contains files that are not ours, as /tmp does.
    """
    if all(path.name in OURS or path.name.startswith("postgresql-") for path in home.iterdir()):
        home.chmod(accounts.mode_of_parent_folders())
    elif home.stat().st_mode & LISTED_BY_OTHERS:
        raise Misconfigured(
            f"{home} holds files that are not Amparo's, and others can list it: "
            f"type `chmod {accounts.mode_of_parent_folders():o} {home}`, "
            "or choose a folder of its own with AMPARO_HOME."
        )


def _refuse_unreadable(setting: str, *processes: str) -> None:
    """Raise `Misconfigured` if a process cannot read a file of the administrator's that it needs."""
    path = os.environ.get(setting)
    for account in map(accounts.account_of, processes if path else ()):
        if not accounts.may_access(account, "-r", str(path)):
            raise Misconfigured(
                f"{setting}={path} cannot be read by the account {account}: "
                f"type `chgrp {LINE} {path}; chmod 640 {path}`, in a folder that it may enter."
            )


def _make_and_give(path: Path, *, owner: str = "root", group: str = "root", mode: int) -> None:
    if not os.path.lexists(path):
        path.mkdir()
    accounts.give_file_to_account(path, owner=owner, group=group, mode=mode)


def _share_with_group(folder: Path, group: str) -> None:
    """Share a folder, and all below it, with a group that makes and destroys files in it."""
    _give_all(folder, owner="root", group=group, mode=0o660, folder_mode=0o2770)


def _make_private(folder: Path, account: str) -> None:
    """Give a folder, and all below it, to this account alone."""
    _give_all(folder, owner=account, group=account, mode=0o600, folder_mode=0o700)


def _give_all(folder: Path, *, owner: str, group: str, mode: int, folder_mode: int) -> None:
    """Set owner, group and modes of a folder and of all below it, except links. A missing folder is made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _make_and_give(folder, owner=owner, group=group, mode=folder_mode)
    for _path, folders, files, parent in os.fwalk(folder):
        for names, each_mode in ((folders, folder_mode), (files, mode)):
            for name in names:
                if not S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                    accounts.give_file_to_account(Path(name), owner=owner, group=group, mode=each_mode, parent=parent)
