"""A supervisor in a running call, measured by tones: caller 440 Hz, operator 1000 Hz, supervisor 1500 Hz."""

from dataclasses import replace

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard.models import Call, CallEvent, State

QUIET = 0.5  # seconds in which a tone would have been heard

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    keep(replace(current(), listening=True))
    operator = await exchange.desk_phone(1, hz=1000)
    supervisor = await exchange.desk_phone(2, hz=1500)
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    return exchange, caller, operator, supervisor, call


async def listening(exchange, call):
    await exchange.board.listening.listen(call, 2, None)
    await exchange.board.join(call, 2, None)


def row_of(exchange, call) -> Call:
    return next(live.row for live in exchange.board.calls.values() if str(live.row.pk) == call)


async def test_who_listens_hears_both_and_is_heard_by_nobody(talking):
    exchange, caller, operator, supervisor, call = talking
    await listening(exchange, call)
    assert await supervisor.hears(440)
    assert await supervisor.hears(1000)
    assert not await caller.hears(1500, within=QUIET)
    assert not await operator.hears(1500, within=QUIET)
    assert await caller.hears(1000)
    assert await operator.hears(440)


async def test_a_whisper_is_heard_by_the_operator_and_not_by_the_caller(talking):
    exchange, caller, operator, supervisor, call = talking
    await listening(exchange, call)
    await exchange.board.listening.whisper(call, 2, None)
    assert await operator.hears(1500)
    assert not await caller.hears(1500, within=QUIET)
    assert await caller.hears(1000)
    assert await supervisor.hears(440)
    await exchange.board.listening.listen(call, 2, None)
    assert not await operator.hears(1500, within=QUIET)


async def test_who_joins_is_heard_by_both_and_stays_when_the_operator_leaves(talking):
    exchange, caller, operator, supervisor, call = talking
    await listening(exchange, call)
    await exchange.board.listening.speak(call, 2)
    assert await caller.hears(1500)
    assert await operator.hears(1500)
    assert row_of(exchange, call).operators == [1, 2]
    assert row_of(exchange, call).monitors == []
    await exchange.board.leave(call, 1)
    assert await caller.hears(1500)
    assert await supervisor.hears(440)


async def test_a_caller_on_hold_hears_no_whisper_and_no_operator(talking):
    exchange, caller, operator, _supervisor, call = talking
    await listening(exchange, call)
    await exchange.board.listening.whisper(call, 2, None)
    await exchange.board.hold(call, 1)
    assert await operator.hears(1500)
    assert not await caller.hears(1500, within=QUIET)
    await exchange.board.resume(call, 1)
    assert await caller.hears(1000)
    assert not await caller.hears(1500, within=QUIET)


async def test_whoever_stops_is_gone_and_the_call_goes_on(talking):
    exchange, caller, _operator, supervisor, call = talking
    await listening(exchange, call)
    await exchange.board.listening.stop_listening(call, 2)
    await exchange.until(lambda: not supervisor.is_up)
    assert row_of(exchange, call).monitors == []
    assert await caller.hears(1000)


async def test_a_supervisor_who_hangs_up_ends_nothing(talking):
    exchange, caller, _operator, supervisor, call = talking
    await listening(exchange, call)
    supervisor.hang_up()
    await exchange.until(lambda: not row_of(exchange, call).monitors)
    assert await caller.hears(1000)


async def test_the_end_of_the_call_is_the_end_of_listening(talking):
    exchange, caller, _operator, supervisor, call = talking
    await listening(exchange, call)
    caller.hang_up()
    await exchange.until(lambda: not supervisor.is_up)


async def test_it_is_off_until_the_law_of_the_place_allows_it(exchange):
    await exchange.desk_phone(1)
    _caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    for verb in (exchange.board.listening.listen, exchange.board.listening.whisper):
        with pytest.raises(Refused):
            await verb(call, 2, None)
    assert row_of(exchange, call).monitors == []
    with pytest.raises(Refused):
        await exchange.board.join(call, 2, None)


async def test_nobody_listens_to_a_caller_who_waits(talking):
    exchange, *_ = talking
    _other, waiting = await exchange.waiting()
    with pytest.raises(Refused):
        await exchange.board.listening.listen(waiting, 2, None)


async def test_who_is_in_a_call_listens_to_no_other(talking):
    exchange, _caller, _operator, _supervisor, call = talking
    _other, waiting = await exchange.waiting()
    await exchange.board.answer(waiting, 2, None)
    with pytest.raises(Refused):
        await exchange.board.listening.listen(call, 2, None)


async def test_no_call_rings_for_who_listens(talking):
    exchange, _caller, _operator, _supervisor, call = talking
    await listening(exchange, call)
    _other, waiting = await exchange.waiting()
    assert row_of(exchange, waiting).ringing_for_id is None
    assert row_of(exchange, waiting).state == State.WAITING
    await exchange.board.listening.stop_listening(call, 2)
    await exchange.until(lambda: row_of(exchange, waiting).ringing_for_id == 2)


async def test_a_written_whisper_is_read_by_the_operator_alone_while_the_supervisor_follows(talking):
    exchange, caller, _operator, _supervisor, call = talking
    board = exchange.board.listening
    with pytest.raises(Refused):
        await board.write_whisper(call, 2, "invented words")
    await listening(exchange, call)
    await board.write_whisper(call, 2, "invented words")
    assert await board.read_whisper(call, 1) == {"by": 2, "words": "invented words"}
    assert [await board.read_whisper(call, other) for other in (2, 3)] == [{}, {}]
    await exchange.until_row(CallEvent.objects.filter(call=call, user=2, kind="whispering"))
    assert "invented" not in str([row async for row in Call.objects.filter(pk=call).values()])
    live = next(each for each in exchange.board.calls.values() if str(each.row.pk) == call)
    await board.stop_listening(call, 2)
    assert await board.read_whisper(call, 1) == {}
    await listening(exchange, call)
    await board.write_whisper(call, 2, "other words")
    caller.hang_up()
    await exchange.until(lambda: live.has_ended)
    assert live.written is None
    with pytest.raises(Refused):
        await board.read_whisper(call, 1)


async def test_who_listens_beside_an_operator_is_gone_when_that_operator_leaves(talking):
    exchange, _caller, _operator, mentor, call = talking
    exchange.sit(3)
    await exchange.board.listening.listen(call, 3, None)  # a supervisor
    await exchange.board.listening.listen(call, 2, [1])
    await exchange.board.join(call, 2, None)
    await exchange.board.listening.write_whisper(call, 2, "invented words")
    await exchange.desk_phone(4, hz=700)
    await exchange.board.invite(call, 1, 4)
    await exchange.board.join(call, 4, None)
    assert sorted(row_of(exchange, call).monitors) == [2, 3], "control: while the operator is in the call"
    await exchange.board.leave(call, 1)
    await exchange.until(lambda: not mentor.is_up)
    assert row_of(exchange, call).monitors == [3]
    assert await exchange.board.listening.read_whisper(call, 4) == {}
    await exchange.until_row(CallEvent.objects.filter(call=call, user=2, kind="left"))
    with pytest.raises(Refused):
        await exchange.board.listening.listen(call, 2, [1])


def roster_is_read(exchange, mentorships: set[tuple[int, int]], supervisors: set[int]) -> None:
    exchange.seats.mentorships, exchange.seats.supervisors = mentorships, supervisors
    for look in exchange.seats.on_change:
        look()


async def test_who_listens_as_a_mentor_is_gone_when_the_mentorship_ends(talking):
    exchange, caller, operator, mentor, call = talking
    exchange.sit(3)
    await exchange.board.listening.listen(call, 3, None)  # a supervisor
    await exchange.board.listening.whisper(call, 2, [1])
    await exchange.board.join(call, 2, None)
    roster_is_read(exchange, {(2, 1), (5, 6)}, {3})
    assert await operator.hears(1500), "control: another change of the roster ends nothing"
    roster_is_read(exchange, {(1, 2), (5, 6)}, {3})
    await exchange.until(lambda: not mentor.is_up)
    assert row_of(exchange, call).monitors == [3]
    assert not await operator.hears(1500, within=QUIET)
    assert await caller.hears(1000)
    await exchange.until_row(CallEvent.objects.filter(call=call, user=2, kind="left"))
    await exchange.until_row(Call.objects.filter(pk=call, listeners=[3], whisperers=[]))


async def test_who_is_a_supervisor_no_more_is_gone_at_once(talking):
    exchange, caller, operator, supervisor, call = talking
    exchange.sit(3)
    await exchange.board.listening.listen(call, 3, [1])  # the mentor of the operator
    await exchange.board.listening.whisper(call, 2, None)
    await exchange.board.join(call, 2, None)
    await exchange.board.listening.write_whisper(call, 2, "invented words")
    roster_is_read(exchange, {(3, 1)}, {2, 4})
    assert await operator.hears(1500), "control: another change of the roster ends nothing"
    roster_is_read(exchange, {(3, 1)}, {4})
    await exchange.until(lambda: not supervisor.is_up)
    assert row_of(exchange, call).monitors == [3]
    assert await exchange.board.listening.read_whisper(call, 1) == {}
    assert not await operator.hears(1500, within=QUIET)
    assert await caller.hears(1000)
    await exchange.until_row(CallEvent.objects.filter(call=call, user=2, kind="left"))
    with pytest.raises(Refused):
        await exchange.board.join(call, 2, None)


async def test_who_closes_the_console_is_gone_after_a_minute(talking):
    exchange, caller, _operator, supervisor, call = talking
    await listening(exchange, call)
    exchange.seats.at_console = {1}
    roster_is_read(exchange, set(), {2})
    assert row_of(exchange, call).monitors == [2], "control: who has just begun may be on the way to the console"
    exchange.board.listening.began[2] -= 61
    exchange.seats.at_console = {1, 2}
    roster_is_read(exchange, set(), {2})
    assert row_of(exchange, call).monitors == [2], "control: the console is open"
    exchange.seats.at_console = {1}
    roster_is_read(exchange, set(), {2})
    await exchange.until(lambda: not supervisor.is_up)
    assert row_of(exchange, call).monitors == []
    assert await caller.hears(1000)


async def test_who_listens_is_gone_once_listening_is_switched_off(talking):
    exchange, caller, _operator, supervisor, call = talking
    await listening(exchange, call)
    roster_is_read(exchange, set(), {2})
    assert row_of(exchange, call).monitors == [2], "control: it is allowed"
    keep(replace(current(), listening=False))
    roster_is_read(exchange, set(), {2})
    await exchange.until(lambda: not supervisor.is_up)
    assert row_of(exchange, call).monitors == []
    assert await caller.hears(1000)


@pytest.mark.parametrize("beside", [[1], None], ids=["mentor", "supervisor"])
async def test_who_listens_as_the_operator_vanishes_is_rung_for_the_caller(talking, beside):
    exchange, _caller, _operator, listener, call = talking
    await exchange.board.listening.listen(call, 2, beside)
    await exchange.board.join(call, 2, None)
    del exchange.seats.on_shift[1]
    next(iter(exchange.board.calls.values())).requeue()
    await exchange.until(lambda: row_of(exchange, call).ringing_for_id == 2)
    assert row_of(exchange, call).monitors == []
    await exchange.until(lambda: not listener.is_up)


@pytest.mark.parametrize("follows_this", [True, False])
async def test_who_is_asked_in_while_listening_joins_and_listens_no_more(talking, follows_this):
    exchange, caller, _operator, colleague, call = talking
    followed = call
    if not follows_this:
        await exchange.desk_phone(3)
        _other, followed = await exchange.waiting(number="51900000002")
        await exchange.board.answer(followed, 3, None)
    await listening(exchange, followed)
    await exchange.board.invite(call, 1, 2)
    await exchange.board.join(call, 2, None)
    assert await caller.hears(1500)
    row = row_of(exchange, call)
    assert (row.operators, row.invited) == ([1, 2], [])
    assert row_of(exchange, followed).monitors == []
    assert colleague.is_up


async def test_who_does_not_listen_cannot_stop(talking):
    exchange, *_, call = talking
    with pytest.raises(Refused):
        await exchange.board.listening.stop_listening(call, 2)
    await listening(exchange, call)
    await exchange.board.listening.stop_listening(call, 2)


async def test_each_step_is_written_in_the_row_and_the_events(talking):
    exchange, _caller, _operator, _supervisor, call = talking
    await listening(exchange, call)
    await exchange.until_row(Call.objects.filter(pk=call, listeners=[2], whisperers=[]))
    await exchange.board.listening.whisper(call, 2, None)
    await exchange.until_row(Call.objects.filter(pk=call, listeners=[], whisperers=[2]))
    await exchange.board.listening.speak(call, 2)
    await exchange.until_row(Call.objects.filter(pk=call, listeners=[], whisperers=[], operators=[1, 2]))
    kinds = [
        each async for each in CallEvent.objects.filter(call=call, user=2).order_by("at").values_list("kind", flat=True)
    ]
    assert kinds[-3:] == ["listening", "whispering", "joined"]
