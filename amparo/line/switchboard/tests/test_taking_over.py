"""One press takes a call over, by tones: caller 440 Hz, operator 1000, supervisor or mentor 1500, a third 700."""

import asyncio
from dataclasses import replace

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard.models import CallEvent, State

QUIET = 0.5  # seconds in which a tone would have been heard

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    keep(replace(current(), listening=True))
    phones = {user: await exchange.desk_phone(user, hz) for user, hz in ((1, 1000), (2, 1500), (3, 700))}
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    return exchange, caller, phones, call


async def follow(exchange, call, beside=None):
    await exchange.board.listening.listen(call, 2, beside)
    await exchange.board.join(call, 2, None)


def live_call(exchange, call):
    return next(live for live in exchange.board.calls.values() if str(live.row.pk) == call)


@pytest.mark.parametrize("trainees", [None, [1]], ids=["supervisor", "mentor"])
@pytest.mark.parametrize("first", ["listening", "whispering", "joined", "asked in", "on hold"])
async def test_who_takes_over_is_heard_by_the_caller_and_the_operator_hears_nobody_any_more(talking, first, trainees):
    exchange, caller, phones, call = talking
    board = exchange.board
    await follow(exchange, call, trainees)
    assert not await caller.hears(1500, within=QUIET), "control: who listens is not heard"
    await board.invite(call, 1, 3)
    if first == "whispering":
        await board.listening.whisper(call, 2, trainees)
    elif first == "joined":
        await board.listening.speak(call, 2)
        assert await phones[1].hears(1500), "control: until then both talk with the caller"
    elif first == "asked in":
        await board.invite(call, 1, 2)
        await board.join(call, 2, None)
    elif first == "on hold":
        await board.hold(call, 1)
    await board.listening.take_over(call, 2, trainees)
    await board.listening.take_over(call, 2, trainees)  # a second press changes nothing
    await exchange.until(lambda: not phones[1].is_up)
    assert await caller.hears(1500)
    assert await phones[2].hears(440)
    assert not await caller.hears(1000, within=QUIET)
    assert not await phones[1].hears(440, within=QUIET)
    row = live_call(exchange, call).row
    assert (row.operators, row.invited, row.monitors, row.state) == ([2], [], [], State.TALKING)
    with pytest.raises(Refused):
        await board.join(call, 1, None)
    await exchange.until_row(CallEvent.objects.filter(call=call, user=1, kind="left", by=2))
    assert await CallEvent.objects.filter(call=call, user=1, kind="left").acount() == 1
    caller.hang_up()
    await exchange.until(lambda: not phones[2].is_up)


@pytest.mark.parametrize(("trainees", "stay"), [(None, [2]), ([1], [2, 3])], ids=["supervisor", "mentor"])
async def test_a_mentor_takes_the_place_of_the_trainee_alone(talking, trainees, stay):
    exchange, caller, phones, call = talking
    await follow(exchange, call, trainees)
    await exchange.board.invite(call, 1, 3)
    await exchange.board.join(call, 3, None)
    await exchange.board.listening.take_over(call, 2, trainees)
    assert live_call(exchange, call).row.operators == stay, "who took over is responsible now"
    assert await caller.hears(1500)
    assert not await caller.hears(1000, within=QUIET)
    assert await caller.hears(700, within=2) == phones[3].is_up == (3 in stay)


async def test_a_mentor_of_somebody_who_was_asked_in_displaces_nobody_else(talking):
    exchange, caller, phones, call = talking
    await exchange.board.invite(call, 1, 3)
    await exchange.board.join(call, 3, None)
    await follow(exchange, call, [3])
    await exchange.board.listening.take_over(call, 2, [3])
    assert live_call(exchange, call).row.operators == [1, 2], "who answered stays responsible"
    assert await caller.hears(1500)
    assert await caller.hears(1000)
    assert not phones[3].is_up


@pytest.mark.parametrize(("trainees", "invited"), [([1], [5, 6]), (None, [6])], ids=["mentor", "supervisor: control"])
async def test_whoever_stays_in_the_call_still_waits_for_the_colleague_they_asked_in(talking, trainees, invited):
    exchange, _caller, _phones, call = talking
    board = exchange.board
    for colleague in (4, 5, 6):
        exchange.sit(colleague)
    await follow(exchange, call, trainees)
    await board.listening.speak(call, 2)
    await board.invite(call, 1, 3)
    await board.join(call, 3, None)
    for user, colleague in ((1, 4), (3, 5), (2, 6)):
        await board.invite(call, user, colleague)
    await board.listening.take_over(call, 2, trainees)
    assert live_call(exchange, call).row.invited == invited, "who left waits for nobody"


async def test_a_mentor_takes_over_from_nobody_but_the_trainee(talking):
    exchange, caller, _phones, call = talking
    take_over = exchange.board.listening.take_over
    await follow(exchange, call, [1])
    await exchange.board.invite(call, 1, 3)
    await exchange.board.join(call, 3, None)
    with pytest.raises(Refused):
        await take_over(call, 2, [4])
    await take_over(call, 3, [4])  # as a second press
    assert live_call(exchange, call).row.operators == [1, 3]
    await take_over(call, 2, [1])
    assert live_call(exchange, call).row.operators == [2, 3], "control"
    assert await caller.hears(1500)


async def test_who_does_not_follow_a_call_takes_it_from_nobody(talking):
    exchange, caller, _phones, call = talking
    with pytest.raises(Refused):
        await exchange.board.listening.take_over(call, 2, None)
    await exchange.board.listening.listen(call, 2, None)
    with pytest.raises(Refused):  # before their sound is connected the caller would hear nobody
        await exchange.board.listening.take_over(call, 2, None)
    assert live_call(exchange, call).row.operators == [1]
    assert await caller.hears(1000)


async def test_who_joined_and_lost_the_sound_takes_over_once_it_is_back(talking):
    exchange, caller, _phones, call = talking
    await follow(exchange, call)
    await exchange.board.listening.speak(call, 2)
    lose_sound(live_call(exchange, call), 2)
    with pytest.raises(Refused, match="Vuelva a cargar la página"):
        await exchange.board.listening.take_over(call, 2, None)
    assert await caller.hears(1000)
    await exchange.board.join(call, 2, None)
    await exchange.board.listening.take_over(call, 2, None)
    assert await caller.hears(1500)


async def test_an_operator_whose_phone_rings_during_the_take_over_is_not_connected(talking):
    exchange, caller, phones, call = talking
    await follow(exchange, call)
    lose_sound(live_call(exchange, call), 1)
    phones[1].picks_up, rung = False, phones[1].rung
    coming_back = asyncio.create_task(exchange.board.join(call, 1, None))
    await exchange.until(lambda: phones[1].rung > rung)
    await exchange.board.listening.take_over(call, 2, None)
    phones[1].lift()
    with pytest.raises(Refused):
        await coming_back
    await exchange.until(lambda: not phones[1].is_up)
    assert live_call(exchange, call).row.operators == [2]
    assert await caller.hears(1500)


async def test_nobody_follows_a_call_whose_operator_is_still_being_connected(talking):
    """Otherwise a phone that nobody answers would send the caller from the supervisor back to the queue."""
    exchange, *_ = talking
    phone = await exchange.desk_phone(4)
    phone.picks_up = False
    _other, waiting = await exchange.waiting(number="51900000002")
    answering = asyncio.create_task(exchange.board.answer(waiting, 4, None))
    await exchange.until(lambda: phone.rung)
    with pytest.raises(Refused):
        await exchange.board.listening.listen(waiting, 2, None)
    phone.lift()
    await answering
    await follow(exchange, waiting)
    assert live_call(exchange, waiting).row.monitors == [2], "control"


def lose_sound(live, user):
    live.legs[user].fell_silent = True
    live.legs[user].handle_end()
