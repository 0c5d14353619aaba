"""An operator's page reloads during a call: the sound continues, and the caller is kept and informed."""

import asyncio

import pytest
from aiortc import RTCSessionDescription

from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard import call_control
from amparo.line.switchboard.media.tests.browser import Browser
from amparo.line.switchboard.models import State

PARK_AFTER_IN_TESTS = 0.5  # seconds


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(call_control, "PARK_AFTER", PARK_AFTER_IN_TESTS)


async def offer_of(browser):
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    return browser.peer.localDescription.sdp


async def take_answer(browser, answer):
    await browser.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))


@pytest.fixture
async def talking(exchange):
    exchange.sit(1)
    caller, call = await exchange.waiting()
    browser = Browser(1000)
    await take_answer(browser, await exchange.board.answer(call, 1, await offer_of(browser)))
    assert await caller.hears(1000)
    yield exchange, caller, browser, call
    await browser.close()


async def test_a_page_loaded_anew_comes_back_before_the_caller_is_put_on_hold(talking, monkeypatch):
    exchange, caller, browser, call = talking
    states = []
    live = next(iter(exchange.board.calls.values()))
    monkeypatch.setattr(live.caller, "send_state", states.append)
    await browser.close()
    await exchange.until(lambda: not live.legs)
    again = Browser(1500)
    await take_answer(again, await exchange.board.join(call, 1, await offer_of(again)))
    assert await caller.hears(1500)
    await asyncio.sleep(2 * PARK_AFTER_IN_TESTS)  # so that nothing remains of the first absence
    assert live.state is State.TALKING
    assert State.ON_HOLD not in states
    await again.close()
    # the control: if the operator stays away, the caller is put on hold
    await exchange.until(lambda: State.ON_HOLD in states)


async def test_whose_voice_is_gone_reads_how_to_come_back(talking):
    exchange, _caller, browser, call = talking
    await browser.close()
    await exchange.until(lambda: not next(iter(exchange.board.calls.values())).legs)
    with pytest.raises(Refused, match="Vuelva a cargar la página"):
        await exchange.board.hold(call, 1)


async def test_a_hold_that_the_operator_chose_lasts_over_a_page_loaded_anew(talking):
    exchange, caller, browser, call = talking
    await exchange.board.hold(call, 1)
    await browser.close()
    live = next(iter(exchange.board.calls.values()))
    await exchange.until(lambda: not live.legs)
    again = Browser(1500)
    await take_answer(again, await exchange.board.join(call, 1, await offer_of(again)))
    assert live.state is State.ON_HOLD
    await exchange.board.resume(call, 1)
    assert await caller.hears(1500)
    await again.close()


async def test_who_was_mute_is_mute_after_the_page_is_loaded_anew(talking):
    exchange, _caller, browser, call = talking
    await exchange.board.mute(call, 1, True)
    await browser.close()
    live = next(iter(exchange.board.calls.values()))
    await exchange.until(lambda: not live.legs)
    again = Browser(1500)
    answer = await exchange.board.join(call, 1, await offer_of(again))
    assert answer["muted"] is True
    assert live.legs[1].sound.muted
    await again.close()


async def test_the_caller_is_held_and_the_operator_comes_back(talking):
    exchange, caller, browser, call = talking
    await browser.close()
    live = next(iter(exchange.board.calls.values()))
    await exchange.until(lambda: live.state is State.ON_HOLD)
    assert caller.is_up
    again = Browser(1500)
    await take_answer(again, await exchange.board.join(call, 1, await offer_of(again)))
    assert live.state is State.TALKING
    assert await caller.hears(1500)
    await again.close()


async def test_who_does_not_come_back_gives_the_call_back_to_the_queue(talking, monkeypatch):
    exchange, caller, browser, _call = talking
    monkeypatch.setattr(call_control, "COME_BACK", 0.2)
    live = next(iter(exchange.board.calls.values()))
    since = live.row.waiting_since
    await browser.close()
    await exchange.until(lambda: live.state is State.WAITING)
    assert live.row.waiting_since == since  # its place in the queue is kept
    assert caller.is_up


@pytest.fixture
async def three(talking):
    exchange, caller, browser, call = talking
    await exchange.desk_phone(2, hz=1500)
    await exchange.board.invite(call, 1, colleague=2)
    await exchange.board.join(call, 2, None)
    return exchange, caller, browser, call


async def test_a_page_loaded_anew_comes_back_to_the_colleague_too(three):
    exchange, caller, browser, call = three
    live = next(iter(exchange.board.calls.values()))
    await browser.close()
    await exchange.until(lambda: list(live.legs) == [2])
    assert live.state is State.TALKING
    again = Browser(1000)
    await take_answer(again, await exchange.board.join(call, 1, await offer_of(again)))
    assert await caller.hears(1000)
    await again.close()


async def test_who_does_not_come_back_leaves_the_call_to_the_colleague(three, monkeypatch):
    exchange, caller, browser, _call = three
    monkeypatch.setattr(call_control, "COME_BACK", 0.2)
    live = next(iter(exchange.board.calls.values()))
    await browser.close()
    await exchange.until(lambda: live.row.operators == [2])
    assert live.state is State.TALKING
    assert await caller.hears(1500)


async def test_an_absence_that_is_over_ends_no_later_one(talking, monkeypatch):
    exchange, caller, browser, call = talking
    live = next(iter(exchange.board.calls.values()))
    await browser.close()
    await exchange.until(lambda: not live.legs)
    first = live.gone[1]
    again = Browser(1500)
    await take_answer(again, await exchange.board.join(call, 1, await offer_of(again)))
    assert await caller.hears(1500)  # a page that leaves before it was connected is noticed only after 15 seconds
    await again.close()
    await exchange.until(lambda: not live.legs)
    monkeypatch.setattr(call_control, "COME_BACK", 0)
    await exchange.board._await_return(live, 1, first)
    assert live.state is State.TALKING
    await exchange.board._await_return(live, 1, live.gone[1])
    assert live.state is State.WAITING


async def test_a_caller_s_page_is_told_how_the_call_stands(exchange):
    page, notes = Browser(440), []
    page.keys.on("message", notes.append)
    offer = await offer_of(page)
    await take_answer(page, await exchange.board.verbs["call_from_page"](offer, "es", network="a work", work=None))
    await exchange.until(lambda: exchange.board.calls and page.keys.readyState == "open")
    page.keys.send("1")
    await exchange.until(lambda: "waiting" in notes)
    await page.close()


async def test_a_second_tab_takes_the_sound_over(talking):
    exchange, caller, first, call = talking
    notes: list[str] = []
    first.keys.on("message", notes.append)
    second = Browser(1500)
    await take_answer(second, await exchange.board.join(call, 1, await offer_of(second)))
    assert await caller.hears(1500)
    live = next(iter(exchange.board.calls.values()))
    assert live.row.operators == [1]
    await exchange.until(lambda: notes[-1:] == ["elsewhere"])  # so that the old page does not reconnect
    await second.close()


async def test_who_comes_back_as_it_rings_for_a_colleague_ends_that_ring(exchange):
    phone = await exchange.desk_phone(1)
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    live = next(iter(exchange.board.calls.values()))
    phone.picks_up = False
    coming_back = asyncio.create_task(exchange.board.join(call, 1, None))
    await exchange.until(lambda: phone.rung == 2)
    exchange.sit(1, is_ready=False)
    live.legs.clear()
    live.requeue()  # as a minute after the network went
    exchange.sit(2)
    await exchange.until(lambda: live.row.ringing_for_id == 2)
    phone.lift()
    await coming_back
    assert await caller.hears(1000)
    assert (live.row.operators, live.row.ringing_for_id, live.row.ringing_since) == ([1], None, None)
