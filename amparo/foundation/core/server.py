"""The web server, uvicorn, with two limits that it leaves open: the size of a head, and which proxies are believed."""

import socket
from collections.abc import Sequence

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes: request line and headers
TOO_LONG = "The headers of this request are too long: send less than 64 kB."


class BoundedHeads(HttpToolsProtocol):
    """Refuses a head longer than LONGEST_HEAD with 400; httptools itself sets no limit."""

    _received = 0  # bytes of a head that has not ended
    _has_ended = _is_too_long = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_ended = False

    def on_headers_complete(self) -> None:
        self._has_ended = True
        head = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._is_too_long = head > LONGEST_HEAD
        if self._is_too_long:  # it came in one piece
            raise ValueError(TOO_LONG)
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        was_head = not self._has_ended
        super().data_received(data)
        self._received = self._received + len(data) if was_head and not self._has_ended else 0
        if self._received > LONGEST_HEAD and not self.transport.is_closing():
            self._is_too_long = True
            self.send_400_response(TOO_LONG)

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(TOO_LONG if self._is_too_long else msg)


def serve(sockets: Sequence[socket.socket], proxies: Sequence[str]) -> None:
    """Serve pages and streams until a signal. Only `proxies` may say for which address they forward."""
    config = uvicorn.Config(
        "amparo.asgi:application",
        http=BoundedHeads,
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
    uvicorn.Server(config).run(list(sockets))


def listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # the web's processes share it
    listening.bind((host, port))
    return listening
