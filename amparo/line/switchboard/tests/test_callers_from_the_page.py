"""The queue order of browser calls, from any web process, and what is stored about them."""

import asyncio
from uuid import uuid4

import pytest
from aiortc import RTCSessionDescription

from amparo.foundation.core.pseudonyms import Pseudonyms
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.line.switchboard import visitors as room
from amparo.line.switchboard.fair_queue import SLOT, WITHOUT_WORK
from amparo.line.switchboard.media.tests.browser import Browser
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.visitors import ABSURD, HOUR, Visitors

NETWORK, OTHER = "203.0.113.77/32", "203.0.113.78/32"


@pytest.fixture
async def calling(exchange):
    """Call from a browser of this network and return the live call."""
    pages: list[Browser] = []

    async def call(network, work, **chat):
        before, page = set(exchange.board.calls), Browser(440)
        pages.append(page)
        await page.peer.setLocalDescription(await page.peer.createOffer())
        offer = page.peer.localDescription.sdp
        answer = await exchange.board.verbs["call_from_page"](offer, "es", network=network, work=work, **chat)
        await page.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        new = await exchange.until(lambda: set(exchange.board.calls) - before)
        return exchange.board.calls[new.pop()]

    yield call
    for page in pages:
        await page.close()


async def test_who_calls_again_stands_behind_and_another_network_does_not(calling):
    first, again = await calling(NETWORK, "one"), await calling(NETWORK, "two")
    other = await calling(OTHER, "three")
    assert [call.ticket.behind for call in (first, again, other)] == [0, SLOT, 0]
    assert again.row.pseudonym is None  # used for the order only and stored in no row


async def test_a_call_from_a_chat_goes_to_the_queue_at_once_and_is_wanted_for_its_operator(exchange, calling):
    chat = uuid4()
    live = await calling(NETWORK, "one", chat=str(chat), operator=7)
    assert (live.row.chat, live.wanted) == (chat, 7)
    await exchange.until(lambda: live.is_waiting)
    await exchange.until_row(Call.objects.filter(pk=live.row.pk, chat=chat))
    assert live.caller.sound.on_digit is not None
    plain = await calling(NETWORK, "two")  # control: a call without a chat
    assert (plain.row.chat, plain.wanted) == (None, None)


async def test_an_offer_that_is_none_counts_too_and_an_absurd_rate_is_refused(exchange):
    call = exchange.board.verbs["call_from_page"]
    for _ in range(ABSURD):
        with pytest.raises(Refused, match="navegador"):
            await call("v=0", "es", network=NETWORK, work=None)
    with pytest.raises(RateLimited):
        await call("v=0", "es", network=NETWORK, work=None)
    with pytest.raises(Refused, match="navegador"):  # the control: another network is accepted
        await call("v=0", "es", network=OTHER, work=None)


async def test_after_an_hour_nothing_links_to_before():
    hour, visitors = [0.0], Visitors(None, None)
    visitors._pseudonyms = Pseudonyms(HOUR, lambda: hour[0])
    before = visitors.recognise_network(NETWORK)
    assert visitors.recognise_network(NETWORK) == before
    hour[0] = HOUR
    assert visitors.recognise_network(NETWORK) != before


async def test_each_work_serves_once_and_who_brings_none_comes_later():
    switchboard = Visitors(None, None)
    assert switchboard._is_new_work("a riddle")
    assert not switchboard._is_new_work("a riddle")
    assert not switchboard._is_new_work(None)
    assert switchboard._is_new_work("another")
    assert WITHOUT_WORK > 0


@pytest.fixture
async def offering(exchange):
    """Send the offer of a browser that never connects."""
    page = Browser(440)
    await page.peer.setLocalDescription(await page.peer.createOffer())
    sdp = page.peer.localDescription.sdp

    async def offer(network, work=None):
        return await exchange.board.verbs["call_from_page"](sdp, "es", network=network, work=work)

    yield offer
    await page.close()


async def test_where_no_network_is_known_work_is_asked_for(exchange, offering):
    with pytest.raises(RateLimited, match="un poco más de tiempo"):
        await offering(None)
    assert not exchange.ports.taken_count
    assert (await offering(None, "a work"))["sdp"]
    with pytest.raises(RateLimited, match="un poco más de tiempo"):
        await offering(None, "a work")


async def test_browsers_that_never_come_are_bounded_for_each_network(exchange, offering):
    for _ in range(room.OF_ONE_NETWORK):
        await offering(NETWORK)
    with pytest.raises(RateLimited, match="a la vez"):
        await offering(NETWORK, "a work")
    assert (await offering(OTHER))["sdp"]  # control: another network has room


async def test_unknown_networks_take_half_of_the_places_at_most(exchange, offering, monkeypatch):
    monkeypatch.setattr(room, "UNCONNECTED", 6)
    for number in range(3):
        await offering(None, f"work {number}")
    with pytest.raises(RateLimited, match="a la vez"):
        await offering(None, "more work")
    for number in range(3):  # the control: known networks have the other half
        assert (await offering(f"198.51.100.{number}/32", f"known {number}"))["sdp"]


async def test_when_many_do_not_come_work_is_asked_for_and_soon_there_is_room(exchange, offering, monkeypatch):
    monkeypatch.setattr(room, "UNCONNECTED", 6)
    for number in range(3):
        await offering(f"198.51.100.{number}/32")
    with pytest.raises(RateLimited, match="un poco más de tiempo"):
        await offering(OTHER)
    for number in range(3):
        await offering(f"198.51.100.{number}/32", f"work {number}")
    with pytest.raises(RateLimited, match="a la vez"):
        await offering(OTHER, "more work")
    # Places are given up while half of them are taken; otherwise each leg waits its 15 seconds.
    await exchange.until(lambda: exchange.board.visitors._unconnected.total() < 3, seconds=10)
    assert (await offering(OTHER))["sdp"]


async def test_a_share_of_ports_is_for_telephones(exchange, offering):
    while exchange.board.browsers.spare_ports > 0:
        exchange.ports.take("127.0.0.1")
    with pytest.raises(RateLimited, match="a la vez"):
        await offering(OTHER, "a work")
    assert (await exchange.caller()).is_up


async def test_a_browser_that_is_slow_to_come_is_waited_for(exchange, offering, monkeypatch):
    monkeypatch.setattr(room, "CONNECTS_WITHIN", 0.2)
    await offering(NETWORK)
    await asyncio.sleep(1.0)
    assert exchange.ports.taken_count
