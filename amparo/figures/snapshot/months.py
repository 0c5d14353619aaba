"""The periods that are counted and published: whole months, quarters and calendar years, never single days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.foundation.core.dates import midnight


@dataclass(frozen=True, order=True)
class Months:
    """`length` whole months from the day `first` on."""

    first: date
    length: ClassVar[int]

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the period in which a day lies."""
        return cls(day.replace(month=day.month - (day.month - 1) % cls.length, day=1))

    @property
    def first_day_after(self) -> date:
        """The first day of the next period."""
        return (self.first + timedelta(days=31 * self.length)).replace(day=1)

    @property
    def previous(self) -> Self:
        return type(self).of(self.first - timedelta(days=1))

    @property
    def ends(self) -> datetime:
        """The moment after the period, when the next one begins."""
        return midnight(self.first_day_after)

    @property
    def months(self) -> "list[Month]":
        return [Month(self.first.replace(month=self.first.month + place)) for place in range(self.length)]

    @property
    def code(self) -> str:
        """The period in addresses and documents; `period_from_code` reads it."""
        return self.first.isoformat()

    @property
    def short_label(self) -> str:
        """The period on the axis of a chart: jul–sep 2026."""
        return f"{date_format(self.first, 'b')}–{date_format(self.first_day_after - timedelta(days=1), 'b Y')}"

    def overlaps(self, other: "Months") -> bool:
        return self.first < other.first_day_after and other.first < self.first_day_after


@dataclass(frozen=True, order=True)
class Quarter(Months):
    length = 3

    def __str__(self) -> str:
        last = self.first_day_after - timedelta(days=1)
        return _("%(first)s to %(last)s %(year)s") % {
            "first": date_format(self.first, "F"), "last": date_format(last, "F"), "year": self.first.year
        }  # fmt: skip


@dataclass(frozen=True, order=True)
class Month(Months):
    length = 1

    @property
    def code(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def short_label(self) -> str:
        return date_format(self.first, "b Y")

    def __str__(self) -> str:
        return date_format(self.first, "YEAR_MONTH_FORMAT")


@dataclass(frozen=True, order=True)
class CalendarYear(Months):
    """A calendar year. It is published as the sum of its months and quarters, and never counted by itself."""

    length = 12

    @property
    def code(self) -> str:
        return f"{self.first:%Y}"

    def __str__(self) -> str:
        return f"{self.first:%Y}"


KINDS: dict[int, type[Months]] = {kind.length: kind for kind in (Month, Quarter, CalendarYear)}


def period_of(first: date, length: int) -> Months:
    return KINDS[length](first)


def period_from_code(code: str) -> Months:
    """Return the period that has this `code`. Raises `ValueError` if there is none."""
    kind = {len("2026"): CalendarYear, len("2026-07"): Month}.get(len(code), Quarter)
    found = kind.of(date.fromisoformat(code + "-01-01"[len(code) - len("2026") :]))
    if found.code != code:
        raise ValueError(code)
    return found
