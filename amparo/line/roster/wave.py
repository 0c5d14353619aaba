"""Whether the planned people can take a wave of calls, such as a campaign brings: the hours that lack somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection

from .cover import HOURS, local_hour
from .need import Demand

MOST_DAYS = 62  # looked at; nobody plans shifts further ahead
MOST_LIFT = 900  # percent


@dataclass(frozen=True)
class ShortHours:
    """Consecutive hours of one day that lack equally many people."""

    start: datetime
    end: datetime  # the first moment after them
    planned: int
    needed: int

    @property
    def lack(self) -> int:
        return self.needed - self.planned


@dataclass(frozen=True)
class WaveCheck:
    """The days that were compared, and where the plan falls short. Days at the end without any shift stand apart."""

    first: date
    last: date
    hours: int  # from `first` until before `unplanned_from`
    short: list[ShortHours]
    unplanned_from: date | None  # from here to `last` nobody is planned; None: somebody is planned to the end

    @property
    def short_hours(self) -> int:
        return sum((each.end - each.start) // timedelta(hours=1) for each in self.short)

    @property
    def is_met(self) -> bool:
        return not self.short and self.unplanned_from is None


def check_wave(first: date, last: date, percent: int) -> WaveCheck | None:
    """Compare the people who are planned with those who are needed when `percent` more calls come than usual.

    It looks at `MOST_DAYS` days at most, and names nobody: the database counts. None: the calls of the line were
    never counted.
    """
    if (demand := Demand.current()) is None:
        return None
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    people = _planned_people_by_hour(first, len(days) * HOURS)
    seats = replace(demand, rates=tuple(rate * (1 + percent / 100) for rate in demand.rates)).seats
    by_day = [people[HOURS * n : HOURS * (n + 1)] for n in range(len(days))]
    planned = next((n for n in range(len(days), 0, -1) if any(by_day[n - 1])), 0)
    short = [
        each for day, there in zip(days[:planned], by_day, strict=False) for each in _short_hours(day, there, seats)
    ]
    return WaveCheck(first, last, planned * HOURS, short, days[planned] if planned < len(days) else None)


def _short_hours(day: date, people: Sequence[int], seats: Sequence[int]) -> list[ShortHours]:
    needed = seats[HOURS * day.weekday() :]
    found: list[ShortHours] = []
    for hour, (there, need) in enumerate(zip(people, needed, strict=False)):
        if there >= need:
            continue
        each = ShortHours(local_hour(day, hour), local_hour(day, hour + 1), there, need)
        if found and (found[-1].end, found[-1].planned, found[-1].needed) == (each.start, there, need):
            found[-1] = replace(found[-1], end=each.end)
        else:
            found.append(each)
    return found


def _planned_people_by_hour(first: date, hours: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select roster_people_by_hour(%s, %s)", [local_hour(first), hours])
        counts: list[int] = cursor.fetchone()[0]
    return counts
