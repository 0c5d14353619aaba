"""Two hundred people at once on case work: lists, pages, notes and searches, 60 requests per second.

    python -m bench.staff [--contacts 100000] [--rate 60] [--seconds 60]

As in bench.pages, requests come at random moments, each by one of the two hundred, whether or not earlier ones were
answered. The clock of each starts when it was due. One person's requests run one after another.
"""

import argparse
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.hotline import Hotline, hotline

from . import caseload
from .casework import OPERATIONS
from .pages import AT_ONE_TIME, SUPERVISORS, analyze, hire, percentile
from .sides import Amparo

PEOPLE = 200
LIMIT = 200  # ms, p95
MIX = {
    "list of cases": 22, "page of a case": 25, "list of contacts": 8, "page of a contact": 12, "search of a number": 2,
    "search of a name": 3, "note": 8, "situation": 4, "save of what is typed": 14, "take in hand": 2,
}  # fmt: skip


class Person:
    """One signed-in browser whose person has cases of their own."""

    def __init__(self, side: Amparo) -> None:
        self._side, self._turn, self._busy = side, 0, threading.Lock()

    def do(self, what: str) -> bool:
        """Do the operation of this name; return whether the response was as expected."""
        with self._busy:
            self._turn += 1
            try:
                return OPERATIONS[what](self._side, self._turn) >= 0
            except AssertionError as wrong:
                print(wrong)
                return False


def fill(it: Hotline, contacts: int) -> list[Person]:
    cases = contacts // caseload.A_CASE
    hired = [(pk, session) for pk, role, session in it.do(hire, PEOPLE, SUPERVISORS) if role == "operator"]
    it.do(caseload.fill, cases, [pk for pk, _session in hired])
    mine = [list(caseload.newest_of(at, PEOPLE, cases)) for at in range(PEOPLE)]
    it.do(caseload.seal, [number for numbers in mine for number in numbers])
    it.do(analyze)
    return [
        Person(Amparo(it.http_port, [session], {0: numbers}, []))
        for (_pk, session), numbers in zip(hired, mine, strict=True)
    ]


def work(people: list[Person], rate: float, seconds: float) -> tuple[dict[str, list[float]], int]:
    """Milliseconds by operation, and the number of failures."""
    dice, due = random.Random(0), 0.0
    times: dict[str, list[float]] = defaultdict(list)
    start = time.monotonic()

    def one(do: Callable[[str], bool], what: str, at: float) -> bool:
        well = do(what)
        times[what].append((time.monotonic() - start - at) * 1000)
        return well

    with ThreadPoolExecutor(AT_ONE_TIME) as pool:
        answers = []
        while (due := due + dice.expovariate(rate)) < seconds:
            time.sleep(max(0.0, start + due - time.monotonic()))
            [what] = dice.choices(list(MIX), list(MIX.values()))
            answers.append(pool.submit(one, dice.choice(people).do, what, due))
        return times, sum(not answer.result() for answer in answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    with hotline(AMPARO_DEMO="0", AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as it:
        people = fill(it, chosen.contacts)
        print(f"load average {os.getloadavg()[0]:.1f}, {chosen.contacts:,} contacts, {len(people)} people", flush=True)
        work(people, chosen.rate, 5)  # warm
        times, bad = work(people, chosen.rate, chosen.seconds)
    every = [ms for kind in times.values() for ms in kind]
    for name, kind in {**times, "all": every}.items():
        print(f"{name:<22}{len(kind):>6}  p50 {percentile(kind, 0.5):6.0f} ms  p95 {percentile(kind, 0.95):6.0f} ms")
    print(f"{bad} not answered; the aim is p95 <= {LIMIT} ms; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
