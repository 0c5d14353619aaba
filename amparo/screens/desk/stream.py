"""The one live stream of a console: notes of what changed, and to the roster that this console is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from amparo.ground.access import may
from amparo.ground.access.models import User
from amparo.ground.access.sessions import is_alive
from amparo.ground.access.standing import Standing, open_to
from amparo.ground.core import live
from amparo.ground.core.acting import need_to_know
from amparo.line.contacts.models import Contact
from amparo.line.roster.rules import be_seen
from amparo.line.switchboard.models import Call

BEAT = 15.0  # seconds: within roster.SEEN_WITHIN two may be lost
FOR_ALL = ("queue", "seats", "messages", "ledger", live.EVERYTHING)


@cache
def hub() -> live.Hub:
    """One for all streams of this process."""
    return live.Hub(live.conninfo())


@open_to(Standing.LOCKED)  # notes say no word, and whoever left the desk is still rung
async def console(request: HttpRequest) -> HttpResponseBase:
    """Refused with a status alone: no person reads this address."""
    user = await request.auser()
    if not (user.is_authenticated and may.take_calls(user)):
        await in_database(lambda: None)
        return HttpResponse(status=403)
    session = request.session.session_key or ""
    await in_database(partial(_be_seen, user))
    response = StreamingHttpResponse(notes(user, session), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def notes(user: User, session: str) -> AsyncIterator[str]:
    """Until the browser leaves, the session ends or this reader is too slow."""
    coming = hub().notes()
    waiting = asyncio.ensure_future(anext(coming))
    await asyncio.sleep(0)  # listening, before the browser hears that we are
    beat = asyncio.get_running_loop().time() + BEAT
    try:
        yield "retry: 1000\n\n"
        while True:
            until_beat = max(0.0, beat - asyncio.get_running_loop().time())
            if not (await asyncio.wait({waiting}, timeout=until_beat))[0]:
                if not await in_database(partial(_is_here, user, session)):
                    return
                beat += BEAT
                yield ": still here\n\n"
                continue
            text = waiting.result()
            waiting = asyncio.ensure_future(anext(coming))
            if text in FOR_ALL or await in_database(partial(_concerns, user, text)):
                yield f"event: note\ndata: {text}\n\n"
    except StopAsyncIteration:
        return
    finally:
        waiting.cancel()


def _is_here(user: User, session: str) -> bool:
    """Still signed in and still an operator; then the roster may know."""
    if not (is_alive(session, timezone.now()) and may.take_calls(User.objects.get(pk=user.pk))):
        return False
    _be_seen(user)
    return True


def _be_seen(user: User) -> None:
    with need_to_know(user.acting()):
        be_seen(user.pk, timezone.now())


def _concerns(user: User, text: str) -> bool:
    """A call is told only to who is in it, a contact to who may open it."""
    topic, about = text.split()[0], text.split()[-1]
    try:
        pk = UUID(about)
    except ValueError:
        return False
    with need_to_know(user.acting()):
        if topic == "call":
            return Call.objects.of(user.pk).filter(pk=pk).exists()
        return topic == "contact" and Contact.objects.visible_to(user).filter(pk=pk).exists()


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
