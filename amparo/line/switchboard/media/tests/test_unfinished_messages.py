"""A page sends keys of one character. A browser that begins messages and never ends them must not stop the line."""

import asyncio
from contextlib import suppress

import pytest
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG, DataChunk, tsn_plus_one

from ..web import MOST_FRAGMENTS, MOST_STREAMS, WebLeg
from .browser import Browser, join


@pytest.fixture
async def leg(clock, ports):
    leg = WebLeg(clock, ports, "127.0.0.1")
    yield leg
    leg.close()
    await leg.wait_closed()


@pytest.fixture
async def browser(leg):
    browser = Browser()
    await join(browser, leg)
    await until(lambda: browser.keys.readyState == "open")
    yield browser
    await browser.close()


async def until(fact):
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.01)


async def send(browser, flags, stream, gap=1):
    sctp, chunk = browser.peer.sctp, DataChunk(flags=flags)
    for _ in range(gap):
        chunk.tsn, sctp._local_tsn = sctp._local_tsn, tsn_plus_one(sctp._local_tsn)
    chunk.stream_id, chunk.protocol, chunk.user_data = stream, 51, b"1"
    await sctp._send_chunk(chunk)
    await asyncio.sleep(0.002)


async def a_message_without_end(browser):
    for count in range(4 * MOST_FRAGMENTS):
        await send(browser, SCTP_DATA_FIRST_FRAG if count == 0 else 0, stream=1)


async def gaps(browser):
    for _ in range(4 * MOST_FRAGMENTS):
        await send(browser, SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG, stream=1, gap=2)


async def streams(browser):
    for stream in range(4 * MOST_STREAMS):
        await send(browser, SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG, stream)


@pytest.mark.parametrize("attack", [a_message_without_end, gaps, streams])
async def test_it_is_hung_up_on(attack, leg, browser):
    gone = []
    leg.on_close = lambda: gone.append(True)
    with suppress(ConnectionError):  # the switchboard has hung up
        await attack(browser)
    await until(lambda: leg.closed)
    assert gone == [True]


async def test_keys_and_a_long_message_hang_up_on_nobody(leg, browser):
    """The control."""
    pressed = []
    leg.on_digit = pressed.append
    browser.keys.send("x" * 20_000)
    for key in "123" * MOST_FRAGMENTS:
        browser.keys.send(key)
    await until(lambda: len(pressed) == 3 * MOST_FRAGMENTS)
    assert not leg.closed
