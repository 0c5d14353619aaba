"""A supervisor passes a waiting call on. It keeps its place, and is anybody's again if the operator does not answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current, keep

WORDS = "frase-inventada-4471"
MARTA = 9
TOO_LONG = timedelta(seconds=21)


@pytest.fixture
async def calls(exchange):
    """Two callers wait, and three operators are ready. The test itself runs the distribution."""
    exchange.distributing.cancel()
    for _ in range(2):
        await exchange.waiting()
    for user in (1, 2, 3):
        exchange.sit(user)
    exchange.board.distribution.distribute(timezone.now())
    first, second = exchange.board.calls.values()
    assert (first.row.ringing_for_id, second.row.ringing_for_id) == (1, 2)
    return first, second


def distribute(exchange, after=timedelta()):
    exchange.board.distribution.distribute(timezone.now() + after)


async def pass_to(exchange, call, user, words=WORDS):
    await exchange.board.distribution.pass_to(str(call.row.pk), MARTA, user, words)


async def test_it_rings_for_who_was_chosen_and_the_sentence_is_theirs_alone(exchange, calls):
    first, second = calls
    place = second.row.turn_at
    await pass_to(exchange, second, 3)
    distribute(exchange)
    assert (first.row.ringing_for_id, second.row.ringing_for_id) == (1, 3)
    assert second.row.turn_at == place
    read = exchange.board.listening.read_whisper
    assert await read(str(second.row.pk), 3) == {"by": MARTA, "words": WORDS}
    assert await read(str(second.row.pk), 1) == {}


async def test_a_call_that_rings_for_them_already_is_not_taken_away(exchange, calls):
    first, second = calls
    await pass_to(exchange, second, 1)
    distribute(exchange)
    assert first.row.ringing_for_id == 1
    assert second.row.ringing_for_id in (2, 3), "it waits for nobody"
    distribute(exchange, TOO_LONG)
    assert second.row.ringing_for_id == 1, "then it comes first"


@pytest.mark.parametrize("how", ["silent", "declines"])
async def test_who_does_not_answer_gives_it_back_in_its_old_place(exchange, calls, how):
    _first, second = calls
    place = second.row.turn_at
    await pass_to(exchange, second, 3)
    distribute(exchange)
    if how == "declines":
        await exchange.board.decline(str(second.row.pk), 3)
    distribute(exchange, TOO_LONG)
    assert second.is_waiting
    assert second.row.passed_to_id is None
    assert second.row.turn_at == place
    assert second.row.ringing_for_id in (1, 2)
    assert await exchange.board.listening.read_whisper(str(second.row.pk), 3) == {}


async def test_who_answers_reads_the_sentence_whoever_it_is(exchange, calls):
    _first, second = calls
    await exchange.desk_phone(2)
    await pass_to(exchange, second, 3)
    await exchange.board.answer(str(second.row.pk), 2, None)
    assert (await exchange.board.listening.read_whisper(str(second.row.pk), 2))["words"] == WORDS
    assert await exchange.board.listening.read_whisper(str(second.row.pk), 3) == {}, "they did not answer"
    second.requeue()
    assert second.row.passed_to_id is None
    second.assign_to(2)
    assert await exchange.board.listening.read_whisper(str(second.row.pk), 2) == {}, "it was about that answer"


async def test_an_operator_in_a_call_is_rung_when_they_are_free(exchange, calls):
    first, second = calls
    first.assign_to(1)
    await pass_to(exchange, second, 1)
    distribute(exchange)
    assert second.row.ringing_for_id == 2, "meanwhile it rings for others"
    first.end("caller")
    distribute(exchange, TOO_LONG)
    assert second.row.ringing_for_id == 1


async def test_danger_comes_before_what_was_passed_on(exchange, calls):
    first, second = calls
    for user in (2, 3):
        del exchange.seats.on_shift[user]
    first.ring_for(None)
    first.mark_danger()
    await pass_to(exchange, second, 1)
    distribute(exchange)
    assert (first.row.ringing_for_id, second.row.ringing_for_id) == (1, None)


async def test_a_late_decline_leaves_the_whisper_of_who_listens(exchange, calls):
    _first, second = calls
    keep(replace(current(), listening=True))
    call = str(second.row.pk)
    await exchange.desk_phone(2)
    await pass_to(exchange, second, 3)
    await exchange.board.answer(call, 2, None)
    await exchange.board.listening.listen(call, MARTA, None)
    await exchange.board.listening.write_whisper(call, MARTA, "otra-frase-4472")
    await exchange.board.decline(call, 3)
    assert (await exchange.board.listening.read_whisper(call, 2))["words"] == "otra-frase-4472"


async def test_it_rings_for_who_was_chosen_off_the_plan(exchange, calls):
    _first, second = calls
    exchange.seats.on_shift[3] = replace(exchange.seats.on_shift[3], planned_until=0.0)
    await pass_to(exchange, second, 3)
    distribute(exchange)
    assert second.row.ringing_for_id == 3
    distribute(exchange, timedelta(seconds=1))
    assert second.row.ringing_for_id == 3, "and goes on ringing"


async def test_while_nobody_is_certified_it_rings_for_who_was_chosen(exchange, calls):
    _first, second = calls
    for user in (1, 2, 3):
        exchange.seats.on_shift[user] = replace(exchange.seats.on_shift[user], certified_until=0.0)
    distribute(exchange)
    assert second.row.ringing_for_id is None, "control: it rings for nobody by itself"
    await pass_to(exchange, second, 3)
    distribute(exchange)
    assert second.row.ringing_for_id == 3


async def test_of_two_who_pass_one_on_the_second_is_refused_and_the_first_sentence_stays(exchange, calls):
    _first, second = calls
    call, read = str(second.row.pk), exchange.board.listening.read_whisper
    pass_to = exchange.board.distribution.pass_to
    await pass_to(call, MARTA, 3, WORDS)
    with pytest.raises(Refused):
        await pass_to(call, 8, 2, "otra-frase-4473")
    assert second.row.passed_to_id == 3
    assert await read(call, 3) == {"by": MARTA, "words": WORDS}
    await pass_to(call, 8, 2, "otra-frase-4473", instead_of=3)
    assert await read(call, 2) == {"by": 8, "words": "otra-frase-4473"}
    second.record_missed(2)
    await pass_to(call, MARTA, 3, WORDS, instead_of=2)
    assert second.row.passed_to_id == 3, "nobody's sentence is lost where it was anybody's again"


async def test_nobody_is_chosen_who_could_not_answer(exchange, calls):
    _first, second = calls
    for user, change in ((1, {"is_on_break": True}), (2, {"certified_until": 0.0})):
        exchange.seats.on_shift[user] = replace(exchange.seats.on_shift[user], **change)
    for user in (1, 2, 4):
        with pytest.raises(Refused):
            await pass_to(exchange, second, user)
    second.assign_to(3)
    with pytest.raises(Refused):
        await pass_to(exchange, second, 3)
