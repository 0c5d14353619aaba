"""Accounts of the operating system: started as root, the database and each process of ours run under one of their own.

Without root there is one account, and what is said here does nothing.
"""

import os
import pwd
import subprocess
from pathlib import Path

from .refusal import Misconfigured

DATABASE = "amparo-db"  # PostgreSQL refuses to run as root
NOLOGIN = "/usr/sbin/nologin"


def are_apart() -> bool:
    """Whether we may start processes under other accounts."""
    return os.geteuid() == 0


def own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise Misconfigured(f"The account {os.geteuid()} has no name: give it a line in /etc/passwd.") from error


def make(account: str) -> None:
    """Idempotent, also when several processes do it at once."""
    if not _exists(account):
        words = ["--system", "--user-group", "--no-create-home", "--shell", NOLOGIN, account]
        done = subprocess.run(["useradd", *words], capture_output=True, check=False)
        if done.returncode and not _exists(account):
            raise Misconfigured(f"The account {account} could not be made: type `useradd {' '.join(words)}` as root.")


def refuse_closed_way(home: Path, account: str) -> None:
    """A folder above `home` that this account may not pass through, such as /root: nothing of it could be read."""
    for folder in reversed(home.parents):
        if subprocess.run(["test", "-x", str(folder)], user=account, group=account, extra_groups=[]).returncode:
            raise Misconfigured(
                f"{home} lies below {folder}, which the account {account} may not enter: "
                "choose an AMPARO_HOME elsewhere, such as /var/lib/amparo."
            )


def owners() -> set[int]:
    """Whose files we trust: our own, and, started as root, those of the accounts that we made."""
    made = {it.pw_uid for it in pwd.getpwall() if it.pw_name.startswith("amparo-")} if are_apart() else set()
    return {os.geteuid(), *made}


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True
