"""Makes the media of browsers use our range of UDP ports, which a firewall rule can allow, and limits their STUN."""

import asyncio
import logging
from collections.abc import Iterable
from socket import socket
from typing import Any

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aioice.stun import Message
from aiortc import RTCIceTransport

from ..amplification_limit import AmplificationLimit
from .ports import NoPortLeft, Ports

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"  # aioice skips it, but a machine without a network still has it
MOST_PEERS = 64  # addresses that one leg probes; each has a task, and aioice would learn any number of them

# Below this level both would log the addresses of callers.
for talkative in ("aioice", "aiortc"):
    logging.getLogger(talkative).setLevel(logging.WARNING)


class LimitedStun(StunProtocol):
    """The STUN of one socket. A host that has not answered is sent at most three times the bytes received from it.

    aioice probes each address that sends a check with the leg's password, and addresses can be forged.
    """

    def __init__(self, connection: Connection, limit: AmplificationLimit) -> None:
        super().__init__(connection)
        self._limit = limit

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        self._limit.record_received(addr[0], len(data))
        peers = self.receiver._remote_candidates
        if len(peers) >= MOST_PEERS and not any((it._network_host, it.port) == addr[:2] for it in peers):
            return
        try:
            super().datagram_received(data, addr)
        except Exception as reason:  # a malformed check can make aioice's parser raise anything
            log.debug("A datagram was dropped: %s", type(reason).__name__)

    async def request(
        self,
        request: Message,
        addr: tuple[str, int],
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[Message, tuple[str, int]]:
        response, source = await super().request(request, addr, integrity_key, retransmissions)
        if source == addr:  # who knows the request may forge the address of the response
            self._limit.mark_validated(addr[0])
        return response, source

    def send_stun(self, message: Message, addr: tuple[str, int]) -> None:
        if self._limit.consume(addr[0], len(bytes(message))):
            super().send_stun(message, addr)


class BrowserPorts:
    """The ports that one browser uses; `release` returns them together."""

    def __init__(self, ports: Ports, address: str | None, announced: str | None) -> None:
        self._ports = ports
        self._address = address
        self._announced = announced
        self._limit = AmplificationLimit()
        self._taken: list[tuple[int, socket, StunProtocol]] = []

    def share_allowance(self, hosts: Iterable[str], size: int) -> None:
        """Let an offer of `size` bytes count as received from the hosts that it names, in equal shares."""
        named = set(hosts)
        for host in named:
            self._limit.record_received(host, size // len(named))

    def bind(self, transport: RTCIceTransport) -> None:
        """Make this ICE transport gather its host candidates on these ports.

        aioice 0.13 always binds to port 0, so this replaces the one method that binds.
        """
        connection: Connection = transport.iceGatherer._connection
        gather_elsewhere = connection.get_component_candidates

        async def gather(component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
            own = [self._address] if self._address else addresses or [LOOPBACK]
            host = [await self._host_candidate(connection, component, address) for address in own]
            return list(filter(None, host)) + await gather_elsewhere(component, [], timeout)  # relays

        connection.get_component_candidates = gather  # type: ignore[method-assign]

    async def _host_candidate(self, connection: Connection, component: int, address: str) -> Candidate | None:
        try:
            bound = self._ports.take(address)
        except NoPortLeft:
            raise
        except OSError:
            return None  # an interface that is not up (yet); the others may do
        port = bound.getsockname()[1]
        protocol = LimitedStun(connection, self._limit)
        self._taken.append((port, bound, protocol))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: protocol, sock=bound)
        connection._protocols.append(protocol)
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", address),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=self._announced or address,
            port=port,
            type="host",
        )
        return protocol.local_candidate

    def release(self) -> None:
        """Close sockets that the connection left open, also after a cancellation, and return the ports."""
        for port, bound, protocol in self._taken:
            if hasattr(protocol, "transport"):
                protocol.transport.close()
            bound.close()
            self._ports.release(port)
        self._taken.clear()
