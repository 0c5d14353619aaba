"""A proxy between a page and the web process that cuts connections at the worst moments, and counts the cuts.

Random kills rarely hit the millisecond between commit and answer; this does.
"""

import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

BLOCK = 65536  # bytes


class Cut(StrEnum):
    """Where to cut a connection: twice before the whole request has arrived, twice in the response."""

    NEVER_SENT = "never sent"
    HALF_SENT = "half sent"
    NEVER_ANSWERED = "done, never answered"
    HALF_ANSWERED = "done, half answered"


class Cutter:
    """Forwards HTTP/1.1 requests, one per connection, to a local port; cuts each with probability `chance`."""

    def __init__(self, port: int, chance: float, seed: int = 0) -> None:
        self.port, self.chance = port, chance
        self.cuts: Counter[Cut] = Counter()
        self._dice = random.Random(seed)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)

    @property
    def address(self) -> str:
        return f"http://localhost:{self._door.getsockname()[1]}"

    def carry_all(self) -> None:
        while True:
            try:
                page, _address = self._door.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._carry, args=(page,), daemon=True).start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _carry(self, page: socket.socket) -> None:
        cut = self._dice.choice(list(Cut)) if self._dice.random() < self.chance else None
        if cut:
            self.cuts[cut] += 1
        with page:
            request = _request(page)
            if cut is Cut.NEVER_SENT:
                return
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as web:
                if cut is Cut.HALF_SENT:
                    web.sendall(request[: len(request) // 2])
                    return
                web.sendall(request)
                answer = b"".join(iter(lambda: web.recv(BLOCK), b""))
                page.sendall({Cut.NEVER_ANSWERED: b"", Cut.HALF_ANSWERED: _half(answer)}.get(cut, answer))


@contextmanager
def cutting(port: int, chance: float, seed: int = 0) -> Iterator[Cutter]:
    cutter = Cutter(port, chance, seed)
    threading.Thread(target=cutter.carry_all, daemon=True).start()
    try:
        yield cutter
    finally:
        cutter.close()


def _half(answer: bytes) -> bytes:
    """The head and half of the announced body; nothing if the answer has no body."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    return head + gap + body[: len(body) // 2] if body else b""


def _request(page: socket.socket) -> bytes:
    """Read one request: its head, and its body as long as announced."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += (more := page.recv(BLOCK))
        if not more:
            return got
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    missing = int(lengths[0]) - len(body) if lengths else 0
    while missing > 0 and (more := page.recv(BLOCK)):
        got, missing = got + more, missing - len(more)
    return got
