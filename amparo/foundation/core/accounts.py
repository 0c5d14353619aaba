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

from .process_environment import kept_for_programs
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


def may_switch_accounts() -> bool:
    """True if this process is root, and so may start processes under other accounts."""
    return os.geteuid() == 0


def mode_of_parent_folders() -> int:
    """Return the mode of a folder whose files belong to several accounts.

    711 if this process is root: other accounts may pass through the folder, but not list it. Otherwise 700.
    """
    return 0o711 if may_switch_accounts() else 0o700


def current_account() -> str:
    """Return the name of the account that runs this process. Raises `Misconfigured` if it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise Misconfigured(f"The account {os.geteuid()} has no name: give it a line in /etc/passwd.") from error


def has_account_per_process() -> bool:
    """True if `amparo run` gives each process an account: it is root, and the accounts can read our program."""
    return may_switch_accounts() and may_run_our_program(account_of("web"))


def is_process_account() -> bool:
    """True if this process runs under an account that `amparo run` made for one process alone."""
    return not may_switch_accounts() and current_account() in GROUPS


def is_open_to_others(file: Path) -> bool:
    """True if others than its owner may use the file. The group LINE does not count: only our processes are in it."""
    state = file.stat()
    if state.st_mode & 0o007:
        return True
    try:
        line = grp.getgrnam(LINE).gr_gid
    except KeyError:
        line = None
    return bool(state.st_mode & 0o070) and state.st_gid != line


def account_of(process: str) -> str:
    return f"amparo-{process}"


def create_accounts() -> None:
    """Make the operating system's groups and accounts for our processes, where they are missing.

    Several processes may do it at once.
    """
    for group in (ALL, LINE, VAULT):
        _create_account(grp.getgrnam, group, ["groupadd", "--system", group])
    for account, groups in GROUPS.items():
        more = ["--groups", ",".join(groups)] if groups else []
        options = ["--system", "--user-group", "--no-create-home", "--shell", NOLOGIN, *more, account]
        _create_account(pwd.getpwnam, account, ["useradd", *options])


def account_options(account: str) -> dict[str, Any]:
    """Return the arguments with which `subprocess` starts a program under this account."""
    return {"user": account, "group": account, "extra_groups": list(GROUPS[account])}


def switch_to_account(account: str) -> None:
    """Switch this process, which root started, to this account. It cannot switch back."""
    group = pwd.getpwnam(account).pw_gid
    os.setgroups([grp.getgrnam(name).gr_gid for name in GROUPS[account]])
    os.setgid(group)
    os.setuid(pwd.getpwnam(account).pw_uid)


def give_file_to_account(
    path: Path, *, owner: str = "root", group: str = "root", mode: int, parent: int | None = None
) -> None:
    """Set the owner, group and mode of a file or folder.

    `parent` is the descriptor of an open folder, if `path` is a name in it. Raises `Misconfigured` for a link: whoever
    may write there could lead root to somebody else's file.
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


def may_access(account: str, *test: str) -> bool:
    """True if the command `test` succeeds for this account with these arguments, such as `-r FILE`."""
    kept = kept_for_programs(os.environ)  # the account may read it while the program runs
    return subprocess.run(["test", *test], env=kept, **account_options(account), check=False).returncode == 0


def may_run_our_program(account: str) -> bool:
    """True if the account can read our code: a checkout below /root is readable for root alone."""
    code = Path(__file__).resolve()
    return may_access(account, "-x", sys.executable, "-a", "-r", str(code))


def refuse_unreachable_home(home: Path, account: str) -> None:
    """Raise `Misconfigured` if the account may not pass through a folder above `home`, such as /root."""
    for folder in reversed(home.parents):
        if not may_access(account, "-x", str(folder)):
            raise Misconfigured(
                f"{home} lies below {folder}, which the account {account} may not enter: "
                "choose an AMPARO_HOME elsewhere, such as /var/lib/amparo."
            )


def trusted_owners() -> set[int]:
    """Return the user ids whose files we trust: our own, and those of the accounts that root made for us."""
    ours = {entry.pw_uid for entry in pwd.getpwall() if entry.pw_name in GROUPS}
    return {os.geteuid(), *ours} if may_switch_accounts() or os.geteuid() in ours else {os.geteuid()}


def _create_account(find: Callable[[str], object], name: str, command: list[str]) -> None:
    if not _account_exists(find, name):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode and not _account_exists(find, name):
            raise Misconfigured(f"The account {name} could not be made: type `{' '.join(command)}` as root.")


def _account_exists(find: Callable[[str], object], name: str) -> bool:
    try:
        find(name)
    except KeyError:
        return False
    return True
