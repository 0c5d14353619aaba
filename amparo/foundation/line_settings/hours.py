"""The opening hours of the line: by day of the week, without its closed days and, if it says so, public holidays."""

import functools
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from amparo.foundation.core.public_holidays import holidays_among

if TYPE_CHECKING:
    from .definitions import LineSettings

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")  # as date.weekday counts
ALWAYS = "00:00-24:00"
LONGEST_CLOSURE = 31  # days in a row: a closure of a whole year is a slip of the hand
MOST_SPANS = 3  # of a day
SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
CLOSED = re.compile(r"(\d{1,2}/\d{1,2}/\d{4})(?: ?- ?(\d{1,2}/\d{1,2}/\d{4}))?")
DAY = 24 * 60  # minutes
ONE = timedelta(days=1)


def parse_hours(text: str) -> str:
    """Return the hours of a day in one form, such as "08:00-13:00 15:00-20:00"; blank: closed. Raises `ValueError`."""
    written = text.replace("–", "-").replace(" - ", "-").replace(",", " ").split()
    found = sorted(_span(each) for each in written)
    if len(found) > MOST_SPANS or any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise ValueError("Hours that overlap, or too many.")
    return " ".join(f"{_clock(begin)}-{_clock(end if end <= DAY else end - DAY)}" for begin, end in found)


def parse_closed_days(text: str) -> str:
    """Return closed days and ranges in one form, such as "24/12/2030, 30/12/2030-02/01/2031". Raises `ValueError`.

    More than `LONGEST_CLOSURE` days in a row are none that anybody means.
    """
    ranges = sorted(_range(each.strip()) for each in text.split(",") if each.strip())
    closed = _days(ranges)
    for _run, days in groupby(enumerate(sorted(closed)), lambda pair: pair[1] - pair[0] * ONE):
        if len(list(days)) > LONGEST_CLOSURE:
            raise ValueError("A range that is too long.")
    return ", ".join(_written(first) if first == last else f"{_written(first)}-{_written(last)}"
                     for first, last in ranges)  # fmt: skip


def is_open(values: "LineSettings", now: datetime) -> bool:
    """Whether the line is open now, by the clock of the line's place. Hours may reach into the next day."""
    local = timezone.localtime(now)
    today, minute = local.date(), local.hour * 60 + local.minute
    return any(
        begin <= minute + later < end
        for day, later in ((today, 0), (today - ONE, DAY))
        for begin, end in _spans(hours_of(values, day.weekday()))
        if not is_closed_day(values, day)
    )


def is_closed_day(values: "LineSettings", day: date) -> bool:
    if values.closed_days and day in _closed_days(values.closed_days):
        return True
    return values.closed_on_holidays and bool(holidays_among([day]))


def is_always_open(values: "LineSettings") -> bool:
    """Whether the line never closes: then nothing is said of hours."""
    return not values.closed_on_holidays and not values.closed_days and not has_closed_hours(values)


def has_closed_hours(values: "LineSettings") -> bool:
    return any(hours_of(values, day) != ALWAYS for day in range(7))


def hours_of(values: "LineSettings", weekday: int) -> str:
    hours: str = getattr(values, f"hours_{DAYS[weekday]}")
    return hours


def week_in_words(values: "LineSettings") -> list[str]:
    """Return the hours of the week in the current language, days with the same hours together."""
    found = []
    for hours, days in groupby(range(7), lambda day: hours_of(values, day)):
        first, *others = days
        words = {"first": WEEKDAYS[first], "last": WEEKDAYS[others[-1]] if others else "", "hours": _in_words(hours)}
        if others:
            found.append(_("%(first)s to %(last)s: %(hours)s") % words)
        else:
            found.append(f"{words['first']}: {words['hours']}")
    if values.closed_on_holidays:
        found.append(_("public holidays: closed"))
    return found


def _in_words(hours: str) -> str:
    if hours == ALWAYS:
        return _("day and night")
    return hours.replace("-", "–").replace(" ", ", ") or _("closed")


def _span(text: str) -> tuple[int, int]:
    """Return the first minute and the one after the last, counted from the day's begin; that one may be tomorrow's."""
    match = SPAN.fullmatch(text)
    if match is None:
        raise ValueError("No hours.")
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if begin == end or begin >= DAY or end > DAY:
        raise ValueError("No time of a day.")
    return begin, end if end > begin else end + DAY


def _spans(hours: str) -> Iterator[tuple[int, int]]:
    return map(_span, hours.split())


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _range(text: str) -> tuple[date, date]:
    match = CLOSED.fullmatch(text)
    if match is None:
        raise ValueError("No day.")
    first = _date(match[1])
    last = _date(match[2]) if match[2] else first
    if not 0 <= (last - first).days < LONGEST_CLOSURE:
        raise ValueError("A range that is too long, or ends before it begins.")
    return first, last


def _date(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def _written(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _days(ranges: list[tuple[date, date]]) -> set[date]:
    return {first + ONE * n for first, last in ranges for n in range((last - first).days + 1)}


@functools.lru_cache(4)
def _closed_days(text: str) -> frozenset[date]:
    return frozenset(_days([_range(each.strip()) for each in text.split(",")]))
