"""Latching: the sound of a call belongs to the host that signals and to the one in the SDP, and to nobody else.

Every address of 127.0.0.0/8 is this machine: each stands for a host of its own.
"""

import asyncio

import pytest

from ..rtp import PCMU, SILENT_FRAMES, RtpLeg
from ..tones import tone
from .telephone import Telephone, talk, ticks, tones_in

SIGNALLING, BEHIND_NAT, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.4"


@pytest.fixture
async def leg(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    leg.signalling_host = lambda: SIGNALLING
    leg.output = []
    leg.sink = leg.output.append
    leg.keys = []
    leg.on_digit = leg.keys.append
    yield leg
    leg.close()


@pytest.fixture
async def telephone(leg):
    """Plugs in a telephone at a host; what the leg knows stays as it is."""
    phones = []

    async def telephone(host, hz):
        phone = Telephone(hz)
        loop = asyncio.get_running_loop()
        phone.transport, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=(host, 0))
        phone.leg = (leg.address, leg.port)
        phones.append(phone)
        return phone

    yield telephone
    for phone in phones:
        phone.transport.close()


def behind_a_translator(leg):
    """A telephone behind an address translator: its SDP names an address that nobody outside can reach."""
    leg.set_remote(BEHIND_NAT, 9, PCMU, 101)


async def test_a_telephone_behind_nat_is_found_by_the_host_that_signals(clock, leg, telephone):
    behind_a_translator(leg)
    nat = await telephone(SIGNALLING, 660)
    await talk(clock, nat)
    assert leg.remote[:2] == nat.address
    assert tones_in(b"".join(leg.output)) == {660}
    await leg.play(tone(1000, 0.2))
    await ticks(clock, 1)
    assert tones_in(nat.heard) == {1000}


@pytest.mark.parametrize("first", [True, False])
async def test_a_stranger_never_moves_or_enters_the_sound(clock, leg, telephone, first):
    behind_a_translator(leg)
    thief, nat = await telephone(STRANGER, 1500), await telephone(SIGNALLING, 660)
    if not first:
        await talk(clock, nat)
    thief.key(1, 1000)
    await talk(clock, thief)
    await talk(clock, thief, nat)
    assert leg.remote[:2] == nat.address
    assert tones_in(b"".join(leg.output)) == {660}
    assert leg.keys == []
    assert thief.packets == []
    leg.signalling_host = lambda: STRANGER  # positive control: it is the host that decides
    await talk(clock, thief)
    assert leg.remote[:2] == thief.address


async def test_the_signalling_host_is_followed_to_a_new_port(clock, leg, telephone):
    behind_a_translator(leg)
    old, new = await telephone(SIGNALLING, 440), await telephone(SIGNALLING, 660)
    await talk(clock, old)
    await talk(clock, old, new)
    assert leg.remote[:2] == old.address  # it still speaks: another call behind the same translator is not it
    assert tones_in(b"".join(leg.output)) == {440}
    await ticks(clock, SILENT_FRAMES + 2)
    await talk(clock, new)
    assert leg.remote[:2] == new.address
    assert tones_in(b"".join(leg.output[-10:])) == {660}


async def test_a_gateway_that_the_trunk_names_in_its_sdp_is_heard(clock, leg, telephone):
    gateway = await telephone(BEHIND_NAT, 1000)
    leg.set_remote(*gateway.address, PCMU, 101)
    await talk(clock, gateway)
    assert tones_in(b"".join(leg.output)) == {1000}
    assert leg.remote[:2] == gateway.address


async def test_the_signalling_host_takes_its_sound_back_at_once(clock, leg, telephone):
    behind_a_translator(leg)
    thief, nat = await telephone(BEHIND_NAT, 1500), await telephone(SIGNALLING, 660)
    await talk(clock, thief)
    assert leg.remote[:2] == thief.address
    await talk(clock, nat, frames=1)
    assert leg.remote[:2] == nat.address
    leg.output.clear()
    await ticks(clock, SILENT_FRAMES + 2)
    await talk(clock, thief)
    assert leg.remote[:2] == nat.address
    assert leg.output == []


async def test_silence_of_seconds_gives_the_sound_to_nobody_else(clock, leg, telephone):
    """Another program of the same public address sends while the telephone is silent."""
    behind_a_translator(leg)
    phone, other = await telephone(SIGNALLING, 660), await telephone(SIGNALLING, 1500)
    await talk(clock, phone, frames=25)
    await talk(clock, other, frames=150)  # 3 s
    assert other.packets == []
    assert tones_in(b"".join(leg.output)) == {660}


@pytest.mark.parametrize("is_in_sdp", [False, True], ids=["the first port", "the port in the SDP"])
async def test_the_telephone_takes_its_sound_back_with_one_packet(clock, leg, telephone, is_in_sdp):
    phone, other = await telephone(SIGNALLING, 660), await telephone(SIGNALLING, 1500)
    if is_in_sdp:
        leg.set_remote(*phone.address, PCMU, 101)
    else:
        behind_a_translator(leg)
        await talk(clock, phone)
    await ticks(clock, SILENT_FRAMES + 2)
    await talk(clock, other)
    assert leg.remote[:2] == other.address  # the control: after this silence another port is believed
    phone.speak()
    await talk(clock, other)
    assert leg.remote[:2] == phone.address
    leg.output.clear()
    other.forget()
    await talk(clock, phone, other, frames=150)
    assert tones_in(b"".join(leg.output)) == {660}
    assert other.packets == []


async def test_the_port_in_the_sdp_wins_over_a_quicker_one(clock, leg, telephone):
    """A translator mostly keeps the port. Whoever sprays packets before the telephone speaks is not the telephone."""
    phone, other = await telephone(SIGNALLING, 660), await telephone(SIGNALLING, 1500)
    leg.set_remote(BEHIND_NAT, phone.address[1], PCMU, 101)
    await talk(clock, other)
    assert leg.remote[:2] == other.address
    await talk(clock, phone, other)
    assert leg.remote[:2] == phone.address


async def test_a_key_of_the_telephone_takes_its_sound_back(clock, leg, telephone):
    """Who is muted and presses a key for danger must be the one who hears the answer."""
    behind_a_translator(leg)
    phone, other = await telephone(SIGNALLING, 660), await telephone(SIGNALLING, 1500)
    await talk(clock, phone)
    await ticks(clock, SILENT_FRAMES + 2)
    await talk(clock, other)
    assert leg.remote[:2] == other.address
    phone.key(9, 1000)
    other.key(1, 1000)
    await talk(clock, other)
    assert leg.remote[:2] == phone.address
    assert leg.keys == ["9"]


async def test_keys_from_another_port_of_the_telephones_host_are_not_believed(clock, leg, telephone):
    behind_a_translator(leg)
    phone, other = await telephone(SIGNALLING, 660), await telephone(SIGNALLING, 1500)
    await talk(clock, phone)
    other.ssrc = phone.ssrc
    await ticks(clock, 100)
    other.key(9, 1000)
    await ticks(clock, 3)
    assert leg.keys == []
    phone.key(9, 1000)  # the control
    await ticks(clock, 3)
    assert leg.keys == ["9"]


async def test_keys_never_latch(clock, leg, telephone):
    behind_a_translator(leg)
    nat = await telephone(SIGNALLING, 660)
    nat.key(1, 1000)
    await ticks(clock, 3)
    assert leg.keys == ["1"]
    assert leg.remote[:2] == (BEHIND_NAT, 9)


@pytest.mark.parametrize("port", [9, 10], ids=["the same port", "the control: a new one"])
async def test_after_a_reinvite_with_a_new_port_the_next_sound_decides(clock, leg, telephone, port):
    """One that only refreshes the session, while the telephone is silent, gives its sound to nobody."""
    behind_a_translator(leg)
    old, new = await telephone(SIGNALLING, 440), await telephone(SIGNALLING, 660)
    await talk(clock, old)
    leg.set_remote(BEHIND_NAT, port, PCMU, 101)
    await talk(clock, new, frames=1)
    assert leg.remote[:2] == (old if port == 9 else new).address
