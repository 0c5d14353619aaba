"""Flows: UDP sockets and TCP or TLS connections (RFC 3261 section 18, keep-alive of RFC 5626).

A `Flow` is one socket or connection, a `Peer` is an address reached over one flow. Nothing a stranger sends, and no
address a stranger names, may end a flow that others use.
"""

import asyncio
import functools
import ipaddress
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from ..amplification_limit import AmplificationLimit

if TYPE_CHECKING:
    from .transport import TransportLayer

log = logging.getLogger(__name__)

Address = tuple[str, int]

MAX_MESSAGE = 16_384  # telephones send 2 kB at most; reading takes time by the byte
SILENT_SECONDS = 2.5  # until the first message begins
MESSAGE_SECONDS = 10.0  # a message begun must be complete by then
NETWORK_BITS = {4: 24, 6: 56}
UNUSED_SECONDS = 60.0  # without a message, no call and no registered phone needs the connection


class Flow(Protocol):
    """One UDP socket or connection. `host` and `port` are ours, as others should see them."""

    protocol: str
    host: str
    port: int

    @property
    def is_open(self) -> bool: ...

    def send(self, data: bytes, address: Address) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Peer:
    """An address reached over one flow."""

    flow: Flow
    host: str
    port: int

    @property
    def is_reliable(self) -> bool:
        return self.flow.protocol != "UDP"

    @property
    def is_secure(self) -> bool:
        """Whether the flow is encrypted, so that nobody in between can read or change messages."""
        return self.flow.protocol == "TLS"

    @property
    def contact(self) -> str:
        """The URI at which this peer can reach us."""
        transport = f";transport={self.flow.protocol.lower()}" if self.is_reliable else ""
        return f"sip:{bracket(self.flow.host)}:{self.flow.port}{transport}"

    def via_header(self, branch: str) -> str:
        return f"SIP/2.0/{self.flow.protocol} {bracket(self.flow.host)}:{self.flow.port};branch={branch};rport"

    def send(self, data: bytes) -> bool:
        """Send a message. Returns False if it cannot be sent."""
        try:
            self.flow.send(data, (self.host, self.port))
        except (OSError, ValueError, TypeError) as error:  # an unusable address or a closed connection
            log.info("a message could not be sent: %s", type(error).__name__)
            return False
        return True


class UdpFlow(asyncio.DatagramProtocol):
    protocol = "UDP"

    def __init__(
        self, receive: Callable[[bytes, Peer], None], host: str, port: int, amplification_limit: AmplificationLimit
    ) -> None:
        self.receive, self.host, self.port, self.amplification_limit = receive, host, port, amplification_limit
        self.transport: asyncio.DatagramTransport | None = None

    @property
    def is_open(self) -> bool:
        return self.transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # isinstance would fail: uvloop has its own classes

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.amplification_limit.record_received(addr[0], len(data))
        self.receive(data, Peer(self, addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """ICMP errors are hints only; the timers decide."""

    def send(self, data: bytes, address: Address) -> None:
        if not 0 < address[1] < 65536:  # asyncio would close the socket of all calls over it
            raise ValueError("no such port")
        if self.transport is None:
            raise ConnectionError("the socket is closed")
        if self.amplification_limit.consume(address[0], len(data)):
            self.transport.sendto(data, address)

    def close(self) -> None:
        if self.transport:
            self.transport.close()


class TcpFlow(asyncio.Protocol):
    """One connection, by TCP or by TLS above it."""

    LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$", re.I | re.M)

    def __init__(self, layer: "TransportLayer", remote: Address | None = None, protocol: str = "TCP") -> None:
        self.layer, self.remote, self.protocol = layer, remote or ("", 0), protocol
        self.is_ours = self.is_known = remote is not None  # we connected, so we may do it again
        self.host, self.port = "", 0
        self.buffer = b""
        self.has_spoken = False  # a whole message came
        self.waiting: list[bytes] | None = []  # what to send once connected; None afterwards
        self.transport: asyncio.Transport | None = None
        self.handshake: asyncio.Task[None] | None = None  # of TLS, before `transport`
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def network(self) -> str:
        return network_of(self.remote[0])

    @property
    def is_open(self) -> bool:
        return self.transport is not None or self.waiting is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.remote = transport.get_extra_info("peername")[:2]
        ours = transport.get_extra_info("sockname")[:2]
        addresses = self.layer.tls_addresses if self.protocol == "TLS" else self.layer.addresses
        self.host, self.port = addresses.get(":" in ours[0], ours)
        if not self.layer.admit(self):
            self.transport.abort()
            return
        self._set_deadline(MESSAGE_SECONDS if self.is_ours else SILENT_SECONDS)
        self.transport.writelines(self.waiting or [])
        self.waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = self.waiting = None
        if self._deadline:
            self._deadline.cancel()
        self.layer.forget(self)

    def pause_writing(self) -> None:
        """Close the connection to a peer that no longer reads: queued data must not fill our memory."""
        if self.transport:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        started = not self.buffer
        self.buffer += data
        try:
            delivered = self._deliver_messages()
        except ValueError:
            self.abort()
            return
        if self.buffer and (started or delivered):
            self._set_deadline(MESSAGE_SECONDS)
        elif delivered:
            self._set_deadline(UNUSED_SECONDS)  # keep-alives alone do not count as use

    def _deliver_messages(self) -> int:
        """Split the stream into messages by Content-Length (18.3), deliver them and return their number."""
        delivered = 0
        while self.buffer:
            if self.buffer.startswith(b"\r\n"):
                self._skip_keep_alive()
                continue
            body = self.buffer.find(b"\r\n\r\n") + 4
            is_whole = body > 3
            # a busy trunk may send many messages at once
            if len(self.buffer) > MAX_MESSAGE and not (is_whole and self.is_known):
                raise ValueError("too long")
            if not is_whole:
                return delivered
            length = self.LENGTH.search(self.buffer[:body])
            if not length:
                raise ValueError("the end of the message is unknown")
            end = body + int(length[1])
            if end > MAX_MESSAGE:
                raise ValueError("too long")
            if len(self.buffer) < end:
                return delivered
            message, self.buffer = self.buffer[:end], self.buffer[end:]
            delivered, self.has_spoken = delivered + 1, True
            self.layer.receive(message, Peer(self, *self.remote))
        return delivered

    def _skip_keep_alive(self) -> None:
        if self.buffer.startswith(b"\r\n\r\n") and self.transport:  # RFC 5626 3.5.1: a ping wants a pong
            self.transport.write(b"\r\n")
        self.buffer = self.buffer.lstrip(b"\r\n")

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._abort_if_unused)

    def _abort_if_unused(self) -> None:
        if self.buffer or not self.layer.is_flow_used(self):
            self.abort()
        else:
            self._set_deadline(UNUSED_SECONDS)

    def send(self, data: bytes, address: Address) -> None:
        if self.waiting is not None:
            self.waiting.append(data)
        elif self.transport and not self.transport.is_closing():
            self.transport.write(data)
        else:
            raise ConnectionError("the connection is closed")

    def close(self) -> None:
        if self.transport:
            self.transport.close()

    def abort(self) -> None:
        """Close at once, without waiting for the other side, which might never answer. What is queued is dropped."""
        if self.transport:
            self.transport.abort()
        elif self.handshake:
            self.handshake.cancel()


@functools.lru_cache(4096)
def network_of(host: str) -> str:
    """Return the network of a host that one subscriber can have: an IPv4 /24, an IPv6 /56. Empty for an empty host."""
    if not host:
        return ""
    address = ipaddress.ip_address(host.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network(f"{address}/{NETWORK_BITS[address.version]}", strict=False))


def bracket(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
