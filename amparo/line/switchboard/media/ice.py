"""Makes browsers' media use our own range of UDP ports, so that a firewall rule can allow it."""

import asyncio
import logging
from socket import socket

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aiortc import RTCIceTransport

from .ports import NoPortLeft, Ports

LOOPBACK = "127.0.0.1"  # aioice skips it, but a machine without a network still has it

# Below this level both would log the addresses of callers.
for talkative in ("aioice", "aiortc"):
    logging.getLogger(talkative).setLevel(logging.WARNING)


class BrowserPorts:
    """The ports of one browser, returned together."""

    def __init__(self, ports: Ports, address: str | None, announced: str | None) -> None:
        self._ports = ports
        self._address = address
        self._announced = announced
        self._taken: list[tuple[int, socket, StunProtocol]] = []

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
        protocol = StunProtocol(connection)
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

    def give(self) -> None:
        """Close sockets that the connection left open, also after a cancellation, and return the ports."""
        for port, bound, protocol in self._taken:
            if hasattr(protocol, "transport"):
                protocol.transport.close()
            bound.close()
            self._ports.give(port)
        self._taken.clear()
