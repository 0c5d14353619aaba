"""The hours and the rest of one person: one rule for shifts that are typed, copied, suggested or swapped."""

from collections import defaultdict
from collections.abc import Container
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.dates import monday_of

from .cover import DAYS, local_hour
from .models import Shift, StaffingRules

A_DAY = timedelta(days=1)

type Span = tuple[datetime, datetime]


def why_too_long(user: int, shift: Shift) -> str:
    """Return which limit this shift would break if the user worked it, as a sentence. Blank: none.

    `user`: their id. For a swap, `user` is who takes the shift. Time on call is no work until somebody is called in.
    """
    if not shift.covers:
        return ""
    starts_at, ends_at = shift.starts_at, shift.ends_at
    rules, own = StaffingRules.current(), Shift.objects.planned().filter(user=user).exclude(pk=shift.pk)
    rest = timedelta(hours=rules.rest_hours)
    if own.overlapping(starts_at - rest, ends_at + rest).exists():
        return _("That leaves less than %(hours)s hours of rest between two shifts.") % {"hours": rules.rest_hours}
    day = timezone.localdate(starts_at)
    around = timedelta(days=max(rules.days_in_a_row + 2, DAYS))
    worked, spans = defaultdict[date, timedelta](timedelta, {day: ends_at - starts_at}), []
    for each in own.filter(starts_at__gte=local_hour(day - around), starts_at__lt=local_hour(day + around + A_DAY)):
        worked[timezone.localdate(each.starts_at)] += each.ends_at - each.starts_at
        spans.append((each.starts_at, each.ends_at))
    if worked[day] > timedelta(hours=rules.hours_a_day):
        return _("That makes more than %(hours)s hours on one day.") % {"hours": rules.hours_a_day}
    week = [hours for each, hours in worked.items() if monday_of(each) == monday_of(day)]
    if sum(week, timedelta()) > timedelta(hours=rules.hours_a_week):
        return _("That makes more than %(hours)s hours in one week.") % {"hours": rules.hours_a_week}
    if _in_a_row(day, worked) > rules.days_in_a_row:
        return _("That makes more than %(days)s days of work in a row.") % {"days": rules.days_in_a_row}
    rest, days = timedelta(hours=rules.weekly_rest_hours), rules.days_in_a_row + 1
    if _without_rest((starts_at, ends_at), spans, rest) > days * A_DAY - rest:
        return _("That leaves no %(hours)s hours of rest at a stretch in %(days)s days.") % {
            "hours": rules.weekly_rest_hours, "days": days,
        }  # fmt: skip
    return ""


def _without_rest(shift: Span, others: list[Span], rest: timedelta) -> timedelta:
    """Return how long the run of shifts around this one lasts, with less than `rest` between each two of them."""
    first, last = shift
    for start, end in sorted(others, reverse=True):
        if end <= first < end + rest:
            first = start
    for start, end in sorted(others):
        if start - rest < last <= start:
            last = end
    return last - first


def _in_a_row(day: date, worked: Container[date]) -> int:
    """Return how many days of work follow each other around this one. A night counts for the day on which it begins."""
    first = last = day
    while first - A_DAY in worked:
        first -= A_DAY
    while last + A_DAY in worked:
        last += A_DAY
    return (last - first).days + 1
