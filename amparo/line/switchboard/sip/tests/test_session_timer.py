"""RFC 4028: a session that is not refreshed is dead. Seconds are whole there, so these cases wait side by side."""

import asyncio

import pytest

from .phone import Phone
from .switchboard import Switchboard
from .texts import eventually, status, value


@pytest.fixture
async def switchboard():
    switchboard = await Switchboard(session_expires=2, min_se=2).open()
    yield switchboard
    switchboard.close()


async def a_caller_who_never_refreshes_is_hung_up(phone: Phone):
    call = await phone.dial("ivr", extra="Session-Expires: 3;refresher=uac")
    assert value(call.final, "Session-Expires") == "3;refresher=uac"
    assert value(call.final, "Require") == "timer"
    await eventually(lambda: call.byes == 1)


async def a_caller_who_refreshes_is_not(phone: Phone):
    call = await phone.dial("ivr", extra="Session-Expires: 3;refresher=uac")
    for _ in range(3):
        await asyncio.sleep(1)
        call.seq += 1
        refreshed = await phone.ask("UPDATE", call, call.seq, "Session-Expires: 3;refresher=uac")
        assert status(refreshed) == 200
    assert call.byes == 0
    assert await phone.bye(call) == 200


async def a_caller_who_wants_too_little_is_told_the_least(phone: Phone):
    call = await phone.dial("ivr", extra="Session-Expires: 1")
    assert (call.code, value(call.final, "Min-SE")) == (422, "2")


async def we_refresh_towards_an_operator_without_timers(phone: Phone, operator: Phone):
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    assert value(leg.invite, "Session-Expires") == "2"
    await eventually(lambda: leg.offers >= 2)
    assert call.byes == leg.byes == 0
    operator.reinvite_code = 481  # it has forgotten the call
    await eventually(lambda: leg.byes == 1 and call.byes == 1)


async def we_wait_longer_where_the_operators_phone_wants_it(phone: Phone, stubborn: Phone):
    stubborn.answers_by_itself = False
    calling = asyncio.create_task(phone.dial("stubborn"))
    stubborn.refuse(await stubborn.arrived.get(), 422, "Min-SE: 90")
    again = await stubborn.arrived.get()
    assert value(again.invite, "Session-Expires") == "90"
    stubborn.take(again)
    assert (await calling).code == 200


async def test_sessions_live_as_long_as_they_are_refreshed(switchboard, new_phone, operator):
    callers = [await new_phone() for _ in range(5)]
    stubborn = await new_phone()
    switchboard.routes["stubborn"] = stubborn.relay.far_address
    await asyncio.gather(
        a_caller_who_never_refreshes_is_hung_up(callers[0]),
        a_caller_who_refreshes_is_not(callers[1]),
        a_caller_who_wants_too_little_is_told_the_least(callers[2]),
        we_refresh_towards_an_operator_without_timers(callers[3], operator),
        we_wait_longer_where_the_operators_phone_wants_it(callers[4], stubborn),
    )
    assert switchboard.agent.endpoint.failed == 0
