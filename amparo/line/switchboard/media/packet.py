"""RTP packets (RFC 3550) and the telephone events in them (RFC 4733)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .g711 import FRAME

HEADER = struct.Struct("!BBHII")
EVENT = struct.Struct("!BBH")

VERSION_2 = 0x80
MARKER = 0x80
_PADDING, _EXTENSION, _CSRC_COUNT = 0x20, 0x10, 0x0F
_END_OF_EVENT = 0x80
END_PACKETS = 3  # RFC 4733, 2.5.1.4: the end of an event is sent three times in case of loss
_VOLUME = 10  # dBm0 below zero, as telephones send


class Packet(NamedTuple):
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_packet(datagram: bytes) -> Packet | None:
    """Parse a datagram. None if it is not RTP or its lengths are wrong."""
    if len(datagram) < HEADER.size:
        return None
    flags, kind, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    if flags == VERSION_2:  # the usual case: no padding, extension or contributing sources
        return Packet(kind & 0x7F, sequence, timestamp, ssrc, datagram[HEADER.size :])
    payload = _payload(datagram, flags) if flags & 0xC0 == VERSION_2 else None
    return payload if payload is None else Packet(kind & 0x7F, sequence, timestamp, ssrc, payload)


def _payload(datagram: bytes, flags: int) -> bytes | None:
    start, end = HEADER.size + 4 * (flags & _CSRC_COUNT), len(datagram)
    if flags & _EXTENSION:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4])
    if flags & _PADDING:
        end -= datagram[-1]
    return datagram[start:end] if start <= end else None


def event_payload(event: int, duration: int, *, ended: bool) -> bytes:
    """Return the payload of one telephone event, such as a pressed digit. `duration`: samples since the press."""
    return EVENT.pack(event, _VOLUME | (_END_OF_EVENT if ended else 0), duration)


def key_payloads(event: int, frames: int) -> Iterator[bytes]:
    """Yield the payloads of one pressed digit, one per tick. The duration grows; the end is sent END_PACKETS times."""
    for frame in range(1, frames + 1):
        yield event_payload(event, frame * FRAME, ended=False)
    for _ in range(END_PACKETS):
        yield event_payload(event, (frames + 1) * FRAME, ended=True)
