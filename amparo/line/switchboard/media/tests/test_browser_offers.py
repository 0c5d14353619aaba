"""What a browser may offer, and the ports its sound takes."""

import asyncio
import re

import pytest

from ..ports import NoPortLeft, Ports
from ..web import BadOffer, WebLeg
from .browser import Browser, join


async def test_our_port_range_is_kept_and_one_port_is_enough(clock):
    ports = Ports(42500, 42501)
    leg = WebLeg(clock, ports, "127.0.0.1", announced="127.0.0.1")
    browser = Browser(440)
    answer = await join(browser, leg)
    candidates = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer)
    assert set(candidates) == {("127.0.0.1", "42500")}
    assert ports.free_count == 0
    await browser.close()
    leg.close()
    await leg.wait_closed()
    assert ports.free_count == 1


async def test_without_the_range_a_port_is_anywhere(clock, ports, monkeypatch):
    """Positive control: it is our gathering that keeps the range."""
    monkeypatch.setattr("amparo.line.switchboard.media.web.BrowserPorts.bind", lambda self, transport: None)
    leg = WebLeg(clock, ports, "127.0.0.1")
    browser = Browser()
    answer = await browser.call(leg)
    assert all(not 42000 <= int(port) < 42200 for port in re.findall(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+)", answer))
    await browser.close()
    leg.close()
    await leg.wait_closed()


async def test_no_port_left_is_told_from_a_bad_offer(clock):
    ports = Ports(42500, 42501)
    with ports.take("127.0.0.1"):
        leg = WebLeg(clock, ports, "127.0.0.1")
        with pytest.raises(NoPortLeft):
            await leg.answer(await offer_of(Browser()))
    assert leg.closed
    await leg.wait_closed()


async def test_every_address_of_the_machine_that_works(clock, ports, monkeypatch):
    offer = await offer_of(Browser())
    for found in (["203.0.113.77", "127.0.0.1"], []):
        monkeypatch.setattr("aioice.ice.get_host_addresses", lambda found=found, **which: found)
        leg = WebLeg(clock, ports)
        answer = await leg.answer(offer)
        assert set(re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+)", answer)) == {"127.0.0.1"}
        leg.close()
        await leg.wait_closed()
        assert ports.taken_count == 0


async def test_an_answer_cancelled_at_any_step_leaves_nothing(clock, ports):
    browser = Browser()
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    offer = browser.peer.localDescription.sdp
    finished = False
    for steps in range(40):
        leg = WebLeg(clock, ports, "127.0.0.1")
        task = asyncio.create_task(leg.answer(offer))
        for _ in range(steps):
            await asyncio.sleep(0)
        finished = task.done()
        task.cancel()
        await asyncio.wait([task])
        leg.close()
        await leg.wait_closed()
        assert ports.taken_count == 0
        assert clock.subscriber_count == 0
        if finished:
            break
    assert finished
    await browser.close()


async def offer_of(browser):
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    sdp = browser.peer.localDescription.sdp
    await browser.close()
    return sdp


async def test_hostile_offers_are_refused_and_leave_nothing(clock, ports):
    good = await offer_of(Browser())
    offers = [
        "",
        "v=0",
        good.replace("m=audio", "m=video"),
        good + good[good.index("m=audio") :],
        good + "a=x\r\n" * 5000,
        re.sub(r"a=fingerprint.*\r\n", "", good),
        re.sub(r"a=ice-ufrag.*\r\n", "", good),
        good.replace("a=ice-ufrag:", "a=ice-ufrag:" + "x" * 33),
        re.sub(r"a=ice-ufrag:.*", "a=ice-ufrag:" + "\U0001f512" * 8, good),
        good.replace("a=ice-ufrag:", "a=x\x0ba=ice-ufrag:" + "x" * 256),
        good.replace("opus", "speex").replace("PCMU", "GSM"),
        re.sub(r"m=audio \d+", "m=audio x", good),
        good + "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n" * 17,
    ]
    for offer in offers:
        leg = WebLeg(clock, ports, "127.0.0.1")
        with pytest.raises(BadOffer):
            await leg.answer(offer)
        assert leg.closed
        await leg.wait_closed()
        assert ports.taken_count == 0


async def test_names_and_addresses_where_nobody_is_are_not_looked_up(clock, ports):
    """A name ending in .local would be asked for on the network, for a second each."""
    good = await offer_of(Browser())
    lines = [
        f"a=candidate:1 1 udp 1 {host} 5000 typ host\r\n"
        for host in ("a1b2.local", "239.1.1.1", "255.255.255.255", "2001:db8::1%7")
    ]
    leg = WebLeg(clock, ports, "127.0.0.1")
    await leg.answer(good + "".join(lines) + "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n")
    described = leg._peer.remoteDescription.sdp
    assert "192.0.2.1" in described  # control: a plain address is kept
    assert "%" not in described
    assert not [line for line in lines if line.split()[4] in described]
    leg.close()
    await leg.wait_closed()


async def test_a_browser_that_never_comes_is_given_up(clock, ports, monkeypatch):
    monkeypatch.setattr(WebLeg, "silence_seconds", 0.5)
    leg = WebLeg(clock, ports, "127.0.0.1")
    ended = asyncio.Event()
    leg.on_close = ended.set
    await leg.answer(await offer_of(Browser()))
    await asyncio.wait_for(ended.wait(), 10)
    assert await leg.wait_connected() is False
    await leg.wait_closed()
    assert ports.taken_count == 0
