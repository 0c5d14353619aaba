"""Periods that can be chosen: a quarter, a year, or a span of years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from amparo.figures.snapshot.quarters import Quarter


@dataclass(frozen=True)
class Period:
    """One quarter, or all of the years from `first` to `last`."""

    first: int
    last: int
    quarter: Quarter | None = None

    @property
    def code(self) -> str:
        if self.quarter:
            return self.quarter.first.isoformat()
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __str__(self) -> str:
        if self.quarter:
            return str(self.quarter)
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def quarters(self) -> list[Quarter]:
        if self.quarter:
            return [self.quarter]
        return [Quarter(date(year, month, 1)) for year in self.years for month in (1, 4, 7, 10)]

    def is_within(self, other: "Period") -> bool:
        return not other.quarter and other.first <= self.first and self.last <= other.last


def quarter(first_day: date) -> Period:
    return Period(first_day.year, first_day.year, Quarter(first_day))


def periods(quarters: Iterable[date], years: Sequence[int]) -> list[Period]:
    """Every period that can be answered, the newest first: quarters, then years, then spans of following years."""
    spans = [
        Period(first, last)
        for first in years
        for last in years
        if first < last and all(year in years for year in range(first, last + 1))
    ]
    return [
        *(quarter(day) for day in sorted(quarters, reverse=True)),
        *(Period(year, year) for year in sorted(years, reverse=True)),
        *sorted(spans, key=lambda it: (it.last, it.first), reverse=True),
    ]
