"""Until when each operator may be rung, as the ringing rules, shifts and certificates say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from django.db import ProgrammingError, connection, transaction
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.refusal import Refused

from .models import SEEN_WITHIN, Certificate, Queue, Rest, RingingRules, Seat, Shift

ALWAYS = float("inf")
NOT_CERTIFIED = {
    Queue.CALLS: _("Your certificate for calls is missing or has expired. A certified colleague answers."),
    Queue.CHATS: _("Your certificate for chats is missing or has expired. A certified colleague answers."),
}


@dataclass(frozen=True)
class RingingLimits:
    """Until when each operator is certified, and until when their shift lasts: by user id, in seconds since the epoch.

    A user not in a table is not certified, or has no shift now: the time is 0. `None` for a table: its rule is off,
    and the time is infinite.
    """

    certified: dict[int, float] | None
    planned: dict[int, float] | None
    resting: dict[int, float] = field(default_factory=dict)  # until when calls ring for others first; absent: no rest

    def certified_until(self, user: int) -> float:
        return ALWAYS if self.certified is None else self.certified.get(user, 0.0)

    def planned_until(self, user: int) -> float:
        return ALWAYS if self.planned is None else self.planned.get(user, 0.0)

    def rests_until(self, user: int) -> float:
        return self.resting.get(user, 0.0)


def ringing_limits(queue: Queue, now: datetime) -> RingingLimits:
    """Read the rules, and the certificates, shifts and rests of `now`."""
    rules, planned = RingingRules.current(), None
    if rules.by_shift:
        running = Shift.objects.planned().filter(starts_at__lte=now, ends_at__gt=now)
        planned = _latest_end_by_user((each.user_id, each.ends_at) for each in running)
    resting = Rest.objects.filter(until__gt=now) if rules.rests else Rest.objects.none()
    resting_until = {each.user_id: each.until.timestamp() for each in resting}
    return RingingLimits(_certified(rules, queue, now), planned, resting_until)


def is_certified(queue: Queue, user: int, now: datetime) -> bool:
    """Whether this operator has a valid certificate for the queue, or the rules ask for none."""
    return RingingLimits(_certified(RingingRules.current(), queue, now), None).certified_until(user) > now.timestamp()


def may_take(queue: Queue, user: int, now: datetime) -> bool:
    """Whether this operator may pick somebody out of this queue and answer them, or call back.

    Without a certificate they may only while no certified colleague's console is open: else nobody would answer.
    """
    with connection.cursor() as cursor:
        cursor.execute("select roster_may_take(%s, %s, %s, %s)", [queue, user, now, now - SEEN_WITHIN])
        (may,) = cursor.fetchone()
    return bool(may)


def refuse_uncertified(queue: Queue, user: int, now: datetime) -> None:
    """Raise `Refused` unless the operator's certificate lets them answer this queue, or call back (`may_take`).

    Returning a call needs the same training as answering one.
    """
    if not may_take(queue, user, now):
        raise Refused(str(NOT_CERTIFIED[queue]))


@contextmanager
def refused_without_certificate() -> Iterator[None]:
    """Raise `Refused` if PostgreSQL refuses, within the block, a chat that a certified colleague should answer.

    PostgreSQL checks again by its own clock: meanwhile the certificate may have ended, or a certified colleague may
    have opened a console.
    """
    try:
        with transaction.atomic():
            yield
    except ProgrammingError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise Refused(str(NOT_CERTIFIED[Queue.CHATS])) from error
        raise


def rings_for_nobody(queue: Queue, now: datetime, rules: RingingRules | None = None) -> bool:
    """Whether no certified person has an open console, whatever is planned. Callers are then offered a call back."""
    certified, here = _certified(rules or RingingRules.current(), queue, now), Seat.objects.on_shift(now)
    return not (here if certified is None else here.filter(pk__in=certified)).exists()


def _certified(rules: RingingRules, queue: Queue, now: datetime) -> dict[int, float] | None:
    """Return until when each operator is certified, as in `RingingLimits`."""
    if not rules.by_certificate:
        return None
    return _latest_end_by_user((each.user_id, each.ends_at) for each in Certificate.objects.valid(queue, now))


def _latest_end_by_user(ends: Iterator[tuple[int, datetime]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for user, end in ends:
        found[user] = max(found.get(user, 0.0), end.timestamp())
    return found
