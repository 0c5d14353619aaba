"""A relay between a phone and the switchboard that loses what it is told to lose."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable

from .texts import method, tag, value

UP, DOWN = "up", "down"  # towards the switchboard, towards the phone


class Side(asyncio.DatagramProtocol):
    def __init__(self, relay: "Relay", direction: str) -> None:
        self.relay, self.direction = relay, direction

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self.relay.forward(data, addr, self.direction)


class Relay:
    """`lose[UP, "200/INVITE"] = 2` loses the next two such datagrams. Classes are named as in `classify`."""

    def __init__(self) -> None:
        self.lose: Counter[tuple[str, str]] = Counter()
        self.lost: list[tuple[str, str]] = []
        self.seen: list[tuple[str, str]] = []
        self.phone: tuple | None = None
        self.switchboard: tuple = ("127.0.0.1", 1)
        self.is_unlucky: Callable[[], bool] = lambda: False  # loses this one, whatever it is
        self.spoil: Callable[[bytes], bytes] = lambda data: data  # what the phone sends
        self._first: set[tuple[str, str, str]] = set()  # Call-ID, From and CSeq of each INVITE that sets up a call

    async def open(self, host: str) -> "Relay":
        loop = asyncio.get_running_loop()
        self.near, _ = await loop.create_datagram_endpoint(lambda: Side(self, UP), local_addr=(host, 0))
        self.far, _ = await loop.create_datagram_endpoint(lambda: Side(self, DOWN), local_addr=(host, 0))
        self.near_address = self.near.get_extra_info("sockname")[:2]
        self.far_address = self.far.get_extra_info("sockname")[:2]
        return self

    def classify(self, data: bytes) -> str:
        """INVITE, reINVITE, ACK, reACK, BYE, CANCEL, 180/INVITE, 200/reINVITE, 487/INVITE, 200/BYE ..."""
        text = data.decode("latin1")
        if not re.search(r"^cseq\s*:\s*\d+\s+\w", text, re.I | re.M):
            return "?"
        name, call = (
            method(text),
            (value(text, "Call-ID"), tag(value(text, "From")) or "", value(text, "CSeq").split()[0]),
        )
        if text.startswith("INVITE") and not tag(value(text, "To")):
            self._first.add(call)
        if name in ("INVITE", "ACK") and call not in self._first:
            name = "re" + name
        return f"{text.split()[1]}/{name}" if text.startswith("SIP/") else name

    def forward(self, data: bytes, sender: tuple, direction: str) -> None:
        if direction == UP:
            self.phone = sender
        what = direction, self.classify(data)
        self.seen.append(what)
        if self.lose[what] > 0:
            self.lose[what] -= 1
            self.lost.append(what)
        elif self.is_unlucky():
            self.lost.append(what)
        elif direction == UP:
            self.far.sendto(self.spoil(data), self.switchboard)
        elif self.phone:
            self.near.sendto(data, self.phone)

    def close(self) -> None:
        self.near.close()
        self.far.close()
