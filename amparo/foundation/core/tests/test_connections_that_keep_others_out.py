"""Connections that are silent, slow or too many, and heads without end: each is bounded, and others are served."""

import asyncio
import itertools
import resource
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import pytest
from uvicorn.server import ServerState

from amparo.foundation.core import web_server
from amparo.foundation.core.web_server import LONGEST_HEAD, ConnectionLimit, uvicorn_config

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"
MANY = 1_000


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body, and the names of all headers."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    names = b" ".join(name for name, _value in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body + b"|" + names})


@asynccontextmanager
async def serving(
    limit: ConnectionLimit | None = None, proxies: tuple[str, ...] = (), app: Any = page
) -> AsyncIterator[int]:
    config = uvicorn_config(app, proxies, limit or ConnectionLimit(MANY))
    config.load()

    def new_connection() -> Any:
        return config.http_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg]

    listening = await asyncio.get_running_loop().create_server(new_connection, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def talk(port: int, parts: Iterable[bytes], pause: float = 0.0, host: str = "127.0.0.1") -> bytes:
    """Send the parts until the server closes the connection, and return everything that it answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
    answer = bytearray()

    async def listen() -> None:
        with suppress(ConnectionError):
            while part := await reader.read(65_536):
                answer.extend(part)

    listening = asyncio.create_task(listen())
    for part in parts:
        if not listening.done():
            writer.write(part)
            await asyncio.sleep(pause)
    async with asyncio.timeout(30):
        await listening
    writer.close()
    return bytes(answer)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(web_server, "HEAD_PATIENCE", 0.3)


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
async def test_a_head_that_does_not_arrive_ends_the_connection(impatient, sent):
    async with serving() as port:
        answer = await talk(port, [sent])
    assert answer.startswith(b"HTTP/1.1 408 ") == bool(sent)
    assert not sent or b"send it again" in answer


async def test_a_head_that_trickles_ends_the_connection_too(impatient):
    async with serving() as port:
        assert b"408" in await talk(port, itertools.chain([HEAD[:-2], b"X: "], itertools.repeat(b"x", 600)), pause=0.05)


async def test_a_line_now_and_then_does_not_keep_a_connection_open(impatient):
    async with serving() as port:
        assert (await talk(port, itertools.chain([HEAD], itertools.repeat(b"\r\n", 600)), pause=0.05)).count(
            b"200 OK"
        ) == 1


async def test_a_second_request_and_a_slow_body_have_their_time(impatient):
    """The control: the patience is for heads."""
    async with serving() as port:
        slow = [
            CHUNKED[:-3],
            b"4\r\nmore\r\n",
            b"0\r\n\r\n",
            HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        ]
        answer = await talk(port, slow, pause=0.4)
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert b"bodymore|" in answer


async def test_trailers_are_no_headers():
    async with serving() as port:
        end = b"X-Forwarded-For: 192.0.2.1\r\nCookie: sessionid=x\r\n\r\n" + b"GET / HTTP/1.0\r\n\r\n"
        answer = await talk(port, [CHUNKED, end])
    assert b"body|host transfer-encoding\r\n" in answer


@pytest.mark.parametrize("name", [b"a", b"b: ", b"c: d\r\ne: "])
async def test_trailers_without_end_are_refused(name):
    async with serving() as port:
        assert b"less than 64 kB" in await talk(port, [CHUNKED, name, *[b"x" * 10_000] * 8], pause=0.01)


async def test_heads_without_end_are_refused():
    async with serving() as port:
        assert b"less than 64 kB" in await talk(port, [HEAD[:-2], b"X: ", *[b"x" * 10_000] * 8], pause=0.01)
        short = HEAD[:-2] + b"Connection: close\r\nX: " + b"x" * (LONGEST_HEAD - 1_000) + b"\r\n\r\n"
        assert (await talk(port, [short])).startswith(b"HTTP/1.1 200 ")  # the control


async def test_many_small_headers_weigh_what_they_are_on_the_wire():
    async with serving() as port:
        lines = b"a:\r\n" * (LONGEST_HEAD // 4)
        assert b"less than 64 kB" in await talk(port, [HEAD[:-2] + lines + b"\r\n"])
        few = HEAD[:-2] + b"Connection: close\r\n" + lines[: LONGEST_HEAD // 4] + b"\r\n"
        assert (await talk(port, [few])).startswith(b"HTTP/1.1 200 ")  # the control


async def read_nothing(port: int, requests: int) -> socket.socket:
    """Send requests, and read no answer."""
    silent = socket.socket()
    silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    silent.setblocking(False)
    await asyncio.get_running_loop().sock_connect(silent, ("127.0.0.1", port))
    await asyncio.get_running_loop().sock_sendall(silent, HEAD * requests)
    return silent


@pytest.mark.parametrize("requests", [1, 5])
@pytest.mark.parametrize("leaves", [True, False])
async def test_a_client_that_reads_nothing_is_disconnected(monkeypatch, requests, leaves):
    """The same holds if more requests wait behind the one that is answered, and whether the visitor closes or not."""
    monkeypatch.setattr(web_server, "READ_PATIENCE", 60.0 if leaves else 0.3)
    began, sent, heard = asyncio.Event(), asyncio.Event(), list[str]()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        listening = asyncio.create_task(receive())
        began.set()
        while not listening.done():
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await asyncio.sleep(0)
        heard.append((await listening)["type"])
        sent.set()

    async with serving(app=endless) as port:
        silent = await read_nothing(port, requests)
        await began.wait()
        await asyncio.sleep(0.2)
        assert not leaves or not sent.is_set()  # the control
        if leaves:
            silent.close()
        async with asyncio.timeout(10):
            await sent.wait()
        silent.close()
    assert heard == ["http.disconnect"]


async def test_requests_sent_far_ahead_are_refused():
    async with serving() as port:
        assert (await talk(port, [HEAD * 4 + HEAD[:-2] + b"Connection: close\r\n\r\n"])).count(
            b"200 OK"
        ) == 5  # the control
        assert b"wait for an answer" in await talk(port, [HEAD * 2_000])


async def test_one_network_opens_no_more_than_its_share(monkeypatch):
    """A named proxy speaks for many networks and is not bounded. Here the addresses of this machine are strangers."""
    monkeypatch.setattr(web_server, "network_of", lambda address, bits: str(ip_network(f"{address}/24", strict=False)))
    request = HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with serving(ConnectionLimit(MANY, per_network=3), proxies=("127.0.0.9",)) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{n}", 0)) for n in range(2, 5)]
        await asyncio.sleep(0.1)
        assert b"try again" in await talk(port, [], host="127.0.0.8")
        assert (await talk(port, [request], host="127.0.1.8")).startswith(b"HTTP/1.1 200 ")  # another network
        proxy = [await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.9", 0)) for _ in range(10)]
        assert (await talk(port, [request], host="127.0.0.9")).startswith(b"HTTP/1.1 200 ")
        opened[0][1].close()
        await asyncio.sleep(0.1)
        assert (await talk(port, [request], host="127.0.0.8")).startswith(b"HTTP/1.1 200 ")  # a place is free again
        for _reader, writer in opened + proxy:
            writer.close()


async def test_all_networks_together_leave_files_for_the_rest():
    async with serving(ConnectionLimit(2)) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.1)
        assert b"503" in await talk(port, [])
        for _reader, writer in opened:
            writer.close()


def test_the_web_takes_all_files_that_it_may_have():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 2048))\n"
        "from amparo.foundation.core.web_server import raise_file_limit; assert raise_file_limit() == 2048 - 256\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (2048, 2048)"
    )
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    subprocess.run([sys.executable, "-c", program], check=True)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
