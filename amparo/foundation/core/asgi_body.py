"""Turn a request from the wire into one that Django can read, or refuse it with a sentence of ours.

Django parses the content type before any middleware of ours, and a2wsgi the query; malformed values would become a 500.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import parse_cookie
from django.utils.http import parse_header_parameters

from .pseudonyms import BLOCK_BITS, network_of

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

PATIENCE = 60.0  # seconds for a body to arrive
LARGEST = 5_500_000  # bytes: a file of 5 MB and its form; without a file Django itself refuses more than 2.5 MB
SMALL = 65_536  # bytes; every form without a file is smaller
ASCII = bytes(range(128))
REFUSED = b"multipart/form-data"  # without its boundary: Django answers 400
GONE = "amparo.gone"  # key in a scope: an event that is set once the client has closed the connection
UTF_8 = re.compile(rb';\s*charset="?utf-?8"?\s*(?=;|$)', re.IGNORECASE)


class TooLarge(BadRequest):
    """One request is larger than we keep in memory."""


class TooMuchAtOnce(BadRequest):
    """The requests of one network, or of all networks together, are larger than we keep in memory at once."""


def normalise_scope(scope: Scope) -> Scope:
    """Return the scope with its query in ASCII (RFC 3986) and one content type without charset: it is always UTF-8."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    if kinds:
        kind = UTF_8.sub(b"", b",".join(kinds))
        headers.append((b"content-type", kind if _is_readable_content_type(kind) else REFUSED))
    return {**scope, "headers": headers, "query_string": quote(scope["query_string"], safe=ASCII).encode()}


def has_session_cookie(scope: Scope) -> bool:
    """True if the request shows a session cookie; whether it is still valid, only Django can say."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return settings.SESSION_COOKIE_NAME in parse_cookie(cookies.decode("latin-1"))


def has_token(scope: Scope) -> bool:
    """True if the request shows the token of a program; whether it is valid, only Django can say."""
    return any(name == b"authorization" for name, _value in scope["headers"])


@dataclass(eq=False)
class Body:
    """The body of one request, in memory from its first byte until the request is answered."""

    network: str | None = None
    is_signed_in: bool = False
    content: bytearray = field(default_factory=bytearray)
    size: int = 0  # bytes in memory, until the request is answered
    is_complete: bool = False
    refusal: type[BadRequest] | None = None

    def refuse(self, reason: type[BadRequest]) -> None:
        self.content.clear()
        self.size, self.refusal = 0, reason

    def quota(self) -> "BodyQuota":
        return (SMALL_BODIES if self.size <= SMALL else LARGE_BODIES)[self.is_signed_in]

    def append(self, part: bytes) -> None:
        """Keep one more part, unless the body was refused. Refuse the body if it is too large now, or finds no room."""
        size = self.size + len(part)
        self.quota().remove(self)
        if self.refusal:
            return
        if size > LARGEST:
            self.refuse(TooLarge)
            return
        self.content += part
        self.size = size
        self.quota().add(self)


class BodyQuota:
    """Limits how many bytes of request bodies of one kind a process keeps in memory, per network and in all."""

    def __init__(self, per_network: int, in_all: int) -> None:
        self._per_network, self._in_all = per_network, in_all
        self._bodies: set[Body] = set()
        self._by_network: Counter[str | None] = Counter()

    @property
    def taken(self) -> int:
        return self._by_network.total()

    def add(self, body: Body) -> None:
        """Count a body, and refuse it if its network has too many bytes.

        If all networks together have too many, the network with most bytes gives way: its largest body that is still
        arriving is refused. So bodies that stall keep nobody else out.
        """
        self._bodies.add(body)
        self._by_network[body.network] += body.size
        if self._by_network[body.network] > self._per_network:
            self._refuse(body)
        while self.taken > self._in_all:
            arriving = (each for each in self._bodies if not each.is_complete)
            self._refuse(max(arriving, key=lambda each: (self._by_network[each.network], each.size)))

    def remove(self, body: Body) -> None:
        if body in self._bodies:
            self._bodies.remove(body)
            self._by_network[body.network] -= body.size
            if not self._by_network[body.network]:
                del self._by_network[body.network]

    def _refuse(self, body: Body) -> None:
        self.remove(body)
        body.refuse(TooMuchAtOnce)


# In bytes, for each process. Anonymous visitors send forms without files, so what they share is less.
SMALL_BODIES = {True: BodyQuota(SMALL * 32, SMALL * 128), False: BodyQuota(SMALL * 8, SMALL * 64)}  # by is_signed_in
LARGE_BODIES = {True: BodyQuota(LARGEST * 2, LARGEST * 6), False: BodyQuota(LARGEST, LARGEST * 2)}


@asynccontextmanager
async def buffer_body(receive: Receive, scope: Scope) -> AsyncIterator[Receive]:
    """Read the whole body, and yield a `receive` that returns it. A slow body holds no thread.

    A body that ended early or took too long raises `BadRequest` when it is read: a2wsgi would take half a form for a
    complete one. A body that is too large, or finds no room, is read to its end and thrown away: a browser shows no
    answer that arrives while it still sends.
    """
    address, _port = scope.get("client") or ("", 0)
    arriving = Body(network_of(address, BLOCK_BITS), has_session_cookie(scope) or has_token(scope))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not arriving.is_complete and (message := await receive())["type"] == "http.request":
                    arriving.append(message.get("body", b""))
                    arriving.is_complete = not message.get("more_body", False)

        async def body() -> MutableMapping[str, Any]:
            if arriving.refusal:
                raise arriving.refusal("The body was not kept.")
            if not arriving.is_complete:
                raise BadRequest("The connection ended before the request did.")
            return {"type": "http.request", "body": bytes(arriving.content)}

        yield body
    finally:
        arriving.quota().remove(arriving)


@asynccontextmanager
async def watch_disconnect(receive: Receive) -> AsyncIterator[threading.Event]:
    """Yield an event that is set when the client disconnects."""
    gone = threading.Event()

    async def wait_for_disconnect() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        gone.set()

    listener = asyncio.create_task(wait_for_disconnect())
    try:
        yield gone
    finally:
        listener.cancel()


def without_body(receive: Receive) -> Receive:
    """Return a `receive` that gives an empty body and then the disconnection: for streams, which read no body.

    Otherwise Django would wait for the body, and keep it on disk.
    """
    is_read = False

    async def receive_disconnect() -> MutableMapping[str, Any]:
        nonlocal is_read
        if not is_read:
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] != "http.disconnect":
            continue
        return message

    return receive_disconnect


def stop_on_disconnect(app: Any) -> Any:
    """Wrap a WSGI application, so that it stops streaming when the client disconnects.

    a2wsgi alone would produce the answer to its end, and the ledger counts every produced part as disclosed.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        gone, parts = environ["asgi.scope"][GONE], app(environ, start_response)
        try:
            for part in parts:
                yield part
                if gone.is_set():
                    return
        finally:
            parts.close()

    return answer


def _is_readable_content_type(kind: bytes) -> bool:
    """False if a content type cannot be parsed, or still names a charset after `UTF_8` was removed from it.

    Django decodes the query with that charset, unguarded, and Python has codecs that are no charsets, such as hex.
    """
    try:
        _name, words = parse_header_parameters(kind.decode("latin-1"))
    except ValueError:
        return False
    return "charset" not in words
