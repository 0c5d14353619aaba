"""Reading and writing SIP as plain text, for the test side only: nothing here comes from the stack under test."""

import asyncio
import re
import secrets
from collections.abc import Callable

T1 = 0.05  # seconds: a tenth of RFC 3261's, on both sides


def values(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}\s*:\s*(.*?)\r?$", text, re.I | re.M)


def value(text: str, name: str) -> str:
    return next(iter(values(text, name)), "")


def routes(text: str) -> list[str]:
    return [route.strip() for line in values(text, "Record-Route") for route in line.split(",")]


def tag(address: str) -> str | None:
    found = re.search(r";tag=([^;\s>]+)", address)
    return found[1] if found else None


def uri(address: str) -> str:
    found = re.search(r"<([^>]+)>", address)
    return found[1] if found else address


def branch(text: str) -> str:
    found = re.search(r"branch=([^;\s]+)", value(text, "Via"))
    return found[1] if found else ""


def method(text: str) -> str:
    """The method of a request, or the one that a response answers."""
    return value(text, "CSeq").split()[1]


def seq(text: str) -> int:
    return int(value(text, "CSeq").split()[0])


def status(text: str | None) -> int:
    """A response's code; 408 for none, 0 for a request."""
    if text is None:
        return 408
    return int(text.split()[1]) if text.startswith("SIP/") else 0


def direction(text: str) -> str:
    found = re.search(r"a=(sendrecv|sendonly|recvonly|inactive)", text)
    return found[1] if found else ""


def new_branch() -> str:
    return "z9hG4bK" + secrets.token_hex(6)


def sdp(attribute: str = "sendrecv", *, port: int = 40_000, version: int = 1, formats: str = "0 8 101") -> str:
    return (
        f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {formats}\r\na=rtpmap:101 telephone-event/8000\r\na={attribute}\r\n"
    )


def message(start: str, headers: list[tuple[str, str]], body: str = "") -> str:
    if body and not any(name == "Content-Type" for name, _ in headers):
        headers = [*headers, ("Content-Type", "application/sdp")]
    lines = [start, *(f"{name}: {text}" for name, text in headers), f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines)


async def eventually(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until it is true; the limit is long, so that a busy machine does not turn a test red."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never came true"
        await asyncio.sleep(0.01)
