"""Live streams: notes of what changed, to a console and to who watches; to the roster, that a console is open."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.session_state import SessionState, open_to
from amparo.foundation.access.sessions import is_alive
from amparo.foundation.core import live
from amparo.foundation.core.actor import acting_as
from amparo.foundation.oversight.models import Alert
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact
from amparo.line.roster.rules import mark_seen
from amparo.line.switchboard.danger import ESCALATE_AFTER
from amparo.line.switchboard.models import Call

BEAT = 15.0  # seconds: within roster.SEEN_WITHIN two may be lost
FOR_ALL = ("queue", "seats", "messages", "chats", "ledger", live.EVERYTHING)


@dataclass(frozen=True)
class Kind:
    """Of stream: who may listen, which notes are for all of them, and which topics only for whom they concern."""

    may: Callable[[User], bool]
    for_all: tuple[str, ...]
    topics: tuple[str, ...]
    is_console: bool = False
    told_again: float | None = None  # seconds until a note, or that the stream opened, is told once more

    def hears(self, text: str) -> bool:
        return text.split()[0] in self.topics


CONSOLE = Kind(permissions.take_calls, FOR_ALL, ("call", "contact", "chat"), is_console=True)
CALL = Kind(permissions.take_calls, ("queue", live.EVERYTHING), ("call",))
ALERTS = Kind(permissions.watch, (live.EVERYTHING,), ("alert",))
DANGER = Kind(permissions.take_calls, (live.EVERYTHING, "danger"), (), told_again=ESCALATE_AFTER.total_seconds())


@cache
def hub() -> live.Hub:
    """One for all streams of this process."""
    return live.Hub(live.conninfo())


@open_to(SessionState.LOCKED)  # notes say no word, and whoever left the desk is still rung
async def console(request: HttpRequest) -> HttpResponseBase:
    return await _stream(request, CONSOLE)


@open_to(SessionState.LOCKED)
async def call(request: HttpRequest) -> HttpResponseBase:
    """For the call bar of every page but the console: it makes nobody ring."""
    return await _stream(request, CALL)


@open_to(SessionState.LOCKED)
async def alerts(request: HttpRequest) -> HttpResponseBase:
    """For the bar of every other page of who watches."""
    return await _stream(request, ALERTS)


@open_to(SessionState.LOCKED)  # whoever left the desk may be the only one who hears it
async def danger(request: HttpRequest) -> HttpResponseBase:
    """For every page of who takes calls: one stream for all pages of a browser."""
    return await _stream(request, DANGER)


async def _stream(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    """Refused with a status alone: no person reads this address."""
    user = await request.auser()
    if not (user.is_authenticated and kind.may(user)):
        await in_database(lambda: None)
        return HttpResponse(status=403)
    session = request.session.session_key or ""
    if kind.is_console:
        await in_database(partial(_be_seen, user))
    response = StreamingHttpResponse(notes(user, session, kind), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def notes(user: User, session: str, kind: Kind) -> AsyncIterator[str]:
    """Until the browser leaves, the session ends or this reader is too slow."""
    coming = hub().notes()
    waiting = asyncio.ensure_future(anext(coming))
    await asyncio.sleep(0)  # listening, before the browser hears that we are
    clock = asyncio.get_running_loop().time
    beat, again = clock() + BEAT, deque[float]()  # when something is told again
    if kind.told_again:
        again.append(clock() + kind.told_again)
    try:
        await in_database(lambda: None)  # what middleware asked after the view, such as to save the session
        yield "retry: 1000\n\n"
        while True:
            until = max(0.0, min(beat, *again) - clock()) if again else max(0.0, beat - clock())
            if not (await asyncio.wait({waiting}, timeout=until))[0]:
                if again and again[0] <= clock():
                    again.popleft()
                    yield _event(live.EVERYTHING)
                    continue
                if not await in_database(partial(_is_here, user, session, kind)):
                    return
                beat += BEAT
                yield ": still here\n\n"
                continue
            text = waiting.result()
            waiting = asyncio.ensure_future(anext(coming))
            if text in kind.for_all or (kind.hears(text) and await in_database(partial(_concerns, user, text))):
                yield _event(text)
                if kind.told_again:
                    again.append(clock() + kind.told_again)
    except StopAsyncIteration:
        return
    finally:
        waiting.cancel()


def _event(text: str) -> str:
    return f"event: note\ndata: {text}\n\n"


def _is_here(user: User, session: str, kind: Kind) -> bool:
    """Still signed in and still in that role; of an operator the roster may know."""
    if not (is_alive(session, timezone.now()) and kind.may(User.objects.get(pk=user.pk))):
        return False
    if kind.is_console:
        _be_seen(user)
    return True


def _be_seen(user: User) -> None:
    with acting_as(user.acting()):
        mark_seen(user.pk, timezone.now())


def _concerns(user: User, text: str) -> bool:
    """A call or chat is told only to who is in it, a contact to who may open it, an alert to who may see it."""
    topic, about = text.split()[0], text.split()[-1]
    try:
        pk = int(about) if topic == "alert" else UUID(about)
    except ValueError:
        return False
    mine: dict[str, QuerySet[Any]] = {
        "call": Call.objects.of(user.pk),
        "chat": Chat.objects.filter(operator=user),
        "contact": Contact.objects.visible_to(user),
        "alert": Alert.objects.visible_to(user),
    }
    with acting_as(user.acting()):
        return mine[topic].filter(pk=pk).exists()


async def in_database[R](work: Callable[[], R]) -> R | None:
    """Do `work`, then give the connection back: a stream lives for hours and must not keep one."""

    def run() -> R | None:
        try:
            return work()
        except OperationalError:
            return None
        finally:
            connection.close()

    return await sync_to_async(run)()
