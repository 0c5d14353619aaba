"""Two hundred people work on cases at once: each reads a page, thinks, and does the next thing.

    python -m bench.staff [--contacts 100000] [--people 200] [--think 10] [--seconds 60]

Each of them is a thread with a browser of its own, from one process on the same machine: lists, pages, notes, saves
and names looked for, in random turns. A clock runs from the click to the whole answer.
"""

import argparse
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable

from tests.hotline import hotline

from . import caseload
from .casework import fill
from .pages import LIMIT, percentile
from .sides import Amparo, Side

MIX: dict[str, tuple[int, Callable[[Side, int], int]]] = {  # shares of a hundred
    "list of cases": (20, lambda side, n: side.get(n, "/cases")),
    "page of a case": (30, lambda side, n: side.get(n, f"/cases/{side.case(n)}")),
    "page of a contact": (15, lambda side, n: side.get(n, f"/contacts/{side.contact(n)}")),
    "note": (10, lambda side, n: side.post(n, f"/cases/{side.case(n)}/notes", words=caseload.NOTE)),
    "save": (20, lambda side, n: side.save(n)),
    "name": (5, lambda side, n: side.post(n, side.alike(n), purpose="danger")),
}


class Shift:
    """All that its people did, and how long each waited."""

    def __init__(self, people: list[Amparo], think: float) -> None:
        self.people, self.think = people, think
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []

    def work(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self._one, args=(at, end)) for at in range(len(self.people))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, at: int, end: float) -> None:
        dice, person = random.Random(at), self.people[at]
        time.sleep(dice.random() * self.think)  # nobody begins at the same moment
        while time.monotonic() < end:
            [what] = dice.choices(list(MIX), [share for share, _do in MIX.values()])
            begun = time.monotonic()
            try:
                MIX[what][1](person, dice.randrange(10**6))
                self.times[what].append((time.monotonic() - begun) * 1000)
            except (AssertionError, OSError) as error:
                self.failed.append(f"{what}: {error}")
            time.sleep(dice.expovariate(1 / self.think))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--think", type=float, default=10, help="seconds between two clicks, on average")
    parser.add_argument("--seconds", type=float, default=60)
    wish = parser.parse_args()
    with hotline(AMPARO_DEMO="0") as it:
        people = fill(it, wish.contacts, 0, wish.people).one_by_one()
        print(f"load average {os.getloadavg()[0]:.1f}, {wish.contacts:,} contacts, {len(people)} people", flush=True)
        Shift(people, wish.think).work(wish.seconds / 4)  # warm
        shift = Shift(people, wish.think)
        shift.work(wish.seconds)
    every = [ms for kind in shift.times.values() for ms in kind]
    for name, kind in {**shift.times, "all": every}.items():
        print(f"{name:<18}{len(kind):>6}  p50 {percentile(kind, 0.5):6.0f} ms  p95 {percentile(kind, 0.95):6.0f} ms")
    print(f"{len(every) / wish.seconds:.1f} a second, {len(shift.failed)} errors {shift.failed[:3]}; the aim is")
    print(f"p95 <= {LIMIT} ms and no error; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
