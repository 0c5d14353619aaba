"""`python -m tests.small_disk`: the hotline on a disk of its own that fills up while somebody types and others call."""

import ctypes
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import kills
from bench.telephony import place_calls

from .hotline import CHECKOUT, Hotline, furnish, hotline
from .offline import keep_own_name

SIZE = 900  # MB
FULL = 12  # seconds
MB = 1024 * 1024


def may_mount() -> bool:
    """True if this system lets us mount a disk; tried in a process that ends."""
    trying = [sys.executable, "-c", "from tests import small_disk; small_disk.mount('/tmp', 1)"]
    return subprocess.run(trying, cwd=CHECKOUT, stderr=subprocess.DEVNULL, check=False).returncode == 0


def mount(folder: str, size: int) -> None:
    """Mount a disk of `size` MB, visible to this process and its children, and gone with them."""
    user, group = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWNS | (os.CLONE_NEWUSER if user else 0))
    keep_own_name(user, group)
    libc = ctypes.CDLL(None, use_errno=True)
    private, recursive = 1 << 18, 1 << 14  # <linux/mount.h>: MS_PRIVATE, MS_REC
    done = libc.mount(b"none", b"/", None, private | recursive, None)
    done = done or libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size}m".encode())
    if done:
        raise OSError(ctypes.get_errno(), "no disk of our own")


def fill_up(home: Path) -> Path:
    """Write a file that leaves no space."""
    filler = home / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MB))
        except OSError:
            return filler


def write_until_refused() -> str:
    """Runs in the hotline's process: write until the database has no space; returns the SQLSTATE of its refusal."""
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("create table ballast as select repeat('x', 1000) from generate_series(1, 2000000)")
    except Error as error:
        connection.close()
        return getattr(error.__cause__, "sqlstate", "") or "away"
    return ""


def live_through(it: Hotline) -> None:
    operator = kills.Operator(it)
    operator.start()
    operator.go_on_writing()
    before = operator.tally.saves
    filler = fill_up(it.home)
    assert it.do(write_until_refused) in ("53100", "away")  # disk_full; or it fell over
    with tempfile.TemporaryDirectory() as folder:
        failed, times = place_calls(it.sip_port, rate=1, calls=FULL, folder=Path(folder))
    assert (failed, len(times)) == (0, FULL)  # calls are answered all the while
    assert before
    filler.unlink()
    it.wait_until_well()
    operator.go_on_writing()
    assert not kills.damage(it, operator.finish())


def main() -> None:
    """Exit with 0 if all is well."""
    home = tempfile.mkdtemp(prefix="amparo-small-", dir="/tmp")
    mount(home, SIZE)
    furnish(Path(home))
    with hotline(Path(home)) as it:
        live_through(it)


if __name__ == "__main__":
    main()
