"""Each minute the worker writes down what waits, and climbs each event's ladder until somebody opens it.

A step that reaches nobody is skipped. A step's minutes run from its first notice. Nobody hears of one event twice.
What comes back after somebody opened it, or could have looked and found nothing, is another event.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from amparo.foundation.access.models import HOTLINE, User
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as

from .finding import Found, Look
from .kinds import KINDS, Kind
from .models import Notice, NoticeAddress, NoticeEvent, NoticeLine, NoticeState, Reach
from .roll import Roll, read_roll

log = logging.getLogger(__name__)

BACK_WITHIN = timedelta(minutes=30)  # what comes back so soon is the same event: a trunk that goes up and down
GATHERED = timedelta(minutes=15)  # what can wait is gathered into one notice for so long after the last one
ONE_CALL = timedelta(minutes=5)  # one urgent message calls for all that becomes urgent so soon after it
KEPT = timedelta(days=90)
UNCONFIRMED = timedelta(days=1)
FAILED = (NoticeState.REFUSED, NoticeState.CANCELLED)

type Batch = dict[int, list[NoticeEvent]]  # the events of each person, by id


def note_events(look: Look, *, is_danger: bool) -> None:
    """Write down what waits and what waits no more: danger, or the rest. A kind that fails keeps no other back."""
    for kind in (kind for kind in KINDS.values() if kind.is_danger == is_danger):
        try:
            with acting_as(WORKER):
                _note_kind(kind, {found.about: found for found in kind.find(look)}, look.now)
        except Exception as error:  # of this kind alone; its text may quote a row
            log.warning("Events of the kind %s could not be looked for: %s.", kind.key, type(error).__name__)


def _note_kind(kind: Kind, found: dict[str, Found], now: datetime) -> None:
    standing = set(NoticeEvent.objects.filter(kind=kind.key, settled_at=None).values_list("about", flat=True))
    NoticeEvent.objects.filter(kind=kind.key, settled_at=None).exclude(about__in=found).update(settled_at=now)
    for about, each in found.items():
        if about in standing:
            continue
        earlier = NoticeLine.objects.filter(event=OuterRef("pk"), notice__sent_at__lt=now - ONE_CALL)
        lately = NoticeEvent.objects.filter(
            ~Exists(earlier), kind=kind.key, about=about, opened_at=None, settled_at__gt=now - BACK_WITHIN
        )
        if (row := lately.last_settled()) is not None:
            _revive(row)
            continue
        NoticeEvent.objects.create(
            kind=kind.key, about=about, person_id=each.person, is_urgent=kind.is_urgent, since=now
        )


def _revive(event: NoticeEvent) -> None:
    """Let an event stand again. If a notice of it was cancelled, its ladder begins anew: that person heard nothing."""
    lines = NoticeLine.objects.filter(event=event)
    is_cancelled = Q(notice__state=NoticeState.CANCELLED)
    missed = lines.filter(is_cancelled).exclude(notice__to__in=lines.exclude(is_cancelled).values("notice__to"))
    event.settled_at = None
    if missed.exists():
        event.step, event.notified_at = 0, None
    event.save(update_fields=["settled_at", "step", "notified_at"])


def notify_people(now: datetime) -> int:
    """Make one notice for each person who has to be notified now. Returns how many are new; `sending` sends them."""
    with acting_as(WORKER):
        events = list(NoticeEvent.objects.waiting().select_for_update())
        if not events:
            return 0
        roll, batch = read_roll(now, now + timedelta(minutes=1)), defaultdict[int, list[NoticeEvent]](list)
        lines = NoticeLine.objects.filter(event__in=events).exclude(notice__state=NoticeState.CANCELLED)
        notified = defaultdict[object, dict[int, Notice]](dict)
        for line in lines.select_related("notice"):
            notified[line.event_id][line.notice.to_id] = line.notice
        recent = set(
            Notice.objects.filter(Q(sent_at=None) | Q(lines__opened_at=None), made_at__gt=now - GATHERED, is_test=False)
            .exclude(state__in=FAILED).values_list("to_id", flat=True)
        )  # fmt: skip
        for event in events:
            if (kind := KINDS.get(event.kind)) and now >= event.since + kind.delay:
                _climb(event, kind, roll, notified[event.pk], recent, batch, now)
        return sum(_make_notice(roll, user, found, now) for user, found in batch.items())


def _climb(
    event: NoticeEvent, kind: Kind, roll: Roll, notified: dict[int, Notice], recent: set[int], batch: Batch,
    now: datetime,
) -> None:  # fmt: skip
    """Find the step of this event, and put it into the batch of whom the step reaches now."""
    before = event.step, event.notified_at
    event.step = min(event.step, len(kind.ladder) - 1)
    while True:
        step, is_last = kind.ladder[event.step], event.step == len(kind.ladder) - 1
        people = roll.audience(step, now, event.person_id)
        is_over = event.notified_at is not None and now >= event.notified_at + step.patience
        failed = [pk for pk, notice in notified.items() if notice.state == NoticeState.REFUSED]
        has_failed = bool(people) and all(user.pk in failed for user in people)
        if is_last or not (is_over or has_failed or not people):
            break
        event.step, event.notified_at = event.step + 1, None
    for user in people:
        if user.pk in notified:
            event.notified_at = event.notified_at or now
        elif _may_leave(event, user, roll, recent, now):
            batch[user.pk].append(event)
            event.notified_at = event.notified_at or now
    if (event.step, event.notified_at) != before:
        NoticeEvent.objects.filter(pk=event.pk).update(step=event.step, notified_at=event.notified_at)


def _may_leave(event: NoticeEvent, user: User, roll: Roll, recent: set[int], now: datetime) -> bool:
    if not roll.may_notify(user, now, is_urgent=event.is_urgent):
        return False
    return event.is_urgent or user.pk not in recent


def _make_notice(roll: Roll, user: int, events: list[NoticeEvent], now: datetime) -> bool:
    """Write these events into a new notice, or into an urgent one that already calls. Returns whether it is new."""
    is_urgent = any(event.is_urgent for event in events)
    is_danger = any(KINDS[event.kind].is_danger for event in events)
    notice = found = _unopened_call(user, now, is_danger=is_danger) if is_urgent else None
    if notice is None:
        route = roll.routes(user, is_urgent=is_urgent)[0]
        notice = Notice.objects.create(to_id=user, route=route, is_urgent=is_urgent, made_at=now)
    NoticeLine.objects.bulk_create([NoticeLine(notice=notice, event=event) for event in events])
    return found is None


def _unopened_call(user: int, now: datetime, *, is_danger: bool) -> Notice | None:
    """Return the urgent notice that already calls this person: not tried yet, or just sent, and all of it unopened.

    Something in it must still wait for somebody: whoever looked when all was over found nothing, and does not look
    again. Danger joins a notice of danger alone.
    """
    is_fresh = Q(state=NoticeState.PENDING, tried_at=None) | Q(state=NoticeState.SENT, sent_at__gt=now - ONE_CALL)
    lines = NoticeLine.objects.filter(notice=OuterRef("pk"))
    waiting = lines.filter(event__settled_at=None, event__opened_at=None)
    if is_danger:
        waiting = waiting.filter(event__kind__in=[kind.key for kind in KINDS.values() if kind.is_danger])
    calls = Notice.objects.filter(
        is_fresh, Exists(waiting), ~Exists(lines.filter(opened_at__isnull=False)), to=user, is_urgent=True
    )
    return calls.select_for_update().order_by("made_at").last()


def forget_old(now: datetime) -> None:
    """Delete notices and events that are over, three months later."""
    Notice.objects.filter(made_at__lt=now - KEPT).delete()
    NoticeEvent.objects.filter(settled_at__lt=now - KEPT, lines=None).delete()


def forget_addresses(now: datetime) -> int:
    """Destroy the addresses of who left the line, and what was not confirmed within a day. Returns how many."""
    with acting_as(WORKER):
        left = ~Q(user__agency=HOTLINE) | Q(user__is_active=False)
        unconfirmed = Q(confirmed_at=None, code_at__lt=now - UNCONFIRMED)
        rows = list(NoticeAddress.objects.filter(left | unconfirmed).select_related("key"))
        for row in rows:
            append("forget", f"{row.key.kind} {row.key.pk}", key=row.key.pk)
            row.forget()
        gone = User.objects.exclude(agency=HOTLINE, is_active=True).values("pk")
        Reach.objects.reachable().filter(pk__in=gone).update(email_since=None, sms_since=None)
    return len(rows)
