"""The last thirty days of each part: the worker notes how it is, and the worst state of a day stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import PartState
from .part import AMBER, LIGHTS, RED, Part
from .rules import parts

DAYS = 30
PLACE = 6  # units of the drawing from one day to the next
HEIGHTS = {"": 12, "green": 8, "amber": 12, "red": 16}  # so that a day can be told without its colour


@dataclass(frozen=True)
class Day:
    on: date
    light: str  # blank: nobody noted it
    place: int

    @property
    def x(self) -> int:
        return PLACE * self.place

    @property
    def y(self) -> int:
        return max(HEIGHTS.values()) - self.height

    @property
    def height(self) -> int:
        return HEIGHTS[self.light]


@dataclass(frozen=True)
class Past:
    """A part, with its last thirty days: the oldest first, today last."""

    part: Part
    days: tuple[Day, ...]

    @property
    def words(self) -> str:
        """All that the drawing says, but for the dates."""
        noted, amber, red = sum(bool(day.light) for day in self.days), self._number_of(AMBER), self._number_of(RED)
        days = ngettext("%(n)s day noted", "%(n)s days noted", noted) % {"n": noted}
        counts = [
            ngettext("%(n)s to look at", "%(n)s to look at", amber) % {"n": amber} if amber else "",
            ngettext("%(n)s on which it did not work", "%(n)s on which it did not work", red) % {"n": red}
            if red
            else "",
        ]
        return f"{days}: {', '.join(filter(None, counts)) or _('all well')}"

    @property
    def unwell(self) -> list[str]:
        """The dates on which it was not well, in words: first those on which it did not work."""
        names = {RED: _("Did not work"), AMBER: _("To look at")}
        return [f"{name}: {', '.join(spans)}" for light, name in names.items() if (spans := self._spans(light))]

    def _number_of(self, light: str) -> int:
        return sum(day.light == light for day in self.days)

    def _spans(self, light: str) -> list[str]:
        spans: list[list[date]] = []
        for day in self.days:
            if day.light != light:
                continue
            if spans and day.on - spans[-1][-1] == timedelta(days=1):
                spans[-1].append(day.on)
            else:
                spans.append([day.on])
        return [
            " – ".join(date_format(on, "MONTH_DAY_FORMAT") for on in dict.fromkeys((span[0], span[-1])))
            for span in spans
        ]


def with_past(found: Iterable[Part], now: datetime) -> list[Past]:
    """Return each part with its last thirty days. Today counts as it is now, too."""
    today = localdate(now)
    rows = PartState.objects.filter(day__gt=today - timedelta(days=DAYS))
    noted = {(row.part, row.day): row.severity for row in rows}
    return [Past(part, tuple(_days(part, noted, today))) for part in found]


def _days(part: Part, noted: dict[tuple[str, date], int], today: date) -> Sequence[Day]:
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    severities = {on: noted.get((part.kept_as, on)) for on in days}
    severities[today] = max(LIGHTS.index(part.light), severities[today] or 0)
    lights = {on: "" if severity is None else LIGHTS[severity] for on, severity in severities.items()}
    return [Day(on, lights[on], place) for place, on in enumerate(days)]


def note_states(now: datetime) -> None:
    """Note how each part is, if today's state was not as bad. Forget what is older than thirty days."""
    today = localdate(now)
    for part in parts(now):
        severity = LIGHTS.index(part.light)
        row, is_new = PartState.objects.get_or_create(part=part.kept_as, day=today, defaults={"severity": severity})
        if not is_new and row.severity < severity:
            PartState.objects.filter(pk=row.pk).update(severity=severity)
    PartState.objects.filter(day__lte=today - timedelta(days=DAYS)).delete()
