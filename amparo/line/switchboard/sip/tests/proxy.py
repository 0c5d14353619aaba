"""A proxy at the level of text: it stays in the path by Record-Route, as a Kamailio before the switchboard does."""

import asyncio
import re

from .texts import branch, tag, uri, value, values

Address = tuple[str, int]


class Proxy(asyncio.DatagramProtocol):
    """`hops` says where a call to a user goes on; any other goes to the address in its URI."""

    async def open(self) -> "Proxy":
        self.hops: dict[str, Address] = {}
        self.seen: list[str] = []
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address: Address = self.transport.get_extra_info("sockname")[:2]
        self.name = f"127.0.0.1:{self.address[1]}"
        return self

    def datagram_received(self, data: bytes, addr: Address) -> None:
        text = data.decode()
        self.seen.append(text)
        if text.startswith("SIP/"):
            self.pass_back(text)
        else:
            self.pass_on(text, addr)

    def pass_on(self, text: str, sender: Address) -> None:
        hops = [address_of(route) for route in values(text, "Route")]
        if hops and hops[0] == self.address:
            text = re.sub(r"^Route:.*\r\n", "", text, count=1, flags=re.M)
            del hops[0]
        start, rest = text.split("\r\n", 1)
        user = start.split(":")[1].partition("@")[0]
        target = hops[0] if hops else self.hops.get(user, address_of(start))
        rest = rest.replace("rport", f"rport={sender[1]};received={sender[0]}", 1)
        own = f"Via: SIP/2.0/UDP {self.name};branch={branch(text)}-{self.address[1]};rport\r\n"  # 16.11: copies alike
        if start.startswith("INVITE") and not tag(value(text, "To")):
            own += f"Record-Route: <sip:{self.name};lr>\r\n"
        forwards = int(value(rest, "Max-Forwards")) - 1
        rest = re.sub(r"Max-Forwards: \d+", f"Max-Forwards: {forwards}", rest)
        self.transport.sendto(f"{start}\r\n{own}{rest}".encode(), target)

    def pass_back(self, text: str) -> None:
        text = re.sub(r"^Via:.*\r\n", "", text, count=1, flags=re.M)
        via = value(text, "Via")
        port = re.search(r"rport=(\d+)", via) or re.search(r":(\d+)", via.split(" ", 1)[1])
        self.transport.sendto(text.encode(), ("127.0.0.1", int(port[1])))

    def close(self) -> None:
        self.transport.close()


def address_of(text: str) -> Address:
    found = re.search(r"([\d.]+):(\d+)", uri(text))
    return found[1], int(found[2])
