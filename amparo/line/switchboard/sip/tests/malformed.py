"""Messages no phone should send, of the kinds in RFC 4475, with texts of our own."""

from __future__ import annotations

import random
import secrets

from .texts import new_branch, sdp

TYPED = "Content-Type: application/sdp\r\n"


def request(
    name: str = "INVITE",
    *,
    uri: str = "sip:ivr@127.0.0.1",
    version: str = "SIP/2.0",
    body: str = "",
    length: int | str | None = None,
    extra: str = "",
    **changed: str | None,
) -> bytes:
    """A good request but for what is changed; None leaves a header out."""
    headers: dict[str, str | None] = {
        "Via": f"SIP/2.0/UDP 127.0.0.1:9;branch={new_branch()};rport",
        "From": f"<sip:t@127.0.0.1>;tag={secrets.token_hex(4)}",
        "To": "<sip:ivr@127.0.0.1>",
        "Call-ID": secrets.token_hex(8),
        "CSeq": f"1 {name}",
        "Contact": "<sip:t@127.0.0.1:9>",
        "Max-Forwards": "70",
    }
    headers |= {key.replace("_", "-"): text for key, text in changed.items()}
    lines = [f"{name} {uri} {version}", *(f"{key}: {text}" for key, text in headers.items() if text is not None)]
    size = len(body) if length is None else length
    return ("\r\n".join(lines) + f"\r\n{extra}Content-Length: {size}\r\n\r\n{body}").encode("utf8", "surrogateescape")


def with_sdp(old: str, new: str) -> bytes:
    return request(body=sdp().replace(old, new), extra=TYPED)


LENGTHS = {
    "longer than the datagram": request(length=9999),
    "negative": request(length=-999),
    "not a number": request(length="abc"),
    "shorter than the body": request(body=sdp(), extra=TYPED, length=3),
}
SEQUENCE = {
    "beyond 2**31": request(CSeq="36893488147419103232 INVITE"),
    "of another method": request(CSeq="0009 REGISTER"),
    "without a number": request(CSeq="INVITE"),
    "empty": request(CSeq=""),
}
VIA = {
    "missing": request(Via=None),
    "port too high": request(Via="SIP/2.0/UDP 127.0.0.1:99999;branch=z9hG4bK1"),
    "unclosed bracket": request(Via="SIP/2.0/UDP [::1"),
    "folded and spaced": request(Via="SIP / 2.0 / UDP\r\n  127.0.0.1 ;branch= z9hG4bKx"),
    "fifty empty ones": request(extra="Via: \r\n" * 50),
}
ADDRESSES = {
    "unquoted comma in From": request(From="Bell, Alexander <sip:a@b>;tag=1"),
    "unterminated quote in From": request(From='"unterminated <sip:a@b>;tag=1'),
    "no From": request(From=None),
    "no To": request(To=None),
    "escaped headers in To": request(To="sip:x@y?Route=%3Csip:z%3E"),
    "no Call-ID": request(Call_ID=None),
    "nonsense in Contact": request(Contact='"Joe" <sip:joe@[:::]>;;;,,'),
    "Max-Forwards 300": request(Max_Forwards="300"),
    "Max-Forwards -1": request(Max_Forwards="-1"),
    "parameters outside the URI": request(uri="sip:user@127.0.0.1; lr"),
    "URI in brackets": request(uri="<sip:user@127.0.0.1>"),
    "space in the URI": request(uri="sip:user@exam ple.com"),
    "unknown scheme": request(uri="nobodyKnowsThisScheme:totallyopaque"),
    "escaped zeros": request(uri="sip:%00%00@x"),
}
START_LINES = {
    "SIP/7.0": request(version="SIP/7.0"),
    "escapes in the method": request("RE%47IST%45R'"),
    "every allowed sign in the method": request("!interesting-Method0123456789_*+`.%indeed'~"),
    "zero byte in the method": request("INVITE\0"),
}
BODIES = {
    "media without a port": request(body="v=0\r\nm=audio\r\n", extra=TYPED),
    "words for numbers": request(body="v=0\r\nc=IN IP4\r\nm=audio abc RTP/AVP x y z\r\n", extra=TYPED),
    "binary": request(body="\0\udcff\udcfe" * 50, extra=TYPED),
    "address out of range": with_sdp("127.0.0.1", "999.1.1.1"),
    "port too high": with_sdp("40000", "70000"),
    "negative port": with_sdp("40000", "-5"),
    "400 payload types": with_sdp("AVP 0", "AVP " + "0 " * 400),
    "multipart": request(body=f"--x\r\n{TYPED}\r\n{sdp()}--x--", extra="Content-Type: multipart/mixed;boundary=x\r\n"),
}
HEADERS = {
    "900 routes": request(extra="Route: " + "<sip:a;lr>," * 900 + "<sip:b>\r\n"),
    "30,000 letters": request(extra="X: " + "y" * 30_000 + "\r\n"),
    "no colon": request(extra="NoColonHere\r\n"),
    "no name": request(extra=": empty\r\n"),
    "not UTF-8": request(extra="\udcff\udcfe: \udc80\r\n"),
    "bad date and expiry": request(extra="Date: Fri, 01 Jan 2010 16:00:00 EST\r\nExpires: 0 0l@company.com\r\n"),
    "unknown extension": request(extra="Replaces: a;to-tag=;from-tag\r\nRequire: nothingSupportsThis\r\n"),
}
FRAGMENTS = {
    "nothing": b"",
    "keep-alive": b"\r\n\r\n",
    "zeros": b"\0" * 100,
    "bare status": b"SIP/2.0 200\r\n\r\n",
    "status out of range": b"SIP/2.0 4294967301 ha\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKz\r\nCSeq: 1 INVITE\r\n\r\n",
    "bare method": b"INVITE",
    "bare request line": b"INVITE sip:x SIP/2.0\r\n",
    "ones": b"\xff" * 1400,
    "5,000 headers": b"OPTIONS sip:x SIP/2.0\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
}
OUT_OF_PLACE = {
    "ACK": request("ACK"),
    "CANCEL": request("CANCEL"),
    "BYE": request("BYE", To="<sip:x@y>;tag=zzz"),
    "PRACK": request("PRACK"),
    "UPDATE": request("UPDATE"),
    "REFER": request("REFER", extra="Refer-To: <<<>>\r\n"),
    "NOTIFY": request("NOTIFY"),
    "INFO": request("INFO"),
    "SUBSCRIBE": request("SUBSCRIBE"),
    "MESSAGE": request("MESSAGE", body="hi"),
}
ALL = [LENGTHS, SEQUENCE, VIA, ADDRESSES, START_LINES, BODIES, HEADERS, FRAGMENTS, OUT_OF_PLACE]
MALFORMED = [message for group in ALL for message in group.values()]


def mutations(count: int, seed: int = 4475) -> list[bytes]:
    """Good messages with some bytes changed, removed or added."""
    chance = random.Random(seed)
    good = [request(body=sdp(), extra=TYPED), request("OPTIONS"), request("BYE"), request("REGISTER")]
    good.append(b"SIP/2.0 200 OK\r\n" + request("OPTIONS").partition(b"\r\n")[2])
    return [mutated(chance.choice(good), chance) for _ in range(count)]


def mutated(message: bytes, chance: random.Random) -> bytes:
    data = bytearray(message)
    for _ in range(chance.randint(1, 12)):
        at, kind = chance.randrange(len(data)), chance.random()
        if kind < 0.5:
            data[at] = chance.randrange(256)
        elif kind < 0.75:
            del data[at : at + chance.randint(1, 20)]
        else:
            data[at:at] = chance.randbytes(chance.randint(1, 20))
    return bytes(data)
