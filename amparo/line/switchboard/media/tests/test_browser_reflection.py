"""Who forges the sender of STUN makes us send a victim at most three times what came in the victim's name."""

import asyncio
import re

import pytest
from aioice.stun import Class, Message, Method, parse_message
from aiortc import RTCSessionDescription

from ...amplification_limit import TIMES, AmplificationLimit
from ..ice import MOST_PEERS
from ..web import GRACE_SECONDS, WebLeg
from .browser import Browser, join

VICTIM = "127.0.0.9"
PASSWORD = "p" * 22  # of the attacker's offer
QUIET_SECONDS = 3.0  # all seven probes are sent in half of it


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Fifty times as fast as it is."""
    monkeypatch.setattr("aioice.stun.RETRY_RTO", 0.01)
    monkeypatch.setattr(WebLeg, "silence_seconds", GRACE_SECONDS / 4)


@pytest.fixture(params=[True, False], ids=["limited", "control"])
def is_limited(request, monkeypatch):
    """The control: without the limit the same packets break the bound."""
    if not request.param:
        monkeypatch.setattr(AmplificationLimit, "consume", lambda *_: True)
    return request.param


class Wire(asyncio.DatagramProtocol):
    """One UDP socket: of a victim, or of an attacker."""

    def __init__(self):
        self.sent, self.came, self.log = 0, 0, []

    @classmethod
    async def open(cls, host):
        _, wire = await asyncio.get_running_loop().create_datagram_endpoint(cls, (host, 0))
        return wire

    def connection_made(self, transport):
        self.transport = transport
        self.host, self.port = transport.get_extra_info("sockname")

    def datagram_received(self, data, addr):
        self.came += len(data)
        self.log.append((data, addr))

    def send(self, message, to):
        data = bytes(message)
        self.sent += len(data)
        self.transport.sendto(data, to)


@pytest.fixture
async def victim():
    wires = [await Wire.open(VICTIM) for _ in range(20)]
    yield wires
    for wire in wires:
        wire.transport.close()


def check(description, ours, number):
    """A connectivity check as the browser that was given this answer would send it."""
    request = Message(Method.BINDING, Class.REQUEST)
    request.attributes["USERNAME"] = f"{field(description, 'ice-ufrag')}:{ours}"
    request.attributes["PRIORITY"] = number
    request.add_message_integrity(field(description, "ice-pwd").encode())
    return request


def field(description, name):
    return re.search(rf"a={name}:(\S+)", description)[1]


def our_port(answer):
    return "127.0.0.1", int(re.search(r"a=candidate:\S+ 1 udp \d+ 127.0.0.1 (\d+)", answer)[1])


async def offer_of(*candidates, keys=True):
    """An attacker's offer with these candidates alone, as small as it can be."""
    browser = Browser(keys=keys)
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    offer = browser.peer.localDescription.sdp
    await browser.close()
    lines = "".join(f"a=candidate:1 1 udp 1 {host} {port} typ host\r\n" for host, port in candidates)
    offer = re.sub(r"(a=candidate.*\r\n)+", lines, offer)
    offer = re.sub(r"a=(fingerprint:sha-(384|512)|extmap|msid|ssrc|rtcp:).*\r\n", "", offer)
    return re.sub(r"a=ice-pwd:.*", f"a=ice-pwd:{PASSWORD}\r", offer)


def total(wires):
    return sum(wire.came for wire in wires), sum(wire.sent for wire in wires)


async def test_forged_checks_before_the_browser_connects(clock, ports, victim, is_limited):
    leg = WebLeg(clock, ports, "127.0.0.1")
    offer = await offer_of(("127.0.0.1", 9))
    answer = await leg.answer(offer)
    for number, wire in enumerate(victim, 1):
        wire.send(check(answer, field(offer, "ice-ufrag"), number), our_port(answer))
    assert await leg.wait_connected() is False
    came, sent = total(victim)
    print(f"{came} bytes for {sent}")
    assert came > sent > 0
    assert (came <= TIMES * sent) == is_limited
    await leg.wait_closed()


async def test_forged_checks_on_a_connected_leg(clock, ports, victim, is_limited):
    leg, browser = WebLeg(clock, ports, "127.0.0.1"), Browser(440)
    answer = await join(browser, leg)
    name = field(browser.peer.localDescription.sdp, "ice-ufrag")
    for number, wire in enumerate(victim, 1):
        wire.send(check(answer, name, number), our_port(answer))
    await asyncio.sleep(QUIET_SECONDS)
    came, sent = total(victim)
    print(f"{came} bytes for {sent}")
    assert came > sent > 0
    assert (came <= TIMES * sent) == is_limited
    assert not leg.closed
    await close(browser, leg)


async def test_four_addresses_of_our_own(clock, ports, monkeypatch, is_limited):
    """One host of an offer is probed from each of them."""
    ours = [f"127.0.0.{number}" for number in range(1, 5)]
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **which: ours)
    monkeypatch.setattr("aioice.ice.Connection._check_list_maybe_fail", lambda self: None)
    wire = await Wire.open(VICTIM)
    offer = await offer_of((wire.host, wire.port), keys=False)
    offer = re.sub(r"a=ice-ufrag:.*\r\n", f"a=ice-ufrag:{'x' * 32}\r\n", offer)  # each probe repeats it
    leg = WebLeg(clock, ports)
    await leg.answer(offer)
    assert await leg.wait_connected() is False
    print(f"{wire.came} bytes for {len(offer)}")
    assert len({addr for _, addr in wire.log}) > 1
    assert (wire.came <= TIMES * len(offer)) == is_limited
    wire.transport.close()
    await leg.wait_closed()


async def test_all_hosts_of_an_offer_share_one_allowance(clock, ports, is_limited):
    wires = [await Wire.open(f"127.0.1.{number}") for number in range(1, 17)]
    offer = await offer_of(*((wire.host, wire.port) for wire in wires), keys=False)
    leg = WebLeg(clock, ports, "127.0.0.1")
    await leg.answer(offer)
    assert await leg.wait_connected() is False
    came, _ = total(wires)
    print(f"{came} bytes for {len(offer)}")
    assert all(wire.came for wire in wires)
    assert (came <= TIMES * len(offer)) == is_limited
    for wire in wires:
        wire.transport.close()
    await leg.wait_closed()


@pytest.mark.parametrize("is_forged", [True, False])
async def test_a_response_proves_the_address_that_was_probed(clock, ports, is_forged):
    """Who gets our probe can answer it in the name of another host, which proves nothing."""
    leg, attacker, victim = WebLeg(clock, ports, "127.0.0.1"), await Wire.open("127.0.0.1"), await Wire.open(VICTIM)
    await leg.answer(await offer_of((attacker.host, attacker.port)))
    await probed(attacker)
    (victim if is_forged else attacker).send(response(attacker), attacker.log[-1][1])
    await asyncio.sleep(0.2)
    assert not leg._ports._limit.consume(VICTIM, 100_000)
    assert leg._ports._limit.consume(attacker.host, 100_000) is not is_forged
    leg.close()
    await leg.wait_closed()
    for wire in (attacker, victim):
        wire.transport.close()


async def probed(wire):
    async with asyncio.timeout(10):
        while not wire.log:
            await asyncio.sleep(0.005)


def response(wire):
    data, _ = wire.log[-1]
    message = Message(Method.BINDING, Class.RESPONSE, parse_message(data).transaction_id)
    message.attributes["XOR-MAPPED-ADDRESS"] = ("127.0.0.1", 1)
    message.add_message_integrity(PASSWORD.encode())
    return message


async def test_a_leg_learns_a_bounded_number_of_addresses(clock, ports, victim):
    leg, browser = WebLeg(clock, ports, "127.0.0.1"), Browser(440)
    answer = await join(browser, leg)
    name = field(browser.peer.localDescription.sdp, "ice-ufrag")
    many = [await Wire.open("127.0.0.10") for _ in range(MOST_PEERS + 20)]
    for number, wire in enumerate(many, 1):
        wire.send(check(answer, name, number), our_port(answer))
        await asyncio.sleep(0.001)
    await asyncio.sleep(QUIET_SECONDS)
    assert len(peers_of(leg)) == MOST_PEERS
    before = len(browser.frames)
    await asyncio.sleep(0.5)
    assert len(browser.frames) > before  # who was there first is heard
    assert not leg.closed
    for wire in many:
        wire.transport.close()
    await close(browser, leg)


async def test_a_browser_whose_address_no_offer_names_connects_and_stays(clock, ports, monkeypatch):
    """As one behind NAT: its address is learnt from its checks. Consent would be lost within the two seconds."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.05)
    leg, browser = WebLeg(clock, ports, "127.0.0.1"), Browser(440)
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    offer = re.sub(r"(a=candidate.* )[0-9.]+ \d+( typ)", r"\g<1>127.0.0.77 9\2", browser.peer.localDescription.sdp)
    answer = await leg.answer(offer)
    await browser.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    assert await asyncio.wait_for(leg.wait_connected(), 20)
    assert "prflx" in {peer.type for peer in peers_of(leg)}
    await asyncio.sleep(2)
    assert not leg.closed
    assert browser.frames
    await close(browser, leg)


@pytest.mark.parametrize("port", ["70000", "65536", "0", "-1", "+5000", "5_000", "٥٠٠٠", "123456789"])
async def test_a_port_that_cannot_be_is_not_probed_and_fills_no_log(clock, ports, port, caplog):
    leg = WebLeg(clock, ports, "127.0.0.1")
    offer = await offer_of(("127.0.0.1", port), ("127.0.0.1", 5000))
    await leg.answer(offer)
    await asyncio.sleep(0.5)
    described = leg._peer.remoteDescription.sdp
    assert set(re.findall(r"a=candidate:.* 127.0.0.1 (\S+) typ", described)) == {"5000"}
    assert caplog.text == ""
    leg.close()
    await leg.wait_closed()


async def test_the_control_an_impossible_port_fills_the_log(clock, ports, monkeypatch, caplog):
    monkeypatch.setattr("amparo.line.switchboard.media.web._is_usable", lambda candidate: True)
    leg = WebLeg(clock, ports, "127.0.0.1")
    await leg.answer(await offer_of(("127.0.0.1", "70000")))
    await asyncio.sleep(0.5)
    leg.close()
    await leg.wait_closed()
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("attributes", [b"\x00\x24\x00\x01\x00\x00\x00\x00", b"\x00\x06\x00\x02\xff\xff\x00\x00", b""])
async def test_a_malformed_check_fills_no_log(clock, ports, victim, attributes, caplog):
    leg, browser = WebLeg(clock, ports, "127.0.0.1"), Browser(440)
    answer = await join(browser, leg)
    head = b"\x00\x01" + len(attributes).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + b"t" * 12
    victim[0].send(head + attributes, our_port(answer))
    request = Message(Method.BINDING, Class.REQUEST)
    request.attributes["USERNAME"] = check(answer, field(browser.peer.localDescription.sdp, "ice-ufrag"), 1).attributes[
        "USERNAME"
    ]
    request.add_message_integrity(field(answer, "ice-pwd").encode())
    victim[0].send(request, our_port(answer))
    await asyncio.sleep(0.3)
    assert caplog.text == ""
    await close(browser, leg)


def peers_of(leg):
    transport = leg._peer.getTransceivers()[0].receiver.transport.transport
    return transport.iceGatherer._connection.remote_candidates


async def close(browser, leg):
    await browser.close()
    leg.close()
    await leg.wait_closed()
