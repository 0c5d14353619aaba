"""A surge, when more people call than the shift can answer. A key moves a caller forward; nobody is dropped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard.models import Call, SurgeKey
from amparo.line.switchboard.surge import CALM, Surge


@pytest.mark.parametrize(("waiting", "seats", "is_on"), [(2, 1, False), (3, 1, True), (12, 6, False), (13, 6, True)])
def test_two_who_wait_for_each_operator_are_not_yet_a_surge(waiting, seats, is_on):
    surge = Surge()
    surge.update(waiting, seats, 0)
    assert surge.is_on is is_on


def test_nobody_on_shift_counts_as_one():
    surge = Surge()
    surge.update(1, 0, 0)
    assert not surge.is_on
    surge.update(3, 0, 0)
    assert surge.is_on


def test_it_ends_after_a_calm_minute_and_not_at_the_first_breath():
    surge = Surge()
    surge.update(13, 6, 0)
    surge.update(3, 6, 10)
    assert surge.is_on
    surge.update(4, 6, 10 + CALM - 1)  # busy again: the calm minute starts again
    surge.update(3, 6, 10 + CALM)
    assert surge.is_on
    surge.update(3, 6, 10 + 2 * CALM)
    assert not surge.is_on


@pytest.fixture
async def flooded(exchange):
    """A surge: nobody on shift and three waiting callers who press no key. The test itself runs the distribution."""
    exchange.distributing.cancel()
    before = timezone.now()
    phones = [await exchange.caller(number=f"5190000001{n}") for n in range(3)]
    await exchange.until(lambda: len(exchange.board.calls) == len(phones))
    for n, call in enumerate(exchange.board.calls.values()):
        # the opening prompts are over and no key was pressed
        call.play_to_caller(exchange.board._menu_of(call).wait_in_queue())
        call.enqueue(since=before + timedelta(seconds=n))
    exchange.board.distribution.distribute(timezone.now())
    assert exchange.board.distribution.surge.is_on
    return list(exchange.board.calls.values())


async def test_each_caller_is_asked_for_a_key_and_any_key_moves_them_forward(exchange, flooded):
    *_, last = flooded
    assert last.row.surge_key == SurgeKey.PENDING
    await exchange.phones[-1].press("4")
    await exchange.until(lambda: last.ticket.has_pressed)
    exchange.board.distribution.distribute(timezone.now())
    assert last.row.surge_key == SurgeKey.PRESSED
    exchange.sit(1)
    exchange.board.distribution.distribute(timezone.now())
    assert last.row.ringing_for_id == 1


@pytest.mark.parametrize("key", ["5", "9", "1"])
async def test_who_cannot_speak_or_is_in_danger_need_press_nothing_more(exchange, flooded, key):
    await exchange.phones[-1].press(key)
    await exchange.until(lambda: flooded[-1].ticket.has_pressed)
    exchange.board.distribution.distribute(timezone.now())
    assert flooded[-1].row.surge_key == SurgeKey.PRESSED


async def test_who_presses_nothing_stays_in_line_and_is_answered_when_somebody_is_free(exchange, flooded):
    first, *_ = flooded
    assert all(phone.is_up for phone in exchange.phones)
    exchange.sit(1)
    exchange.board.distribution.distribute(timezone.now())
    assert first.row.ringing_for_id == 1


async def test_on_a_full_shift_one_operator_stays_free_for_who_presses(exchange, flooded):
    for user in (1, 2, 3):
        exchange.sit(user)
    exchange.board.distribution.distribute(timezone.now())
    assert sorted(call.row.ringing_for_id or 0 for call in flooded) == [0, 2, 3]
    await exchange.phones[-1].press("4")
    await exchange.until(lambda: flooded[-1].ticket.has_pressed)
    exchange.board.distribution.distribute(timezone.now())
    assert flooded[-1].row.ringing_for_id == 1


async def test_when_it_is_over_everybody_has_their_place_again(exchange, flooded):
    surge, now = exchange.board.distribution.surge, timezone.now()
    for call in flooded[1:]:
        call.end("gave_up")
    for user in (1, 2):
        exchange.sit(user, is_ready=False)
    exchange.board.distribution.distribute(now + timedelta(seconds=1))
    exchange.board.distribution.distribute(now + timedelta(seconds=2 * CALM))
    assert not surge.is_on
    assert flooded[0].row.surge_key == SurgeKey.NO_SURGE
    assert flooded[0].row.turn_at == flooded[0].row.waiting_since


async def test_the_prompt_is_heard_and_heard_again_until_a_key_is_pressed(exchange, flooded, monkeypatch):
    frames = []
    monkeypatch.setattr("amparo.line.switchboard.menu.REASSURE", 0.05)
    keep(replace(current(), think_seconds=0.05))
    library, sound = exchange.board.library, exchange.board.library.sound

    def listen(id, language):
        frames.append(id)
        return sound(id, language)[:1600]

    monkeypatch.setattr(library, "sound", listen)
    call = flooded[0]
    call.play_to_caller(exchange.board._menu_of(call).wait_in_queue())
    await exchange.until(lambda: frames.count("many-calls") >= 3)
    assert "still-here" not in frames
    await exchange.phones[0].press("4")
    await exchange.until(lambda: "still-here" in frames)
    count = frames.count("many-calls")
    await exchange.until(lambda: frames.count("still-here") >= 3)
    assert frames.count("many-calls") == count


async def test_consoles_see_the_order_in_which_it_rings(exchange, flooded):
    await exchange.phones[1].press("4")
    await exchange.until(lambda: flooded[1].ticket.has_pressed)
    exchange.board.distribution.distribute(timezone.now())
    await exchange.journal.flush()
    shown = [row.pk async for row in Call.objects.waiting().in_queue_order()]
    assert shown == [flooded[1].row.pk, flooded[0].row.pk, flooded[2].row.pk]


async def test_a_call_given_back_is_at_the_front_again(exchange, flooded):
    call = flooded[-1]
    call.ticket.behind = 600.0
    call.assign_to(1)
    call.requeue()
    exchange.board.distribution.distribute(timezone.now())
    assert call.row.turn_at == call.row.waiting_since


async def test_the_web_process_learns_of_a_surge(exchange, flooded):
    assert (await exchange.board.condition.ping())["surge"] is True
