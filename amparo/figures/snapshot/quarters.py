"""Quarters of a year: the shortest period that is published. Dates never are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

MONTHS = 3


@dataclass(frozen=True, order=True)
class Quarter:
    first: date

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.replace(month=day.month - (day.month - 1) % MONTHS, day=1))

    @property
    def after(self) -> date:
        """The first day of the next quarter."""
        return (self.first + timedelta(days=31 * MONTHS)).replace(day=1)

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first - timedelta(days=1))

    @property
    def ends(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.after, time.min))

    @property
    def short(self) -> str:
        """For the axis of a chart: jul–sep 2026."""
        return f"{date_format(self.first, 'b')}–{date_format(self.after - timedelta(days=1), 'b Y')}"

    def __str__(self) -> str:
        last = self.after - timedelta(days=1)
        return _("%(first)s to %(last)s %(year)s") % {
            "first": date_format(self.first, "F"), "last": date_format(last, "F"), "year": self.first.year
        }  # fmt: skip
