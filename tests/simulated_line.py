"""A line on a clock of events: the real queue, routing and calls. Only time, sound and people are simulated."""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from uuid import UUID

from amparo.line.switchboard.distribution import Distribution
from amparo.line.switchboard.journal import Journal
from amparo.line.switchboard.legs import Leg
from amparo.line.switchboard.live_call import LiveCall
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.leg import MediaLeg
from amparo.line.switchboard.models import Call, Ending
from amparo.line.switchboard.seats import OperatorOnShift, Seats

HOUR = 3600.0  # seconds
BATCHES = 50  # of calls in a row: waits of neighbours depend on each other, means of long batches hardly do


class NoSound(MediaLeg):
    """A party who says and hears nothing."""

    def _transmit(self, frame: bytes) -> None:
        pass

    def _release(self) -> None:
        pass


@dataclass(eq=False)
class Caller:
    """Somebody who calls. Times in seconds of the simulated clock."""

    at: float
    patience: float
    talks: float
    language: str = "es"
    pseudonym: bytes | None = None
    is_person: bool = True
    presses: bool = True  # a key, when asked
    in_danger: bool = False
    call: LiveCall | None = None
    answered_at: float | None = None
    gave_up_at: float | None = None

    @property
    def waited(self) -> float:
        """Until the answer, or until they gave up."""
        end = self.gave_up_at if self.answered_at is None else self.answered_at
        assert end is not None, "the call is not over"
        return end - self.at


@dataclass
class SimulatedLine:
    """Events in the order of their time. `begin`: what the clock shows at second 0."""

    begin: datetime
    seed: int
    seats: Seats = field(default_factory=Seats)
    now: float = 0.0
    calls: dict[UUID, LiveCall] = field(default_factory=dict)
    callers: dict[UUID, Caller] = field(default_factory=dict)  # of the calls that are not over

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.distribution = Distribution(lambda: self.calls.values(), self.seats)
        self.clock, self.journal = Clock(), Journal()
        self._coming: list[tuple[float, int, Callable[[], object]]] = []
        self._order = 0

    @property
    def moment(self) -> datetime:
        return self.begin + timedelta(seconds=self.now)

    def later(self, at: float, what: Callable[[], object]) -> None:
        self._order += 1
        heapq.heappush(self._coming, (at, self._order, what))

    def next(self) -> bool:
        """Go on to the next event, and do it. False: there is none."""
        if not self._coming:
            return False
        self.now, _order, what = heapq.heappop(self._coming)
        what()
        return True

    def arrive(self, caller: Caller) -> LiveCall:
        """Put the caller into the queue, as the switchboard does when the menu has ended."""
        row = Call(arrived_at=self.moment, pseudonym=caller.pseudonym, language=caller.language)
        caller.call = call = LiveCall(row, Leg(NoSound(self.clock)), self.clock, self.journal)
        call.ticket = self.distribution.queue.issue_ticket(caller.pseudonym, self.moment.timestamp())
        call.on_end = lambda: self.calls.pop(row.pk, None)
        self.calls[row.pk], self.callers[row.pk] = call, caller
        if caller.in_danger:
            call.caller.sound._receive_digit("9")
        elif caller.presses:
            call.caller.sound._receive_digit("1")
        call.enqueue(since=self.moment)
        self.later(self.now + caller.patience, lambda: self.give_up(caller))
        return call

    def give_up(self, caller: Caller) -> None:
        call = caller.call
        if call is not None and caller.answered_at is None and not call.has_ended:
            caller.gave_up_at = self.now
            self.hang_up(caller, Ending.GAVE_UP)

    def hang_up(self, caller: Caller, ending: Ending) -> None:
        assert caller.call is not None
        caller.call.end(ending)
        caller.call, _row = None, self.callers.pop(caller.call.row.pk)

    def ringing(self) -> list[LiveCall]:
        """Run the real routing code: it chooses the operator for whom each call rings."""
        self.distribution.distribute(self.moment)
        return [call for call in self.calls.values() if call.is_waiting and call.row.ringing_for_id is not None]


class SteadyLine(SimulatedLine):
    """Erlang A: Poisson calls, exponential talk and patience, one language, everybody answers at the first ring."""

    def __init__(self, calls: float, handling: float, patience: float, agents: int, *, seed: int) -> None:
        """`calls` an hour; `handling` and `patience`: mean seconds."""
        super().__init__(datetime.fromisoformat("2026-03-01T00:00+00:00"), seed)
        self.rate, self.handling, self.patience = calls / HOUR, handling, patience
        self.over: list[Caller] = []
        self.came = 0
        for user in range(1, agents + 1):
            self._sit(user, is_ready=True)

    async def run(self, calls: int) -> list[Caller]:
        """Simulate that many calls; return them as they arrived, without the first tenth, while the line fills."""
        self.later(0.0, lambda: self._somebody_calls(calls))
        while self.next():
            for call in self.ringing():
                self._answer(call)
            if self.came % 1000 == 0:
                self.journal = Journal()  # nobody stores these rows
                await asyncio.sleep(0)  # the loop forgets timers that were cancelled
        self.over.sort(key=lambda caller: caller.at)
        return self.over[calls // 10 :]

    def _somebody_calls(self, most: int) -> None:
        chance = self.chance
        caller = Caller(self.now, chance.expovariate(1 / self.patience), chance.expovariate(1 / self.handling))
        self.came += 1
        self.over.append(caller)
        self.arrive(caller)
        if self.came < most:
            self.later(self.now + chance.expovariate(self.rate), lambda: self._somebody_calls(most))

    def _answer(self, call: LiveCall) -> None:
        user, caller = call.row.ringing_for_id, self.callers[call.row.pk]
        assert user is not None
        assert self.seats.may_answer(user, self.moment)
        call.assign_to(user)
        caller.answered_at = self.now
        self._sit(user, is_ready=False)
        self.later(self.now + caller.talks, lambda: self._end(caller, user))

    def _end(self, caller: Caller, user: int) -> None:
        self.hang_up(caller, Ending.CALLER)
        self._sit(user, is_ready=True)

    def _sit(self, user: int, *, is_ready: bool) -> None:
        place = OperatorOnShift(user, f"user{user}", is_ready, self.moment.timestamp() + user / 1e6, frozenset({"es"}))
        self.seats.on_shift[user] = place


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """The mean, and its standard error by the means of batches (Schmeiser 1982, Operations Research 30:556)."""
    size = len(values) // BATCHES
    means = [sum(values[n * size : (n + 1) * size]) / size for n in range(BATCHES)]
    mean = sum(means) / BATCHES
    return mean, sqrt(sum((each - mean) ** 2 for each in means) / (BATCHES - 1) / BATCHES)
