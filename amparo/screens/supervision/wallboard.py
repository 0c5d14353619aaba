"""The five numbers of the wallboard, and the rows that each counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.care.police_reports.models import Escalation
from amparo.foundation.access.models import User
from amparo.foundation.core.charts import Chart, bars_of
from amparo.foundation.core.counts import count_each
from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.contacts.models import Contact
from amparo.line.roster.cover import Stretch, certified_spans, local_hour, stretches_between
from amparo.line.roster.models import Queue, RingingRules, Seat, Shift
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import newly_uncovered, rings_for_nobody
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert, State
from amparo.line.switchboard.tally import ABANDONED, COUNTS, IN_20_SECONDS, line_calls
from amparo.screens.desk.queue import LONG_WAIT, LONG_WAIT_IN_WRITING, CallBack, free_people, people_to_call_back

RUNNING = (State.CONNECTING, State.TALKING, State.ON_HOLD)
AHEAD = timedelta(hours=24)  # how far the wallboard looks for hours that nobody covers
SHOWN = 500  # rows of one list
MOST = 10_000  # that are counted
# After half an hour an operator may want a colleague, an interpreter or a rest. The mark asks a supervisor to look in
# and judges nobody: a talk takes the time that it takes. We found no standard of helplines that names a length.
LONG = timedelta(minutes=30)


@dataclass(frozen=True)
class Numbers:
    now: datetime
    waiting: int
    longest: datetime | None  # when the longest waiting caller began to wait
    writing: int  # conversations in writing that wait for their first answer
    unanswered: datetime | None  # when the first of them began that nobody has answered
    returned: int  # of them, those that were answered and handed back
    written: int  # conversations in writing that somebody answers
    danger: int  # alerts that nobody has acknowledged
    alarmed: datetime | None  # when the first of them was raised
    in_danger: int  # calls marked as dangerous that run or wait
    free: int  # operators who are free to take a call
    on_shift: int
    on_break: int  # of them
    late_units: int  # steps that police units have missed
    offered: int  # today
    in_time: int  # of them, answered within 20 seconds
    abandoned: int  # of them
    running: int
    long: int  # of them, for longer than `LONG`
    rings_for_nobody: bool  # no console of somebody certified is open
    stranded: datetime | None  # since when the first waits whose call rings for nobody, if nobody is free to take it

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

    @property
    def waiting_tone(self) -> str:
        return _tone(self.longest, self.now - LONG_WAIT)

    @property
    def writing_tone(self) -> str:
        return _tone(self.unanswered, self.now - LONG_WAIT_IN_WRITING)


@dataclass(frozen=True)
class Row:
    """One call of a list."""

    call: Call
    people: list[User]  # in the call now, or who answered it
    contact: Contact | None
    is_long: bool = False


def live_calls() -> list[Call]:
    """Return the calls that are not over, practice too, those that have waited longest first."""
    return list(Call.objects.live().order_by("waiting_since", "pk"))


def of_people(live: Iterable[Call], *states: str) -> list[Call]:
    return [call for call in live if call.practice_of_id is None and call.state in states]


def numbers(now: datetime, rules: RingingRules | None = None, live: Sequence[Call] | None = None) -> Numbers:
    """Count calls, conversations in writing and people. `live`: those of `live_calls`, if the page has read them."""
    live = live_calls() if live is None else live
    waiting, running = of_people(live, State.WAITING), of_people(live, *RUNNING)
    today = _calls_of_today(now).aggregate(**{name: COUNTS[name] for name in ("offered", "in_time", "abandoned")})
    seats, waiting_chats = Seat.objects.on_shift(now), written_chats().filter(state=ChatState.WAITING)
    alerts = DangerAlert.objects.filter(acknowledged_at=None)
    unanswered, returned_chats = waiting_chats.filter(taken_at=None), waiting_chats.exclude(taken_at=None)
    writing, returned, written, danger, on_shift, on_break, late_units = count_each(
        waiting_chats, returned_chats, written_chats().filter(state=ChatState.TALKING), alerts, seats,
        seats.filter(state=SeatState.BREAK), Escalation.objects.waiting(), at_most=MOST,
    )  # fmt: skip
    is_new = writing > returned
    first_chat = unanswered.order_by("begun_at").values_list("begun_at", flat=True).first() if is_new else None
    first_alert = alerts.order_by("at").values_list("at", flat=True).first() if danger else None
    free = free_people(now, live) if on_shift else set()
    silent = [call for call in waiting if call.ringing_for_id is None]
    return Numbers(
        now, len(waiting), waiting[0].waiting_since if waiting else None, writing, first_chat, returned, written,
        danger, first_alert, in_danger=sum(call.danger for call in (*running, *waiting)), free=len(free),
        on_shift=on_shift, on_break=on_break, late_units=late_units, **today, running=len(running),
        long=sum(_is_long(call, now) for call in running),
        rings_for_nobody=rings_for_nobody(Queue.CALLS, now, rules),
        stranded=silent[0].waiting_since if silent and not free else None,
    )  # fmt: skip


def calls_behind_number(what: str, now: datetime) -> QuerySet[Call]:
    """Return the calls that a number of the wallboard counts, by its name. Raises KeyError for an unknown name."""
    return {
        "waiting": Call.objects.real().waiting().in_queue_order(),
        "in-time": _calls_of_today(now).filter(IN_20_SECONDS).order_by("-arrived_at"),
        "abandoned": _calls_of_today(now).filter(ABANDONED).order_by("-arrived_at"),
        "in-danger": Call.objects.live().real().filter(state__in=(State.WAITING, *RUNNING), danger=True).order_by("pk"),
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


def written_chats() -> QuerySet[Chat]:
    return Chat.objects.open().filter(practice_of=None).exclude(entries=0, state=ChatState.TALKING)


def _tone(since: datetime | None, limit: datetime) -> str:
    """Return how a wait since this moment is drawn: in red from the limit on."""
    return "" if since is None else "danger" if since <= limit else "wait"


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
