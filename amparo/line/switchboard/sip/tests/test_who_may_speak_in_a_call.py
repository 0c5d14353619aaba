"""Who overhears a call knows its tags. Only the host in the call, or one of its trunk, may change or end the call."""

import asyncio

import pytest

from .phone import Phone
from .texts import T1, branch, eventually, sdp, status

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.9"


@pytest.fixture
async def other(switchboard):
    """A host that has overheard each call of `phone`."""
    other = await Phone().open(switchboard.address, ELSEWHERE)
    yield other
    other.close()


def overhear(call, other):
    other.calls[call.call_id] = call
    return call


@pytest.mark.parametrize("name", ["BYE", "INVITE", "UPDATE", "INFO", "OPTIONS"])
async def test_a_request_with_the_right_tags_from_another_host_changes_nothing(switchboard, phone, other, name):
    call = overhear(await phone.dial("ivr"), other)
    (ours,) = switchboard.seen
    await eventually(lambda: ours.is_acknowledged)
    before = ours.sdp.remote
    body = sdp("sendonly", version=9) if name in ("INVITE", "UPDATE") else ""
    assert status(await other.transact(other.request(name, call, 2, body))) == 481
    assert ours.is_up
    assert (ours.sdp.remote, switchboard.holds) == (before, 0)
    assert status(await phone.transact(phone.request(name, call, 2, body))) == 200  # the control
    assert ours.has_ended == (name == "BYE")


async def test_another_host_may_not_cancel_what_rings(switchboard, phone, other):
    call = overhear(phone.new_call("ring"), other)
    call.seq, call.invite = 1, phone.request("INVITE", call, 1, sdp())
    phone.send(call.invite)
    await eventually(lambda: switchboard.seen)
    cancel = phone.request("CANCEL", call, 1, in_branch=branch(call.invite))
    other.send(cancel)
    await asyncio.sleep(10 * T1)
    assert not switchboard.seen[0].has_ended
    phone.send(cancel)  # the control
    await eventually(lambda: switchboard.seen[0].has_ended)


async def test_another_address_of_the_same_trunk_may_end_its_call(switchboard, phone, other):
    switchboard.agent.is_trunk = lambda host: host in (HERE, ELSEWHERE)
    call = overhear(await phone.dial("ivr"), other)
    assert await other.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_a_trunk_may_not_end_a_call_of_somebody_else(switchboard, phone, other):
    switchboard.agent.is_trunk = lambda host: host == ELSEWHERE
    call = overhear(await phone.dial("ivr"), other)
    assert await other.bye(call) == 481
    assert switchboard.seen[0].is_up


async def test_who_called_through_a_proxy_may_end_the_call_directly(switchboard, phone, other):
    """A proxy that records no route leaves the rest of the call to the telephone that its Contact names."""
    call = overhear(phone.new_call("ivr"), other)
    contact = f"Contact: <sip:phone@{phone.address}>"
    call.seq, call.invite = 1, phone.request("INVITE", call, 1, sdp())
    call.invite = call.invite.replace(contact, f"Contact: <sip:phone@{other.address}>")
    phone.take_final(call, await phone.transact(call.invite))
    assert await other.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)
