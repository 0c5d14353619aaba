"""A host that sends and reads nothing, as the victim looks whose address somebody forges."""

import asyncio


class Wire(asyncio.DatagramProtocol):
    """Counts what comes and goes at an address."""

    def __init__(self) -> None:
        self.sent = self.came = 0

    @classmethod
    async def open(cls, switchboard: tuple[str, int], host: str) -> "Wire":
        transport, wire = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        wire.transport, wire.switchboard = transport, switchboard
        return wire

    def send(self, text: str) -> None:
        self.sent += len(text)
        self.transport.sendto(text.encode(), self.switchboard)

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self.came += len(data)
