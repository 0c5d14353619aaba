"""Turn a request from the wire into one that Django can read, or refuse it with a sentence of ours.

Django parses the content type before any middleware of ours, and a2wsgi the query; malformed values would become a 500.
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

PATIENCE = 60.0  # seconds for a body to arrive
LARGEST = 5_500_000  # bytes: a file of 5 MB and its form; without a file Django itself refuses more than 2.5 MB
PER_ADDRESS, IN_ALL = 2 * LARGEST, 8 * LARGEST  # bytes of bodies in memory at once, in each process
ASCII = bytes(range(128))
REFUSED = b"multipart/form-data"  # without its boundary: Django answers 400
GONE = "amparo.gone"  # key in a scope: an event that is set once the client has closed the connection
UTF_8 = re.compile(rb';\s*charset="?utf-?8"?\s*(?=;|$)', re.IGNORECASE)


class TooLarge(BadRequest):
    """One request is larger than we keep in memory."""


class TooMuchAtOnce(BadRequest):
    """The requests of one address, or of all addresses together, are larger than we keep in memory at once."""


def normalise_scope(scope: Scope) -> Scope:
    """Return the scope with its query in ASCII (RFC 3986) and one content type without charset: it is always UTF-8."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    if kinds:
        kind = UTF_8.sub(b"", b",".join(kinds))
        headers.append((b"content-type", kind if _is_readable(kind) else REFUSED))
    return {**scope, "headers": headers, "query_string": quote(scope["query_string"], safe=ASCII).encode()}


class BodyQuota:
    """Counts the bytes of bodies in memory, from their first byte until the request is answered."""

    def __init__(self, per_address: int = PER_ADDRESS, in_all: int = IN_ALL) -> None:
        self._per_address, self._in_all = per_address, in_all
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        return self._taken.total()

    def reserve(self, address: str, size: int) -> bool:
        """Reserve bytes. Returns False, and reserves nothing, if the address or all addresses together would have too
        many.
        """
        if size and (self._taken[address] + size > self._per_address or self.taken + size > self._in_all):
            return False
        self._taken[address] += size
        return True

    def release(self, address: str, size: int) -> None:
        self._taken[address] -= size
        if not self._taken[address]:
            del self._taken[address]


body_quota = BodyQuota()


@asynccontextmanager
async def buffer_body(receive: Receive, address: str = "") -> AsyncIterator[Receive]:
    """Read the whole body before a thread is used, so that a slow client keeps no thread from others.

    A body that ended early or took too long raises `BadRequest` when it is read: a2wsgi would take half a form for a
    complete one. A body that is too large, or finds no room, is read to its end and thrown away: a browser shows no
    answer that arrives while it still sends.
    """
    messages: list[MutableMapping[str, Any]] = []
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
                    if not refusal and not body_quota.reserve(address, part):
                        refusal = TooMuchAtOnce
                    if refusal:
                        messages.clear()
                        body_quota.release(address, kept)
                        kept = 0
                    else:
                        kept += part
                        messages.append(message)
        remaining = iter(messages)

        async def body() -> MutableMapping[str, Any]:
            if refusal:
                raise refusal("The body was not kept.")
            message = next(remaining, None)
            if message is None or message["type"] == "http.disconnect":
                raise BadRequest("The connection ended before the request did.")
            return message

        yield body
    finally:
        body_quota.release(address, kept)


@asynccontextmanager
async def watch_disconnect(receive: Receive) -> AsyncIterator[threading.Event]:
    """Yield an event that is set when the client disconnects."""
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
    """Stop streaming when the client disconnects: a2wsgi would produce the answer to its end, and every part that is
    produced stands in the ledger as disclosed.
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


def _is_readable(kind: bytes) -> bool:
    """False if a charset is left. Python knows some that are no charsets, such as hex; with any, Django decodes the
    query unguarded.
    """
    try:
        _name, words = parse_header_parameters(kind.decode("latin-1"))
    except ValueError:
        return False
    return "charset" not in words
