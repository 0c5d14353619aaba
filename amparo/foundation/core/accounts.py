"""Accounts of the operating system: started as root, the database and each process of ours run under one of their own.

Without root there is one account for all, and nothing here makes another.
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
    """Whether we may start processes under other accounts."""
    return os.geteuid() == 0


def mode_of_a_way() -> int:
    """Of a folder on the way to what is somebody's: other accounts of ours pass, and list nothing."""
    return 0o711 if are_apart() else 0o700


def own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise Misconfigured(f"The account {os.geteuid()} has no name: give it a line in /etc/passwd.") from error


def give_each_process_its_own() -> bool:
    """Whether `amparo run` does: it is root, and they can read our program."""
    return are_apart() and may_run_our_program(of("web"))


def is_of_process() -> bool:
    """Whether this is the account of one process alone."""
    return not are_apart() and own_name() in GROUPS


def of(process: str) -> str:
    return f"amparo-{process}"


def make_all() -> None:
    """Idempotent, also when several do it at once."""
    for group in (ALL, LINE, VAULT):
        _make(grp.getgrnam, group, ["groupadd", "--system", group])
    for account, groups in GROUPS.items():
        more = ["--groups", ",".join(groups)] if groups else []
        words = ["--system", "--user-group", "--no-create-home", "--shell", NOLOGIN, *more, account]
        _make(pwd.getpwnam, account, ["useradd", *words])


def become(account: str) -> dict[str, Any]:
    """What `subprocess` must be told to start a program under this account."""
    return {"user": account, "group": account, "extra_groups": list(GROUPS[account])}


def take_on(account: str) -> None:
    """From now on this process, started by root, is this account's, and can become no other."""
    group = pwd.getpwnam(account).pw_gid
    os.setgroups([grp.getgrnam(name).gr_gid for name in GROUPS[account]])
    os.setgid(group)
    os.setuid(pwd.getpwnam(account).pw_uid)


def may(account: str, *question: str) -> bool:
    """Whether `test` says yes to this account, such as `-r FILE`."""
    return subprocess.run(["test", *question], **become(account), check=False).returncode == 0


def may_run_our_program(account: str) -> bool:
    """Whether it can read the code: a checkout below /root is root's alone."""
    code = Path(__file__).resolve()
    return may(account, "-x", sys.executable, "-a", "-r", str(code))


def refuse_closed_way(home: Path, account: str) -> None:
    """A folder above `home` that this account may not pass through, such as /root: nothing of it could be read."""
    for folder in reversed(home.parents):
        if not may(account, "-x", str(folder)):
            raise Misconfigured(
                f"{home} lies below {folder}, which the account {account} may not enter: "
                "choose an AMPARO_HOME elsewhere, such as /var/lib/amparo."
            )


def owners() -> set[int]:
    """Whose files we trust: our own, and those of the accounts that root made for us."""
    ours = {it.pw_uid for it in pwd.getpwall() if it.pw_name in GROUPS}
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
