"""One telephone and its leg: what it hears, what we hear of it, and who may take part."""

import asyncio
import random
import struct
from itertools import pairwise

import pytest

from ..conversation import Conversation
from ..g711 import FRAME, SILENCE, ULAW_TO_ALAW
from ..packet import parse_packet
from ..rtp import PCMA, PCMU, RtpLeg
from ..tones import tone
from .telephone import Telephone, is_silent, talk, ticks, tones_in


@pytest.fixture(params=["127.0.0.1", "::1"])
def address(request):
    return request.param


@pytest.fixture
async def leg(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    yield leg
    leg.close()
    assert ports.taken_count == 0


@pytest.fixture
async def phone(leg):
    phone = await Telephone.call(leg, 440)
    yield phone
    phone.transport.close()


async def test_both_directions_by_either_family_and_law(clock, ports, address):
    for law in (PCMU, PCMA):
        leg = await RtpLeg.open(clock, ports, address)
        phone = await Telephone.call(leg, 440, payload_type=law)
        frames = []
        leg.sink = frames.append
        playing = asyncio.create_task(leg.play(tone(1000, 0.2)))
        await talk(clock, phone)
        assert await playing
        assert tones_in(b"".join(frames)) == {440}
        assert tones_in(phone.heard) == {1000}
        leg.close()
        phone.transport.close()


async def test_a_sound_is_heard_whole_and_without_gap(clock, leg, phone):
    sound = random.Random(1).randbytes(30 * FRAME)  # every frame different, so that none can be missed or doubled
    assert await leg.play(sound)
    await ticks(clock, 1)
    assert b"".join(phone.loud_frames) == sound
    packets = [parse_packet(packet) for packet in phone.packets]
    assert {b.sequence - a.sequence & 0xFFFF for a, b in pairwise(packets)} == {1}
    assert len({packet.ssrc for packet in packets}) == 1


async def test_a_pause_is_sent_as_silence_without_gap(clock, leg, phone):
    """A line without packets is a dead call to some carriers: one leaves with every tick, and time goes on evenly."""
    await leg.play(tone(1000, 0.1))
    await ticks(clock, 30)
    await leg.play(tone(1000, 0.1))
    await ticks(clock, 30)
    packets = [parse_packet(packet) for packet in phone.packets]
    assert 65 <= len(packets) <= 75
    assert len(phone.loud_frames) == 10
    assert {b.timestamp - a.timestamp & 0xFFFFFFFF for a, b in pairwise(packets)} == {FRAME}
    assert [bool(packet[1] & 0x80) for packet in phone.packets[:3]] == [True, False, False]


async def test_a_long_standstill_is_marked_as_a_new_talk_spurt(clock, leg, phone):
    await ticks(clock, 3)
    clock.ticks += 50  # as when the process could not run for a second: missed ticks are given up
    await ticks(clock, 3)
    times = [int.from_bytes(packet[4:8]) for packet in phone.packets]
    jumps = [later - earlier > FRAME for earlier, later in pairwise(times)]
    assert jumps.count(True) == 1
    assert [bool(packet[1] & 0x80) for packet in phone.packets[1:]] == jumps


async def test_the_other_party_may_be_late_before_silence_takes_its_place(clock, leg, phone):
    conversation, other = Conversation(clock), await RtpLeg.open(clock, leg._ports, "127.0.0.1")
    conversation.add(leg)
    conversation.add(other)
    late = await Telephone.call(other, 300)
    for _ in range(10):  # a telephone that sends 40 ms at once
        late.speak()
        late.speak()
        await ticks(clock, 2)
    phone.forget()
    for _ in range(10):
        late.speak()
        late.speak()
        await ticks(clock, 2)
    assert SILENCE not in phone.frames
    await ticks(clock, 20)  # positive control: then it is silent
    assert SILENCE in phone.frames
    other.close()
    late.transport.close()


async def test_hold_sound_goes_round_without_gap_until_stopped(clock, leg, phone):
    hold = random.Random(2).randbytes(5 * FRAME + 40)
    playing = asyncio.create_task(leg.play(hold, loop=True))
    await ticks(clock, 30)
    leg.stop_playing()
    assert await playing is False
    await ticks(clock, 1)
    heard = b"".join(phone.loud_frames)
    assert len(heard) >= 25 * FRAME
    assert heard == (hold * 40)[: len(heard)]
    phone.forget()
    await ticks(clock, 5)
    assert phone.loud_frames == []


async def test_a_new_sound_stops_the_old_one(clock, leg, phone):
    old = asyncio.create_task(leg.play(tone(300, 5)))
    await ticks(clock, 5)
    new = asyncio.create_task(leg.play(tone(1500, 0.3)))
    assert await old is False
    await ticks(clock, 1)
    phone.forget()
    assert await new is True
    await ticks(clock, 1)
    assert tones_in(phone.heard) == {1500}


async def test_a_cancelled_play_is_silent(clock, leg, phone):
    playing = asyncio.create_task(leg.play(tone(300, 5)))
    await ticks(clock, 3)
    playing.cancel()
    await ticks(clock, 2)
    phone.forget()
    await ticks(clock, 5)
    assert phone.loud_frames == []
    assert clock.subscriber_count == 0


async def test_a_sound_covers_what_is_sent_meanwhile(clock, leg, phone):
    playing = asyncio.create_task(leg.play(tone(1000, 0.4)))
    await ticks(clock, 1)
    while not playing.done():
        leg.send(tone(300, 0.02))
        await ticks(clock, 1)
    await ticks(clock, 1)
    # The last may have been sent in the very tick in which the sound ended.
    assert len(phone.loud_frames) <= 21
    assert tones_in(b"".join(phone.loud_frames[:20])) == {1000}


async def test_a_failing_transmission_ends_the_sound_rather_than_hang(clock, leg, monkeypatch):
    monkeypatch.setattr(leg, "_transmit", lambda frame: 1 / 0)
    assert await asyncio.wait_for(leg.play(tone(1000, 1)), 5) is False


@pytest.mark.parametrize(
    ("host", "port", "law", "events"),
    [
        ("localhost", 4000, 0, 101),
        ("999.1.1.1", 4000, 0, 101),
        ("0.0.0.0", 4000, 0, 101),
        ("224.0.0.1", 4000, 0, 101),
        ("::1", 4000, 0, 101),
        ("127.0.0.1", 0, 0, 101),
        ("127.0.0.1", 65536, 0, 101),
        ("127.0.0.1", 4000, 18, 101),
        ("127.0.0.1", 4000, 0, 8),
    ],
)
async def test_only_literal_addresses_and_what_we_speak(leg, host, port, law, events):
    with pytest.raises(ValueError, match=r"\w"):
        leg.set_remote(host, port, law, events)


async def test_ten_and_thirty_millisecond_telephones_are_reframed(clock, leg, phone):
    frames = []
    leg.sink = frames.append
    sound = random.Random(3).randbytes(24 * FRAME)
    for size in (80, 240, 320, 100):
        frames.clear()
        phone.ssrc += 1
        for start in range(0, len(sound), size):
            phone.send(sound[start : start + size])
        await ticks(clock, 3)
        content = b"".join(frames)
        assert all(len(frame) == FRAME for frame in frames)
        assert content == sound[: len(content)]
        assert len(content) > len(sound) - FRAME


async def test_doubled_and_late_packets_are_dropped_and_a_restart_is_not(clock, leg, phone):
    frames = []
    leg.sink = frames.append

    async def send(*numbers):
        for number in numbers:
            phone.sequence = number - 1
            phone.send(bytes([number % 251]) * FRAME)
        await ticks(clock, 2)

    await send(1000, 1001, 1001, 1003, 1002, 1004)
    assert [frame[0] for frame in frames] == [number % 251 for number in (1000, 1001, 1003, 1004)]
    frames.clear()
    await send(65535, 65536, 65537)  # over the end of the numbers
    assert len(frames) == 3
    frames.clear()
    await send(30000, 30001)
    assert len(frames) == 2


async def test_a_muted_party_is_silence_at_the_same_cadence(clock, leg, phone):
    frames = []
    leg.sink = frames.append
    leg.muted = True
    await talk(clock, phone, frames=10)
    assert frames == [SILENCE] * 10
    leg.muted = False
    await talk(clock, phone, frames=10)
    assert not is_silent(b"".join(frames))


async def test_malformed_datagrams_change_nothing(clock, leg, phone):
    frames, dice = [], random.Random(4)
    await talk(clock, phone, frames=1)
    leg.sink = frames.append
    packet = struct.pack("!BBHII", 0x80, 0, 1, 2, phone.ssrc)
    for flags in range(256):
        phone.transport.sendto(bytes([flags]) + packet[1 : dice.randrange(1, 12)], phone.leg)
        phone.transport.sendto(bytes([flags, 101]) + dice.randbytes(dice.randrange(12)), phone.leg)
    for length in range(4):
        phone.send(b"\x01\x80\xff"[:length], kind=101)
    phone.send(b"\x10\x80\0\0", kind=101, timestamp=5)  # event 16 is a flash, not a key
    await ticks(clock, 3)
    assert frames == []
    for _ in range(5000):  # straight in, for a loop would only log what is raised
        leg.datagram_received(dice.randbytes(dice.randrange(1, 60)), ("192.0.2.1", 4000))
        kind = bytes([dice.randrange(0x80, 0xC0), dice.choice([0, 8, 101, 0x80])])
        leg.datagram_received(kind + dice.randbytes(dice.randrange(60)), (*phone.address,))
    frames.clear()
    phone.ssrc += 1
    await talk(clock, phone, frames=5)
    assert tones_in(b"".join(frames)) == {440}


async def test_a_call_to_a_law_b_telephone_is_sent_in_its_own_law(clock, leg, phone):
    leg.set_remote(*phone.address, PCMA, 101)
    await leg.play(tone(1000, 0.02))
    await ticks(clock, 1)
    loud = [packet for packet in phone.packets if packet[12:] not in (SILENCE, SILENCE.translate(ULAW_TO_ALAW))]
    assert [packet[1] & 0x7F for packet in loud] == [PCMA]
    assert loud[0][12:] == tone(1000, 0.02).translate(ULAW_TO_ALAW)


async def test_nobody_there_does_not_disturb(clock, leg, phone):
    phone.transport.close()  # ICMP: port unreachable
    assert await leg.play(tone(1000, 0.1)) is True
    assert leg.sent >= 5
