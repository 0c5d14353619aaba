"""A phone's TCP connection at the level of text."""

import asyncio
import re

from .phone import Phone, PhoneCall
from .texts import message, value, values


class Stream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int) -> "Stream":
        return cls(*await asyncio.open_connection(host, port))

    @property
    def port(self) -> int:
        return self.writer.get_extra_info("sockname")[1]

    def request(self, phone: Phone, name: str, call: PhoneCall, number: int, body: str = "") -> str:
        text = phone.request(name, call, number, body).replace("SIP/2.0/UDP", "SIP/2.0/TCP")
        return text.replace(phone.address, f"127.0.0.1:{self.port}").replace(
            f"@127.0.0.1:{self.port}>", f"@127.0.0.1:{self.port};transport=tcp>"
        )

    def send(self, *texts: str | bytes) -> None:
        self.writer.write(b"".join(text if isinstance(text, bytes) else text.encode() for text in texts))

    async def read(self) -> str:
        """The next message other than 1xx."""
        while True:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
            length = re.search(rb"^content-length\s*:\s*(\d+)", head, re.I | re.M)
            text = (head + await self.reader.readexactly(int(length[1]))).decode()
            if not text.startswith("SIP/2.0 1"):
                return text

    async def is_closed_by_the_other_side(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 10) == b""

    def close(self) -> None:
        self.writer.close()


def ok(request: str, extra: tuple[tuple[str, str], ...] = (), body: str = "") -> str:
    headers = [("Via", via) for via in values(request, "Via")]
    headers += [(name, value(request, name)) for name in ("From", "To", "Call-ID", "CSeq")]
    return message("SIP/2.0 200 OK", [*headers, *extra], body)
