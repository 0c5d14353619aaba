"""Who hears whom, measured by tones: the caller sends 440 Hz, operators 1000 and 1500 Hz."""

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard.models import State
from amparo.line.switchboard.sip import sdp

QUIET = 0.5  # seconds in which a tone would have been heard

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    operator = await exchange.desk_phone(1, hz=1000)
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    return exchange, caller, operator, call


def live(exchange, call):
    return next(c for c in exchange.board.calls.values() if str(c.row.pk) == call)


async def test_caller_and_operator_hear_each_other(talking):
    _exchange, caller, operator, _call = talking
    assert await caller.hears(1000)
    assert await operator.hears(440)


async def test_connected_but_silent_is_noticed(talking):
    """Control of the check itself: without the conversation, nobody hears the other's tone."""
    exchange, caller, _operator, call = talking
    live(exchange, call).conversation.close()
    assert not await caller.hears(1000, within=QUIET)


async def test_a_muted_operator_is_not_heard(talking):
    exchange, caller, operator, call = talking
    await exchange.board.mute(call, 1, on=True)
    assert not await caller.hears(1000, within=QUIET)
    assert await operator.hears(440)


async def test_on_hold_the_caller_hears_music_and_then_the_operator_again(talking):
    exchange, caller, operator, call = talking
    await exchange.board.hold(call, 1)
    assert not await caller.hears(1000, within=QUIET)
    assert len(caller.heard.strip(b"\xff\x7f")) > 4000
    assert not await operator.hears(440, within=QUIET)
    await exchange.board.resume(call, 1)
    assert await caller.hears(1000)


async def test_three_hear_each_other_and_the_first_operator_leaves(talking):
    exchange, caller, first, call = talking
    second = await exchange.desk_phone(2, hz=1500)
    await exchange.board.invite(call, 1, colleague=2)
    await exchange.board.join(call, 2, None)
    for phone, tones in ((caller, (1000, 1500)), (first, (440, 1500)), (second, (440, 1000))):
        for hz in tones:
            assert await phone.hears(hz)
    await exchange.board.leave(call, 1)
    assert live(exchange, call).responsible_operator == 2
    assert await caller.hears(1500)
    assert await second.hears(440)
    assert not await caller.hears(1000, within=QUIET)


async def test_the_last_operator_cannot_leave_a_caller_alone(talking):
    exchange, _caller, _operator, call = talking
    with pytest.raises(Refused):
        await exchange.board.leave(call, 1)


async def test_nobody_joins_uninvited(talking):
    exchange, _caller, _operator, call = talking
    await exchange.desk_phone(2)
    with pytest.raises(Refused):
        await exchange.board.join(call, 2, None)


async def test_who_cannot_join_now_is_asked_no_more(talking):
    exchange, _caller, _operator, call = talking
    await exchange.desk_phone(2)
    await exchange.board.invite(call, 1, colleague=2)
    await exchange.board.decline(call, 2)
    assert live(exchange, call).row.invited == []
    with pytest.raises(Refused):
        await exchange.board.join(call, 2, None)


async def test_who_is_in_a_call_takes_no_second_one(talking):
    exchange, _caller, _operator, _call = talking
    other, waiting = await exchange.waiting()
    with pytest.raises(Refused):
        await exchange.board.answer(waiting, 1, None)
    assert live(exchange, waiting).state is State.WAITING
    assert other.is_up


async def test_only_one_operator_takes_a_call(exchange):
    await exchange.desk_phone(1)
    await exchange.desk_phone(2)
    _caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    with pytest.raises(Refused):
        await exchange.board.answer(call, 2, None)


async def test_ending_hangs_up_for_everybody(talking):
    exchange, caller, operator, call = talking
    await exchange.board.end(call, 1)
    await exchange.until(lambda: not caller.is_up and not operator.is_up)
    await exchange.until(lambda: exchange.ports.taken_count == 0)


async def test_a_handset_put_down_ends_the_call(talking):
    exchange, caller, operator, _call = talking
    operator.hang_up()
    await exchange.until(lambda: not caller.is_up)


async def test_a_desk_phone_that_does_not_answer_leaves_the_caller_in_the_queue(exchange):
    exchange.sit(1)  # a console is open, but no telephone is registered
    caller, call = await exchange.waiting()
    with pytest.raises(Refused):
        await exchange.board.answer(call, 1, None)
    assert live(exchange, call).state is State.WAITING
    assert caller.is_up


async def test_a_telephone_that_holds_in_the_old_way_stays_in_the_call(talking):
    """The telephone holds without an address (RFC 3264 8.4), and resumes with one."""
    _exchange, caller, _operator, _call = talking
    await caller.dialog.reinvite(sdp.Sdp("0.0.0.0", caller.sound.port))
    await caller.dialog.reinvite(sdp.Sdp("127.0.0.1", caller.sound.port))
    assert await caller.hears(1000)


async def test_the_operator_s_telephone_learns_nothing_of_the_caller(exchange):
    operator = await exchange.desk_phone(1)
    _caller, call = await exchange.waiting(number="51987654321")
    await exchange.board.answer(call, 1, None)
    assert "51987654321" not in operator.rang_from
    assert "sip:amparo@" in operator.rang_from
