"""The five numbers of the wallboard, and the rows that each counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.core.charts import Chart, bars_of
from amparo.line.contacts.models import Contact
from amparo.line.roster.cover import Stretch, certified_spans, local_hour, stretches_between
from amparo.line.roster.models import Queue, RingingRules, Shift
from amparo.line.roster.rules import newly_uncovered, rings_for_nobody
from amparo.line.switchboard.models import Call, CallEvent, State
from amparo.line.switchboard.tally import ABANDONED, COUNTS, IN_20_SECONDS, line_calls
from amparo.screens.desk.queue import LONG_WAIT, CallBack, is_somebody_free, people_to_call_back

RUNNING = (State.CONNECTING, State.TALKING, State.ON_HOLD)
AHEAD = timedelta(hours=24)  # how far the wallboard looks for hours that nobody covers
URGENT = 5  # rows of what is urgent
SHOWN = 500  # rows of one list
# After half an hour an operator may want a colleague, an interpreter or a rest. The mark asks a supervisor to look in
# and judges nobody: a talk takes the time that it takes. We found no standard of helplines that names a length.
LONG = timedelta(minutes=30)


@dataclass(frozen=True)
class Numbers:
    now: datetime
    waiting: int
    longest: datetime | None  # when the longest waiting caller began to wait
    offered: int  # today
    in_time: int  # of them, answered within 20 seconds
    abandoned: int  # of them
    running: int
    long: int  # of them, for longer than `LONG`
    due: int  # people who may be called back now
    rings_for_nobody: bool  # no console of somebody certified is open
    long_waits: tuple[Call, ...]  # calls that have waited for two minutes, first those that wait longest
    nobody_free: bool  # somebody waits, the call rings for nobody, and nobody is free to take it

    @property
    def is_urgent(self) -> bool:
        return bool(self.nobody_free or self.long_waits)

    @property
    def long_since(self) -> datetime:
        """A running call that was answered at this moment or before is a long one."""
        return self.now - LONG

    @property
    def long_minutes(self) -> int:
        return LONG // timedelta(minutes=1)

    @property
    def percent(self) -> int | None:
        """Calls answered within 20 seconds of every hundred offered. None: no call yet today."""
        return round(100 * self.in_time / self.offered) if self.offered else None


@dataclass(frozen=True)
class Row:
    """One call of a list."""

    call: Call
    people: list[User]  # in the call now, or who answered it
    contact: Contact | None
    is_long: bool = False


def live_calls() -> list[Call]:
    """Return the calls of people that are not over, those that have waited longest first."""
    return list(Call.objects.live().real().order_by("waiting_since", "pk"))


def numbers(now: datetime, rules: RingingRules | None = None, live: Sequence[Call] | None = None) -> Numbers:
    """Count the calls. `live`: those of `live_calls`, if the page has read them already."""
    live = live_calls() if live is None else live
    waiting = [call for call in live if call.state == State.WAITING]
    late = [call for call in waiting if call.waiting_since and call.waiting_since <= now - LONG_WAIT]
    running = [call for call in live if call.state in RUNNING]
    today = _calls_of_today(now).aggregate(**{name: COUNTS[name] for name in ("offered", "in_time", "abandoned")})
    return Numbers(
        now, len(waiting), waiting[0].waiting_since if waiting else None, **today, running=len(running),
        long=sum(_is_long(call, now) for call in running), due=len(due_return_calls(now)),
        rings_for_nobody=rings_for_nobody(Queue.CALLS, now, rules), long_waits=tuple(late[:URGENT]),
        nobody_free=any(call.ringing_for_id is None for call in waiting) and not is_somebody_free(now),
    )  # fmt: skip


def calls_behind_number(what: str, now: datetime) -> QuerySet[Call]:
    """Return the calls that a number of the wallboard counts, by its name. Raises KeyError for an unknown name."""
    return {
        "waiting": Call.objects.real().waiting().in_queue_order(),
        "in-time": _calls_of_today(now).filter(IN_20_SECONDS).order_by("-arrived_at"),
        "abandoned": _calls_of_today(now).filter(ABANDONED).order_by("-arrived_at"),
        "running": Call.objects.live().real().filter(state__in=RUNNING).order_by("answered_at", "pk"),
    }[what]


def charts(now: datetime) -> list[Chart]:
    """Offered calls of the last 24 hours, hour by hour, and of the last seven days, until now."""
    this_hour, today = timezone.localtime(now).replace(minute=0, second=0, microsecond=0), timezone.localdate(now)
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(24))]
    days = [local_hour(today - timedelta(days=back)) for back in reversed(range(7))]
    note = _("Calls to the line that reached the queue, counted at %(time)s.") % {
        "time": date_format(timezone.localtime(now), "H:i")
    }
    arrived = _arrival_times(min(hours[0], days[0]), now)
    by_hour = Counter(at.replace(minute=0, second=0, microsecond=0) for at in arrived)
    by_day = Counter(at.date() for at in arrived)
    return [
        Chart(_("Calls of the last 24 hours"), "columns", note, (_("Hour"), _("Calls")),
              bars_of((f"{hour:%H}", by_hour[hour]) for hour in hours)),
        Chart(_("Calls of the last seven days"), "columns", note, (_("Day"), _("Calls")),
              bars_of((date_format(day, "D j"), by_day[day.date()]) for day in days)),
    ]  # fmt: skip


def _arrival_times(start: datetime, now: datetime) -> list[datetime]:
    """Return when the offered calls since `start` arrived, in local time."""
    calls = line_calls(start, now + timedelta(microseconds=1))
    return [timezone.localtime(at) for at in calls.values_list("arrived_at", flat=True)]


def due_return_calls(now: datetime) -> list[CallBack]:
    """People who may be called back now, by their safe hours and the pause between two attempts."""
    return [each for each in people_to_call_back(now) if each.why_not is None]


def call_rows(calls: QuerySet[Call], user: User, now: datetime) -> list[Row]:
    """Return these calls as rows, each with its contact and the people in it, or who answered it."""
    found = list(calls[:SHOWN])
    ids = [call.pk for call in found]
    answers = CallEvent.objects.filter(call__in=ids, kind=CallEvent.Kind.ANSWERED)
    answered_by = {event.call_id: [event.user_id] for event in answers.order_by("-at")}
    contacts = {each.call_id: each for each in Contact.objects.visible_to(user).filter(call__in=ids)}
    inside = {call.pk: call.operators or answered_by.get(call.pk, []) for call in found}
    people = User.objects.in_bulk({pk for several in inside.values() for pk in several if pk})
    return [
        Row(call, [people[pk] for pk in inside[call.pk] if pk in people], contacts.get(call.pk), _is_long(call, now))
        for call in found
    ]


def _is_long(call: Call, now: datetime) -> bool:
    return call.state in RUNNING and call.answered_at is not None and call.answered_at <= now - LONG


def uncovered(now: datetime, rules: RingingRules | None = None) -> list[Stretch]:
    """Times of the next day in which nobody covers the line, by the roster. Empty if no shift is planned at all."""
    end = now + AHEAD
    shifts = list(Shift.objects.planned().overlapping(now, end))
    if not shifts and not Shift.objects.planned().exists():
        return []
    return [
        each for each in stretches_between(certified_spans(shifts, Queue.CALLS, rules), now, end) if each.people == 0
    ]


def uncovered_later(now: datetime, rules: RingingRules | None = None) -> list[Stretch]:
    """Times after the next day for which somebody was planned, and that no certified person covers now."""
    ahead = now + AHEAD
    return [Stretch(max(gap.start, ahead), gap.end, 0) for gap in newly_uncovered(now, rules) if gap.end > ahead]


def shifts_on_call(now: datetime) -> list[Shift]:
    """Return the shifts whose person can be called in now."""
    return list(Shift.objects.on_call(now).select_related("user").order_by("ends_at", "pk"))


def _calls_of_today(now: datetime) -> QuerySet[Call]:
    day = timezone.localdate(now)
    return line_calls(local_hour(day), local_hour(day + timedelta(days=1)))
