"""Session descriptions: the small part of RFC 4566 that a telephone call needs, read strictly and always written anew.

No foreign text passes through: a description becomes an `Sdp` of numbers and enums, and only `write_sdp` writes text.
One media line is used: G.711 audio, preferably encrypted. Others are refused with port 0. Encryption is SRTP with keys
in the SDP (RFC 4568) or from a DTLS handshake (RFC 5763).
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from . import sdp_keys
from .sdp_keys import Crypto, Dtls, Setup

PCMU, PCMA = 0, 8
G711 = {PCMU: "PCMU", PCMA: "PCMA"}
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_TEXT = 4096
MAX_PAYLOADS = 12
MAX_MEDIA = 4
MEDIA = frozenset({"audio", "video", "image", "text", "application", "message"})
PROTOCOLS = frozenset(
    {"RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "udptl", "TCP/MSRP"}
)
PLAIN, SDES = "RTP/AVP", "RTP/SAVP"
SDES_PROTOCOLS = ("RTP/SAVP", "RTP/SAVPF")
DTLS_PROTOCOLS = ("UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF")


class SdpError(ValueError):
    """A description that we cannot use; answer 488. The error text never quotes it."""


class Direction(StrEnum):
    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @classmethod
    def of(cls, *, sends: bool, receives: bool) -> "Direction":
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE


@dataclass(frozen=True, slots=True)
class RefusedMedia:
    """A media line that we answer with port 0. Its words are among MEDIA and PROTOCOLS, so they are safe to repeat."""

    media: str
    protocol: str


@dataclass(frozen=True, slots=True)
class Sdp:
    """One audio stream as one side describes it. `repr` is safe to log: it holds no person's words."""

    address: str
    port: int
    payloads: tuple[int, ...] = (PCMU, PCMA)  # G.711 only, in the order of preference
    dtmf: int | None = 101  # payload type of telephone-event; None: it has none
    direction: Direction = Direction.SENDRECV
    refused: tuple[RefusedMedia, ...] = ()  # the other media lines
    position: int = 0  # of the audio line among all media lines
    protocol: str = PLAIN
    crypto: Crypto | None = None  # with "RTP/AVP" it is optional: phones without support ignore it
    dtls: Dtls | None = None
    one_port: bool = False  # RTCP comes on the port of the sound (RFC 5761)

    @property
    def is_encrypted(self) -> bool:
        return self.crypto is not None or self.dtls is not None

    @property
    def is_on_hold(self) -> bool:
        """Whether the other side does not want to hear us."""
        return not self.direction.receives

    @property
    def is_nowhere(self) -> bool:
        """Whether the address is 0.0.0.0 or ::, which is the old form of hold (RFC 3264 8.4)."""
        return ipaddress.ip_address(self.address).is_unspecified


def parse_sdp(text: str) -> Sdp:
    """Parse a description. Raises only SdpError."""
    if len(text) > MAX_TEXT:
        raise SdpError("too long")
    head, *media = _split_sections(text)
    if not 1 <= len(media) <= MAX_MEDIA:
        raise SdpError("no media, or too many")
    lines = [_parse_media_line(section[0]) for section in media]
    usable = [i for i, line in enumerate(lines) if _is_usable(line, head, media[i])]
    if not usable:
        raise SdpError("no RTP audio that we speak")
    position = min(usable, key=lambda i: lines[i][1] == PLAIN)  # the first encrypted one, else the first
    refused = tuple(RefusedMedia(line[0], line[1]) for i, line in enumerate(lines) if i != position)
    return _parse_audio(head, media[position][1:], lines[position], refused, position)


def write_sdp(sdp: Sdp, *, session: int = 1, version: int = 1) -> str:
    """Write a description; `session` and `version` are those of the o= line (RFC 4566 5.2)."""
    family = "IP6" if ":" in sdp.address else "IP4"
    lines = [
        "v=0",
        f"o=- {session} {version} IN {family} {sdp.address}",
        "s=-",
        f"c=IN {family} {sdp.address}",
        "t=0 0",
    ]
    media = [[f"m={line.media} 0 {line.protocol} 0"] for line in sdp.refused]
    media.insert(sdp.position, _audio_lines(sdp))
    return "\r\n".join([*lines, *(line for section in media for line in section), ""])


def answer_offer(offer: Sdp, address: str, port: int, key: bytes = b"", fingerprint: bytes = b"") -> Sdp:
    """Return our answer to `offer` (RFC 3264 6): its first codec, its number for telephone-event, its direction
    mirrored.

    `key` is our key of RFC 4568, `fingerprint` that of our DTLS certificate. Raises ValueError if the offer
    needs one of them and it is empty. The telephone begins the handshake if it can, since it may be behind a NAT.
    """
    wanted = offer.direction
    setup = Setup.ACTIVE if offer.dtls and offer.dtls.setup is Setup.PASSIVE else Setup.PASSIVE
    crypto = Crypto(offer.crypto.tag, key) if offer.crypto and key else None
    dtls = Dtls(fingerprint, setup) if offer.dtls and fingerprint else None
    if offer.protocol != PLAIN and not (crypto or dtls):
        raise ValueError("This offer wants sound encrypted, and we have no key.")
    return Sdp(
        address,
        port,
        payloads=offer.payloads[:1],
        dtmf=offer.dtmf,
        direction=Direction.of(sends=wanted.receives, receives=wanted.sends),
        refused=offer.refused,
        position=offer.position,
        protocol=offer.protocol,
        crypto=crypto,
        dtls=dtls,
        one_port=offer.one_port,
    )


def _split_sections(text: str) -> list[list[str]]:
    """Split a description into sections: the lines of the session, then the lines of each media description."""
    sections: list[list[str]] = [[]]
    for line in map(str.rstrip, text.split("\n")):
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    if sections[0][:1] != ["v=0"]:
        raise SdpError("not a session description")
    return sections


def _parse_media_line(line: str) -> tuple[str, str, int, list[str]]:
    words = line[2:].split(" ")
    if len(words) < 4 or words[0] not in MEDIA or words[1].partition("/")[2] or words[2] not in PROTOCOLS:
        raise SdpError("an unknown kind of media")
    return words[0], words[2], _number(words[1], 65535), words[3:]


def _is_usable(line: tuple[str, str, int, list[str]], head: list[str], body: list[str]) -> bool:
    media, protocol, port, _ = line
    keyed = (
        protocol == PLAIN
        or (protocol in SDES_PROTOCOLS and sdp_keys.crypto_of(body) is not None)
        or (protocol in DTLS_PROTOCOLS and sdp_keys.dtls_of(head, body) is not None)
    )
    return media == "audio" and port > 0 and keyed


def _parse_audio(
    head: list[str],
    body: list[str],
    line: tuple[str, str, int, list[str]],
    refused: tuple[RefusedMedia, ...],
    position: int,
) -> Sdp:
    _, protocol, port, formats = line
    if len(formats) > MAX_PAYLOADS:
        raise SdpError("too many payload types")
    numbers = list(dict.fromkeys(_number(word, 127) for word in formats))
    payloads = tuple(number for number in numbers if number in G711)
    if not payloads:
        raise SdpError("no G.711")
    address = _parse_address(_value(body, "c=") or _value(head, "c="))
    direction = _parse_direction(head, body, is_nowhere=address.is_unspecified)
    return Sdp(
        str(address),
        port,
        payloads,
        _parse_dtmf(body, numbers),
        direction,
        refused,
        position,
        protocol,
        crypto=None if protocol in DTLS_PROTOCOLS else sdp_keys.crypto_of(body),
        dtls=sdp_keys.dtls_of(head, body) if protocol in DTLS_PROTOCOLS else None,
        one_port="a=rtcp-mux" in body,
    )


def _parse_address(connection: str) -> Address:
    words = connection.split(" ")
    if len(words) != 3 or words[:2] not in (["IN", "IP4"], ["IN", "IP6"]):
        raise SdpError("no address")
    try:
        address = ipaddress.ip_address(words[2])
    except ValueError:
        raise SdpError("not a literal address") from None
    if address.is_multicast or address.version != int(words[1][2]) or "%" in words[2] or words[2] == "255.255.255.255":
        raise SdpError("not a unicast address")
    return address


def _parse_dtmf(body: list[str], numbers: list[int]) -> int | None:
    for line in body:
        number, _, name = line.removeprefix("a=rtpmap:").partition(" ")
        if line.startswith("a=rtpmap:") and name.strip().lower() in ("telephone-event/8000", "telephone-event/8000/1"):
            found = _number(number, 127)
            if found in numbers and found >= 96:  # RFC 3551: below are the static ones
                return found
    return None


def _parse_direction(head: list[str], body: list[str], *, is_nowhere: bool) -> Direction:
    attributes = [line[2:] for line in (*body, *head) if line[:2] == "a=" and line[2:] in tuple(Direction)]
    direction = Direction(attributes[0]) if attributes else Direction.SENDRECV
    if is_nowhere:  # RFC 3264 8.4: the old way to hold
        return Direction.of(sends=direction.sends, receives=False)
    return direction


def _audio_lines(sdp: Sdp) -> list[str]:
    numbers = [*sdp.payloads, *([] if sdp.dtmf is None else [sdp.dtmf])]
    lines = [f"m=audio {sdp.port} {sdp.protocol} {' '.join(map(str, numbers))}"]
    lines += [f"a=rtpmap:{number} {G711[number]}/8000" for number in sdp.payloads]
    if sdp.dtmf is not None:
        lines += [f"a=rtpmap:{sdp.dtmf} telephone-event/8000", f"a=fmtp:{sdp.dtmf} 0-15"]
    lines += sdp_keys.sdp_lines(sdp.crypto, sdp.dtls)
    if sdp.one_port:
        lines.append("a=rtcp-mux")
    return [*lines, "a=ptime:20", f"a={sdp.direction}"]


def _value(lines: list[str], prefix: str) -> str:
    return next((line.removeprefix(prefix) for line in lines if line.startswith(prefix)), "")


def _number(word: str, most: int) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 5 and int(word) <= most):
        raise SdpError("a number is out of range")
    return int(word)
