"""An invented person's call rings for its trainee alone, is seen by nobody else, and alerts and counts nobody."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard import practice_calls
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert
from amparo.line.switchboard.tally import line_calls

TRAINEE, COLLEAGUE = 1, 2


async def practice(exchange, trainee: int = TRAINEE) -> str:
    """Let an invented person call, and wait until they are in the queue."""
    call = str(uuid.uuid4())
    word = (await exchange.board.practice.expect_practice(call, trainee, "es"))["line"]
    await exchange.caller(line=word)
    await exchange.until(lambda: exchange.board.calls[uuid.UUID(call)].is_waiting)
    return call


def live(exchange, call: str):
    return exchange.board.calls[uuid.UUID(call)]


@pytest.fixture
def shift(exchange):
    """A trainee without a certificate, and a certified colleague who has been ready for longer."""
    exchange.sit(COLLEAGUE, ready_since=1.0)
    exchange.sit(TRAINEE, ready_since=2.0)
    exchange.seats.on_shift[TRAINEE] = replace(exchange.seats.on_shift[TRAINEE], certified_until=0.0)


async def test_it_rings_for_the_trainee_although_a_certified_colleague_is_ready(exchange, shift):
    call = await practice(exchange)
    await exchange.until(lambda: live(exchange, call).row.ringing_for_id == TRAINEE)
    _phone, real = await exchange.waiting()
    await exchange.until(lambda: live(exchange, real).row.ringing_for_id == COLLEAGUE)


async def test_it_waits_for_a_trainee_who_is_not_there(exchange, shift):
    call = await practice(exchange, trainee=3)
    exchange.distributing.cancel()
    for seconds in (0, 30, 300):
        exchange.board.distribution.distribute(timezone.now() + timedelta(seconds=seconds))
        assert live(exchange, call).row.ringing_for_id is None


async def test_a_person_who_calls_comes_first(exchange):
    exchange.distributing.cancel()
    call = await practice(exchange)
    _phone, real = await exchange.waiting()
    exchange.sit(TRAINEE)
    exchange.board.distribution.distribute(timezone.now())
    assert (live(exchange, real).row.ringing_for_id, live(exchange, call).row.ringing_for_id) == (TRAINEE, None)


async def test_the_trainee_alone_answers_and_nobody_joins(exchange, shift):
    await exchange.desk_phone(TRAINEE)
    call = await practice(exchange)
    with pytest.raises(Refused):
        await exchange.board.answer(call, COLLEAGUE, None)
    await exchange.board.answer(call, TRAINEE, None)
    with pytest.raises(Refused):
        await exchange.board.invite(call, TRAINEE, COLLEAGUE)
    with pytest.raises(Refused):
        await exchange.board.third_parties.dial_in(call, TRAINEE, "105", "police")
    with pytest.raises(Refused):
        await exchange.board.listening.listen(call, COLLEAGUE, None)
    await exchange.board.end(call, TRAINEE)


async def test_it_makes_no_surge(exchange):
    exchange.distributing.cancel()
    exchange.sit(COLLEAGUE)
    for _ in range(3):
        await practice(exchange)
    exchange.board.distribution.distribute(timezone.now())
    assert not exchange.board.distribution.surge.is_on
    for number in range(3):
        await exchange.waiting(number=f"5190000001{number}")
    exchange.board.distribution.distribute(timezone.now())
    assert exchange.board.distribution.surge.is_on, "control: as many people do"


async def test_the_word_is_good_once_and_for_a_minute(exchange, monkeypatch):
    board = exchange.board.practice
    word = (await board.expect_practice(str(uuid.uuid4()), TRAINEE, "es"))["line"]
    assert len(word) <= Call._meta.get_field("line").max_length
    assert board.pop_columns("ayuda") is None
    assert board.pop_columns(word)["practice_of_id"] == TRAINEE
    assert board.pop_columns(word) is None
    word = (await board.expect_practice(str(uuid.uuid4()), TRAINEE, "es"))["line"]
    now = asyncio.get_running_loop().time()
    monkeypatch.setattr(board, "_now", lambda: now + practice_calls.VALID)
    assert board.pop_columns(word) is None
    assert not board.is_expected


async def test_a_line_that_answers_its_carrier_alone_lets_its_own_caller_in(exchange):
    telephones = exchange.telephones
    telephones.environment = replace(telephones.environment, trunks=("192.0.2.1",))
    assert telephones._refusal_of("127.0.0.1") == 403
    await exchange.board.practice.expect_practice(str(uuid.uuid4()), TRAINEE, "es")
    assert telephones._refusal_of("127.0.0.1") is None
    assert telephones._refusal_of("192.0.2.7") == 403


async def test_danger_alerts_nobody(exchange, shift):
    await exchange.desk_phone(TRAINEE)
    call = await practice(exchange)
    live(exchange, call).caller.sound._receive_digit("9")
    await exchange.board.answer(call, TRAINEE, None)
    with pytest.raises(Refused, match=r"práctica|practice"):
        await exchange.board.marks.mark_danger(call, TRAINEE)
    await exchange.journal.flush()
    assert await CallEvent.objects.filter(call=call, kind="danger").aexists()
    assert not await DangerAlert.objects.aexists()
    _phone, real = await exchange.waiting()
    await exchange.until(lambda: live(exchange, real).row.ringing_for_id == COLLEAGUE)
    await exchange.board.marks.mark_danger(real, COLLEAGUE)
    await exchange.journal.flush()
    assert await DangerAlert.objects.aexists(), "control"


async def test_postgresql_shows_it_to_the_trainee_alone_and_no_figure_counts_it(exchange):
    def people() -> list[User]:
        return [User.objects.create(username=name, role=role) for name, role in (
            ("ana", Role.OPERATOR), ("rufino", Role.OPERATOR), ("marta", Role.SUPERVISOR))]  # fmt: skip

    def seen_by(user: User) -> tuple[int, int, int]:
        with acting_as(user.acting()):
            counted = line_calls(timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1))
            return Call.objects.count(), CallEvent.objects.values("call").distinct().count(), counted.count()

    ana, rufino, marta = await sync_to_async(people)()
    await practice(exchange, trainee=ana.pk)
    await exchange.waiting()
    await exchange.journal.flush()
    for user, expected in ((ana, (2, 2, 1)), (rufino, (1, 1, 1)), (marta, (1, 1, 1))):
        assert await sync_to_async(seen_by)(user) == expected
