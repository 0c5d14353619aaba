"""Who is answered while somebody floods the line: three hours of simulated calls through Amparo's own queue.

    python -m bench.fair_queue [--seeds 20]

No telephone rings. Arrivals, conversations and patience are random; the order of callers is decided by the real code
(fair_queue.py, surge.py). One seed gives the same calls to every policy.
"""

import argparse
import heapq
import random
import statistics
from dataclasses import dataclass, field
from enum import StrEnum

from amparo.line.switchboard.fair_queue import FairQueue, Ticket, leaves_one_free, queue_time
from amparo.line.switchboard.surge import Surge

OPERATORS, HOURS, QUIET = 6, 3, 1800.0  # the flood begins after half an hour
EVERY = 170.0  # seconds between two people: half of what six operators can answer
REDIALS, REDIALS_AFTER = 0.25, 40.0  # a dropped line: the same person calls again
HELP, ABUSE = 420.0, 25.0  # seconds: a conversation, and the time to recognise an abusive call
PATIENCE = 900.0  # seconds until a caller hangs up
ASKED_WITHIN, PRESSES_AFTER = 30.0, 6.0  # seconds: until the music ends, and for the prompt
ROBOTS_WITHOUT_KEY = 0.9
SOON = 20.0  # seconds


class Policy(StrEnum):
    FIFO = "first come"
    FAIR = "fair"
    KEY = "fair, key in a surge"


@dataclass(frozen=True)
class Flood:
    name: str
    calls_a_minute: float
    numbers: int  # 0: every call withholds its number


FLOODS = (
    Flood("none", 0, 1),
    Flood("30 a minute from 3 numbers", 30, 3),
    Flood("120 a minute from 5 numbers", 120, 5),
    Flood("60 a minute from 500 spoofed numbers", 60, 500),
    Flood("60 a minute, number withheld", 60, 0),
)


@dataclass(eq=False)
class Caller:
    at: float
    who: bytes | None
    is_person: bool
    presses: bool
    talks: float  # seconds with an operator
    ticket: Ticket = field(default_factory=Ticket)
    is_over: bool = False


@dataclass
class Outcome:
    waits: list[float] = field(default_factory=list)  # seconds that people waited
    gave_up: int = 0
    in_surge: float = 0.0  # share of the time

    @property
    def people(self) -> int:
        return len(self.waits) + self.gave_up

    @property
    def soon(self) -> float:
        return sum(wait <= SOON for wait in self.waits) / self.people

    @property
    def lost(self) -> float:
        return self.gave_up / self.people

    def percentile(self, share: float) -> float:
        return sorted(self.waits)[int(share * (len(self.waits) - 1))]


def callers(flood: Flood, seed: int) -> list[Caller]:
    chance, all_of_them, at = random.Random(seed), [], 0.0
    while (at := at + chance.expovariate(1 / EVERY)) < HOURS * 3600:
        who = b"person %d" % len(all_of_them)
        times = [at, at + REDIALS_AFTER] if chance.random() < REDIALS else [at]
        all_of_them += [Caller(t, who, True, True, chance.expovariate(1 / HELP)) for t in times]
    at = QUIET
    while flood.calls_a_minute and (at := at + chance.expovariate(flood.calls_a_minute / 60)) < HOURS * 3600:
        who = b"robot %d" % chance.randrange(flood.numbers) if flood.numbers else None
        all_of_them.append(Caller(at, who, False, chance.random() > ROBOTS_WITHOUT_KEY, ABUSE))
    return sorted(all_of_them, key=lambda caller: caller.at)


class Night:
    """Three simulated hours of the line under one policy and one flood."""

    def __init__(self, flood: Flood, policy: Policy, seed: int) -> None:
        self.policy, self.outcome = policy, Outcome()
        self.queue, self.surge, self.chance = FairQueue(), Surge(), random.Random(-seed - 1)
        self.line: list[tuple[float, int, Caller]] = []  # a heap by turn; finished callers are skipped
        self.waiting, self.free, self.order = set[Caller](), OPERATORS, 0
        self.coming = [(caller.at, n, "arrives", caller) for n, caller in enumerate(callers(flood, seed))]
        self.order = len(self.coming)

    def run(self) -> Outcome:
        before = 0.0
        while self.coming:
            now, _order, what, caller = heapq.heappop(self.coming)
            self.outcome.in_surge += (now - before) * self.surge.is_on
            before = now
            getattr(self, f"_{what}")(caller, now)
            self._answer_waiting(now)
        self.outcome.in_surge /= before
        return self.outcome

    def _schedule(self, at: float, what: str, caller: Caller) -> None:
        self.order += 1
        heapq.heappush(self.coming, (at, self.order, what, caller))

    def _arrives(self, caller: Caller, now: float) -> None:
        if self.policy is not Policy.FIFO:
            caller.ticket = self.queue.issue_ticket(caller.who, now)
        self.waiting.add(caller)
        self._enqueue(caller)
        self._schedule(now + PATIENCE, "hangs_up", caller)
        if self.surge.is_on and caller.presses:
            self._schedule(now + PRESSES_AFTER, "presses", caller)

    def _presses(self, caller: Caller, now: float) -> None:
        caller.ticket.has_pressed = True
        if caller in self.waiting:
            self._enqueue(caller)

    def _hangs_up(self, caller: Caller, now: float) -> None:
        if caller in self.waiting:
            self.waiting.discard(caller)
            self.outcome.gave_up += caller.is_person

    def _finishes(self, caller: Caller, now: float) -> None:
        self.free += 1

    def _enqueue(self, caller: Caller) -> None:
        self.order += 1
        place = queue_time(caller.ticket, caller.at, in_surge=self.surge.is_on)
        heapq.heappush(self.line, (place, self.order, caller))

    def _answer_waiting(self, now: float) -> None:
        if self.policy is Policy.KEY:
            self._watch_for_a_surge(now)
        while self.free and (caller := self._next()):
            if self.free == 1 and self._keeps_one_free(caller, now):
                return self._enqueue(caller)
            self.free -= 1
            self.waiting.discard(caller)
            if caller.is_person:
                self.outcome.waits.append(now - caller.at)
            self._schedule(now + caller.talks, "finishes", caller)
        return None

    def _keeps_one_free(self, caller: Caller, now: float) -> bool:
        place = queue_time(caller.ticket, caller.at, in_surge=self.surge.is_on)
        return self.surge.is_on and leaves_one_free(caller.ticket, place, now, seats=OPERATORS)

    def _watch_for_a_surge(self, now: float) -> None:
        was_on = self.surge.is_on
        self.surge.update(len(self.waiting), OPERATORS, now)
        if self.surge.is_on == was_on:
            return
        self.line.clear()
        for caller in sorted(self.waiting, key=lambda each: each.at):  # a set has no order, and chance is drawn
            self._enqueue(caller)
            if self.surge.is_on and caller.presses and not caller.ticket.has_pressed:
                self._schedule(now + self.chance.uniform(0, ASKED_WITHIN) + PRESSES_AFTER, "presses", caller)

    def _next(self) -> Caller | None:
        while self.line:
            place, _order, caller = heapq.heappop(self.line)
            if caller in self.waiting and place == queue_time(caller.ticket, caller.at, in_surge=self.surge.is_on):
                return caller
        return None


def mean(flood: Flood, policy: Policy, seeds: int) -> dict[str, float]:
    nights = [Night(flood, policy, seed).run() for seed in range(seeds)]
    return {
        "answered within 20 s": statistics.mean(night.soon for night in nights),
        "gave up": statistics.mean(night.lost for night in nights),
        "p50": statistics.mean(night.percentile(0.5) for night in nights),
        "p95": statistics.mean(night.percentile(0.95) for night in nights),
        "in surge": statistics.mean(night.in_surge for night in nights),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=20)
    seeds = arguments.parse_args().seeds
    print(f"{OPERATORS} operators, {HOURS} h, {seeds} seeds; what happens to people, not to the flood")
    for flood in FLOODS:
        for policy in Policy:
            figures = mean(flood, policy, seeds)
            print(
                f"{flood.name:<38}{policy:<22}within 20 s {figures['answered within 20 s']:>4.0%}   "
                f"gave up {figures['gave up']:>5.1%}   p50 {figures['p50']:>5.1f} s   p95 {figures['p95']:>6.1f} s   "
                f"in surge {figures['in surge']:>4.0%}"
            )


if __name__ == "__main__":
    main()
