"""Keys by RFC 4733, in both directions."""

import asyncio
from itertools import pairwise

import pytest

from ..leg import DIGITS
from ..packet import parse_packet
from ..rtp import RtpLeg
from ..tones import tone
from .telephone import Telephone, talk, ticks, tones_in


@pytest.fixture
async def leg(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    leg.keys = []
    leg.on_digit = leg.keys.append
    yield leg
    leg.close()


@pytest.fixture
async def phone(clock, leg):
    phone = await Telephone.call(leg, 440)
    await talk(clock, phone, frames=1)
    yield phone
    phone.transport.close()


async def press(clock, phone, event, timestamp, *, starts=4, ends=3):
    for number in range(starts):
        phone.key(event, timestamp, duration=160 * (number + 1))
    for _ in range(ends):
        phone.key(event, timestamp, ended=True, duration=800)
    await ticks(clock, 2)


async def test_each_key_is_one_digit_however_often_its_packets_come(clock, leg, phone):
    for number, _ in enumerate(DIGITS):
        await press(clock, phone, number, 10_000 * (number + 1))
    assert "".join(leg.keys) == DIGITS


async def test_a_key_survives_the_loss_of_its_start_or_of_its_end(clock, leg, phone):
    await press(clock, phone, 1, 1000, starts=0, ends=1)
    await press(clock, phone, 2, 2000, starts=1, ends=0)
    assert leg.keys == ["1", "2"]


async def test_a_key_of_the_signalling_counts_once_beside_the_same_key_in_the_sound(clock, leg, phone):
    leg.receive_key("9")
    assert leg.keys == ["9"]
    await press(clock, phone, event=5, timestamp=1000)
    leg.receive_key("5")
    assert leg.keys == ["9", "5"]


async def test_the_same_key_twice_is_two_digits(clock, leg, phone):
    await press(clock, phone, 5, 1000)
    await press(clock, phone, 5, 3000)
    assert leg.keys == ["5", "5"]


async def test_an_end_that_arrives_after_the_next_key_is_not_a_third_digit(clock, leg, phone):
    await press(clock, phone, 1, 1000, ends=0)
    await press(clock, phone, 2, 2000, ends=0)
    await press(clock, phone, 1, 1000, starts=0)
    assert leg.keys == ["1", "2"]


async def test_a_key_while_a_sound_is_played_may_stop_it(clock, leg, phone):
    leg.on_digit = lambda digit: leg.stop_playing()
    prompt = asyncio.create_task(leg.play(tone(300, 30)))
    await ticks(clock, 5)
    await press(clock, phone, 2, 1000)
    assert await asyncio.wait_for(prompt, 5) is False


async def test_a_listener_that_fails_does_not_end_the_leg(clock, leg, phone):
    leg.on_digit = lambda digit: 1 / 0
    await press(clock, phone, 1, 1000)
    frames = []
    leg.sink = frames.append
    await talk(clock, phone)
    assert tones_in(b"".join(frames)) == {440}


async def test_our_own_key_reaches_a_leg_as_one_digit(clock, ports, leg):
    ours = await RtpLeg.open(clock, ports, "127.0.0.1")
    ours.set_remote(leg.address, leg.port, 0, 101)
    leg.set_remote(ours.address, ours.port, 0, 101)
    for digit in "15#":
        assert await ours.send_digit(digit, 0.06)
    await ticks(clock, 2)
    assert leg.keys == ["1", "5", "#"]
    ours.close()


async def test_our_own_key_is_rfc_4733_and_takes_the_place_of_the_sound(clock, leg, phone):
    playing = asyncio.create_task(leg.play(tone(1000, 30), loop=True))
    await ticks(clock, 5)
    assert await leg.send_digit("7", 0.1)
    await ticks(clock, 5)
    leg.stop_playing()
    await playing
    packets = [(parse_packet(packet), packet[1] & 0x80) for packet in phone.packets]
    sequence = [packet.sequence for packet, _ in packets]
    assert [b - a & 0xFFFF for a, b in pairwise(sequence)] == [1] * (len(sequence) - 1)
    first = next(number for number, (packet, _) in enumerate(packets) if packet.payload_type == 101)
    events = packets[first : first + 8]
    assert {packet.payload_type for packet, _ in events} == {101}
    assert [bool(marker) for _, marker in events] == [True] + [False] * 7
    assert len({packet.timestamp for packet, _ in events}) == 1
    assert [int.from_bytes(packet.payload[2:]) for packet, _ in events] == [160, 320, 480, 640, 800, 960, 960, 960]
    assert [packet.payload[1] >> 7 for packet, _ in events] == [0] * 5 + [1] * 3
    after = packets[first + 8][0]
    assert after.payload_type == 0
    assert after.timestamp - events[0][0].timestamp & 0xFFFFFFFF >= 8 * 160


async def test_a_key_on_a_closed_leg_is_not_sent(clock, leg):
    pressing = asyncio.create_task(leg.send_digit("1"))
    await ticks(clock, 2)
    leg.close()
    assert await pressing is False
    assert await leg.send_digit("1") is False
    assert clock.subscriber_count == 0
