"""The switchboard's copy of the roster: which operators may be rung. It is read again at each notification."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.live import EVERYTHING, NotificationHub
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import GONE_AFTER, Mentor, Queue, Seat, State
from amparo.line.roster.ringing import ALWAYS, NOT_CERTIFIED, RingingLimits, ringing_limits

log = logging.getLogger(__name__)

REREAD = 5.0  # seconds; a console that closes sends no notification


@dataclass(frozen=True)
class OperatorOnShift:
    """An operator on shift, and what decides whether a call may ring for them."""

    user: int
    username: str
    is_ready: bool
    ready_since: float
    languages: frozenset[str]
    certified_until: float = ALWAYS  # seconds since the epoch, as ready_since; 0: no valid certificate
    planned_until: float = ALWAYS  # end of the current shift; 0: none is planned now
    is_on_break: bool = False
    rests_until: float = 0.0  # calls ring for others first, after hard contacts; 0: no rest


@dataclass
class Seats:
    on_shift: dict[int, OperatorOnShift] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # digest secrets of the desk phones, by username
    supervisors: set[int] = field(default_factory=set)
    mentorships: set[tuple[int, int]] = field(default_factory=set)  # (listener, operator) of mentors and trainees
    at_console: set[int] | None = None  # users whose console was open within the last minute; None: not read yet
    locked: set[int] = field(default_factory=set)  # users whose account an administrator locked
    limits: RingingLimits = field(
        default_factory=lambda: RingingLimits(certified=None, planned=None)
    )  # also of those off shift
    on_change: list[Callable[[], None]] = field(default_factory=list)

    def answering_operators(self, now: datetime) -> list[OperatorOnShift]:
        """Operators for whom a call may ring, also those who are busy: certified, and within a planned shift.

        If nobody certified is on a planned shift, everybody certified whose console is open (decision 0031).
        """
        certified = [operator for operator in self.on_shift.values() if operator.certified_until > now.timestamp()]
        return [operator for operator in certified if operator.planned_until > now.timestamp()] or certified

    def ready_operators(self, now: datetime) -> list[OperatorOnShift]:
        """Ready operators, longest ready first."""
        return sorted((p for p in self.answering_operators(now) if p.is_ready), key=lambda p: p.ready_since)

    def may_answer(self, user: int, now: datetime) -> bool:
        """Whether this operator may take a waiting call by hand, or call back, on shift or off it.

        An operator without a certificate may only while no certified one is on shift, so that somebody answers.
        """
        operator = self.on_shift.get(user)
        until = operator.certified_until if operator else self.limits.certified_until(user)
        return until > now.timestamp() or not self.answering_operators(now)

    def refuse_uncertified(self, user: int, now: datetime) -> None:
        """Raise `Refused` unless this operator may answer calls, and so may call back (`may_answer`)."""
        if not self.may_answer(user, now):
            raise Refused(str(NOT_CERTIFIED[Queue.CALLS]))

    def refuse_unless_able(self, user: int, now: datetime) -> None:
        """Raise `Refused` unless a waiting call can be passed on to this operator, who may still be in another call."""
        operator = self.on_shift.get(user)
        if operator is None:
            raise Refused(_("This person's console is not open. Choose somebody else."))
        if operator.is_on_break:
            raise Refused(_("This person is on a break. Choose somebody else."))
        if not self.may_answer(user, now):
            raise Refused(_("This person's certificate is missing or has expired. Choose somebody else."))

    async def follow(self, hub: NotificationHub) -> None:
        """Read the roster at each notification, and every few seconds."""
        changed = asyncio.Event()

        async def listen() -> None:
            async for notification in hub.notifications():
                if notification.text in ("seats", "people", EVERYTHING):
                    changed.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(listen())
            while True:
                await self.refresh()
                try:
                    await asyncio.wait_for(changed.wait(), REREAD)
                except TimeoutError:
                    continue
                changed.clear()

    async def refresh(self) -> None:
        rows = await asyncio.to_thread(_read_roster)
        if rows is None:
            return  # the database is away: keep the last copy
        self.on_shift = {operator.user: operator for operator in rows.operators}
        self.secrets, self.supervisors, self.mentorships = rows.secrets, rows.supervisors, rows.mentorships
        self.at_console, self.locked, self.limits = rows.at_console, rows.locked, rows.limits
        for look in self.on_change:
            look()


class Roster(NamedTuple):
    """One reading of the database: what `Seats` keeps until the next."""

    operators: list[OperatorOnShift]
    secrets: dict[str, str]
    supervisors: set[int]
    mentorships: set[tuple[int, int]]
    at_console: set[int]
    locked: set[int]
    limits: RingingLimits


def _read_roster() -> Roster | None:
    try:
        with acting_as(SWITCHBOARD):
            seats = list(Seat.objects.select_related("user", "key").prefetch_related("key__grants"))
            now = timezone.now()
            here = set(Seat.objects.on_shift(now).filter(user__is_active=True).values_list("pk", flat=True))
            until = ringing_limits(Queue.CALLS, now)
            supervisors = {
                user.pk
                for user in User.objects.filter(role=Role.SUPERVISOR).select_related("agency")
                if permissions.supervise(user)
            }
            mentorships = _mentorships(until, now)
    except Error:
        return None
    finally:
        connection.close()  # return it to the pool: this thread may not run again
    secrets = {seat.user.username: seat.phone_secret for seat in seats if seat.phone_secret}
    at_console = {seat.pk for seat in seats if seat.seen_at and seat.seen_at > now - GONE_AFTER}
    operators = [_operator_of(seat, until) for seat in seats if seat.pk in here]
    locked = {seat.pk for seat in seats if not seat.user.is_active}
    return Roster(operators, secrets, supervisors, mentorships, at_console, locked, until)


def _mentorships(until: RingingLimits, now: datetime) -> set[tuple[int, int]]:
    """Return the user ids (listener, operator) of each trainee and mentor, and of each certified mentor and trainee."""
    pairs = [(each.trainee, each.mentor) for each in Mentor.objects.select_related("trainee__agency", "mentor__agency")]
    certified = [(mentor, trainee) for trainee, mentor in pairs if until.certified_until(mentor.pk) > now.timestamp()]
    both = [*pairs, *certified]
    return {(user.pk, other.pk) for user, other in both if permissions.take_calls(user)}


def _operator_of(seat: Seat, until: RingingLimits) -> OperatorOnShift:
    return OperatorOnShift(
        user=seat.pk,
        username=seat.user.username,
        is_ready=seat.state == State.READY,
        is_on_break=seat.state == State.BREAK,
        ready_since=seat.since.timestamp(),
        languages=frozenset(seat.languages),
        certified_until=until.certified_until(seat.pk),
        planned_until=until.planned_until(seat.pk),
        rests_until=until.rests_until(seat.pk),
    )
