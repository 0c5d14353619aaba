"""`python -m bench.at_rest [--minutes 3]`: how long a warm start of the hotline takes, its memory while idle, and its
memory after 200 people have worked for some minutes (bench.staff), at once and after three quiet minutes.

Memory is the proportional set size (PSS): pages that several processes share count once in total.
"""

import argparse
import re
import resource
import time
from collections import Counter
from pathlib import Path

from tests.hotline import Hotline, hotline

from . import staff

STARTS = 3
CONTACTS, RATE, QUIET = 10_000, 40, 180  # requests a second; seconds
SETTLED = 15  # seconds after a start
KB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    print_starts()
    print_after_use(parser.parse_args().minutes)


def print_after_use(minutes: float) -> None:
    with hotline(AMPARO_DEMO="0", AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as it:
        people = staff.fill(it, CONTACTS)
        it.leave_inside()
        _times, bad = staff.work(people, RATE, 60 * minutes)
        print(f"after {minutes:g} minutes with {len(people)} people, {RATE} requests a second, {bad} not answered")
        print_memory(it)
        time.sleep(QUIET)
        print(f"after {QUIET // 60} quiet minutes")
        print_memory(it)


def print_starts() -> None:
    with hotline() as it:
        for n in range(STARTS):
            it.stop()
            before, begun = _cpu(), time.monotonic()
            it.start()
            seconds = time.monotonic() - begun
            time.sleep(SETTLED if n == STARTS - 1 else 1)
            if n == STARTS - 1:
                print_memory(it)
            it.stop()
            print(f"start {n + 1}: ready after {seconds:.1f} s, {_cpu() - before:.1f} s of CPU until it was stopped")


def print_memory(it: Hotline) -> None:
    total, count = 0.0, 0
    for name, pids in sorted(it.processes().items()):
        everyone = [each for pid in pids for each in (pid, *(_descendants(pid) if name == "postgres" else ()))]
        sizes = [proportional_size(pid) for pid in everyone]
        total, count = total + sum(sizes), count + len(sizes)
        print(f"{name:12} {len(sizes):3} processes {sum(sizes):7.0f} MB")
    print(f"{'all':12} {count:3} processes {total:7.0f} MB")
    print("connections:", dict(Counter(_sessions(it))))


def proportional_size(pid: int) -> float:
    """MB of memory; a shared page is divided by the number of processes that share it."""
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) / KB


def _descendants(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _sessions(it: Hotline) -> list[str]:
    import psycopg

    from amparo.foundation.core.database import DatabaseServer

    with psycopg.connect(DatabaseServer(it.home).url()) as link:
        return [
            name
            for (name,) in link.execute(
                "select usename from pg_stat_activity where datname is not null and pid <> pg_backend_pid()"
            )
        ]


def _cpu() -> float:
    """CPU seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
