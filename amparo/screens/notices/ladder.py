"""Each minute the worker writes down what waits, and climbs each event's ladder until somebody opens it.

A step that reaches nobody is skipped. A step's minutes run from its first notice. Nobody hears of one event twice.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Q

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused, Unreachable

from .finding import Found, Look
from .kinds import KINDS, Kind
from .models import Notice, NoticeEvent, NoticeLine, NoticeState
from .roll import Roll, read_roll

log = logging.getLogger(__name__)

BACK_WITHIN = timedelta(minutes=30)  # what comes back so soon is the same event: a trunk that goes up and down
GATHERED = timedelta(minutes=15)  # what can wait is gathered into one notice for so long after the last one
KEPT = timedelta(days=90)
FAILED = (NoticeState.REFUSED, NoticeState.CANCELLED)

type Batch = dict[int, list[NoticeEvent]]  # the events of each person, by id


def note_events(look: Look) -> None:
    """Write down what waits, and what waits no more. A kind that cannot be looked for keeps no other from it."""
    for kind in KINDS.values():
        try:
            with acting_as(WORKER):
                _note_kind(kind, {found.about: found for found in kind.find(look)}, look.now)
        except (Error, OSError, Refused, Unreachable) as error:
            log.warning("Events of the kind %s could not be looked for: %s.", kind.key, type(error).__name__)


def _note_kind(kind: Kind, found: dict[str, Found], now: datetime) -> None:
    standing = set(NoticeEvent.objects.filter(kind=kind.key, settled_at=None).values_list("about", flat=True))
    NoticeEvent.objects.filter(kind=kind.key, settled_at=None).exclude(about__in=found).update(settled_at=now)
    for about, each in found.items():
        if about in standing:
            continue
        row = NoticeEvent.objects.filter(kind=kind.key, about=about, settled_at__gt=now - BACK_WITHIN).last_settled()
        if row is not None:
            NoticeEvent.objects.filter(pk=row.pk).update(settled_at=None)
            continue
        NoticeEvent.objects.create(
            kind=kind.key, about=about, person_id=each.person, is_urgent=kind.is_urgent, since=now
        )


def notify_people(now: datetime) -> int:
    """Make one notice for each person who has to be notified now. Returns how many; `sending` sends them."""
    with acting_as(WORKER):
        events = list(NoticeEvent.objects.waiting().select_for_update())
        if not events:
            return 0
        roll, batch = read_roll(now, now + timedelta(minutes=1)), defaultdict[int, list[NoticeEvent]](list)
        lines = NoticeLine.objects.filter(event__in=events).select_related("notice")
        notified = defaultdict[object, dict[int, Notice]](dict)
        for line in lines:
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
        has_failed = bool(people) and all(user.pk in notified and notified[user.pk].state in FAILED for user in people)
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
    is_urgent = any(event.is_urgent for event in events)
    route = roll.routes(user, is_urgent=is_urgent)[0]
    notice = Notice.objects.create(to_id=user, route=route, is_urgent=is_urgent, made_at=now)
    NoticeLine.objects.bulk_create([NoticeLine(notice=notice, event=event) for event in events])
    return True


def forget_old(now: datetime) -> None:
    """Delete notices and events that are over, three months later."""
    Notice.objects.filter(made_at__lt=now - KEPT).delete()
    NoticeEvent.objects.filter(settled_at__lt=now - KEPT, lines=None).delete()
