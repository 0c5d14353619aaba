"""A telephone stops ringing when the other party is gone."""

import asyncio
from dataclasses import replace

import pytest

from amparo.foundation.core.refusal import Refused


@pytest.fixture
async def unanswered(exchange):
    """The desk phone of operator 1, which rings without an answer."""
    phone = await exchange.desk_phone(1)
    phone.picks_up = False
    return phone


async def rings(exchange, phone):
    await exchange.until(lambda: phone.dialog is not None)


async def test_a_desk_phone_stops_when_its_caller_is_gone(exchange, unanswered):
    caller, call = await exchange.waiting()
    answering = asyncio.create_task(exchange.board.answer(call, 1, None))
    await rings(exchange, unanswered)
    caller.hang_up()
    with pytest.raises(Refused, match="colgó"):
        await asyncio.wait_for(answering, 5)  # it would ring for 30
    await exchange.until(lambda: unanswered.dialog.has_ended, seconds=5)
    assert not exchange.board.calls


async def test_a_desk_phone_that_is_merely_not_answered_gives_the_call_back(exchange, unanswered):
    _caller, call = await exchange.waiting()
    answering = asyncio.create_task(exchange.board.answer(call, 1, None))
    await rings(exchange, unanswered)
    unanswered.dialog.hangup(486)
    with pytest.raises(Refused):
        await asyncio.wait_for(answering, 20)
    (live,) = exchange.board.calls.values()
    assert live.is_waiting


@pytest.fixture
async def person(exchange):
    """The person whom operator 1 calls back. The telephone rings."""
    await exchange.desk_phone(1)
    phone = await exchange.phone()
    phone.picks_up = False
    exchange.telephones.environment = replace(exchange.environment, trunk=("127.0.0.1", phone.agent.port))
    return phone


async def test_only_whose_call_it_is_ends_it_while_it_rings(exchange, person):
    answer = await exchange.board.call_back("987000111", "es", 1, None)
    await rings(exchange, person)
    with pytest.raises(Refused):
        await exchange.board.end(answer["call"], 2)
    assert not person.dialog.has_ended
    await exchange.board.end(answer["call"], 1)
    await exchange.until(lambda: person.dialog.has_ended, seconds=5)


async def test_who_rings_somebody_takes_no_second_call(exchange, person):
    await exchange.board.call_back("987000111", "es", 1, None)
    await rings(exchange, person)
    _caller, call = await exchange.waiting()
    with pytest.raises(Refused, match="otra llamada"):
        await exchange.board.answer(call, 1, None)


@pytest.fixture
def hasty(exchange, monkeypatch):
    """A desk phone that hangs up again before the busy event loop connects its operator."""
    ring = exchange.telephones.ring_desk_phone

    async def slowly(username):
        leg = await ring(username)
        next(phone for phone in exchange.phones if phone.rung).hang_up()
        await exchange.until(lambda: leg.is_over)
        return leg

    monkeypatch.setattr(exchange.telephones, "ring_desk_phone", slowly)
    return monkeypatch


async def test_a_desk_phone_put_down_at_once_gives_the_call_back(exchange, hasty):
    phone = await exchange.desk_phone(1)
    caller, call = await exchange.waiting()
    with pytest.raises(Refused, match="colgó"):
        await exchange.board.answer(call, 1, None)
    (live,) = exchange.board.calls.values()
    assert live.is_waiting
    assert live.row.operators == []
    assert caller.is_up
    hasty.undo()  # the control: if it does not hang up, the operator is connected
    await exchange.board.answer(call, 1, None)
    assert phone.is_up
    assert live.state == "talking"
