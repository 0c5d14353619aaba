"""No datagram, however malformed, raises; what is well formed is read."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from ..packet import parse_packet


def packet(flags=0x80, kind=0, payload=b"sound", contributors=b"", extension=b""):
    return struct.pack("!BBHII", flags, kind, 7, 160, 99) + contributors + extension + payload


def test_a_plain_packet():
    assert parse_packet(packet(kind=0x80 | 8)) == (8, 7, 160, 99, b"sound")


def test_contributors_extension_and_padding_are_no_sound():
    extension = struct.pack("!HH", 0xBEDE, 1) + b"xxxx"
    full = packet(0x80 | 0x20 | 0x10 | 2, 0, b"sound\0\0\x03", b"ccccdddd", extension)
    assert parse_packet(full).payload == b"sound"


def test_lengths_that_lie_are_refused():
    assert parse_packet(packet(0x8F)) is None  # fifteen contributors, none there
    assert parse_packet(packet(0x90, extension=struct.pack("!HH", 0xBEDE, 0xFFFF))) is None
    assert parse_packet(packet(0x90, payload=b"")) is None
    assert parse_packet(packet(0xA0, payload=b"\xff")) is None  # more padding than packet


def test_other_versions_and_short_datagrams_are_refused():
    for flags in (0x00, 0x40, 0xC0):
        assert parse_packet(packet(flags)) is None
    for length in range(12):
        assert parse_packet(packet()[:length]) is None


@given(st.binary(max_size=80))
def test_any_datagram(datagram):
    parsed = parse_packet(datagram)
    assert parsed is None or len(parsed.payload) <= len(datagram) - 12


@given(st.binary(max_size=40), st.integers(0x80, 0xBF))
def test_any_header_of_the_right_version(rest, flags):
    parsed = parse_packet(bytes([flags, 0]) + struct.pack("!HII", 1, 2, 3) + rest)
    assert parsed is None or len(parsed.payload) <= len(rest)
