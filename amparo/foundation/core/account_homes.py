"""The homes of this machine that root has started. Their processes share accounts (accounts.py), so an attacker in one
home could read the keys of all. A real hotline's home therefore shares its accounts with no other home.
"""

import os
import tempfile
from pathlib import Path

from .home_kind import Kind, kind_of, read_kind
from .refusal import Misconfigured

LIST = Path("/var/lib/amparo.homes")  # one path a line


def refuse_shared_accounts(home: Path, *, demo: bool, known: Path = LIST) -> None:
    """Write this home into the list, unless it lies in the folder for temporary files.

    Raises `Misconfigured` if another home of the list is still there, and one of the two is a real hotline's. A real
    hotline in the temporary folder is a trial, and may stand beside demonstrations.
    """
    home = home.resolve()  # one home may have two names
    homes = [Path(line).resolve() for line in known.read_text().splitlines()] if known.exists() else []
    is_passing = not {Path("/tmp"), Path(tempfile.gettempdir())}.isdisjoint(home.parents)
    is_real = kind_of(demo) is Kind.REAL and not is_passing
    for other in homes:
        if other != home and other.is_dir() and (is_real or _may_be_real(other)):
            raise Misconfigured(
                f"{home} and {other} would run under the same accounts, and each could read the keys of the other: "
                f"start one of them on another machine, or take {other} out of {known} if it serves no more."
            )
    if home not in homes and not is_passing:
        try:
            with os.fdopen(os.open(known, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
                file.write(f"{home}\n")
        except OSError as error:
            raise Misconfigured(
                f"{known} cannot be written ({error.strerror}): let Amparo list its homes there."
            ) from error


def _may_be_real(home: Path) -> bool:
    try:
        return read_kind(home) is Kind.REAL
    except Misconfigured:  # it says something else
        return True
