"""Live streams: they send notifications to consoles and other pages, and tell the roster that a console is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache, partial
from heapq import heappop, heappush
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.models.sessions import is_session_alive, session_began_at
from amparo.foundation.access.session_state import SessionState, allow_session_states
from amparo.foundation.core import live
from amparo.foundation.core.actor import acting_as, user_holder
from amparo.foundation.core.pages import parse_number
from amparo.foundation.oversight.models import Alert
from amparo.line.channels.rules import all_channels
from amparo.line.contacts.summaries import key_holders
from amparo.line.roster.rules import mark_seen, open_console
from amparo.line.switchboard.models import ESCALATE_AFTER, UNANSWERED_AFTER

SERVED_SINCE = timezone.now()  # when this process began: consoles whose server was away were not closed
BEAT = 15.0  # seconds; two heartbeats may be lost within roster.SEEN_WITHIN
FOR_ALL = (*{channel.shift_note for channel in all_channels()}, "seats", "messages", "ledger", live.EVERYTHING)
OWN = tuple({channel.note for channel in all_channels()})


@dataclass(frozen=True)
class Subscription:
    """The notifications for a part of a page, for users whom `may` allows.

    Every listener gets those `for_all`; one of `topics` reaches only the people concerned.
    """

    may: Callable[[User], bool]
    for_all: tuple[str, ...]
    topics: tuple[str, ...]
    # seconds after which a notification, or the opening of the stream, is followed by one more each
    repeat_after: tuple[float, ...] = ()

    def hears(self, text: str) -> bool:
        return text.split()[0] in self.topics


CONSOLE = Subscription(permissions.take_calls, FOR_ALL, (*OWN, "contact"))
CALL_BAR = Subscription(permissions.take_calls, ("queue", live.EVERYTHING), ("call",))
ALERTS = Subscription(permissions.watch, (live.EVERYTHING,), ("alert",))
DANGER = Subscription(
    permissions.take_calls, (live.EVERYTHING, "danger"), (),
    repeat_after=(ESCALATE_AFTER.total_seconds(), UNANSWERED_AFTER.total_seconds()),
)  # fmt: skip
WALLBOARD = Subscription(permissions.supervise, FOR_ALL, ())
ON_EVERY_PAGE = (CALL_BAR, ALERTS, DANGER, WALLBOARD)


@cache
def hub() -> live.NotificationHub:
    """The hub that all streams of this process share."""
    return live.NotificationHub(live.conninfo())


# notifications carry no data, and an operator who left the desk must still hear the ringing
@allow_session_states(SessionState.LOCKED)
async def console(request: HttpRequest) -> HttpResponseBase:
    return await _stream(request, (CONSOLE,))


# the operator who left the desk may be the only one who hears a danger alert, and a wall shows the numbers
@allow_session_states(SessionState.LOCKED)
async def pages(request: HttpRequest) -> HttpResponseBase:
    """Stream for the call bar, alerts, danger and wallboard. All pages of a browser share it. No call rings by it."""
    return await _stream(request, ON_EVERY_PAGE)


async def _stream(request: HttpRequest, kinds: tuple[Subscription, ...]) -> HttpResponseBase:
    """Open a stream of those `kinds` that the user may hear. If there are none: a bare 403, which no person reads."""
    user = await request.auser()
    kinds = tuple(kind for kind in kinds if isinstance(user, User) and kind.may(user))
    if not (isinstance(user, User) and kinds):
        await run_in_database(lambda: None)
        return HttpResponse(status=403)
    session = request.session.session_key or ""
    if CONSOLE in kinds:
        await run_in_database(partial(_open_console, user, session))
    # when the server began to draw the page; a page that does not say it may show anything
    since = (parse_number(request.GET.get("since", "")) or 0) / 1000
    response = StreamingHttpResponse(events_for(user, session, kinds, since), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def events_for(user: User, session: str, kinds: tuple[Subscription, ...], since: float) -> AsyncIterator[str]:
    """Yield server-sent events until the browser leaves, the session ends, or this reader is too slow.

    The first says that everything may have changed, unless nothing did `since` the page was drawn.
    """
    notifications = hub().notifications()
    waiting = asyncio.ensure_future(anext(notifications))
    await asyncio.sleep(0)  # start listening before the browser learns that it is connected
    clock = asyncio.get_running_loop().time
    beat = clock() + BEAT
    again = sorted(clock() + after for kind in kinds for after in kind.repeat_after)  # a heap of repetitions
    try:
        # closes the connection that middleware used after the view, for instance to save the session
        await run_in_database(lambda: None)
        yield "retry: 1000\n\n"
        if hub().has_changed_since(since):
            yield _event(live.EVERYTHING)
        while True:
            until = max(0.0, min([beat, *again[:1]]) - clock())
            if not (await asyncio.wait({waiting}, timeout=until))[0]:
                if again and again[0] <= clock():
                    heappop(again)
                    yield _event(live.EVERYTHING)
                    continue
                if not await run_in_database(partial(_may_go_on, user, session, kinds)):
                    return
                beat += BEAT
                yield ": still here\n\n"
                continue
            notification = waiting.result()
            waiting = asyncio.ensure_future(anext(notifications))
            text = notification.text
            for_all = [kind for kind in kinds if text in kind.for_all]
            if for_all or (any(kind.hears(text) for kind in kinds) and await _concerns(user, notification)):
                yield _event(text)
                for after in (after for kind in for_all for after in kind.repeat_after):
                    heappush(again, clock() + after)
    except StopAsyncIteration:
        return
    finally:
        waiting.cancel()


def _event(text: str) -> str:
    return f"event: note\ndata: {text}\n\n"


def _may_go_on(user: User, session: str, kinds: tuple[Subscription, ...]) -> bool:
    """Whether the user is still signed in and may hear all kinds. If so, it marks a console as open in the roster."""
    if not is_session_alive(session, timezone.now()):
        return False
    today = User.objects.get(pk=user.pk)
    if not all(kind.may(today) for kind in kinds):
        return False
    if CONSOLE in kinds:
        _mark_seen(user)
    return True


def _open_console(user: User, session: str) -> None:
    with acting_as(user.acting()):
        began = session_began_at(session)
        if began is not None:
            open_console(user.pk, signed_in_at=began, served_since=SERVED_SINCE, now=timezone.now())


def _mark_seen(user: User) -> None:
    with acting_as(user.acting()):
        mark_seen(user.pk, timezone.now())


async def _concerns(user: User, notification: live.Notification) -> bool:
    """Whether this notification is for the user: about their conversation, or a contact or alert that they may see.

    For conversations and contacts, all streams of the process share one query, so that a notification costs no more
    when more consoles are open.
    """
    topic, about = notification.text.split()[0], notification.text.split()[-1]
    if topic == "alert":
        return bool(await run_in_database(partial(_sees_alert, user, about)))
    audience = await notification.once(lambda: run_in_database(partial(_audience, user, topic, about)))
    return audience is not None and not audience.isdisjoint(user.acting().holders)


def _audience(user: User, topic: str, about: str) -> frozenset[str]:
    """Return the key holders whom a notification about the conversation or contact `about` concerns.

    The query runs as `user`, who is on shift.
    """
    try:
        pk = UUID(about)
    except ValueError:
        return frozenset()
    with acting_as(user.acting()):
        if topic == "contact":
            return frozenset(key_holders(pk))
        participants = {channel.note: channel.participants for channel in all_channels()}[topic]
        return frozenset(map(user_holder, participants(pk)))


def _sees_alert(user: User, about: str) -> bool:
    with acting_as(user.acting()):
        return about.isdigit() and Alert.objects.visible_to(user).filter(pk=int(about)).exists()


async def run_in_database[R](work: Callable[[], R]) -> R | None:
    """Run `work`, then close the connection, because a stream lives for hours. None if the database is away."""

    def run() -> R | None:
        try:
            return work()
        except OperationalError:
            return None
        finally:
            connection.close()

    return await sync_to_async(run)()
