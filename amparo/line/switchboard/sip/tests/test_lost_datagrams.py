"""Every kind of datagram may be lost once or twice, and the call comes about and ends all the same."""

import asyncio
import random

import pytest

from .phone import Phone, PhoneCall
from .relay import DOWN, UP
from .switchboard import Switchboard
from .texts import T1, eventually, method, status

WHILE_CALLED = [
    (UP, "INVITE", 1),
    (UP, "INVITE", 2),
    (DOWN, "200/INVITE", 1),
    (DOWN, "200/INVITE", 2),
    (UP, "ACK", 1),
    (UP, "ACK", 2),
    (UP, "BYE", 1),
    (DOWN, "200/BYE", 1),
]
WHILE_CALLED_AND_CANCELLED = [
    (UP, "CANCEL"),
    (DOWN, "200/CANCEL"),
    (DOWN, "487/INVITE"),
    (UP, "ACK"),
    (DOWN, "180/INVITE"),
]
WHILE_CALLED_AND_HELD = [(UP, "reINVITE"), (DOWN, "200/reINVITE"), (UP, "reACK")]
WHILE_CALLING = [
    (DOWN, "INVITE", 1, "caller"),
    (DOWN, "INVITE", 2, "caller"),
    (UP, "180/INVITE", 1, "caller"),
    (UP, "200/INVITE", 1, "caller"),
    (DOWN, "ACK", 1, "caller"),
    (DOWN, "ACK", 2, "caller"),
    (DOWN, "BYE", 1, "caller"),
    (UP, "200/BYE", 1, "caller"),
    (UP, "BYE", 1, "operator"),
    (DOWN, "200/BYE", 1, "operator"),
]
WHILE_CALLING_AND_CANCELLING = [
    (DOWN, "CANCEL"),
    (UP, "200/CANCEL"),
    (UP, "487/INVITE"),
    (DOWN, "ACK"),
    (DOWN, "INVITE"),
]
WHILE_CALLING_AND_REFRESHING = [(DOWN, "reINVITE"), (UP, "200/reINVITE"), (DOWN, "reACK")]


def acknowledged(switchboard: Switchboard) -> bool:
    return not switchboard.agent.endpoint.unacknowledged


async def ends_well(switchboard: Switchboard, phone: Phone, count: int) -> None:
    await eventually(lambda: switchboard.is_idle and acknowledged(switchboard) and len(phone.relay.lost) == count)
    assert switchboard.agent.endpoint.failed == 0


@pytest.mark.parametrize(("path", "kind", "count"), WHILE_CALLED)
async def test_a_call_to_us_survives_losing(path, kind, count, switchboard, phone):
    phone.relay.lose[path, kind] = count
    if count > 1:  # to a host that never answered a 200 goes twice (test_reflection.py): this one has sent sound
        switchboard.agent.endpoint.transport.amplification_limit.mark_validated("127.0.0.1")
    call = await phone.dial("ivr")
    assert call.code == 200
    await eventually(lambda: acknowledged(switchboard))
    assert len(switchboard.seen) == len(switchboard.agent.calls) == 1
    assert await phone.bye(call) in (200, 481)
    await ends_well(switchboard, phone, count)
    after = len(phone.log)
    await asyncio.sleep(3 * T1)
    assert not [text for text in phone.log[after:] if status(text) == 200 and method(text) == "INVITE"]


@pytest.mark.parametrize(("path", "kind"), WHILE_CALLED_AND_CANCELLED)
async def test_a_call_to_us_that_is_cancelled_survives_losing(path, kind, switchboard, phone):
    phone.relay.lose[path, kind] = 1
    call = phone.new_call("ring")
    calling = asyncio.create_task(phone.invite(call))
    await eventually(lambda: call.rang)  # a CANCEL may follow only a provisional response (9.1)
    assert await phone.cancel(call) == 200
    assert (await calling).code == 487
    await ends_well(switchboard, phone, 1)
    if kind == "ACK":
        await eventually(lambda: len([text for text in phone.log if status(text) == 487]) == 2)


@pytest.mark.parametrize(("path", "kind"), WHILE_CALLED_AND_HELD)
async def test_a_call_to_us_that_is_put_on_hold_survives_losing(path, kind, switchboard, phone):
    phone.relay.lose[path, kind] = 1
    call = await phone.dial("ivr")
    assert status(await phone.reinvite(call)) == 200
    assert call.direction == "recvonly"
    await eventually(lambda: acknowledged(switchboard))
    assert switchboard.holds == 1
    assert len(switchboard.agent.calls) == 1
    assert await phone.bye(call) == 200
    await ends_well(switchboard, phone, 1)


async def bridged(phone: Phone, operator: Phone) -> tuple[PhoneCall, PhoneCall]:
    call = await phone.dial("bob")
    assert call.code == 200
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    assert len(operator.calls) == 1
    return call, leg


@pytest.mark.parametrize(("path", "kind", "count", "who"), WHILE_CALLING)
async def test_a_call_of_ours_survives_losing(path, kind, count, who, switchboard, phone, operator):
    operator.relay.lose[path, kind] = count
    call, leg = await bridged(phone, operator)
    if who == "operator":
        assert await operator.bye(leg) in (200, 481)
        await eventually(lambda: call.state == "ended")
    else:
        assert await phone.bye(call) == 200
        await eventually(lambda: leg.state == "ended")
    await ends_well(switchboard, operator, count)


@pytest.mark.parametrize(("path", "kind"), WHILE_CALLING_AND_CANCELLING)
async def test_a_call_of_ours_that_is_cancelled_survives_losing(path, kind, switchboard, phone, operator):
    operator.relay.lose[path, kind] = 1
    operator.answers_by_itself = False
    call = phone.new_call("bob")
    calling = asyncio.create_task(phone.invite(call))
    leg = await operator.arrived.get()
    await eventually(lambda: call.rang)
    assert await phone.cancel(call) == 200
    assert (await calling).code == 487
    await eventually(lambda: leg.state == "cancelled" and leg.is_acked)
    await ends_well(switchboard, operator, 1)


@pytest.mark.parametrize(("path", "kind"), WHILE_CALLING_AND_REFRESHING)
async def test_a_call_of_ours_that_is_refreshed_survives_losing(path, kind, switchboard, phone, operator):
    call, leg = await bridged(phone, operator)
    operator.relay.lose[path, kind] = 1
    leg.is_acked = False
    (ours,) = switchboard.operators
    answer = await ours.reinvite(ours.sdp.local)
    assert answer.port == 40_000
    await eventually(lambda: leg.is_acked)
    assert leg.offers == 1
    assert len(switchboard.agent.calls) == 2
    assert await phone.bye(call) == 200
    await eventually(lambda: leg.state == "ended")
    await ends_well(switchboard, operator, 1)


@pytest.mark.parametrize("share", [0.15, 0.3])
async def test_twenty_calls_survive_a_bad_line(share, switchboard, new_phone, operator):
    """Any datagram is lost with that chance, on both legs; calls are held, then hung up by one side or the other."""
    chance = random.Random(share)
    phones = [await new_phone() for _ in range(20)]
    for phone in (operator, *phones):
        phone.relay.is_unlucky = lambda: chance.random() < share

    async def call_and_hold(phone: Phone) -> PhoneCall:
        call = await phone.dial("bob")
        assert call.code == 200
        assert status(await phone.reinvite(call)) == 200
        return call

    calls = await asyncio.gather(*(call_and_hold(phone) for phone in phones))
    ended = await asyncio.gather(*(phone.bye(call) for phone, call in list(zip(phones, calls, strict=True))[:10]))
    assert set(ended) <= {200, 481}
    await asyncio.gather(*(operator.bye(leg) for leg in operator.calls.values() if leg.state == "up"))
    await eventually(lambda: switchboard.is_idle and all(call.state == "ended" for call in calls))
    assert switchboard.agent.endpoint.failed == 0
