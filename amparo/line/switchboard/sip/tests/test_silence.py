"""The other side is gone: everything ends by itself after 64*T1."""

from .relay import DOWN
from .texts import eventually, method, status, value


async def test_a_dead_phone_is_tried_seven_times(switchboard, phone, operator):
    operator.relay.lose[DOWN, "INVITE"] = 99
    call = await phone.dial("bob")
    assert call.code == 408
    copies = operator.relay.lost.count((DOWN, "INVITE"))
    assert copies in (6, 7)  # at 0, 1, 3, 7, 15, 31 and 63 T1; the last one is missed where timers run late
    await eventually(lambda: switchboard.is_idle)


async def test_a_call_that_is_never_acknowledged_is_hung_up(switchboard, phone):
    phone.acknowledges = False
    call = await phone.dial("ivr")
    await eventually(lambda: call.byes == 1)
    copies = [text for text in phone.log if status(text) == 200 and method(text) == "INVITE"]
    assert 8 <= len(copies) <= 11  # 13.3.1.4: doubling up to T2
    await eventually(lambda: switchboard.is_idle)


async def test_a_phone_nobody_listens_at_is_not_called_for_ever(switchboard, phone):
    switchboard.routes["nobody"] = ("127.0.0.1", 9)
    assert (await phone.dial("nobody")).code == 408
    await eventually(lambda: switchboard.is_idle)


async def test_an_unusable_address_fails_at_once(switchboard, phone):
    switchboard.routes["nowhere"] = ("127.0.0.1", 0)
    assert (await phone.dial("nowhere")).code == 503
    await eventually(lambda: switchboard.is_idle)


async def test_nothing_is_left_when_all_timers_have_run(switchboard, phone, operator):
    for user in ("ivr", "bob"):
        call = await phone.dial(user)
        await phone.bye(call)
    await phone.dial("unknown")
    await eventually(lambda: switchboard.is_idle and switchboard.transactions == 0)
    assert not any(value(text, "Warning") for text in phone.log)
