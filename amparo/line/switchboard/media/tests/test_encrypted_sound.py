"""SRTP: two legs that encrypt hear each other, by keys of the SDP and of a handshake; nobody else hears or speaks."""

import asyncio

import pytest

from ..g711 import FRAME
from ..packet import parse_packet
from ..rtp import PCMU, RtpLeg
from ..srtp import new_key, own_fingerprint
from ..tones import tone
from .telephone import Telephone, ticks, tones_in


@pytest.fixture
async def pair(clock, ports):
    """Two legs that send each other their sound, as if one were the telephone."""
    legs = [await RtpLeg.open(clock, ports, "127.0.0.1") for _ in range(2)]
    for leg, other in zip(legs, reversed(legs), strict=True):
        leg.set_remote("127.0.0.1", other.port, PCMU, 101)
        leg.output = []
        leg.sink = leg.output.append
        leg.keys = []
        leg.on_digit = leg.keys.append
    yield legs
    for leg in legs:
        leg.close()


async def hear_each_other(clock, one, other):
    one.output.clear()
    other.output.clear()
    playing = [asyncio.create_task(one.play(tone(440, 0.3))), asyncio.create_task(other.play(tone(1000, 0.3)))]
    await asyncio.gather(*playing)
    await ticks(clock, 3)
    return tones_in(b"".join(other.output)), tones_in(b"".join(one.output))


async def test_keys_of_the_sdp(clock, pair):
    one, other = pair
    one.encrypt(other.key)
    other.encrypt(one.key)
    assert await hear_each_other(clock, one, other) == ({440}, {1000})
    await other.send_digit("7")
    await ticks(clock, 2)
    assert one.keys == ["7"]
    one.encrypt(other.key)  # a re-INVITE says the same again
    assert await hear_each_other(clock, one, other) == ({440}, {1000})
    one.encrypt(new_key())  # positive control: with another key nothing is understood
    assert await hear_each_other(clock, one, other) == ({440}, set())


@pytest.mark.parametrize("begins", [0, 1])
async def test_keys_of_a_handshake(clock, pair, begins):
    for number, leg in enumerate(pair):
        leg.start_handshake(own_fingerprint(), begin=number == begins)
    async with asyncio.timeout(20):
        while not all(leg.received for leg in pair):
            await ticks(clock, 1)
    assert await hear_each_other(clock, *pair) == ({440}, {1000})


async def test_who_shows_another_certificate_gets_no_keys(clock, pair):
    one, other = pair
    one.start_handshake(bytes(32), begin=False)
    other.start_handshake(own_fingerprint(), begin=True)
    await ticks(clock, 50)
    assert await hear_each_other(clock, one, other) == (set(), set())
    assert one.sent == 0


async def test_on_the_wire_is_no_sound_and_what_is_forged_or_a_copy_is_dropped(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    phone = await Telephone.call(leg, 440)
    frames = []
    leg.sink = frames.append
    leg.encrypt(new_key())
    await leg.play(tone(1000, 1.0))  # noise so long contains no tone by chance
    phone.speak()
    await ticks(clock, 3)
    assert frames == []
    assert leg.received == 0
    assert phone.packets
    assert all(len(packet) == 12 + FRAME + 10 for packet in phone.packets)  # with 80 bits of authentication
    assert tones_in(b"".join(parse_packet(packet).payload[:FRAME] for packet in phone.packets)) == set()
    phone.transport.close()
    leg.close()


async def test_without_keys_yet_nothing_is_sent_or_heard(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    phone = await Telephone.call(leg, 440)
    leg.start_handshake(bytes(32), begin=False)
    phone.speak()
    phone.transport.sendto(b"\x16" + bytes(40), phone.leg)  # looks like a handshake, and is none
    await leg.play(tone(1000, 0.1))
    await ticks(clock, 2)
    assert (leg.received, leg.sent) == (0, 0)
    assert all(20 <= packet[0] < 64 for packet in phone.packets)
    phone.transport.close()
    leg.close()
