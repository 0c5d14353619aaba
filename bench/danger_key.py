"""Who is answered while callers of withheld numbers press the danger key (9), with and without a limit for all of them.

    python -m bench.danger_key [--seeds 12]

The nights of `bench.fair_queue`, where one person in ten withholds their number and presses 9, as each call of the
flood does. The limit is not built (docs/decisions/0059).
"""

import argparse
import random
import statistics
from collections import defaultdict

from amparo.foundation.core.rate_limit import SlidingWindow

from .fair_queue import HOURS, OPERATORS, SOON, Caller, Flood, Night, Policy

IN_DANGER = 0.1  # of the people
CALLS_A_MINUTE = (0, 0.5, 5, 15, 60)
LIMITS = (None, 20, 60)  # presses an hour that move a call ahead, of all withheld numbers together; None: any number


class NightOfNines(Night):
    """A night in which callers of withheld numbers press 9 as soon as they arrive. `limit` None: without a limit."""

    def __init__(self, flood: Flood, seed: int, limit: int | None) -> None:
        super().__init__(flood, Policy.KEY, seed)
        self.limit, self.presses, chance = limit, SlidingWindow(3600), random.Random(seed + 1000)
        self.waits = defaultdict[bool, list[float]](list)  # of people, by whether they are in danger; infinite: gave up
        for _at, _order, _what, caller in self.coming:
            if caller.is_person and chance.random() < IN_DANGER:
                caller.who = None

    def _arrives(self, caller: Caller, now: float) -> None:
        super()._arrives(caller, now)
        if caller.who is None:
            caller.ticket.has_pressed = True
            allowed = self.limit is None or self.presses.consume(b"withheld", now, at_most=self.limit)
            caller.ticket.is_ahead = allowed
            self._enqueue(caller)

    def _hangs_up(self, caller: Caller, now: float) -> None:
        if caller in self.waiting and caller.is_person:
            self.waits[caller.who is None].append(float("inf"))
        super()._hangs_up(caller, now)

    def _answer_waiting(self, now: float) -> None:
        before = set(self.waiting)
        super()._answer_waiting(now)
        for caller in before - self.waiting:
            if caller.is_person:
                self.waits[caller.who is None].append(now - caller.at)


def describe(waits: list[float]) -> str:
    ordered = sorted(waits)
    soon, gave_up = (sum(each <= SOON for each in waits), waits.count(float("inf")))
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"within 20 s {soon / len(waits):>4.0%}   gave up {gave_up / len(waits):>4.0%}   "
        f"p50 {statistics.median(waits):>5.0f} s   p95 {p95:>5.0f} s"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=12)
    seeds = arguments.parse_args().seeds
    print(f"{OPERATORS} operators, {HOURS} h, {seeds} seeds; what happens to people, not to the flood")
    for rate in CALLS_A_MINUTE:
        for limit in LIMITS:
            waits = defaultdict[bool, list[float]](list)
            for seed in range(seeds):
                night = NightOfNines(Flood("", rate, 0), seed, limit)
                night.run()
                for in_danger, found in night.waits.items():
                    waits[in_danger] += found
            for in_danger, name in ((True, "in danger, number withheld"), (False, "others")):
                print(f"{rate:>4} a minute, limit {limit!s:<5}{name:<27}{describe(waits[in_danger])}", flush=True)


if __name__ == "__main__":
    main()
