"""A silent person is never hung up on. A telephone that is gone is."""

import asyncio

import pytest

from amparo.line.switchboard import call_control
from amparo.line.switchboard.media.g711 import SILENCE
from amparo.line.switchboard.media.leg import MediaLeg
from amparo.line.switchboard.models import Call, Ending, State
from amparo.line.switchboard.sip.transaction import Timers


@pytest.fixture
async def silent(exchange, monkeypatch):
    """A caller whose telephone sends no packets during silence."""
    monkeypatch.setattr(MediaLeg, "silence_seconds", 0.5)
    exchange.telephones.agent.endpoint.timers = Timers.scaled(0.02)
    phone = await exchange.caller()
    phone.fall_silent()
    return exchange, phone


async def sequence_number(exchange, phone) -> int:
    """How often the switchboard asked the telephone whether it is still in the call."""
    return phone.dialog.dialog.remote_seq


async def test_who_says_nothing_stays_on_the_line(silent):
    exchange, phone = silent
    first = await sequence_number(exchange, phone)
    await exchange.until(lambda: phone.dialog.dialog.remote_seq >= first + 3)  # asked three times, and answered
    assert phone.is_up
    assert exchange.board.calls


async def test_who_is_heard_while_the_telephone_is_asked_stays_on_the_line(exchange):
    """Its signalling does not answer, as behind a gateway that knows no OPTIONS."""
    exchange.telephones.agent.endpoint.timers = Timers.scaled(0.01)
    phone = await exchange.caller()
    [live] = exchange.board.calls.values()
    phone.fall_silent()
    phone.agent.endpoint.close()
    live.caller._check_silent_phone()
    await asyncio.sleep(0)  # the question is under way
    phone.sound._transmit(SILENCE)
    await live.caller._asking
    assert not live.has_ended
    live.caller._check_silent_phone()  # the control: nothing is heard
    await exchange.until(lambda: live.has_ended)


def test_a_telephone_that_is_gone_is_noticed_within_three_quarters_of_a_minute():
    assert MediaLeg.silence_seconds + Timers().timeout < 45


async def test_a_telephone_that_is_gone_is_noticed_without_its_bye(silent):
    exchange, phone = silent
    phone.agent.endpoint.close()  # closes its sockets without a BYE
    await exchange.until(lambda: not exchange.board.calls, seconds=30)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == Ending.SILENCE
    assert exchange.ports.taken_count == 0


async def test_a_desk_phone_that_is_gone_cuts_no_caller_off(exchange, monkeypatch):
    """Its power or network failed: nobody put the handset down."""
    desk = await exchange.desk_phone(1)
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    [live] = exchange.board.calls.values()
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    monkeypatch.setattr(call_control, "COME_BACK", 2.0)
    monkeypatch.setattr(live.legs[1].sound, "silence_seconds", 0.5)
    live.legs[1].sound._watch_silence()  # with the shorter time from now on
    exchange.telephones.agent.endpoint.timers = Timers.scaled(0.02)
    desk.fall_silent()
    desk.agent.endpoint.close()  # closes its sockets without a BYE
    await exchange.until(lambda: live.has_ended or live.state is State.ON_HOLD, seconds=30)
    assert not live.has_ended
    await exchange.until(lambda: live.state is State.WAITING)  # back in the queue, for any free operator
    assert caller.is_up


async def test_a_desk_phone_that_hangs_up_ends_the_call(exchange):
    """The control."""
    desk = await exchange.desk_phone(1)
    _caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    [live] = exchange.board.calls.values()
    desk.hang_up()
    await exchange.until(lambda: live.has_ended)
