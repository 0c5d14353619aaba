import asyncio
import shutil
from dataclasses import replace
from uuid import UUID

import pytest

from amparo.foundation.line_settings import hours
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard import menu
from amparo.line.switchboard.caller_keys import MOST_ANSWERS
from amparo.line.switchboard.models import Call, CallEvent, Ending, State
from amparo.line.switchboard.prompts.library import LOCAL, Library
from amparo.line.switchboard.prompts.manifest import SHIPPED

pytestmark = pytest.mark.usefixtures("fast_sound")


async def test_a_caller_is_answered_and_hears_the_opening_words(exchange):
    phone = await exchange.caller()
    await exchange.until(lambda: len(phone.heard) > 8000)  # a second of sound
    assert phone.heard[:8000].strip(b"\xff\x7f")


async def test_a_key_chooses_the_language_and_leads_into_the_queue(exchange):
    phone = await exchange.caller()
    await exchange.until(lambda: phone.heard)
    await phone.press("3")
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: call.state is State.WAITING)
    await exchange.journal.flush()
    row = await Call.objects.aget()
    assert (row.language, row.state) == ("en", "waiting")


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "the control: open"])
async def test_outside_the_hours_a_caller_hears_so_with_the_police_and_waits_like_any_other(exchange, is_closed):
    closed = dict.fromkeys((f"hours_{day}" for day in hours.DAYS), "")
    keep(replace(current(), police_number="105", **(closed if is_closed else {})))
    phone = await exchange.caller()
    await exchange.until(lambda: phone.heard)
    await phone.press("1")
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: call.state is State.WAITING)
    library = exchange.board.library
    middle = library.sound("outside-hours")[16000:17600]
    digit = library.sound("digit-5")[1600:2400]
    after = library.sound("connecting")[4000:5600]
    await exchange.until(lambda: after.replace(b"\x7f", b"\xff") in phone.heard.replace(b"\x7f", b"\xff"))
    heard = phone.heard.replace(b"\x7f", b"\xff")
    assert [sound.replace(b"\x7f", b"\xff") in heard for sound in (middle, digit)] == [is_closed, is_closed]
    assert call.state is State.WAITING
    assert phone.is_up


async def test_the_key_of_a_language_that_the_line_does_not_offer_is_a_key_like_any_other(exchange):
    keep(replace(current(), offers_english=False))
    phone = await exchange.caller()
    await exchange.until(lambda: phone.heard)
    await phone.press("3")
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: call.state is State.WAITING)
    assert call.row.language == "es"


@pytest.mark.parametrize("is_recorded", [False, True], ids=["unread", "the control: recorded by the hotline"])
async def test_key_2_leads_to_quechua_only_once_a_speaker_has_read_it(exchange, tmp_path, is_recorded):
    if is_recorded:
        shutil.copytree(SHIPPED / "quy", tmp_path / LOCAL / "quy")
    exchange.board.library = Library(tmp_path)
    phone = await exchange.caller()
    await exchange.until(lambda: phone.heard)
    await phone.press("2")
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: call.state is State.WAITING)
    assert call.row.language == ("qu" if is_recorded else "es")


async def test_while_the_menu_waits_for_a_key_silence_is_sent_as_packets(exchange, monkeypatch):
    # skip the prompt and go to the time for a key
    monkeypatch.setattr(menu.Menu, "_play_prompts", lambda *ids: asyncio.sleep(0))
    phone = await exchange.caller()
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: phone.sound.received)
    before, since = phone.sound.received, exchange.clock.ticks
    await exchange.until(lambda: exchange.clock.ticks - since > 100)
    assert call.state is State.MENU
    assert phone.sound.received - before > 90


async def test_who_cannot_speak_presses_five_and_stays_on_the_line(exchange):
    phone = await exchange.caller()
    await exchange.until(lambda: phone.heard)
    await phone.press("5")
    [call] = exchange.board.calls.values()
    await exchange.until(lambda: call.state is State.WAITING)
    assert call.row.silent
    assert phone.is_up


async def test_yes_and_no_by_keys_are_kept_while_an_operator_listens(exchange):
    await exchange.desk_phone(1)
    phone, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    await exchange.board.marks.mark_silent(call, 1)
    await phone.press("12")
    await exchange.until(lambda: exchange.journal.is_empty)
    await exchange.journal.flush()

    async def keys() -> list[str]:
        return [e.kind async for e in CallEvent.objects.filter(kind__in=["yes", "no"]).order_by("at")]

    for _ in range(100):
        if len(await keys()) == 2:
            break
        await exchange.journal.flush()
    assert await keys() == ["yes", "no"]


async def test_a_telephone_that_presses_a_key_without_end_fills_no_database(exchange):
    await exchange.desk_phone(1)
    _phone, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    await exchange.board.marks.mark_silent(call, 1)
    [live] = exchange.board.calls.values()
    for _ in range(1000):
        live.caller.sound.on_digit("1")
    await exchange.journal.flush()
    assert 5 <= await CallEvent.objects.filter(kind="yes").acount() <= MOST_ANSWERS


async def test_danger_moves_a_call_to_the_front(exchange):
    _first, first = await exchange.waiting(number="51900000001")
    second_phone, second = await exchange.waiting(number="51900000002")
    await second_phone.press("9")
    await exchange.until(lambda: exchange.board.calls[UUID(second)].row.danger)
    exchange.sit(1)
    await exchange.until(lambda: any(c.row.ringing_for_id == 1 for c in exchange.board.calls.values()))
    rung = next(c for c in exchange.board.calls.values() if c.row.ringing_for_id == 1)
    assert str(rung.row.pk) == second
    assert str(rung.row.pk) != first


async def test_who_hangs_up_while_waiting_gave_up(exchange):
    phone, call = await exchange.waiting()
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.journal.flush()
    assert (await Call.objects.aget(pk=call)).ending == Ending.GAVE_UP


async def test_after_every_hang_up_no_port_is_left_taken(exchange):
    phones = [await exchange.caller(number=f"5190000000{n}") for n in range(4)]
    for phone in phones:
        phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.until(lambda: exchange.ports.taken_count == 0)
