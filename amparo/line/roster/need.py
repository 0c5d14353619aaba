"""How many people each hour of the week needs, and what a plan of seats costs the callers."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from .cover import Cell
from .erlang import ServiceLevel, erlang_a, fewest_agents
from .models import ExpectedCalls, StaffingRules, Variant
from .models.planning import HOURS_OF_WEEK

MOST_SEATS = 12  # at one hour of the trade-off; a national line has fewer
STEPS = (1, 1.5, 2, 2.5, 3, 4)  # seats in the mean hour, as rows of the trade-off's table


@dataclass(frozen=True)
class Outcome:
    """What callers get from so many seat-hours in a week. Shares are of all expected calls."""

    hours: int
    gives_up: float
    answered_in_time: float
    mean_wait: float  # seconds, of all calls

    @property
    def lost_percent(self) -> float:
        return 100 * self.gives_up

    @property
    def in_time_percent(self) -> float:
        return 100 * self.answered_in_time


@dataclass(frozen=True)
class Demand:
    """The calls of each hour of the week, from Monday 0:00, and the rules that seats must meet."""

    rates: tuple[float, ...]
    handling: float  # seconds, with the wrap-up
    patience: float
    rules: StaffingRules

    @classmethod
    def current(cls) -> Self | None:
        """Return the calls counted last, with the staffing rules. None: the calls were never counted."""
        expected = ExpectedCalls.current()
        if expected is None:
            return None
        rules = StaffingRules.current()
        handling = expected.talk_seconds + 60 * rules.wrap_up_minutes
        return cls(tuple(round(rate, 3) for rate in expected.rates), handling, expected.patience_seconds, rules)

    @cached_property
    def seats(self) -> list[int]:
        """The fewest seats of each hour that meet the rules."""
        rules = self.rules
        return [
            fewest_agents(
                rate, self.handling, self.patience, rules.seconds, rules.percent / 100,
                most_lost=rules.most_abandoned / 100, least=rules.least_seats,
            ) if rate else rules.least_seats
            for rate in self.rates
        ]  # fmt: skip

    def seats_of(self, variant: Variant) -> list[int]:
        """The people of each hour that a suggested plan aims at."""
        more = {Variant.SPARING: -1, Variant.WANTED: 0, Variant.AMPLE: 1}[variant]
        return [max(1, seats + more) for seats in self.seats]

    def service_level(self, hour: int, seats: int) -> ServiceLevel:
        if not seats:  # everybody waits until they give up
            return ServiceLevel(waits=1, gives_up=1, answered_in_time=0, mean_wait=self.patience)
        return erlang_a(max(self.rates[hour], 1e-3), self.handling, self.patience, seats, self.rules.seconds)

    def outcome(self, seats: Sequence[int]) -> Outcome:
        """Return what callers get from these seats, given by hour of the week."""
        total = sum(self.rates) or 1
        served = [(rate / total, self.service_level(hour, seats[hour])) for hour, rate in enumerate(self.rates)]
        return Outcome(
            sum(seats),
            sum(share * each.gives_up for share, each in served),
            sum(share * each.answered_in_time for share, each in served),
            sum(share * each.mean_wait for share, each in served),
        )

    def best_outcomes(self) -> list[Outcome]:
        """Return the outcome that loses the fewest calls, for each number of seat-hours in `STEPS`.

        Each further hour goes where it saves most calls. What a seat saves only falls with more seats, so no other
        division of the same hours loses fewer.
        """
        seats = [1] * HOURS_OF_WEEK
        gains = [(-self._calls_saved(hour, 1), hour) for hour in range(HOURS_OF_WEEK)]
        heapq.heapify(gains)
        found = []
        for hours in (round(step * HOURS_OF_WEEK) for step in STEPS):
            for _ in range(hours - sum(seats)):
                _gain, hour = heapq.heappop(gains)
                seats[hour] += 1
                heapq.heappush(gains, (-self._calls_saved(hour, seats[hour]) if seats[hour] < MOST_SEATS else 0, hour))
            found.append(self.outcome(seats))
        return found

    def _calls_saved(self, hour: int, seats: int) -> float:
        """The calls that one more seat keeps from giving up in this hour."""
        return self.rates[hour] * (
            self.service_level(hour, seats).gives_up - self.service_level(hour, seats + 1).gives_up
        )


def people_by_hour(days: Iterable[Iterable[Cell]]) -> list[int]:
    """How many people cover each hour, as one list from Monday 0:00."""
    return [cell.people for cells in days for cell in cells]
