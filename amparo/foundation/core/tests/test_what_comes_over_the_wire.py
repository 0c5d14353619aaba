"""Requests that no browser sends, and on which Django and a2wsgi fail: they are made readable, or refused."""

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from amparo import asgi
from amparo.foundation.core import asgi_body

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
BODY = b"username=rosa&password=x"
UNREADABLE = [
    f"{FORM}; charset=latin-1", f"{MULTIPART}; charset=hex", f"{MULTIPART}; charset=idna",
    f"{MULTIPART}; charset=undefined", f"{FORM}; charset*=bogus''x", "a" * 11_000 + "; b=c",
]  # fmt: skip
CUT_OFF = [{"type": "http.request", "body": BODY[:12], "more_body": True}, {"type": "http.disconnect"}]


async def answer(
    path: str,
    kind: str = "",
    query: bytes = b"",
    received: list[dict[str, Any] | None] | None = None,
    session: str = "",
    stalls: asyncio.Semaphore | None = None,
    **scope: Any,
):
    """Status and text that our server would send. After a None in `received` nothing arrives; it releases `stalls`."""
    coming = iter(received or [{"type": "http.request", "body": BODY}, {"type": "http.disconnect"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if (message := next(coming, None)) is None:
            if stalls:
                stalls.release()
            await asyncio.Event().wait()
        return message

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    length, cookie = str(len(BODY)).encode(), b"csrftoken=" + b"t" * 32
    if session:
        cookie += f"; {settings.SESSION_COOKIE_NAME}={session}".encode()
    headers = [(b"host", b"localhost"), (b"content-length", length), (b"cookie", cookie)]
    request_data = {
        "type": "http", "method": "POST" if kind or received else "GET", "path": path, "query_string": query,
        "http_version": "1.1", "headers": headers + ([(b"content-type", kind.encode("latin-1"))] if kind else []),
    }  # fmt: skip
    async with asyncio.timeout(30):
        await asgi.application(request_data | scope, receive, send)
    return sent[0]["status"], b"".join(it.get("body", b"") for it in sent).decode()


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_a_form_that_cannot_be_read_is_refused_in_a_sentence(kind):
    status, text = await answer("/sign-in", kind)
    assert status == 400
    assert "no se pueden leer" in text


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_where_no_form_is_wanted_it_does_not_matter(kind):
    assert (await answer("/", kind, b"q=%C3%A9", method="GET"))[0] == 200


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"'])
async def test_what_browsers_send_is_read(kind):
    assert (await answer("/sign-in", kind))[0] == 403  # and found to lack its token


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere"])
@pytest.mark.parametrize("kind", ["", f"{FORM}; charset=UTF-8", *UNREADABLE])
async def test_a_query_of_too_many_parts_is_refused_whatever_the_form(path, kind):
    status, text = await answer(path, kind, b"&a=1" * 1200)
    assert status == 400
    assert "no se pueden leer" in text


async def test_signs_that_no_query_may_have_are_taken_as_they_are():
    assert (await answer("/", query=b"language=en&q=\xc3\xa9\xff"))[0] == 200
    assert (
        asgi_body.normalise_scope({"headers": [], "query_string": b"a=%C3%A9&b=\xe9 +/?"})["query_string"]
        == b"a=%C3%A9&b=%E9 +/?"
    )


async def test_half_a_form_is_no_form():
    status, text = await answer("/sign-in", FORM, received=CUT_OFF)
    assert status == 400
    assert "no se pueden leer" in text


async def test_the_control_half_a_form_would_be_taken_for_all_of_it(monkeypatch):
    @asynccontextmanager
    async def as_it_comes(receive, scope):
        yield receive

    @asynccontextmanager
    async def not_at_all(receive):
        yield threading.Event()

    monkeypatch.setattr(asgi, "buffer_body", as_it_comes)
    monkeypatch.setattr(asgi, "watch_disconnect", not_at_all)
    assert (await answer("/sign-in", FORM, received=CUT_OFF))[0] == 403


@pytest.mark.parametrize("stays", [True, False])
async def test_an_answer_in_many_parts_ends_with_the_connection(monkeypatch, stays):
    made, went, all_of_it = [], asyncio.Event(), 500

    def in_parts(environ, start_response):
        start_response("200 OK", [])
        for number in range(all_of_it):
            made.append(number)
            yield b"part"

    async def receive() -> dict[str, Any]:
        await went.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if not stays and message["type"] == "http.response.body":
            went.set()

    monkeypatch.setattr(asgi, "pages", WSGIMiddleware(asgi_body.stop_on_disconnect(in_parts)))
    body = iter([{"type": "http.request"}])
    request_data = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"host", b"localhost")],
    }

    async def heard() -> dict[str, Any]:
        return next(body, None) or await receive()

    await asgi.application(request_data, heard, send)
    assert made
    assert (len(made) == all_of_it) == stays


async def test_a_client_that_stalls_blocks_no_other_page():
    begun, stalls = [*CUT_OFF[:1], None], asyncio.Semaphore(0)
    slow = [
        asyncio.create_task(answer("/sign-in", FORM, received=begun, stalls=stalls)) for _ in range(asgi.PAGE_THREADS)
    ]
    for _ in slow:
        await stalls.acquire()
    assert (await answer("/"))[0] == 200
    for task in slow:
        task.cancel()


async def test_a_stream_keeps_no_body_and_waits_for_none():
    """The second message would be kept on disk, as all that follow."""
    part = {"type": "http.request", "body": b"a" * 65_536, "more_body": True}
    assert (await answer("/live/console", FORM, received=[part, None]))[0] == 403


async def test_a_body_that_takes_too_long_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(asgi_body, "PATIENCE", 0.1)
    status, text = await answer("/sign-in", FORM, received=[*CUT_OFF[:1], None])
    assert status == 400
    assert "no se pueden leer" in text


async def test_a_file_of_5_mb_comes_whole():
    parts = iter(
        [*[{"type": "http.request", "body": b"a" * 100_000, "more_body": True}] * 51, {"type": "http.request"}]
    )

    async def receive() -> dict[str, Any]:
        return next(parts)

    scope = {"headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}=x".encode())]}
    async with asgi_body.buffer_body(receive, scope) as body:
        assert len((await body())["body"]) == 5_100_000
        assert asgi_body.LARGE_BODIES[True].taken == 5_100_000
    assert asgi_body.LARGE_BODIES[True].taken == 0


def stalled(size: int, address: str = "192.0.2.7", **more: Any) -> "asyncio.Task[tuple[int, str]]":
    """A request whose body stops after `size` bytes."""
    part = {"type": "http.request", "body": b"a" * size, "more_body": True}
    return asyncio.create_task(answer("/nowhere", FORM, received=[part, None], client=(address, 40000), **more))


async def cancel_all(tasks: list[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    quotas = [*asgi_body.SMALL_BODIES.values(), *asgi_body.LARGE_BODIES.values()]
    assert [quota.taken for quota in quotas] == [0, 0, 0, 0]


async def test_one_network_keeps_no_more_than_its_share():
    """A body above the share is read and not kept, and refused in a sentence. Neighbours of a /24 share it."""
    tasks = [stalled(60_000, f"192.0.2.{number}") for number in range(20)]
    await asyncio.sleep(0.2)
    assert 400_000 < asgi_body.SMALL_BODIES[False].taken <= 8 * 65_536
    large = [{"type": "http.request", "body": b"a" * 65_000}]
    status, text = await answer("/sign-in", FORM, received=large, client=("192.0.2.99", 1))
    assert (status, "a la vez" in text) == (503, True)
    # The control: another network is answered.
    assert (await answer("/sign-in", FORM, received=large, client=("192.0.3.7", 1)))[0] == 403
    await cancel_all(tasks)


@pytest.mark.parametrize("session", ["", "x"])
async def test_bodies_that_stall_in_many_networks_keep_nobody_out(session):
    quota, full = asgi_body.LARGE_BODIES[bool(session)], (6 if session else 2) * asgi_body.LARGEST
    tasks = [stalled(asgi_body.LARGEST, f"198.51.{number}.7", session=session) for number in range(8)]
    await asyncio.sleep(0.5)
    assert quota.taken == full  # the control
    for size in (100, 200_000):
        for cookie in ("", "mine"):
            body = [{"type": "http.request", "body": b"a" * size}]
            status, _text = await answer("/sign-in", FORM, received=body, client=("192.0.2.7", 1), session=cookie)
            assert status == 403  # it was read, and lacks its token
    await cancel_all(tasks)


async def test_small_bodies_that_stall_in_many_networks_keep_nobody_out():
    tasks = [stalled(asgi_body.SMALL, f"198.51.{number % 100}.7") for number in range(300)]
    await asyncio.sleep(0.5)
    assert asgi_body.SMALL_BODIES[False].taken == 64 * asgi_body.SMALL  # the control
    body = [{"type": "http.request", "body": b"a" * 1_000}]
    assert (await answer("/sign-in", FORM, received=body, client=("192.0.2.7", 1)))[0] == 403
    await cancel_all(tasks)


@pytest.mark.parametrize(
    ("quotas", "size"), [(asgi_body.SMALL_BODIES, asgi_body.SMALL), (asgi_body.LARGE_BODIES, asgi_body.LARGEST)]
)
def test_anonymous_visitors_share_less_than_people_who_signed_in(quotas, size):
    most = {}
    for is_signed_in, quota in quotas.items():
        bodies = [asgi_body.Body(str(number), is_signed_in) for number in range(200)]
        for body in bodies:
            body.append(bytes(size))
        most[is_signed_in] = quota.taken
        for body in bodies:
            quota.remove(body)
    assert 0 < most[False] <= most[True] / 2


@pytest.mark.parametrize(
    ("path", "is_urgent"),
    [
        ("/calls/x", True),
        ("/danger", True),
        ("/danger/acknowledge", True),
        ("/chats/x/danger", True),
        ("/chats/x", False),
        ("/chats/x/write", False),
        ("/chats/x/danger/y", False),
        ("/dangerous", False),
    ],
)
async def test_calls_and_danger_have_threads_that_anonymous_requests_leave_alone(monkeypatch, path, is_urgent):
    """Without a session cookie such a request is answered among the pages."""
    used = []

    def note(name):
        def app(environ, start_response):
            used.append(name)
            start_response("200 OK", [])
            yield b""

        return WSGIMiddleware(asgi_body.stop_on_disconnect(app))

    monkeypatch.setattr(asgi, "pages", note("pages"))
    monkeypatch.setattr(asgi, "running_calls", note("calls"))
    assert (await answer(path))[0] == 200
    assert (await answer(path, session="mine"))[0] == 200
    assert used == ["pages", "calls" if is_urgent else "pages"]


async def test_a_body_that_is_too_large_is_read_to_its_end_and_refused():
    """Otherwise the connection closes while the browser still sends, and it shows no sentence of ours."""
    left = [{"type": "http.request", "body": b"a" * 1_000_000, "more_body": True}] * 9
    heard: list[dict[str, Any] | None] = []
    received = (heard.append(it) or it for it in [*left, {"type": "http.request", "body": b"z"}])
    status, text = await answer("/sign-in", FORM, received=received)  # type: ignore[arg-type]
    assert (status, "5 MB" in text, len(heard)) == (413, True, 10)


@given(
    st.text(st.characters(max_codepoint=255), max_size=60) | st.sampled_from([";", "charset", "*=", "*1*=", "''", '"'])
)
def test_no_content_type_is_too_strange(kind):
    asgi_body.normalise_scope(
        {"headers": [(b"content-type", f"text/plain; {kind}".encode("latin-1"))], "query_string": b""}
    )
