"""`python -m tests.test_backup.full_disk DATA KEYS IDENTITY`: restores on disks with too little room, then with enough.

Bisection finds how much is just too little; from there steps lead down to where the disk is full in the middle of the
backup. Each attempt with too little is refused in one sentence, with nothing left behind."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.backups import sealed
from tests.hotline import Hotline
from tests.small_disk import MB, fill_up, mount
from tests.test_backup.doing import is_untouched

SIZE = 320  # MB
ENOUGH = 256  # MB
STEP = 8  # MB; in larger steps it may never be full in the middle
IN_THE_MIDDLE = "did not take the backup"


def leave(home: Path, room: int) -> None:
    """A disk on which there is room for so many MB."""
    (home / "filler").unlink(missing_ok=True)
    filler = fill_up(home)
    with filler.open("r+b") as file:
        file.truncate(max(0, filler.stat().st_size - room * MB))


def refusals(it: Hotline, *words: str) -> list[str]:
    """What each attempt said that found too little room; at last it was restored."""
    said: list[str] = []

    def fits(room: int) -> bool:
        leave(it.home, room)
        done = it.run(*words)
        if done.returncode == 0:
            empty(it)
            return True
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), (room, done)
        assert is_untouched(it), (room, done.stderr)
        said.append(done.stderr)
        return False

    assert not fits(0)
    too_little, enough = 0, ENOUGH
    while enough - too_little > STEP:
        room = (too_little + enough) // 2
        too_little, enough = (too_little, room) if fits(room) else (room, enough)
    while IN_THE_MIDDLE not in said[-1]:  # it was full in the middle, too
        too_little -= STEP
        assert not fits(too_little)
    leave(it.home, ENOUGH)
    assert it.run(*words).returncode == 0
    return said


def empty(it: Hotline) -> None:
    for name in ("keys", "postgres"):
        shutil.rmtree(it.home / name)
    assert is_untouched(it)


def main(data: str, keys: str, identity: str) -> None:
    """Exit with 0 if all is well."""
    home = tempfile.mkdtemp(prefix="amparo-small-", dir="/tmp")
    mount(home, SIZE)
    it = Hotline(Path(home))
    try:
        said = refusals(it, "restore", data, "--keys", keys, "--identity", identity)
        print(*said, sep="")
        (it.home / "filler").unlink()
        print(it.start().do(sealed))
    finally:
        it.clear_away()


if __name__ == "__main__":
    main(*sys.argv[1:])
