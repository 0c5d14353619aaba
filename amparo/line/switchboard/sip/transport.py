"""The transport layer: all SIP sockets, and where to send (RFC 3261 section 18)."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress

from ..amplification_limit import AmplificationLimit
from .flow import Address, Flow, Peer, TcpFlow, UdpFlow

MAX_STREAMS = 512
FOR_KNOWN = 128  # of these, only for hosts of trunks and registered phones
PER_NETWORK = 64  # an office behind one address
MAX_SILENT = 128  # strangers without a message yet, TLS handshakes included; the oldest is closed to make room
CONNECT_SECONDS = 4.0
HANDSHAKE_SECONDS, FAREWELL_SECONDS = 5.0, 1.0  # of TLS
BACKLOG = 128  # connections that the kernel holds for us
ACCEPT_AGAIN_SECONDS = 0.5  # after an error, such as too many open files
ANY_PORT_TRIES = 20


class TransportLayer:
    """All SIP sockets of the process. With several addresses of a family, we send from the first."""

    def __init__(
        self,
        receive: Callable[[bytes, Peer], None],
        on_lost: Callable[[Flow], None],
        is_flow_used: Callable[[Flow], bool] = lambda flow: False,
        is_known: Callable[[str], bool] = lambda host: False,
    ) -> None:
        self.receive, self.on_lost, self.is_flow_used, self.is_known = receive, on_lost, is_flow_used, is_known
        self.amplification_limit = AmplificationLimit()
        self.addresses: dict[bool, Address] = {}  # by "is IPv6": what we advertise
        self.tls_addresses: dict[bool, Address] = {}
        self.udp: dict[bool, UdpFlow] = {}
        self._listening: list[UdpFlow] = []
        self.streams: dict[Address, TcpFlow] = {}
        self.servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int, advertised: str | None = None) -> int:
        """Listen on UDP and TCP, and return the port: a free one if `port` is 0.

        Raises OSError if the port is taken, ValueError for a wildcard host without an advertised one.
        """
        if advertised is None and host in ("0.0.0.0", "::"):
            raise ValueError("a wildcard address needs an advertised one: others could not reply to it")
        udp, tcp = bind_both(host, port)
        port = udp.getsockname()[1]
        loop, family = asyncio.get_running_loop(), ":" in host
        ours = advertised or host, port
        _, flow = await loop.create_datagram_endpoint(
            lambda: UdpFlow(self.receive, *ours, self.amplification_limit), sock=udp
        )
        self._listening.append(flow)
        self.addresses.setdefault(family, ours)
        self.udp.setdefault(family, flow)
        self.servers.append(await loop.create_server(lambda: TcpFlow(self), sock=tcp))
        return port

    async def listen_tls(self, host: str, port: int, context: ssl.SSLContext, advertised: str | None = None) -> int:
        """Listen on TLS, and return the port: a free one if `port` is 0. A taken port raises OSError."""
        sock = bind(socket.SOCK_STREAM, host, port)
        port = sock.getsockname()[1]
        sock.listen(BACKLOG)
        self.tls_addresses.setdefault(":" in host, (advertised or host, port))
        self._spawn(self._accept_tls(sock, context))
        return port

    async def _accept_tls(self, listening: socket.socket, context: ssl.SSLContext) -> None:
        """Accept for ever. A connection is counted before its handshake, which a stranger may never end."""
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    sock, address = await loop.sock_accept(listening)
                except OSError:
                    await asyncio.sleep(ACCEPT_AGAIN_SECONDS)
                    continue
                flow = TcpFlow(self, protocol="TLS")
                flow.remote = address[:2]
                if self.admit(flow):
                    flow.handshake = self._spawn(self._shake_hands(flow, sock, context))
                else:
                    sock.close()

    async def _shake_hands(self, flow: TcpFlow, sock: socket.socket, context: ssl.SSLContext) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: flow,
                sock,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=FAREWELL_SECONDS,
            )
        except OSError as error:
            flow.connection_lost(error)
        except asyncio.CancelledError:
            flow.connection_lost(None)
            raise

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def peer(self, host: str, port: int, protocol: str = "udp") -> Peer:
        """Return the peer for an address, and open a TCP connection if needed.

        Raises KeyError for a family in which we do not listen, ValueError for a host name.
        """
        ipaddress.ip_address(host)  # a name would block everyone on DNS
        if protocol != "tcp":
            self.amplification_limit.mark_validated(host)  # the address comes from a setting or a trusted peer
            return Peer(self.udp[":" in host], host, port)
        flow = self.streams.get((host, port))
        if flow is None:
            flow = TcpFlow(self, (host, port))
            flow.host, flow.port = self.addresses[":" in host]
            self.streams[host, port] = flow
            self._spawn(self._connect(flow))
        return Peer(flow, host, port)

    async def _connect(self, flow: TcpFlow) -> None:
        connecting = asyncio.get_running_loop().create_connection(lambda: flow, *flow.remote)
        try:
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except (OSError, OverflowError) as error:  # TimeoutError too
            flow.connection_lost(error if isinstance(error, OSError) else None)

    def may_reopen(self, peer: Peer) -> bool:
        return isinstance(peer.flow, TcpFlow) and peer.flow.is_ours

    def admit(self, flow: TcpFlow) -> bool:
        """Register a new connection, and return False if there are too many. A second time changes nothing.

        Beyond MAX_SILENT strangers' connections that have sent no message yet, it closes the oldest of these.
        """
        if self.streams.get(flow.remote) is flow:
            return True
        flow.is_known = flow.is_ours or self.is_known(flow.remote[0])
        if not self._has_place_for(flow):
            return False
        self.streams[flow.remote] = flow
        silent = [each for each in self.streams.values() if not (each.has_spoken or each.is_known)]
        if len(silent) > MAX_SILENT:
            self.forget(silent[0])  # at once, so that the next one closes another
            silent[0].abort()
        return True

    def _has_place_for(self, flow: TcpFlow) -> bool:
        alike = [each.network for each in self.streams.values() if each.is_known == flow.is_known]
        return (
            len(self.streams) < MAX_STREAMS
            and (flow.is_known or len(alike) < MAX_STREAMS - FOR_KNOWN)
            and alike.count(flow.network) < PER_NETWORK
        )

    def forget(self, flow: TcpFlow) -> None:
        if self.streams.get(flow.remote) is flow:
            del self.streams[flow.remote]
        self.on_lost(flow)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for flow in self._listening:
            flow.close()
        for stream in list(self.streams.values()):
            stream.close()
        for server in self.servers:
            server.close()


def bind_both(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Bind UDP and TCP to one port. For port 0, choose one that is free for both."""
    for _ in range(0 if port else ANY_PORT_TRIES):
        with suppress(OSError):
            return bind_pair(host, port)
    return bind_pair(host, port)


def bind_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    udp = bind(socket.SOCK_DGRAM, host, port)
    try:
        return udp, bind(socket.SOCK_STREAM, host, udp.getsockname()[1])
    except OSError:
        udp.close()
        raise


def bind(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    """Return a bound socket of one family, so that IPv4 and IPv6 may share a port number."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setblocking(False)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == socket.SOCK_STREAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits a minute
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # a second without CPU must not lose calls
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
