"""Periods that can be chosen: a month, a quarter, a year, or a span of years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from amparo.figures.snapshot.months import Month, Months, Quarter


@dataclass(frozen=True)
class Period:
    """One month or quarter, or all of the years from `first` to `last`."""

    first: int
    last: int
    part: Months | None = None

    @property
    def code(self) -> str:
        if self.part:
            return self.part.code
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __str__(self) -> str:
        if self.part:
            return str(self.part)
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def quarters(self) -> list[Months]:
        """The quarters of the period; for a month, the month itself."""
        if self.part:
            return [self.part]
        return [Quarter(date(year, month, 1)) for year in self.years for month in (1, 4, 7, 10)]

    @property
    def months(self) -> list[Month]:
        return [month for quarter in self.quarters for month in quarter.months]

    def is_within(self, other: "Period") -> bool:
        if not other.part:
            return other.first <= self.first and self.last <= other.last
        return self.part is not None and self.part.length < other.part.length and self.part.overlaps(other.part)


def periods(parts: Iterable[Months], years: Sequence[int]) -> list[Period]:
    """Return every period that an analyst can choose, newest first: months, quarters, years, and spans of consecutive
    years.

    `parts` are the months and quarters that have an edition. A quarter can also be chosen if each of its months has
    one.
    """
    known = set(parts)
    all_quarters = {Quarter.of(it.first) for it in known}
    quarters = [it for it in all_quarters if it in known or known.issuperset(it.months)]
    months = [it for it in known if isinstance(it, Month)]
    spans = [
        Period(first, last)
        for first in years
        for last in years
        if first < last and all(year in years for year in range(first, last + 1))
    ]
    return [
        *(_period_of_part(it) for it in sorted(months, key=_first_day, reverse=True)),
        *(_period_of_part(it) for it in sorted(quarters, key=_first_day, reverse=True)),
        *(Period(year, year) for year in sorted(years, reverse=True)),
        *sorted(spans, key=lambda it: (it.last, it.first), reverse=True),
    ]


def _first_day(part: Months) -> date:
    return part.first


def _period_of_part(part: Months) -> Period:
    return Period(part.first.year, part.first.year, part)
