"""Voicemail: what the party says, to a digit, the limit or the end."""

import asyncio

import pytest

from ..g711 import FRAME
from ..leg import AHEAD
from ..rtp import RtpLeg
from .telephone import Telephone, is_silent, talk, ticks, tones_in


@pytest.fixture
async def leg(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    yield leg
    leg.close()


@pytest.fixture
async def phone(clock, leg):
    phone = await Telephone.call(leg, 440)
    yield phone
    phone.transport.close()


async def test_to_the_digit_which_is_not_passed_on(clock, leg, phone):
    keys = []
    leg.on_digit = keys.append
    recording = asyncio.create_task(leg.record(30))
    await talk(clock, phone)
    phone.key(5, 1000)
    phone.key(11, 2000)
    sound = await asyncio.wait_for(recording, 5)
    assert tones_in(sound) == {440}
    assert 12 * FRAME <= len(sound) <= 26 * FRAME
    assert keys == ["5"]
    phone.key(11, 3000)
    await ticks(clock, 2)
    assert keys == ["5", "#"]


async def test_to_the_limit(clock, leg, phone):
    recording = asyncio.create_task(leg.record(0.3))
    await talk(clock, phone, frames=20)
    sound = await recording
    assert tones_in(sound) == {440}
    assert len(sound) <= 0.3 * 8000


async def test_to_the_end_of_the_call(clock, leg, phone):
    recording = asyncio.create_task(leg.record(30))
    await talk(clock, phone)
    leg.close()
    assert tones_in(await asyncio.wait_for(recording, 5)) == {440}
    assert await leg.record(30) == b""


async def test_a_new_recording_ends_the_old_one(clock, leg, phone):
    old = asyncio.create_task(leg.record(30))
    await talk(clock, phone, frames=5)
    new = asyncio.create_task(leg.record(30))
    assert len(await asyncio.wait_for(old, 5)) == 5 * FRAME
    await talk(clock, phone, frames=3)
    leg.close()
    assert len(await new) == 3 * FRAME


async def test_pauses_keep_their_length_when_the_telephone_sends_nothing(clock, leg, phone):
    recording = asyncio.create_task(leg.record(30))
    await talk(clock, phone, frames=10)
    await ticks(clock, 20)
    await talk(clock, phone, frames=10)
    leg.close()
    sound = await recording
    assert len(sound) >= 40 * FRAME
    assert is_silent(sound[15 * FRAME : 28 * FRAME])


async def test_while_in_conversation_the_sound_goes_on(clock, leg, phone):
    frames = []
    leg.sink = frames.append
    recording = asyncio.create_task(leg.record(30))
    await talk(clock, phone)
    leg.close()
    assert b"".join(frames) == await recording


async def test_sound_that_is_faster_than_time_is_not_kept(clock, leg, phone):
    """A stranger who leaves a message could fill our memory with it."""
    recording, since = asyncio.create_task(leg.record(30)), clock.ticks
    await ticks(clock, 1)
    for _ in range(200):
        phone.send(b"\x55" * 8 * FRAME)
    await asyncio.wait_for(_received(leg, 100), 5)
    passed = clock.ticks - since
    leg.close()
    assert len(await recording) <= (AHEAD + passed + 1) * FRAME


async def _received(leg, packets):
    while leg.received < packets:
        await asyncio.sleep(0.01)
