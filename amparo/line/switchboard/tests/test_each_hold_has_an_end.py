"""The end of each hold is an event of the call that says why it ended, so that its length can be measured."""

from dataclasses import replace

import pytest

from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard import call_control
from amparo.line.switchboard.models import CallEvent, State

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    """Operator 1 talks with a caller, operator 2 is asked in, and user 3 listens."""
    keep(replace(current(), listening=True))
    for user in (1, 2, 3):
        await exchange.desk_phone(user)
    _caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    await exchange.board.invite(call, 1, 2)
    await exchange.board.listening.listen(call, 3, None)
    await exchange.board.join(call, 3, None)
    return exchange, call


async def resume(board, call):
    await board.hold(call, 1)
    await board.resume(call, 1)


async def leave(board, call):
    await board.join(call, 2, None)
    await board.hold(call, 1)
    await board.leave(call, 1)


async def take_over(board, call):
    await board.hold(call, 1)
    await board.listening.take_over(call, 3, None)


@pytest.mark.parametrize(("ends", "by"), [(resume, 1), (leave, None), (take_over, 3)])
async def test_a_hold_that_an_operator_chose_ends_with_an_event(talking, ends, by):
    exchange, call = talking
    await ends(exchange.board, call)
    assert await holds(exchange, call) == [("on_hold", 1), ("resumed", by)]


async def test_a_hold_while_the_operator_is_gone_ends_with_an_event(talking, monkeypatch):
    exchange, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    live = next(iter(exchange.board.calls.values()))
    live.legs[1].fell_silent = True
    live.legs[1].handle_end()
    await exchange.until(lambda: live.state is State.ON_HOLD)
    await exchange.board.join(call, 1, None)
    assert await holds(exchange, call) == [("on_hold", 1), ("resumed", 1)]


async def test_a_hold_of_an_operator_who_stays_away_ends_by_going_back_to_the_queue(talking, monkeypatch):
    exchange, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    monkeypatch.setattr(call_control, "COME_BACK", 0.2)
    live = next(iter(exchange.board.calls.values()))
    live.legs[1].fell_silent = True
    live.legs[1].handle_end()
    await exchange.until(lambda: live.is_waiting)
    assert await holds(exchange, call) == [("on_hold", 1), ("requeued", 1)]
    assert await CallEvent.objects.filter(call=call, kind="waiting").acount() == 1, "it began to wait once"


async def test_who_answers_a_waiting_caller_ends_no_hold(talking):
    """The control: a call that was never on hold has none of these events."""
    exchange, call = talking
    await exchange.board.listening.take_over(call, 3, None)
    assert await holds(exchange, call) == []


async def holds(exchange, call):
    await exchange.journal.flush()
    events = CallEvent.objects.filter(call=call, kind__in=("on_hold", "resumed", "requeued")).order_by("at")
    return [each async for each in events.values_list("kind", "user")]
