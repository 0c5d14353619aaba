"""The web server, uvicorn, with limits that it leaves open: the size and the time of a head, how many connections are
open, and which proxies are believed.
"""

import resource
import socket
from asyncio import BaseTransport, TimerHandle
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .pseudonyms import BLOCK_BITS, network_of

LONGEST_HEAD = 65_536  # bytes: request line and headers
HEAD_PATIENCE = 10.0  # seconds for a head to arrive, from the connection or from the end of the answer before
READ_PATIENCE = 60.0  # seconds for a visitor to read some of an answer that waits for them
MOST_WAITING = 16  # requests that one connection may send ahead; browsers send none
PER_NETWORK = 256  # connections at once, in each process; behind one address of a carrier there are many visitors
RESERVED_FILES = 256  # open files that are no connections of visitors: the database, streams, templates
TOO_LONG = "The headers of this request are too long: send less than 64 kB."
TOO_FAR_AHEAD = "Too many requests came before their answers: wait for an answer, then send more."
TOO_SLOW = "The request did not arrive within 10 seconds: send it again."
TOO_MANY = "Too many connections are open: close some, or try again in a minute."


class ConnectionLimit:
    """Bounds the open connections of each network, and of all together."""

    def __init__(self, in_all: int, per_network: int = PER_NETWORK) -> None:
        self._in_all, self._per_network = in_all, per_network
        self._open: Counter[str | None] = Counter()

    def add(self, network: str | None) -> bool:
        """Count a connection. Returns False, and counts nothing, if there are too many.

        None, for a proxy: there is no limit per network, only the one for all.
        """
        is_crowded = network is not None and self._open[network] >= self._per_network
        if is_crowded or self._open.total() >= self._in_all:
            return False
        self._open[network] += 1
        return True

    def remove(self, network: str | None) -> None:
        self._open[network] -= 1
        if not self._open[network]:
            del self._open[network]


class BoundedConnection(HttpToolsProtocol):
    """Refuses a connection above the limits with 503, a head longer than LONGEST_HEAD with 400, and closes a connection
    whose head takes longer than HEAD_PATIENCE, or whose visitor reads nothing of an answer for READ_PATIENCE; httptools
    itself sets no limit.
    """

    _pending = 0  # bytes that arrived since the last head or part of a body ended
    _is_counted = _is_body = _has_progress = _is_too_long = False
    _timer: TimerHandle | None = None
    _reading: TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

    def __init__(self, *args: Any, limit: ConnectionLimit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = limit

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        address = self.client[0] if self.client else ""
        is_proxy = address in self.config.forwarded_allow_ips  # it speaks for many networks, and bounds them itself
        self._network = None if is_proxy else network_of(address, BLOCK_BITS)
        self._is_counted = self._limit.add(self._network)
        if self._is_counted:
            self._timer = self.loop.call_later(HEAD_PATIENCE, self._give_up)
        else:
            self._refuse(503, TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_counted:
            self._limit.remove(self._network)
        self._stop_timer()
        if self._reading is not None:
            self._reading.cancel()
        if self._answering is not None and not self._answering.response_complete:
            # uvicorn tells only the last request of a pipeline; the one that runs would wait for its reader for ever.
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(READ_PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_body = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_body:  # otherwise it is a trailer, which nothing of ours reads
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_body = self._has_progress = True
        self._stop_timer()
        head = len(self.url) + sum(len(name) + len(value) + 3 for name, value in self.headers)  # with ":" and line end
        self._is_too_long = head > LONGEST_HEAD
        if self._is_too_long:  # it came in one piece
            raise ValueError(TOO_LONG)
        if len(self.pipeline) >= MOST_WAITING:
            raise ValueError(TOO_FAR_AHEAD)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._has_progress = True
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._has_progress = False
        super().data_received(data)
        self._pending = 0 if self._has_progress else self._pending + len(data)
        if self.transport.is_closing():
            return
        if self._pending > LONGEST_HEAD:  # of a head, of trailers, or between the parts of a body
            self._is_too_long = True
            self.send_400_response(TOO_LONG)
        elif self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._timer = self.loop.call_later(HEAD_PATIENCE, self._give_up)

    def send_400_response(self, msg: str) -> None:
        is_too_far_ahead = len(self.pipeline) >= MOST_WAITING
        super().send_400_response(TOO_LONG if self._is_too_long else TOO_FAR_AHEAD if is_too_far_ahead else msg)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self._pending and not self._is_body:
            self._refuse(408, TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: int, text: str) -> None:
        head = f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + text.encode())
        self.transport.close()


def serve(sockets: Sequence[socket.socket], proxies: Sequence[str]) -> None:
    """Serve pages and streams until a signal. Only `proxies` may say for which address they forward."""
    uvicorn.Server(uvicorn_config("amparo.asgi:web_process", proxies, ConnectionLimit(raise_file_limit()))).run(
        list(sockets)
    )


def uvicorn_config(app: Any, proxies: Sequence[str], limit: ConnectionLimit) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=partial(BoundedConnection, limit=limit),  # type: ignore[arg-type]  # it is only called
        access_log=False,
        log_config=None,  # its lines go through the same filters as all others (settings.py)
        server_header=False,
        lifespan="off",
        ws="none",  # no page of ours has a websocket, and half an upgrade would be waited for without end
        log_level="warning",
        timeout_graceful_shutdown=2,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
    )


def raise_file_limit() -> int:
    """Raise the limit of open files as far as the system allows. Returns how many of them may be connections."""
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most - min(RESERVED_FILES, most // 4)


def listening_socket(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # the web's processes share it
    listening.bind((host, port))
    return listening
