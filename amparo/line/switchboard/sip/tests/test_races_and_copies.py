"""Messages that come twice, cross, or come too late."""

import asyncio

from .relay import DOWN
from .texts import T1, eventually, method, sdp, seq, status, tag, value


async def test_copies_of_an_invite_make_one_call(switchboard, phone):
    call = phone.new_call("ivr")
    call.seq = 1
    call.invite = phone.request("INVITE", call, 1, sdp())
    for _ in range(2):
        phone.send(call.invite)
    await eventually(lambda: any(status(text) == 200 for text in phone.log))
    phone.send(call.invite)
    await asyncio.sleep(2 * T1)
    answers = [text for text in phone.log if status(text) == 200]
    assert len({tag(value(text, "To")) for text in answers}) == 1
    assert len(switchboard.seen) == 1
    phone.take_final(call, answers[0])
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_one_invite_by_two_paths_is_refused_once(switchboard, phone):
    """RFC 3261 8.2.2.2: a forking proxy may send us the same INVITE under two branches."""
    call = phone.new_call("ring")
    first, second = (phone.request("INVITE", call, 1, sdp()) for _ in range(2))
    ringing = asyncio.create_task(phone.transact(first))
    await eventually(lambda: switchboard.seen)
    assert status(await phone.transact(second)) == 482
    assert len(switchboard.seen) == 1
    ringing.cancel()


async def test_a_cancel_while_ringing_goes_through_to_the_operator(switchboard, phone, operator):
    operator.answers_by_itself = False
    call = phone.new_call("bob")
    calling = asyncio.create_task(phone.invite(call))
    leg = await operator.arrived.get()
    await eventually(lambda: call.rang)
    assert await phone.cancel(call) == 200
    assert (await calling).code == 487
    await eventually(lambda: leg.state == "cancelled" and leg.is_acked and switchboard.is_idle)


async def test_a_cancel_that_crosses_the_operators_answer_ends_with_a_bye(switchboard, phone, operator):
    operator.answers_by_itself = False
    call = phone.new_call("bob")
    calling = asyncio.create_task(phone.invite(call))
    leg = await operator.arrived.get()
    await eventually(lambda: call.rang)
    operator.relay.lose[DOWN, "CANCEL"] = 1
    assert await phone.cancel(call) == 200
    await eventually(lambda: operator.relay.lost)
    operator.take(leg)
    assert (await calling).code == 487
    await eventually(lambda: leg.state == "ended" and switchboard.is_idle)
    assert (leg.is_acked, leg.byes) == (True, 1)


async def test_a_cancel_that_crosses_our_answer_changes_nothing(switchboard, phone):
    phone.relay.lose[DOWN, "200/INVITE"] = 1
    call = phone.new_call("ivr")
    calling = asyncio.create_task(phone.invite(call))
    await eventually(lambda: phone.relay.lost)
    assert await phone.cancel(call) == 200
    assert (await calling).code == 200
    assert len(switchboard.agent.calls) == 1
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_a_cancel_without_an_invite_is_refused(switchboard, phone):
    assert status(await phone.ask("CANCEL", phone.new_call("ivr"), 1)) == 481


async def test_anyone_may_hang_up_and_both_at_once(switchboard, phone, operator):
    async def bridged():
        return await phone.dial("bob"), await operator.arrived.get()

    async def both_ended(call, leg):
        await eventually(lambda: switchboard.is_idle and call.state == leg.state == "ended")

    call, leg = await bridged()
    await phone.bye(call)
    await both_ended(call, leg)
    call, leg = await bridged()
    await operator.bye(leg)
    await both_ended(call, leg)
    call, leg = await bridged()
    switchboard.seen[-1].hangup()
    await both_ended(call, leg)
    call, leg = await bridged()
    await asyncio.gather(phone.bye(call), operator.bye(leg))
    await both_ended(call, leg)


async def test_we_say_no_bye_before_the_ack(switchboard, phone):
    """RFC 3261 section 15: the callee must wait for the ACK."""
    phone.acknowledges = False
    call = await phone.dial("ivr")
    switchboard.seen[0].hangup()
    await asyncio.sleep(2 * T1)
    assert not any(text.startswith("BYE") for text in phone.log)
    phone.send(call.ack)
    await eventually(lambda: call.byes == 1)


async def test_a_second_phone_that_answers_is_hung_up_on(switchboard, phone, operator):
    """RFC 3261 13.2.2.4: the 2xx of another fork gets an ACK and a BYE, and our call goes on."""
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    ours = tag(leg.local)
    fork = operator.response(leg.invite, 200, leg, sdp()).replace(f"tag={ours}", "tag=otherphone")
    before = len(operator.log)
    operator.send(fork)
    await eventually(lambda: any(text.startswith("BYE") for text in operator.log[before:]))
    ack, bye = (next(t for t in operator.log[before:] if t.startswith(name)) for name in ("ACK", "BYE"))
    assert tag(value(ack, "To")) == tag(value(bye, "To")) == "otherphone"
    assert seq(ack) == seq(leg.invite)
    assert len(switchboard.agent.calls) == 2
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_offers_that_cross_are_tried_again(switchboard, phone, operator):
    """RFC 3261 14.1: both sides offer at once, both get 491, and after a pause ours goes through."""
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    operator.reinvite_code = 491
    (ours,) = switchboard.operators
    offering = asyncio.create_task(ours.reinvite(ours.sdp.local))
    await asyncio.sleep(0)  # the offer is out, its answer is not here
    assert status(await operator.reinvite(leg)) == 491
    operator.reinvite_code = 200
    assert (await offering).port == 40_000
    assert [status(text) for text in operator.log if method(text) == "INVITE" and status(text) >= 300] == [491]
    assert leg.offers >= 2
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_a_cancelled_reinvite_does_not_end_the_call(switchboard, phone, operator):
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    leg.is_acked = False
    (ours,) = switchboard.operators
    offering = asyncio.create_task(ours.reinvite(ours.sdp.local))
    await asyncio.sleep(0)
    offering.cancel()
    await eventually(lambda: leg.is_acked)
    assert leg.byes == 0
    assert ours.is_up
    assert await phone.bye(call) == 200


async def test_a_hangup_that_crosses_our_own_offer_is_one_bye(switchboard, phone, operator):
    await phone.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    leg.is_acked = False
    (ours,) = switchboard.operators
    offering = asyncio.create_task(ours.reinvite(ours.sdp.local))
    await asyncio.sleep(0)
    ours.hangup()
    await eventually(lambda: leg.is_acked and leg.offers == 1 and switchboard.is_idle)
    await offering
    await asyncio.sleep(2 * T1)
    assert leg.byes == 1
