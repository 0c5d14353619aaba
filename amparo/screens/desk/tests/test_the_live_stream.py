"""The console's stream: who may listen, what it sends, and that it keeps no database connection."""

import asyncio
import http.client
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.access.models.sessions import SessionStore
from amparo.foundation.core.database_roles import POOL
from amparo.foundation.core.live import Notification, notify
from amparo.line.roster.models import Seat
from tests.full_session import full_session
from tests.hotline import Hotline

from .. import stream
from . import scenes

NEVER = 9_999_999_999_999  # ms; a page drawn later than anything changed
MOST = POOL["max_size"]  # connections of each web process


def session_of(username: str, seen_before: float = 0.0) -> str:
    """A session as the sign-in makes it; its user was last seen this many seconds ago."""
    user = User.objects.get_or_create(username=username, defaults={"role": Role.ADMINISTRATOR})[0]
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.update(full_session())
    session["seen_at"] -= seen_before
    session.create()
    return session.session_key


@contextmanager
def listen(line: Hotline, session: str, path: str = "/live/console"):
    """The response of a stream, after its first line."""
    link = http.client.HTTPConnection(line.address.removeprefix("http://"), timeout=20)
    link.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    response = link.getresponse()
    try:
        yield response
    finally:
        response.close()
        link.close()


def heard(response: http.client.HTTPResponse, *awaited: str) -> list[str]:
    """Return the notifications until all awaited ones have come."""
    notes: list[str] = []
    while not set(awaited) <= set(notes):
        line = response.readline()
        assert line, "the stream has ended"
        text = line.decode().strip()
        if text.startswith("data: "):
            notes.append(text.removeprefix("data: "))
    return notes


@contextmanager
def telling(line: Hotline, *notes: tuple[str, str]):
    """Repeat these notifications, because the first stream of a process starts with a delay."""
    enough = Event()

    def tell() -> None:
        while not enough.wait(0.2):
            for topic, about in notes:
                line.do(notify, topic, about)

    thread = Thread(target=tell)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def seen_at(username: str) -> object:
    return Seat.objects.get(user__username=username).seen_at


def leave_unseen(username: str) -> None:
    Seat.objects.filter(user__username=username).update(seen_at=None)


def test_a_stranger_gets_no_stream(line: Hotline) -> None:
    for session in ("", line.do(session_of, "stranger")):
        with listen(line, session) as response:
            assert response.status == 403


def test_an_operator_gets_their_notifications_and_counts_as_seen(line: Hotline) -> None:
    line.do(scenes.quiet)
    line.do(leave_unseen, "ana")
    mine, other = line.do(scenes.talking), str(uuid4())
    with listen(line, line.do(session_of, "ana")) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert b"retry" in response.readline()
        assert line.do(seen_at, "ana")
        others = (("call", other), ("contact", other), ("gossip", ""))
        with telling(line, *others, ("call", mine), ("messages", "")):
            notes = heard(response, f"call {mine}", "messages")
    assert not [text for text in notes if other in text or "gossip" in text]


def test_an_empty_note_ends_no_stream(line: Hotline) -> None:
    mine = line.do(scenes.talking)
    with (
        listen(line, line.do(session_of, "ana"), f"/live/console?since={NEVER}") as response,
        telling(line, ("", ""), ("call", mine)),
    ):
        assert "everything" in heard(response, f"call {mine}", "everything")


def test_a_page_is_told_at_first_whether_anything_changed_since_it_was_drawn(line: Hotline) -> None:
    session = line.do(session_of, "ana")
    for since in ("0", "", "x", str(NEVER)):
        with listen(line, session, f"/live/console?since={since}") as response, telling(line, ("chats", "")):
            notes = heard(response, "chats")
        assert ("everything" in notes) == (since != str(NEVER)), since


def test_more_consoles_than_database_connections(line: Hotline) -> None:
    """A stream that kept its connection would leave none for the pages."""
    session = line.do(session_of, "ana")
    with ExitStack() as streams:
        for response in [streams.enter_context(listen(line, session)) for _ in range(MOST + 5)]:
            assert b"retry" in response.readline()
        page = http.client.HTTPConnection(line.address.removeprefix("http://"), timeout=20)
        page.request("GET", "/console", headers={"Cookie": f"sessionid={session}"})
        assert page.getresponse().status == 200


def test_more_streams_that_save_their_session_than_database_connections(line: Hotline) -> None:
    """A request that loads no page counts as an action of the user: its session is saved after the view."""
    sessions = [line.do(session_of, "ana", seen_before=100.0) for _ in range(2 * MOST + 10)]
    with ExitStack() as streams:
        for response in [streams.enter_context(listen(line, session)) for session in sessions]:
            assert b"retry" in response.readline()
        for _ in range(10):  # reaches each of the processes
            page = http.client.HTTPConnection(line.address.removeprefix("http://"), timeout=20)
            page.request("GET", "/console", headers={"Cookie": f"sessionid={sessions[0]}"})
            assert page.getresponse().status == 200
            page.close()


@pytest.mark.django_db
def test_a_stream_ends_with_the_session_or_the_role(ana: User) -> None:
    session = session_of("ana")
    assert stream._may_go_on(ana, session, (stream.CONSOLE,))
    User.objects.update(role=Role.ADMINISTRATOR)
    assert not stream._may_go_on(ana, session, (stream.CONSOLE,))
    User.objects.update(role=Role.OPERATOR)
    SessionStore(session).delete()
    assert not stream._may_go_on(ana, session, (stream.CONSOLE,))


@pytest.mark.django_db
def test_the_beat_keeps_the_seat_on_shift(ana: User) -> None:
    leave_unseen("ana")
    stream._may_go_on(ana, session_of("ana"), (stream.CONSOLE,))
    assert Seat.objects.on_shift(timezone.now()).filter(user=ana).exists()


def test_one_question_serves_all_streams_even_if_the_first_closes() -> None:
    requests = []

    async def ask() -> int:
        requests.append(1)
        await asyncio.sleep(0.01)
        return 7

    async def run() -> None:
        note = Notification("chat 1")
        first = asyncio.create_task(note.once(ask))
        await asyncio.sleep(0)
        others = [asyncio.create_task(note.once(ask)) for _ in range(50)]
        first.cancel()
        assert set(await asyncio.gather(*others)) == {7}
        assert await Notification("chat 1").once(ask) == 7  # the next note asks again

    asyncio.run(run())
    assert len(requests) == 2


@pytest.mark.timeout(60)  # the stream beats for ever
def test_danger_reaches_a_supervisor_as_it_is_marked(line):
    """The stream also says "everything" by itself, for alerts that grow older; this must not wait for that."""
    with listen(line, line.do(session_of, "marta"), f"/live/pages?since={NEVER}") as response:
        heard(response, "everything")
        line.do(scenes.mark_danger)
        assert "everything" not in heard(response, "danger")
