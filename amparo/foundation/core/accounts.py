"""Operating-system accounts: when started as root, the database and each process run under an account of their own.

Without root everything runs under one account, and this module makes no other.
"""

import grp
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .refusal import Misconfigured

ALL, LINE, VAULT = "amparo", "amparo-line", "amparo-vault"  # groups: what several of them read
DATABASE = "amparo-db"  # PostgreSQL refuses to run as root
GROUPS: dict[str, tuple[str, ...]] = {
    DATABASE: (),
    "amparo-web": (ALL, LINE, VAULT),
    "amparo-worker": (ALL, LINE, VAULT),
    "amparo-switchboard": (ALL, LINE),
    "amparo-sealer": (ALL,),
    "amparo-network": (),  # invented people
}
NOLOGIN = "/usr/sbin/nologin"


def are_apart() -> bool:
    """True if we may start processes under other accounts."""
    return os.geteuid() == 0


def mode_of_parent_folders() -> int:
    """Return the mode of a folder above the files of several accounts.

    If we start processes under several accounts, they may pass through the folder, but not list it.
    """
    return 0o711 if are_apart() else 0o700


def own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise Misconfigured(f"The account {os.geteuid()} has no name: give it a line in /etc/passwd.") from error


def give_each_process_its_own() -> bool:
    """True if `amparo run` gives each process an account: it is root, and the accounts can read our program."""
    return are_apart() and may_run_our_program(of("web"))


def is_of_process() -> bool:
    """True if this is the account of one process alone."""
    return not are_apart() and own_name() in GROUPS


def is_open_to_others(file: Path) -> bool:
    """True if more than the file's owner may use it. The group LINE may: it contains processes of ours alone."""
    state = file.stat()
    if state.st_mode & 0o007:
        return True
    try:
        line = grp.getgrnam(LINE).gr_gid
    except KeyError:
        line = None
    return bool(state.st_mode & 0o070) and state.st_gid != line


def of(process: str) -> str:
    return f"amparo-{process}"


def make_all() -> None:
    """Make all groups and accounts. Idempotent, also when several processes do it at once."""
    for group in (ALL, LINE, VAULT):
        _make(grp.getgrnam, group, ["groupadd", "--system", group])
    for account, groups in GROUPS.items():
        more = ["--groups", ",".join(groups)] if groups else []
        options = ["--system", "--user-group", "--no-create-home", "--shell", NOLOGIN, *more, account]
        _make(pwd.getpwnam, account, ["useradd", *options])


def become(account: str) -> dict[str, Any]:
    """Arguments for `subprocess` to start a program under this account."""
    return {"user": account, "group": account, "extra_groups": list(GROUPS[account])}


def take_on(account: str) -> None:
    """Make this process, started by root, run as this account for good."""
    group = pwd.getpwnam(account).pw_gid
    os.setgroups([grp.getgrnam(name).gr_gid for name in GROUPS[account]])
    os.setgid(group)
    os.setuid(pwd.getpwnam(account).pw_uid)


def hand_over(path: Path, *, owner: str = "root", group: str = "root", mode: int, parent: int | None = None) -> None:
    """Give a file or folder to an account. `parent`: an open folder, if `path` is a name in it.

    Raises `Misconfigured` for a link: whoever may write there could lead root to somebody else's file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
    except OSError as error:
        raise Misconfigured(
            f"{path} cannot be given to {owner} ({error.strerror}): put a plain file or folder there, no link."
        ) from error
    try:
        os.fchown(handle, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def may(account: str, *test: str) -> bool:
    """True if `test` succeeds for this account, such as `-r FILE`."""
    return subprocess.run(["test", *test], **become(account), check=False).returncode == 0


def may_run_our_program(account: str) -> bool:
    """True if the account can read our code: a checkout below /root is readable for root alone."""
    code = Path(__file__).resolve()
    return may(account, "-x", sys.executable, "-a", "-r", str(code))


def refuse_unreachable_home(home: Path, account: str) -> None:
    """Raise `Misconfigured` if the account may not pass through a folder above `home`, such as /root."""
    for folder in reversed(home.parents):
        if not may(account, "-x", str(folder)):
            raise Misconfigured(
                f"{home} lies below {folder}, which the account {account} may not enter: "
                "choose an AMPARO_HOME elsewhere, such as /var/lib/amparo."
            )


def owners() -> set[int]:
    """User ids whose files we trust: our own, and those of the accounts that root made for us."""
    ours = {entry.pw_uid for entry in pwd.getpwall() if entry.pw_name in GROUPS}
    return {os.geteuid(), *ours} if are_apart() or os.geteuid() in ours else {os.geteuid()}


def _make(find: Callable[[str], object], name: str, command: list[str]) -> None:
    if not _exists(find, name):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode and not _exists(find, name):
            raise Misconfigured(f"The account {name} could not be made: type `{' '.join(command)}` as root.")


def _exists(find: Callable[[str], object], name: str) -> bool:
    try:
        find(name)
    except KeyError:
        return False
    return True
