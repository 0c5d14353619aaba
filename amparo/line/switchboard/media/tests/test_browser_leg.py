"""A browser's leg, against aiortc as the browser."""

import asyncio
import logging
import re

import pytest

from ..conversation import Conversation
from ..rtp import RtpLeg
from ..tones import tone
from ..web import WebLeg
from .browser import Browser, join
from .telephone import Telephone, talk, ticks, tones_in


@pytest.fixture
async def leg(clock, ports):
    leg = WebLeg(clock, ports, "127.0.0.1")
    yield leg
    leg.close()
    await leg.wait_closed()
    assert ports.taken_count == 0
    assert clock.subscriber_count == 0


@pytest.mark.parametrize("codec", ["audio/opus", "audio/PCMU"])
async def test_a_telephone_and_a_browser_hear_each_other(clock, ports, leg, codec):
    browser = Browser(1500, codec=codec)
    answer = await join(browser, leg)
    assert re.findall(r"rtpmap:\d+ (\w+)/", answer) == [codec.removeprefix("audio/")]
    phone_leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    phone = await Telephone.call(phone_leg, 440)
    conversation = Conversation(clock)
    conversation.add(leg)
    conversation.add(phone_leg)
    await talk(clock, phone, frames=25)  # both jitter buffers fill
    browser.forget()
    phone.forget()
    await talk(clock, phone, frames=25)
    assert tones_in(browser.heard) == {440}
    assert tones_in(phone.heard) == {1500}
    phone_leg.close()
    phone.transport.close()
    await browser.close()


async def test_one_frame_a_tick_silence_included(clock, leg):
    browser = Browser()
    await join(browser, leg)
    before = (await leg._peer.getStats()).copy()
    first = clock.ticks
    await ticks(clock, 40)
    after = await leg._peer.getStats()
    elapsed = clock.ticks - first
    [sent] = [
        report.packetsSent - before_report
        for report in after.values()
        if report.type == "outbound-rtp"
        for before_report in [before[report.id].packetsSent]
    ]
    assert abs(sent - elapsed) <= 7  # what may wait in the queue
    await browser.close()


async def test_a_browser_that_is_only_connected_is_heard_as_silence(clock, leg):
    """Positive control of the ear."""
    browser = Browser()
    await join(browser, leg)
    frames = []
    leg.sink = frames.append
    await ticks(clock, 40)
    assert len(frames) > 10
    assert tones_in(b"".join(frames)) == set()
    assert tones_in(browser.heard) == set()
    await browser.close()


async def test_a_sound_is_played_and_stopped_by_a_key_of_the_page(clock, leg):
    keys = []

    def press(digit):
        keys.append(digit)
        leg.stop_playing()

    leg.on_digit = press
    browser = Browser()
    await join(browser, leg)
    prompt = asyncio.create_task(leg.play(tone(660, 60)))
    await ticks(clock, 30)
    assert tones_in(browser.heard[-1600:]) == {660}
    while browser.keys.readyState != "open":
        await ticks(clock, 1)
    for message in ("5", "55", "x", b"7", ""):
        browser.keys.send(message)
    assert await asyncio.wait_for(prompt, 10) is False
    await ticks(clock, 5)
    assert keys == ["5"]
    await browser.close()


async def test_other_channels_press_no_keys(clock, leg):
    keys = []
    leg.on_digit = keys.append
    browser = Browser()
    other = browser.peer.createDataChannel("chat")
    await join(browser, leg)
    while {other.readyState, browser.keys.readyState} != {"open"}:
        await ticks(clock, 1)
    other.send("1")
    browser.keys.send("2")
    while not keys:
        await ticks(clock, 1)
    assert keys == ["2"]
    await browser.close()


async def test_a_page_that_is_closed_ends_the_leg_at_once(clock, ports, leg):
    ended = asyncio.Event()
    leg.on_close = ended.set
    browser = Browser(440)
    await join(browser, leg)
    await browser.close()
    await asyncio.wait_for(ended.wait(), 10)
    assert leg.closed
    await leg.wait_closed()
    assert ports.taken_count == 0


async def test_a_browser_that_falls_silent_is_given_a_grace_and_then_ended(clock, ports, monkeypatch):
    monkeypatch.setattr(WebLeg, "silence_seconds", 1.0)
    leg = WebLeg(clock, ports, "127.0.0.1")
    ended = asyncio.Event()
    leg.on_close = ended.set
    browser = Browser(440)
    await join(browser, leg)
    await ticks(clock, 75)
    assert not ended.is_set()  # it speaks
    [transceiver] = browser.peer.getTransceivers()
    await transceiver.sender.stop()
    await asyncio.wait_for(ended.wait(), 10)
    await browser.close()
    await leg.wait_closed()


async def test_a_browser_whose_network_is_gone_ends_the_leg(clock, ports, leg, monkeypatch):
    """The browser's consent to receive sound expires (RFC 7675) long before we give up on silence."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr("aioice.ice.CONSENT_FAILURES", 1)
    ended = []
    leg.on_close = lambda: ended.append(1)
    browser = Browser(440)
    await join(browser, leg)
    for protocol in browser.peer.getTransceivers()[0].receiver.transport.transport._connection._protocols:
        protocol.transport.close()
    while not ended:
        await ticks(clock, 1)
    await leg.wait_closed()
    assert ended == [1]
    assert ports.taken_count == 0
    await browser.close()


async def test_a_supervisor_s_browser_only_listens_and_is_left_in_peace(clock, ports, monkeypatch):
    monkeypatch.setattr(WebLeg, "silence_seconds", 0.5)
    leg = WebLeg(clock, ports, "127.0.0.1")
    browser = Browser(direction="recvonly")
    await join(browser, leg)
    playing = asyncio.create_task(leg.play(tone(660, 1), loop=True))
    await ticks(clock, 75)
    assert not leg.closed
    assert tones_in(browser.heard[-1600:]) == {660}
    leg.close()
    assert await playing is False
    await browser.close()
    await leg.wait_closed()


async def test_the_log_tells_no_address_of_a_caller(clock, leg, caplog):
    caplog.set_level(logging.DEBUG)
    browser = Browser(440)
    await join(browser, leg)
    messages = [record.getMessage() for record in caplog.records]
    assert not [message for message in messages if "127.0.0.1" in message or "candidate" in message.lower()]
    await browser.close()


async def test_control_without_our_log_level_addresses_are_logged(clock, leg, caplog):
    """Positive control."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "aioice")
    browser = Browser(440)
    await join(browser, leg)
    assert "127.0.0.1" in caplog.text
    await browser.close()


async def test_in_a_conference_with_telephones(clock, ports, leg):
    browser = Browser(1500)
    await join(browser, leg)
    conversation = Conversation(clock)
    conversation.add(leg)
    parties = []
    for hz in (440, 1000):
        phone_leg = await RtpLeg.open(clock, ports, "127.0.0.1")
        parties.append((await Telephone.call(phone_leg, hz), phone_leg))
        conversation.add(phone_leg)
    phones = [phone for phone, _ in parties]
    await talk(clock, *phones, frames=25)
    for each in (browser, *phones):
        each.forget()
    await talk(clock, *phones, frames=25)
    assert tones_in(browser.heard) == {440, 1000}
    assert [tones_in(phone.heard) for phone in phones] == [{1000, 1500}, {440, 1500}]
    for phone, phone_leg in parties:
        phone_leg.close()
        phone.transport.close()
    await browser.close()
