"""A machine with several addresses of one family: calls leave from the first, and each answers what comes to it."""

import asyncio

import pytest

from amparo.line.switchboard.sip import Sdp

from .phone import Phone
from .switchboard import Switchboard

FIRST, SECOND = "127.0.0.1", "127.0.0.2"


@pytest.fixture
async def switchboard():
    switchboard = await Switchboard().open(FIRST)
    await switchboard.agent.listen(SECOND, switchboard.address[1])
    yield switchboard
    switchboard.close()


@pytest.fixture
async def phone(switchboard):
    phone = await Phone().open(switchboard.address)
    yield phone
    phone.close()


async def test_a_call_of_ours_leaves_from_the_first(switchboard, phone):
    peer = switchboard.agent.peer(*phone.relay.far_address)
    caller = f"sip:amparo@{FIRST}"
    dialling = asyncio.create_task(switchboard.agent.dial("sip:bob@b.invalid", peer, Sdp(FIRST, 42_000), caller=caller))
    call = await phone.arrived.get()
    leg, _theirs = await dialling
    assert call.target.startswith(f"sip:{FIRST}:")
    assert f"SIP/2.0/UDP {FIRST}:" in call.invite
    leg.hangup()


async def test_a_call_to_the_second_address_is_answered_from_it(switchboard):
    phone = await Phone().open((SECOND, switchboard.address[1]))
    call = await phone.dial("ivr")
    assert call.target.startswith(f"sip:{SECOND}:")
    assert await phone.bye(call) == 200
    phone.close()
