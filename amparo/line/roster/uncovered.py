"""No change of a shift takes the last certified person away from an hour of a kept week (decision 0056).

Kept weeks are this week and the published ones.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.foundation.core.dates import monday_of

from .cover import DAYS, Span, Stretch, certified_spans, local_hour, stretches_between
from .models import PublishedWeek, RingingRules, Shift


def lock_shifts() -> None:
    """Let one transaction at a time change who covers what: two changes would each count on the other's person."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('roster_shift'::regclass::int, 0)")


def first_uncovered(shift: Shift, now: datetime, instead: Shift | None = None) -> Stretch | None:
    """Return the first time in a kept week that no certified person would cover without this shift, or None.

    `instead`: the same shift at other hours. None: the shift is cancelled.
    """
    if not shift.covers:
        return None
    others = Shift.objects.planned().overlapping(shift.starts_at, shift.ends_at).exclude(pk=shift.pk)
    spans = certified_spans([*others, *([instead] if instead else [])])
    own = sorted(certified_spans([shift]), key=lambda span: span.start)
    gaps = [gap for span in own for gap in _gaps(spans, max(span.start, now), span.end)]
    return next(iter(_in_kept_weeks(gaps, kept_weeks(now))), None) if gaps else None


def newly_uncovered(now: datetime, rules: RingingRules | None = None) -> list[Stretch]:
    """Return future times for which somebody was planned, and that no certified person covers now.

    That happens when somebody cannot come, a certificate ends or was revoked, or an account was closed. Only times in
    kept weeks are returned.
    """
    kept = kept_weeks(now)
    last = local_hour(max(kept) + timedelta(days=DAYS))
    meant = Shift.objects.filter(Q(cancelled_at=None) | Q(absence__isnull=False)).meant_for_the_line()
    to_come = meant.annotate(until=Coalesce("planned_end", "ends_at")).filter(until__gt=now, starts_at__lt=last)
    promised = [Span(0, max(start, now), until) for start, until in to_come.values_list("starts_at", "until")]
    if not promised:
        return []
    certified = certified_spans(Shift.objects.planned().overlapping(now, last), rules=rules)
    gaps = [
        gap
        for each in stretches_between(promised, now, last)
        if each.people
        for gap in _gaps(certified, each.start, each.end)
    ]
    return _join_gaps(_in_kept_weeks(gaps, kept))


def uncovered_hours(monday: date, now: datetime) -> list[Stretch]:
    """Return the times of this week, from now on, that no certified person covers."""
    start, end = max(local_hour(monday), now), local_hour(monday + timedelta(days=DAYS))
    return _gaps(certified_spans(Shift.objects.planned().overlapping(start, end)), start, end)


def hours_in_words(gap: Stretch) -> str:
    """Return the hours of a time that nobody covers as text: «Friday 27, 06:00–14:00»."""
    start, end = timezone.localtime(gap.start), timezone.localtime(gap.end)
    until = "H:i" if end - start < timedelta(days=1) else "l j, H:i"
    return f"{date_format(start, 'l j, H:i')}–{date_format(end, until)}"


def who_is_missing() -> str:
    """Return the part of a refusal that says that nobody, or nobody certified, would be on the line."""
    if RingingRules.current().by_certificate:
        return _("nobody certified would be on the line")
    return _("nobody would be on the line")


def _gaps(spans: Iterable[Span], start: datetime, end: datetime) -> list[Stretch]:
    return [each for each in stretches_between(spans, start, end) if each.people == 0] if start < end else []


def kept_weeks(now: datetime) -> set[date]:
    """Return the Mondays of the weeks in which no change may leave an hour uncovered: this week, and published ones."""
    running = monday_of(timezone.localdate(now))
    return {running, *PublishedWeek.objects.filter(monday__gt=running).values_list("monday", flat=True)}


def _in_kept_weeks(gaps: Sequence[Stretch], kept: set[date]) -> list[Stretch]:
    """Return the parts of these times that are in kept weeks (see `kept_weeks`)."""
    found = []
    for gap in gaps:
        monday = monday_of(timezone.localdate(gap.start))
        while local_hour(monday) < gap.end:
            if monday in kept:
                end = local_hour(monday + timedelta(days=DAYS))
                found.append(Stretch(max(gap.start, local_hour(monday)), min(gap.end, end), 0))
            monday += timedelta(days=DAYS)
    return found


def _join_gaps(gaps: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for gap in gaps:
        if found and found[-1].end == gap.start:
            found[-1] = Stretch(found[-1].start, gap.end, 0)
        else:
            found.append(gap)
    return found
