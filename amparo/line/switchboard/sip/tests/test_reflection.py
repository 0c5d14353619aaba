"""Who names a victim as the sender of an INVITE makes us send the victim hardly more than came (RFC 9000, 8.1)."""

import asyncio

import pytest

from ...amplification_limit import TIMES
from .phone import Phone
from .texts import T1, branch, eventually, sdp, status, value
from .wire import Wire

VICTIM = "127.0.0.9"


@pytest.fixture
async def victim(switchboard):
    wire = await Wire.open(switchboard.address, VICTIM)
    yield wire
    wire.transport.close()


async def test_who_never_answers_gets_at_most_three_times_what_came_from_there(switchboard, phone, victim):
    victim.send(phone.request("INVITE", phone.new_call("ivr"), 1, sdp()))
    victim.send(phone.request("OPTIONS", phone.new_call("ivr"), 1))
    await eventually(lambda: switchboard.seen)
    await asyncio.sleep(70 * T1)  # until the 200 is given up, and its BYE too
    assert victim.sent < victim.came <= TIMES * victim.sent


async def test_the_control_who_is_known_is_sent_the_200_until_it_is_given_up(switchboard, phone, victim):
    switchboard.agent.endpoint.transport.amplification_limit.mark_validated(VICTIM)
    victim.send(phone.request("INVITE", phone.new_call("ivr"), 1, sdp()))
    await eventually(lambda: victim.came > 2 * TIMES * victim.sent)


async def test_who_acknowledges_has_proved_their_address(switchboard):
    amplification_limit = switchboard.agent.endpoint.transport.amplification_limit
    phone = await Phone().open(switchboard.address, VICTIM)
    amplification_limit.record_received(VICTIM, 10_000)
    phone.acknowledges = False
    silent = await phone.dial("ivr")
    assert silent.code == 200
    assert not amplification_limit.consume(VICTIM, 100_000)
    phone.acknowledges = True
    call = await phone.dial("ivr")
    await eventually(lambda: amplification_limit.consume(VICTIM, 100_000))
    assert await phone.bye(call) == 200
    phone.close()


async def test_an_ack_that_guesses_our_tag_proves_nothing(switchboard, phone, victim):
    call = phone.new_call("ivr")
    victim.send(phone.request("INVITE", call, 1, sdp()))
    await eventually(lambda: switchboard.seen)
    call.remote += ";tag=0123456789abcdef"
    victim.send(phone.request("ACK", call, 1))
    victim.send(phone.request("BYE", call, 2))
    await eventually(lambda: victim.came)
    assert not switchboard.agent.endpoint.transport.amplification_limit.consume(VICTIM, 100_000)


@pytest.mark.parametrize("tag", ["", ";tag=0123456789abcdef"])
async def test_an_ack_in_the_branch_of_its_invite_needs_our_tag(switchboard, phone, victim, tag):
    call = phone.new_call("ivr")
    invite = phone.request("INVITE", call, 1, sdp())
    victim.send(invite)
    await eventually(lambda: switchboard.seen)
    (ours,) = switchboard.seen
    await eventually(lambda: ours.is_up)
    call.remote += tag
    victim.send(phone.request("ACK", call, 1, in_branch=branch(invite)))
    await asyncio.sleep(70 * T1)  # until the 200 is given up
    assert not ours.is_acknowledged
    assert ours.has_ended


async def test_the_control_an_ack_in_the_branch_of_its_invite_with_our_tag_is_taken(switchboard, phone):
    phone.acknowledges = False
    call = await phone.dial("ivr")
    phone.send(phone.request("ACK", call, 1, in_branch=branch(call.invite)))
    await eventually(lambda: switchboard.seen[0].is_acknowledged)


async def test_a_call_that_moves_to_a_forged_address_is_not_followed(switchboard, phone, victim):
    switchboard.agent.is_trunk = lambda host: host in (phone.host, VICTIM)  # all others are refused anyhow
    call = await phone.dial("ivr")
    (ours,) = switchboard.seen
    await eventually(lambda: ours.is_acknowledged)
    victim.send(phone.request("INVITE", call, 2, sdp()))
    victim.send(phone.request("ACK", call, 2))
    await asyncio.sleep(70 * T1)
    assert victim.sent < victim.came <= TIMES * victim.sent
    assert ours.dialog.peer.host == phone.host
    ours.hangup()
    await eventually(lambda: call.byes == 1)


async def test_the_control_a_call_that_moves_to_who_answers_is_followed(switchboard, phone):
    switchboard.agent.is_trunk = lambda host: host in (phone.host, VICTIM)
    call = await phone.dial("ivr")
    (ours,) = switchboard.seen
    moved = await Phone().open(switchboard.address, VICTIM)
    moved.calls[call.call_id] = call
    assert status(await moved.reinvite(call)) == 200
    await eventually(lambda: ours.dialog.peer.host == VICTIM)
    ours.hangup()
    await eventually(lambda: call.byes == 1)
    assert not any(text.startswith("BYE") for text in phone.log)
    moved.close()


async def test_who_knows_a_tag_proves_nothing_for_another_address(switchboard, phone, victim):
    """A party of a call knows its tags, and may forge the address of its messages."""
    limit = switchboard.agent.endpoint.transport.amplification_limit
    phone.acknowledges = False
    call = await phone.dial("ivr")
    for name, number in (("ACK", 1), ("OPTIONS", 2), ("INFO", 3), ("UPDATE", 4)):
        victim.send(phone.request(name, call, number))
    refused = await phone.dial("unknown")
    assert refused.code == 404
    ack = phone.request("ACK", refused, 1, in_branch=branch(refused.final))
    victim.send(ack.replace(f"To: {refused.remote}", f"To: {value(refused.final, 'To')}"))
    await eventually(lambda: victim.came)
    assert not limit.consume(VICTIM, 100_000)
    phone.send(phone.request("OPTIONS", call, 5))  # the control: from where the call came, the same tag proves it
    await eventually(lambda: limit.consume(phone.host, 100_000))


async def test_who_knows_a_branch_proves_nothing_for_another_address(switchboard, phone, victim):
    """Whom we sent a request knows its branch, and may forge the address of the response."""
    limit = switchboard.agent.endpoint.transport.amplification_limit
    call = await phone.dial("ivr")
    phone.serves["BYE"] = lambda text: victim.send(phone.response(text, 180, call)) or phone.response(text, 180, call)
    await eventually(lambda: switchboard.seen[0].is_acknowledged)
    switchboard.seen[0].hangup()
    await eventually(lambda: victim.sent)
    await asyncio.sleep(5 * T1)
    assert not limit.consume(VICTIM, 100_000)


async def test_a_contact_of_a_trunk_is_followed_after_the_ack_alone(switchboard, phone, victim):
    """The INVITE may be forged in the trunk's name, and its Contact the victim."""
    switchboard.agent.trusts = lambda host: host == phone.host
    phone.acknowledges = False
    host, port = victim.transport.get_extra_info("sockname")
    invite = phone.request("INVITE", phone.new_call("ivr"), 1, sdp())
    phone.send(invite.replace(f"phone@{phone.address}", f"phone@{host}:{port}"))
    await eventually(lambda: switchboard.seen)
    await asyncio.sleep(70 * T1)  # until the 200 is given up, and its BYE too
    assert switchboard.seen[0].has_ended
    assert victim.came == 0
