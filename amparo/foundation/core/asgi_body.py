"""A request as it came over the wire, made into one that Django can read, or that it refuses with our sentence.

Django reads the content type before any middleware of ours, and a2wsgi the query; what they stumble on would be a 500.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from django.core.exceptions import BadRequest
from django.utils.http import parse_header_parameters

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

PATIENCE = 60.0  # seconds for a body to come
LARGEST = 5_500_000  # bytes: a file of 5 MB and its form; without a file Django refuses more than 2.5 MB by itself
PER_ADDRESS, IN_ALL = 2 * LARGEST, 8 * LARGEST  # bytes of bodies in memory at once, in each process
ASCII = bytes(range(128))
REFUSED = b"multipart/form-data"  # without its boundary: Django answers 400
GONE = "amparo.gone"  # in a scope: an event, set once who asked has closed the connection
UTF_8 = re.compile(rb';\s*charset="?utf-?8"?\s*(?=;|$)', re.IGNORECASE)


class TooLarge(BadRequest):
    """More than we keep of one request."""


class TooMuchAtOnce(BadRequest):
    """More than we keep of all requests of an address, or of all addresses, at once."""


def normalise_scope(scope: Scope) -> Scope:
    """With a query in ASCII (RFC 3986), and one content type, which says no charset: it can be no other than UTF-8."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    if kinds:
        kind = UTF_8.sub(b"", b",".join(kinds))
        headers.append((b"content-type", kind if _is_readable(kind) else REFUSED))
    return {**scope, "headers": headers, "query_string": quote(scope["query_string"], safe=ASCII).encode()}


class Room:
    """The bytes of bodies in memory at once, from their first byte until the request is answered."""

    def __init__(self, per_address: int = PER_ADDRESS, in_all: int = IN_ALL) -> None:
        self._per_address, self._in_all = per_address, in_all
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        return self._taken.total()

    def take(self, address: str, size: int) -> bool:
        """False, and nothing taken, where the address or all of them together would have too much."""
        if size and (self._taken[address] + size > self._per_address or self.taken + size > self._in_all):
            return False
        self._taken[address] += size
        return True

    def give(self, address: str, size: int) -> None:
        self._taken[address] -= size
        if not self._taken[address]:
            del self._taken[address]


room = Room()


@asynccontextmanager
async def buffer_body(receive: Receive, address: str = "") -> AsyncIterator[Receive]:
    """The body, read to its end before a thread is asked: who sends slowly, or stops, keeps no page from the others.

    What ended or took too long before that is refused when it is read: a2wsgi would take half a form for all of it.
    What is too large, or finds no room, is heard to its end and not kept: a browser shows no answer that comes while it
    still sends.
    """
    came: list[MutableMapping[str, Any]] = []
    size = kept = 0
    refusal: type[BadRequest] | None = None
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                more = True
                while more:
                    message = await receive()
                    part, more = len(message.get("body", b"")), message.get("more_body", False)
                    size += part
                    refusal = refusal or (TooLarge if size > LARGEST else None)
                    if not refusal and not room.take(address, part):
                        refusal = TooMuchAtOnce
                    if refusal:
                        came.clear()
                        room.give(address, kept)
                        kept = 0
                    else:
                        kept += part
                        came.append(message)
        coming = iter(came)

        async def body() -> MutableMapping[str, Any]:
            if refusal:
                raise refusal("The body was not kept.")
            message = next(coming, None)
            if message is None or message["type"] == "http.disconnect":
                raise BadRequest("The connection ended before the request did.")
            return message

        yield body
    finally:
        room.give(address, kept)


@asynccontextmanager
async def watch_disconnect(receive: Receive) -> AsyncIterator[threading.Event]:
    """To who asked, after their request: the event is set when they go."""
    gone = threading.Event()

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        gone.set()

    listener = asyncio.create_task(listen())
    try:
        yield gone
    finally:
        listener.cancel()


def stop_on_disconnect(app: Any) -> Any:
    """An answer in many parts ends when nobody hears it any more: a2wsgi would let it be made to its end, and what of
    it is read for a part stands in the ledger as told."""

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


def _is_readable(kind: bytes) -> bool:
    """No charset is left: Python knows some that are none, such as hex, and at any Django reads the query unguarded."""
    try:
        _name, words = parse_header_parameters(kind.decode("latin-1"))
    except ValueError:
        return False
    return "charset" not in words
