"""The other side is gone: everything ends by itself after 64*T1. The cases wait side by side."""

import asyncio

from .relay import DOWN, UP
from .texts import eventually, method, status


async def a_dead_phone_is_tried_seven_times(switchboard, phone, operator):
    operator.relay.lose[DOWN, "INVITE"] = 99
    call = await phone.dial("bob")
    assert call.code == 408
    copies = operator.relay.lost.count((DOWN, "INVITE"))
    assert copies in (6, 7)  # at 0, 1, 3, 7, 15, 31 and 63 T1; the last one is missed where timers run late


async def a_call_that_is_never_acknowledged_is_hung_up(phone):
    phone.acknowledges = False
    call = await phone.dial("ivr")
    await eventually(lambda: call.byes == 1)
    copies = [text for text in phone.log if status(text) == 200 and method(text) == "INVITE"]
    answered_again = phone.relay.seen.count((UP, "INVITE")) - 1  # on a busy machine the phone repeats its INVITE
    assert 8 <= len(copies) - answered_again <= 11  # 13.3.1.4: doubling up to T2


async def a_phone_nobody_listens_at_is_not_called_for_ever(switchboard, phone):
    switchboard.routes["nobody"] = ("127.0.0.1", 9)
    assert (await phone.dial("nobody")).code == 408


async def a_phone_that_ignores_our_cancel_is_given_up(switchboard, phone, operator):
    switchboard.routes["deaf"] = operator.relay.far_address
    operator.answers_by_itself = False
    operator.relay.lose[DOWN, "CANCEL"] = 99
    call = phone.new_call("deaf")
    calling = asyncio.create_task(phone.invite(call))
    await eventually(lambda: call.rang)
    await phone.cancel(call)
    assert (await calling).code == 487


async def test_silence_ends_everything(switchboard, new_phone, operator):
    callers = [await new_phone() for _ in range(4)]
    deaf = await new_phone()
    await asyncio.gather(
        a_dead_phone_is_tried_seven_times(switchboard, callers[0], operator),
        a_call_that_is_never_acknowledged_is_hung_up(callers[1]),
        a_phone_nobody_listens_at_is_not_called_for_ever(switchboard, callers[2]),
        a_phone_that_ignores_our_cancel_is_given_up(switchboard, callers[3], deaf),
    )
    await eventually(lambda: switchboard.is_idle and switchboard.transactions == 0)
    assert switchboard.agent.endpoint.failed == 0


async def test_an_unusable_address_fails_at_once(switchboard, phone):
    switchboard.routes["nowhere"] = ("127.0.0.1", 0)
    assert (await phone.dial("nowhere")).code == 503
    await eventually(lambda: switchboard.is_idle)
