"""The contacts of each published quarter, as a line with its table, for the page of figures. It reads files alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from amparo.figures.snapshot.months import Months, Quarter
from amparo.figures.snapshot.tables import OF_CONTACTS

from .public import PublicEdition
from .shown_numbers import printed

QUARTERS = 12  # at most, the newest ones: three years
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 150, 44, 328, 22, 118  # units of the drawing


@dataclass(frozen=True)
class Point:
    period: Quarter
    count: int | None  # None: not shown, or not published
    x: int
    y: int

    @property
    def shown(self) -> str:
        return printed(self.count)


@dataclass(frozen=True)
class Trend:
    points: tuple[Point, ...]  # one for each quarter from the first to the newest one with a count

    width, height, left, right, bottom = WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM

    @property
    def lines(self) -> Iterator[str]:
        """The points of each polyline. A quarter without a count leaves a gap."""
        for is_shown, run in groupby(self.points, key=lambda it: it.count is not None):
            if is_shown:
                yield " ".join(f"{point.x},{point.y}" for point in run)

    @property
    def dots(self) -> list[Point]:
        return [point for point in self.points if point.count is not None]

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def sentence(self) -> str:
        """The newest quarter beside the one before it. Two rounded numbers are never subtracted."""
        before = self.points[-2]
        names = {"period": str(self.last.period), "count": self.last.shown, "before": before.shown}
        if before.count is None:
            return _("Conversations in %(period)s: about %(count)s.") % names
        return _("Conversations in %(period)s: about %(count)s; in the quarter before, about %(before)s.") % names


def trend_of(listed: Sequence[PublicEdition]) -> Trend | None:
    """Return the line over the published quarters. None: fewer than two show how many contacts they had."""
    newest = {it.period: it for it in listed if not it.superseded_by and not it.is_of_a_year}
    quarters = sorted({Quarter.of(period.first) for period in newest})[-QUARTERS:]
    counted = [(quarter, count) for quarter in quarters if (count := _contacts_in(quarter, newest)) is not None]
    if len(counted) < 2:
        return None
    return Trend(tuple(_points(dict(counted), counted[0][0], counted[-1][0])))


def _points(counts: Mapping[Quarter, int], first: Quarter, last: Quarter) -> Iterator[Point]:
    """Place each quarter from `first` to `last`, also those without a count."""
    highest = max(1, *counts.values())
    span = _place(last) - _place(first)
    quarter = first
    while quarter <= last:
        count = counts.get(quarter)
        x = LEFT + round((RIGHT - LEFT) * (_place(quarter) - _place(first)) / span)
        yield Point(quarter, count, x, BOTTOM - round((BOTTOM - TOP) * (count or 0) / highest))
        quarter = Quarter(quarter.first_day_after)


def _place(quarter: Quarter) -> int:
    return quarter.first.year * 12 + quarter.first.month


def _contacts_in(quarter: Quarter, newest: Mapping[Months, PublicEdition]) -> int | None:
    """Return what is published of a quarter, or the sum of its three months if each is published."""
    counts = [_contacts(newest.get(part)) for part in ([quarter] if quarter in newest else quarter.months)]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _contacts(edition: PublicEdition | None) -> int | None:
    tables = ((edition and edition.document) or {}).get("tables", {})
    totals = (tables[table]["total"] for table in OF_CONTACTS if table in tables)
    return next((total for total in totals if total is not None), None)
