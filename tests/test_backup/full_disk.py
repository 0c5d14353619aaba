"""`python -m tests.test_backup.full_disk DATA KEYS IDENTITY`: restores while a disk has ever more room, until it fits.

Refused each time in one sentence, with nothing left behind."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from amparo.foundation.core.database import DatabaseServer
from tests.backups import sealed
from tests.hotline import Hotline
from tests.repetitions import SOAK, repeat
from tests.small_disk import MB, fill_up, mount
from tests.test_backup.doing import is_untouched

SIZE = 300  # MB
STEP = repeat(16, 8)  # MB; the first step beyond an empty cluster
STOPPED_WITHIN = 40  # seconds; a server on a full disk does not stop, and pg_ctl would wait for a minute


def leave(home: Path, room: int) -> None:
    """A disk on which there is room for so many MB."""
    (home / "filler").unlink(missing_ok=True)
    filler = fill_up(home)
    with filler.open("r+b") as file:
        file.truncate(max(0, filler.stat().st_size - room * MB))


def rooms(home: Path) -> Iterator[int]:
    """Ever more MB. In `make test` few are tried that do not even hold an empty cluster, and steps that
    double, because many end alike: the server does not start. `main` fails if none was full in the middle.
    """
    yield from (0, STEP)
    if SOAK:
        yield from range(2 * STEP, SIZE, STEP)
    else:
        size = empty_cluster(home)
        yield from (size // 2, *(size + STEP * (2**n - 1) for n in range(5)))


def empty_cluster(home: Path) -> int:
    """MB that a cluster without tables takes; it is made and removed."""
    (home / "filler").unlink()
    server = DatabaseServer(home)
    server.start()
    server.stop()
    size = sum(file.stat().st_size for file in server.data.rglob("*") if file.is_file())
    shutil.rmtree(server.data)
    return size // MB


def refusals(it: Hotline, *words: str) -> list[str]:
    """What each attempt said that found too little room; then it was restored."""
    lines: list[str] = []
    for room in rooms(it.home):
        leave(it.home, room)
        done = it.run(*words)
        if done.returncode == 0:
            return lines
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), (room, done)
        assert is_untouched(it), (room, done.stderr)
        lines.append(done.stderr)
    raise AssertionError(lines[-1])


def main(data: str, keys: str, identity: str) -> None:
    """Exit with 0 if all is well."""
    home = tempfile.mkdtemp(prefix="amparo-small-", dir="/tmp")
    mount(home, SIZE)
    it = Hotline(Path(home), PGCTLTIMEOUT=str(STOPPED_WITHIN))
    try:
        output = refusals(it, "restore", data, "--keys", keys, "--identity", identity)
        print(*output, sep="")
        assert any("did not take the backup" in each for each in output)  # it was full in the middle, too
        (it.home / "filler").unlink()
        print(it.start().do(sealed))
    finally:
        it.clear_away()


if __name__ == "__main__":
    main(*sys.argv[1:])
