"""The cost of case work: CPU per operation on contacts and cases, beside a plain Django application and bare SQL.

    python -m bench.casework [--contacts 10000 100000 1000000] [--rounds 10] [--each 40]

Both applications run under the same server program on the same PostgreSQL. One browser uses them alternately.
Counted is the CPU time of the application's web processes and of the whole database, less what both use while idle.
"""

import argparse
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.hotline import Hotline, children_of, hotline

from . import caseload
from .caselives import bytes_a_life, export, fresh_contacts, name_searches
from .floor.running import Floor
from .pages import SUPERVISORS, analyze, hire
from .sides import Amparo, Side

OPERATORS = 100  # at 10,000 contacts each has a page full of open cases
A_DRIVER = 10  # operators among whom the operations rotate
ONE = [1]  # index of the operator who has all fresh contacts
MOST_EXPORTED = 100_000  # contacts; a larger export only takes longer
OPERATIONS: dict[str, Callable[[Side, int], int]] = {
    "list of cases": lambda side, n: side.get(n, "/cases"),
    "page of a case": lambda side, n: side.get(n, f"/cases/{side.case(n)}"),
    "list of contacts": lambda side, n: side.get(n, "/contacts"),
    "page of a contact": lambda side, n: side.get(n, f"/contacts/{side.contact(n)}"),
    "search of a number": lambda side, n: side.post(n, "/contacts/search", number="+51900123456", purpose="danger"),
    "search of a name": lambda side, n: side.post(n, side.alike(n), purpose="danger"),
    "note": lambda side, n: side.post(n, f"/cases/{side.case(n)}/notes", words=caseload.NOTE),
    "note in the long case": lambda side, n: side.post(1, f"/cases/{side.long_case}/notes", words=caseload.NOTE),
    "situation": lambda side, n: side.post(
        n, f"/cases/{side.case(n)}/situation", situation=f"{n} {caseload.SITUATION}", urgency="soon", based_on="1000000"
    ),
    "first save of a page": lambda side, n: side.save(n, page=n),
    "save of what is typed": lambda side, n: side.save(n % A_DRIVER, page=n % A_DRIVER),  # on and on in one contact
    "take in hand": lambda side, n: side.post(n, f"/cases/{side.case(n)}/take"),
    "wrap up": lambda side, n: side.post(1, f"/contacts/{side.fresh[n]}/wrap-up", type="crisis", key=side.page_key(n)),
    "open a case": lambda side, n: side.post(1, f"/cases/from/{side.fresh[n]}"),
}


type Cost = tuple[float, float]  # ms of CPU of the web, of the database


def cpu(pids: set[int]) -> float:
    """CPU milliseconds of these processes, all threads."""
    used = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*"):
            try:
                used += int((task / "schedstat").read_text().split()[0])
            except OSError:
                continue  # it has just ended
    return used / 1e6


class Meter:
    """The CPU of one application's web processes and of the database, less what both use while idle."""

    def __init__(self, web: set[int], database: int) -> None:
        self.web, self.database = web, database
        self.idle = (0.0, 0.0)
        self.idle = self.of(lambda: time.sleep(2))

    def of(self, work: Callable[[], object]) -> Cost:
        """Run `work`; milliseconds of web and database."""
        begun, before = time.monotonic(), self._now()
        work()
        after, took = self._now(), time.monotonic() - begun
        if self.idle == (0.0, 0.0):  # the first look: what a second without work costs
            return (after[0] - before[0]) / took, (after[1] - before[1]) / took
        return after[0] - before[0] - self.idle[0] * took, after[1] - before[1] - self.idle[1] * took

    def _now(self) -> Cost:
        return cpu(self.web), cpu({self.database, *children_of(self.database)})


def measure(sides: list[tuple[Side, Meter]], rounds: int, each: int) -> Iterator[tuple[str, list[Cost], float]]:
    """For each operation its cost on each side, and the ratio of the second to the first: medians over the rounds.

    The sides alternate, and each round has its own ratio, because the machine's speed changes from second to second.
    """
    for name, operation in OPERATIONS.items():
        costs: list[list[Cost]] = [[] for _ in sides]
        for turn in range(rounds + 1):
            for place in (0, 1) if turn % 2 else (1, 0):  # a drift of the machine meets both
                side, meter = sides[place]
                wanted = range(turn * each, (turn + 1) * each)
                costs[place].append(meter.of(functools.partial(repeat, operation, side, wanted)))
        warm = [cost[1:] for cost in costs]
        each_side = [(median(web for web, _db in c) / each, median(db for _web, db in c) / each) for c in warm]
        yield name, each_side, median(sum(ours) / sum(plain) for plain, ours in zip(*warm, strict=True))


def repeat(operation: Callable[[Side, int], int], side: Side, turns: range) -> None:
    for n in turns:
        operation(side, n)


def fill(it: Hotline, contacts: int, fresh: int, people: int = A_DRIVER, whose: Sequence[int] = ONE) -> Amparo:
    """Add contacts and their cases, and return Amparo's side, with sessions of the first `people` operators.

    The newest cases of these operators can be opened. `fresh` more contacts are new; they belong in turn to the
    operators at the indexes `whose`.
    """
    cases = contacts // caseload.A_CASE
    hired = it.do(hire, OPERATORS, SUPERVISORS)
    operators = [pk for pk, role, _session in hired if role == "operator"]
    it.do(caseload.fill, cases, operators)
    mine = {at: list(caseload.newest_of(at, OPERATORS, cases)) for at in range(people)}
    it.do(caseload.seal, [1, *(number for numbers in mine.values() for number in numbers)])
    made = it.do(fresh_contacts, [operators[at] for at in whose], fresh)
    it.do(analyze)
    return Amparo(it.http_port, [session for _pk, _role, session in hired][:people], mine, made)


def one_size(contacts: int, rounds: int, each: int) -> dict[str, list[Cost]]:
    fresh = (rounds + 1) * each
    with hotline(AMPARO_DEMO="0", AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as it:
        amparo = fill(it, contacts, fresh)
        with Floor(it.home, contacts // caseload.A_CASE, OPERATORS, fresh, ONE) as floor:
            here = it.processes()
            [database] = here["postgres"]
            sides = [
                (floor.side(amparo.mine), Meter(floor.pids, database)), (amparo, Meter(here["web"], database)),
            ]  # fmt: skip
            print(
                f"{contacts:,} contacts, load average {os.getloadavg()[0]:.1f}; ms of CPU: web + database", flush=True
            )
            found = {}
            for name, (plain, ours), times in measure(sides, rounds, each):
                found[name] = [plain, ours]
                print(
                    f"{name:<22} floor {plain[0]:6.2f} + {plain[1]:5.2f}   amparo {ours[0]:6.2f} + {ours[1]:5.2f}"
                    f"   {times:5.2f} times", flush=True,
                )  # fmt: skip
            print(name_searches(it, floor.database, amparo.mine[1]))
            if contacts <= MOST_EXPORTED:
                print(export(it))
                print(bytes_a_life(it))
    print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--each", type=int, default=40)
    wish = parser.parse_args()
    sizes = {contacts: one_size(contacts, wish.rounds, wish.each) for contacts in wish.contacts}
    print("database CPU of Amparo by size, and the largest of the smallest:")
    for name in OPERATIONS:
        by_size = [found[name][1][1] for found in sizes.values()]
        print(f"{name:<22}" + "".join(f"{ms:8.2f}" for ms in by_size) + f"   {by_size[-1] / by_size[0]:5.2f} times")


if __name__ == "__main__":
    main()
