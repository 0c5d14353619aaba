"""How full each house was in a month: nights of beds, counted at midnight."""

import calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from amparo.foundation.access.models import User

from .models import Bed, House, Occupancy
from .picklists import NO_BED, OccupancyKind


@dataclass(frozen=True)
class Nights:
    """The nights of all beds of one house in a month. Who is in the bed at midnight decides how a night counts."""

    house: House
    usable: int  # nights in which a bed could be slept in
    slept: int
    repaired: int  # out of order

    @property
    def occupancy_percent(self) -> int | None:
        """Slept nights in per cent of the usable ones; None: there were no usable nights."""
        return round(100 * self.slept / self.usable) if self.usable else None


def nights_of(user: User, first: date, now: datetime) -> list[Nights]:
    """Return the nights of each house that this user sees, in the month that begins on `first`, up to now.

    A bed has no first day: one that was added during the month counts from the beginning of the month.
    """
    midnights = _midnights(first, now)
    beds = Bed.objects.filter(house__in=House.objects.visible_to(user)).select_related("house")
    found: dict[int, tuple[House, Counter[str]]] = {}
    for bed in beds.order_by("house__code_name", "number"):
        _house, counted = found.setdefault(bed.house_id, (bed.house, Counter()))
        counted["all"] += len(midnights)
    if midnights:
        taken = Occupancy.objects.filter(bed__in=beds, period__overlap=(midnights[0], midnights[-1] + timedelta(1)))
        for occupancy in taken.select_related("bed"):
            nights = sum(_includes(occupancy, midnight) for midnight in midnights)
            found[occupancy.bed.house_id][1][occupancy.kind] += nights
    return [_nights(house, counted) for house, counted in found.values()]


def _nights(house: House, counted: Counter[str]) -> Nights:
    repaired = counted[OccupancyKind.REPAIR]
    usable = counted["all"] - repaired - sum(counted[kind] for kind in NO_BED)
    return Nights(house, usable, counted[OccupancyKind.STAY], repaired)


def _includes(occupancy: Occupancy, moment: datetime) -> bool:
    period = occupancy.period
    return not period.isempty and moment in period


def _midnights(first: date, now: datetime) -> list[datetime]:
    """Return the midnights that end the days of the month, up to now."""
    days = calendar.monthrange(first.year, first.month)[1]
    ends = [datetime.combine(first + timedelta(days=number + 1), time()) for number in range(days)]
    return [midnight for each in ends if (midnight := timezone.make_aware(each)) <= now]
