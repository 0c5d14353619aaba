"""Writes calls to the database asynchronously, so that the event loop of the calls never waits for it.

A changed call is written as a whole row, so a lost connection loses nothing: what was not committed is written again,
in its newest form. While the database is away calls continue, and their rows are written when it is back.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.utils import timezone

from amparo.foundation.access.models import HOTLINE, Role
from amparo.foundation.core.actor import SWITCHBOARD, acting_as, role_holder
from amparo.foundation.core.live import notify, notify_all
from amparo.foundation.vault.models import DataKey

from .bulk_upsert import Row, insert_new_rows, row_of, upsert_rows
from .danger import create_danger_alerts
from .models import Call, CallEvent, Ending, Message, State

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
UNSTORABLE = (DataError, IntegrityError, ValueError)
GATHER = 0.04  # seconds in which changes are collected into one transaction
APART = 0.1  # seconds between commits: a busy line collects more, a quiet one does not wait
RETRY = 0.5  # seconds
as_switchboard = acting_as(SWITCHBOARD)  # decorator: one transaction, as the role of this process


class Journal:
    """The only writer of calls. Its methods to write and record return at once; `run` stores everything in order."""

    def __init__(self) -> None:
        self._calls: dict[UUID, Row] = {}  # the newest row of each call
        self._events: list[Row] = []
        self._messages: list[Message] = []
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()  # one commit at a time, so that an older row never follows a newer one

    def write_call(self, call: Call) -> None:
        self._calls[call.pk] = row_of(call)
        self._changed.set()

    def record_event(self, call: Call, kind: CallEvent.Kind, user: int | None = None, by: int | None = None) -> None:
        self._events.append({"call_id": call.pk, "at": timezone.now(), "kind": kind, "user_id": user, "by_id": by})
        self.write_call(call)

    def record_message(self, message: Message) -> None:
        self._messages.append(message)
        self._changed.set()

    @property
    def is_empty(self) -> bool:
        return not (self._calls or self._events or self._messages)

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(GATHER)
            await self.flush()
            await asyncio.sleep(APART - GATHER)

    async def flush(self) -> None:
        """Store everything. Returns when it is committed, however long that takes."""
        async with self._writing:
            self._changed.clear()
            calls, events, messages = self._calls, self._events, self._messages
            self._calls, self._events, self._messages = {}, [], []
            while not await asyncio.to_thread(_try_in_database, lambda: _store(calls, events, messages)):
                await asyncio.sleep(RETRY)


def _store(calls: dict[UUID, Row], events: list[Row], messages: list[Message]) -> None:
    """Store everything in one transaction.

    If that fails, store each call alone, so that a bad one does not block others.
    """
    try:
        _commit(calls, events, messages)
    except UNSTORABLE:
        for pk, call in calls.items():
            _store_alone({pk: call}, [event for event in events if event["call_id"] == pk], [])
        for message in messages:
            _store_alone({}, [], [message])


def _store_alone(calls: dict[UUID, Row], events: list[Row], messages: list[Message]) -> None:
    try:
        _commit(calls, events, messages)
    except UNSTORABLE as error:
        about = next(iter(calls), None) or messages[0].call_id
        log.error("something of call %s cannot be stored and is set aside (%s)", about, type(error).__name__)


@as_switchboard
def _commit(calls: dict[UUID, Row], events: list[Row], messages: list[Message]) -> None:
    upsert_rows(Call, calls.values())
    insert_new_rows(CallEvent, events)  # they may be there already, if only the answer to the last commit was lost
    practice = {pk for pk, call in calls.items() if call["practice_of_id"] is not None}  # an event comes with its row
    create_danger_alerts([event for event in events if event["call_id"] not in practice])
    for message in messages:
        holders = (role_holder(HOTLINE, role) for role in (Role.OPERATOR, Role.SUPERVISOR))
        message.key = DataKey.objects.make(*holders, agency=HOTLINE, kind="message")
        message.save(force_insert=True)
    topics = ["messages"] * bool(messages) + ["queue"] * bool(calls)
    topics += [f"chat {call['chat']}" for call in calls.values() if call["chat"]]
    notify_all([*topics, *(f"call {pk}" for pk in calls)])


def _try_in_database(work: Callable[[], None]) -> bool:
    """Do `work` in the database. Returns False if it is away."""
    try:
        work()
    except AWAY as error:
        log.warning("the journal waits for the database (%s)", type(error).__name__)
        return False
    finally:
        connection.close()  # return it to the pool: this thread may not run again
    return True


def close_orphaned_calls(now: datetime, then: Callable[[datetime], None] = lambda _now: None) -> bool:
    """At the start: end the calls of a switchboard that was killed, and `then` read. False: no database."""

    def work() -> None:
        _close_orphaned(now)
        then(now)

    return _try_in_database(work)


@as_switchboard
def _close_orphaned(now: datetime) -> None:
    Call.objects.live().update(
        state=State.ENDED,
        ending=Ending.LOST,
        ended_at=now,
        operators=[],
        invited=[],
        listeners=[],
        whisperers=[],
        ringing_for=None,
    )
    notify("queue")
