"""A real browser: Chromium says a tone by its microphone and hears the telephone's, and the other way round."""

import asyncio
import math
import struct
import threading
import wave
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser import CHROMIUM, QUIET, VOICE

from ..conversation import Conversation
from ..rtp import RtpLeg
from ..web import WebLeg
from .telephone import Telephone, talk, tones_in

MICROPHONE_HZ = 1500
LONGEST_DELAY = 0.120  # seconds in the browser's jitter buffer


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Nothing to say."""


@pytest.fixture
def address():
    """A tiny web server: getUserMedia needs a page of 127.0.0.1."""
    server = HTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=Path(__file__).parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


@pytest.fixture
def microphone(tmp_path):
    """What the browser's microphone hears: ten seconds of a tone, over and over."""
    rate = 48_000
    samples = [int(9000 * math.sin(2 * math.pi * MICROPHONE_HZ * n / rate)) for n in range(10 * rate)]
    with wave.open(str(tmp_path / "microphone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return tmp_path / "microphone.wav"


@pytest.fixture
async def page(address, microphone):
    arguments = [*QUIET, *VOICE, f"--use-file-for-fake-audio-capture={microphone}"]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = await chromium.new_page()
        await page.goto(address)
        yield page
        await chromium.close()


@pytest.fixture
async def bridge(clock, ports, page):
    """Joins the page with a telephone that says a tone (or nothing); answers both ends."""
    ends = []

    async def bridge(hz, codec=None):
        leg = WebLeg(clock, ports, "127.0.0.1")
        await page.evaluate("sdp => accept(sdp)", await leg.answer(await page.evaluate("offer", codec)))
        assert await asyncio.wait_for(leg.wait_connected(), 20)
        phone_leg = await RtpLeg.open(clock, ports, "127.0.0.1")
        phone = await Telephone.call(phone_leg, hz)
        conversation = Conversation(clock)
        conversation.add(leg)
        conversation.add(phone_leg)
        ends.extend((leg, phone_leg))
        return phone, leg

    yield bridge
    for leg in ends:
        leg.close()
    for leg in ends[::2]:
        await leg.wait_closed()
    assert ports.taken_count == 0


def complaints(before, after, hz):
    """What is wrong with what the page heard between two reports; nothing, if it was a good call."""
    delay = (after["delay"] - before["delay"]) / max(1, after["emitted"] - before["emitted"])
    checks = {
        "not connected": after["state"] == "connected",
        "no packets": after["received"] > before["received"],
        "packets lost": after["lost"] == before["lost"],
        "jitter buffer too long": 0 < delay <= LONGEST_DELAY,
        "silent": after["energy"] - before["energy"] > 0.001,
        "not the tone": after["decibels"] is not None and after["decibels"] > -50 and abs(after["hz"] - hz) < 20,
    }
    return [complaint for complaint, passed in checks.items() if not passed]


async def listen(clock, page, phone):
    """A second of talk between two reports."""
    before = await page.evaluate("report()")
    await talk(clock, phone, frames=50)
    return before, await page.evaluate("report()")


async def settle(clock, page, phone, hz, seconds=20):
    """What is still wrong once the call has settled, and the reports that say so: a buffer that a busy machine filled
    takes a while to empty."""
    await talk(clock, phone, frames=25)
    for _ in range(seconds):
        phone.forget()
        reports = await listen(clock, page, phone)
        if not (found := complaints(*reports, hz)):
            break
    return found, reports


async def test_both_directions_by_either_codec(clock, page, bridge):
    for codec in ("audio/opus", "audio/PCMU"):
        phone, leg = await bridge(440, codec)
        assert (await settle(clock, page, phone, 440))[0] == []
        assert tones_in(phone.heard) == {MICROPHONE_HZ}
        keys = []
        leg.on_digit = keys.append
        await page.evaluate("press('7')")
        await talk(clock, phone)
        assert keys == ["7"]


async def test_a_long_buffer_fails_the_check(clock, page, bridge):
    """Positive control: the same good call, had its sound waited longer in the browser."""
    phone, _ = await bridge(440)
    found, (before, after) = await settle(clock, page, phone, 440)
    assert found == []
    longer = before["delay"] + (after["emitted"] - before["emitted"]) * (LONGEST_DELAY + 0.001)
    assert complaints(before, after | {"delay": longer}, 440) == ["jitter buffer too long"]


async def test_connected_but_silent_fails_the_check(clock, page, bridge):
    """Positive control: everything is connected and nothing is lost, yet the call is no good."""
    phone, leg = await bridge(None)
    leg.muted = True
    found, _ = await settle(clock, page, phone, 440, seconds=1)
    assert [it for it in found if it != "jitter buffer too long"] == ["silent", "not the tone"]
    assert tones_in(phone.heard) == set()
    assert len(phone.frames) > 30


async def test_a_page_that_goes_away_ends_the_leg(clock, page, bridge):
    _, leg = await bridge(440)
    ended = asyncio.Event()
    leg.on_close = ended.set
    await page.evaluate("peer.close()")
    await asyncio.wait_for(ended.wait(), 10)
