"""Which operator a waiting call rings for."""

from dataclasses import replace

import pytest
from django.utils import timezone

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard.models import CallEvent, State


@pytest.fixture
async def live(exchange):
    """A waiting call. The test itself runs the distribution."""
    exchange.distributing.cancel()
    await exchange.waiting()
    return next(iter(exchange.board.calls.values()))


async def test_it_rings_for_who_is_longest_ready(exchange, live):
    exchange.sit(2, ready_since=20.0)
    exchange.sit(1, ready_since=10.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 1


async def test_it_rings_for_who_speaks_the_language(exchange, live):
    live.row.language = "qu"
    exchange.sit(1, "es", ready_since=1.0)
    exchange.sit(2, "es", "qu", ready_since=2.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2


async def test_without_a_speaker_it_still_rings(exchange, live):
    live.row.language = "qu"
    exchange.sit(1, "es")
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 1


async def test_a_ring_not_answered_goes_to_the_next_and_comes_round_again(exchange, live, monkeypatch):
    keep(replace(current(), ring_seconds=0))
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    rung = []
    for _ in range(4):
        exchange.board.distribution.distribute(timezone.now())
        rung.append(live.row.ringing_for_id)
    assert {1, 2} <= set(rung)


async def test_who_is_on_a_break_is_not_rung(exchange, live):
    exchange.sit(1, is_ready=False)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id is None


async def test_passing_on_rings_for_a_colleague(exchange, live):
    exchange.sit(1, ready_since=1.0)
    exchange.board.distribution.distribute(timezone.now())
    exchange.sit(2, ready_since=2.0)
    await exchange.board.decline(str(live.row.pk), 1)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2


async def test_it_rings_for_the_operator_with_whom_the_caller_writes(exchange, live):
    """The chat keeps them busy; a colleague is ready."""
    exchange.sit(1, is_ready=False)
    exchange.sit(2, ready_since=1.0)
    live.wanted = 1
    for _ in range(2):  # the second time finds the ring in order
        exchange.board.distribution.distribute(timezone.now())
        assert live.row.ringing_for_id == 1
    await exchange.board.decline(str(live.row.pk), 1)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2


async def test_whom_the_caller_wants_is_not_rung_in_another_call_or_when_gone(exchange, live):
    exchange.sit(2, ready_since=1.0)
    live.wanted = 1
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2
    live.ring_for(None)
    exchange.sit(1, is_ready=False)
    await exchange.waiting()
    other = next(call for call in exchange.board.calls.values() if call is not live)
    other.row.operators = [1]
    exchange.board.distribution.distribute(timezone.now())
    assert 1 not in (live.row.ringing_for_id, other.row.ringing_for_id)
    other.row.operators = []  # control: once they are in no call
    live.ring_for(None)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 1


async def test_a_ring_in_vain_is_written_down_and_a_call_passed_on_by_choice_is_not(exchange, live, monkeypatch):
    keep(replace(current(), ring_seconds=0))
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    exchange.board.distribution.distribute(timezone.now())
    await exchange.board.decline(str(live.row.pk), 1)
    exchange.board.distribution.distribute(timezone.now())  # it rings for the second
    assert live.row.ringing_for_id == 2
    exchange.board.distribution.distribute(timezone.now())
    await exchange.journal.flush()
    missed = CallEvent.objects.filter(call=live.row, kind=CallEvent.Kind.MISSED)
    assert [each.user_id async for each in missed] == [2]


async def test_who_joins_too_late_reads_that_the_person_waits_again(exchange, live):
    call = str(live.row.pk)
    for is_waiting, words in ((True, "No alcanzó a entrar: la persona volvió a la cola"), (False, "Nadie le invitó")):
        live.set_state(State.WAITING if is_waiting else State.TALKING)
        with pytest.raises(Refused, match=words):
            await exchange.board.join(call, 1, None)
