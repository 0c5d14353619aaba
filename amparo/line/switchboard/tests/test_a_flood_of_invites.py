"""INVITEs that nobody acknowledges: those who call are answered all the same, nobody is sent sound who did not ask for
it, and soon after the flood everything is free again.
"""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from amparo.line.switchboard import unacknowledged_calls
from amparo.line.switchboard.media.packet import HEADER
from amparo.line.switchboard.reach import Reach
from amparo.line.switchboard.sip.tests.phone import Phone as PlainPhone
from amparo.line.switchboard.sip.tests.phone import PhoneCall
from amparo.line.switchboard.sip.tests.texts import branch, sdp, status
from amparo.line.switchboard.sip.tests.wire import Wire

ATTACKER, VICTIM = "127.0.0.9", "127.0.0.10"


@pytest.fixture
async def attacker(exchange):
    phone = await PlainPhone().open(("127.0.0.1", exchange.port), ATTACKER)
    phone.acknowledges = False
    yield phone
    phone.close()


class Ear(asyncio.DatagramProtocol):
    """A host that may be sent sound."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self.packets.append(data)


@pytest.fixture
async def ears():
    """Open one at an address."""
    opened = []

    async def open_one(host: str) -> Ear:
        transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=(host, 0))
        ear.transport, ear.port = transport, transport.get_extra_info("sockname")[1]
        opened.append(transport)
        return ear

    yield open_one
    for transport in opened:
        transport.close()


def invite(phone: PlainPhone) -> None:
    phone.send(phone.request("INVITE", phone.new_call("ayuda"), 1, sdp().replace("127.0.0.1", ATTACKER)))


def heard_at(ear: Ear, host: str) -> str:
    return sdp().replace("127.0.0.1", host).replace("40000", str(ear.port))


async def test_one_source_that_acknowledges_nothing_shuts_nobody_out(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "PER_HOST", 10)
    for _ in range(100):
        invite(attacker)
    await exchange.until(lambda: any(status(text) == 503 for text in attacker.log))
    assert exchange.ports.taken_count <= 10
    assert not exchange.board.calls  # nobody of them stands in a queue
    caller = await exchange.caller()
    assert caller.is_up
    await exchange.until(lambda: len(exchange.telephones.pending) == 0, seconds=25)  # the control: 32 s otherwise
    await exchange.until(lambda: exchange.ports.taken_count == 1)


async def test_calls_that_come_at_once_wait_a_moment_for_a_place(exchange, attacker, monkeypatch):
    """A machine that is late reads them together. Each caller acknowledges, so nobody is refused."""
    monkeypatch.setattr(unacknowledged_calls, "PER_HOST", 2)
    monkeypatch.setattr(unacknowledged_calls, "WAIT", 60.0)  # a busy machine needs more than a second for ten turns
    attacker.acknowledges = True
    body = sdp().replace("127.0.0.1", ATTACKER)
    calls = await asyncio.gather(*(attacker.dial("ayuda", body=body) for _ in range(12)))
    assert [call.code for call in calls] == [200] * 12
    await exchange.until(lambda: len(exchange.telephones.pending) == 0)


async def test_who_hangs_up_while_waiting_for_a_place_takes_none(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "PER_HOST", 1)
    monkeypatch.setattr(unacknowledged_calls, "WAIT", 60.0)
    first = await attacker.dial("ayuda", body=sdp().replace("127.0.0.1", ATTACKER))
    assert first.code == 200
    call = attacker.new_call("ayuda")
    text = attacker.request("INVITE", call, 1, sdp().replace("127.0.0.1", ATTACKER))
    attacker.send(text)
    await exchange.until(lambda: any(status(text) == 100 for text in attacker.log))
    attacker.send(attacker.request("CANCEL", call, 1, in_branch=branch(text)))
    await exchange.until(lambda: any(status(text) == 487 for text in attacker.log))
    attacker.send(first.ack)  # its place is free
    await exchange.until(lambda: len(exchange.telephones.pending) == 0)
    assert exchange.ports.taken_count == 1


async def test_one_stranger_leaves_waiting_places_to_others(monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "WAIT", 600.0)
    calls = unacknowledged_calls.PendingCalls(lambda host: host == "192.0.2.1")

    def waiting(host: str) -> int:
        """Let calls of this host wait until no more may; return how many did."""
        forget = []
        while calls.may_wait(host) and len(forget) < 1000:
            forget.append(calls.wait(host, lambda: None, lambda: None))
        forgotten.extend(forget)
        return len(forget)

    forgotten: list = []
    assert [waiting(f"192.0.2.{n}") for n in range(11, 17)] == [10, 10, 10, 10, 10, 0]
    assert waiting("192.0.2.1") == 300  # a carrier's calls of a second, whatever strangers do
    assert waiting("192.0.2.1") == 0  # the control: it is bounded too
    for forget in forgotten[:]:
        forget()
    assert waiting("192.0.2.16") == 10
    for forget in forgotten:  # the timers of the last ones
        forget()


@pytest.mark.parametrize(("is_known", "most_at_once", "refused"), [(True, 200, 0), (False, 100, 190)])
async def test_three_hundred_calls_before_the_first_ack(monkeypatch, is_known, most_at_once, refused):
    """A machine that is late by a second reads a carrier's calls before their ACKs: they wait, and none is refused."""
    for name in ("WAIT", "PATIENCE"):
        monkeypatch.setattr(unacknowledged_calls, name, 600.0)
    calls = unacknowledged_calls.PendingCalls(lambda host: is_known)
    acknowledged: list = []
    begun, turned_away = 0, 0

    def begin() -> None:
        nonlocal begun
        begun += 1
        acknowledged.append(calls.add("192.0.2.1", lambda: None))

    for _ in range(300):
        if not (calls.admits("192.0.2.1") or calls.may_wait("192.0.2.1")):
            turned_away += 1
        elif calls.has_place("192.0.2.1"):
            begin()
        else:
            calls.wait("192.0.2.1", begin, lambda: None)
    at_once = begun
    for acknowledge in acknowledged:  # it grows meanwhile
        acknowledge()
    assert (at_once, turned_away, begun) == (most_at_once, refused, 300 - refused)


async def test_all_sources_together_are_bounded_and_trunks_alone_by_that(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "IN_ALL", 12)
    monkeypatch.setattr(unacknowledged_calls, "PER_HOST", 3)
    exchange.telephones.pending = unacknowledged_calls.PendingCalls(lambda host: host == ATTACKER)
    for _ in range(30):
        invite(attacker)
    await exchange.until(lambda: any(status(text) == 503 for text in attacker.log))
    assert len(exchange.telephones.pending) == 12


async def test_strangers_leave_places_for_trunks_and_registered_phones(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "IN_ALL", 12)
    monkeypatch.setattr(unacknowledged_calls, "FOR_KNOWN", 4)
    for _ in range(30):
        invite(attacker)
    await exchange.until(lambda: any(status(text) == 503 for text in attacker.log))
    assert len(exchange.telephones.pending) == 8
    await exchange.desk_phone(1)  # at 127.0.0.1, so that its host is known
    assert exchange.telephones.agent.is_known("127.0.0.1")
    assert not exchange.telephones.agent.is_known(ATTACKER)
    for _ in range(4):
        assert exchange.telephones.pending.admits("127.0.0.1")
        exchange.telephones.pending.add("127.0.0.1", lambda: None)
    assert not exchange.telephones.pending.admits("127.0.0.1")  # the control: in all they are bounded too


async def test_who_takes_most_places_gives_one_up_to_others_at_once(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "IN_ALL", 14)
    monkeypatch.setattr(unacknowledged_calls, "FOR_KNOWN", 2)
    monkeypatch.setattr(unacknowledged_calls, "PATIENCE", 60.0)  # so that nothing is free in this test otherwise
    for _ in range(13):
        invite(attacker)  # one more than there are places, so that none waits for the place that the caller leaves
    await exchange.until(lambda: any(status(text) == 503 for text in attacker.log))
    assert len(exchange.telephones.pending) == 12
    assert (await exchange.caller()).is_up
    await exchange.until(lambda: len(exchange.telephones.pending) == 11)  # its ACK may still be on the way


async def test_the_control_who_has_few_places_keeps_them(monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "IN_ALL", 14)
    monkeypatch.setattr(unacknowledged_calls, "FOR_KNOWN", 2)
    calls = unacknowledged_calls.PendingCalls()
    for number in range(12):
        calls.add(f"192.0.2.{number}", lambda: None)
    assert not calls.admits("192.0.2.99")
    assert len(calls) == 12


async def test_a_flood_that_fills_all_places_and_stops_shuts_nobody_out(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "IN_ALL", 14)
    monkeypatch.setattr(unacknowledged_calls, "FOR_KNOWN", 2)
    monkeypatch.setattr(unacknowledged_calls, "PATIENCE", 0.5)
    for _ in range(12):
        invite(attacker)
    await exchange.until(lambda: len(exchange.telephones.pending) == 12)
    await asyncio.sleep(1.0)
    assert len(exchange.telephones.pending) == 12  # the control: they keep their places while nobody needs one
    assert (await exchange.caller()).is_up
    await exchange.until(lambda: len(exchange.telephones.pending) == 11)  # its ACK may still be on the way


async def test_who_is_only_slow_to_acknowledge_is_waited_for(exchange, attacker, monkeypatch):
    monkeypatch.setattr(unacknowledged_calls, "PATIENCE", 0.2)
    call = await attacker.dial("ayuda", body=sdp().replace("127.0.0.1", ATTACKER))
    assert call.code == 200
    await asyncio.sleep(1.0)
    assert not exchange.board.calls
    attacker.send(call.ack)
    await exchange.until(lambda: exchange.board.calls)


@pytest.fixture
def collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def test_a_call_that_ended_keeps_nothing_of_its_sound(exchange, attacker, collector_off):
    """The call's transaction stays for 32 s. A run of the garbage collector stops all sound, so none may be needed."""
    invite(attacker)
    await exchange.until(lambda: any(status(text) == 200 for text in attacker.log))
    (call,) = exchange.telephones.agent.calls.values()
    leg = weakref.ref(call.on_hangup.__self__)
    assert leg() is not None
    call.hangup()
    await exchange.until(lambda: leg() is None)
    assert exchange.telephones.agent.endpoint.servers  # the control: the call itself is remembered


async def test_a_call_that_was_answered_leaves_nothing_to_the_garbage_collector(exchange, collector_off):
    caller = await exchange.caller()
    (live,) = exchange.board.calls.values()
    kept = [weakref.ref(each) for each in (live, live.caller, live.caller.sound)]
    del live
    assert all(each() for each in kept)
    caller.hang_up()
    await exchange.until(lambda: not any(each() for each in kept))


async def test_a_new_call_leaves_ports_for_those_that_run(exchange, attacker):
    exchange.ports.for_running_calls = exchange.ports.free_count
    assert (await attacker.dial("ayuda")).code == 503
    # On a busy machine the telephone repeated its INVITE, and the copy would take the port that becomes free: wait
    # until all that was sent before is read.
    assert await attacker.ask("OPTIONS", attacker.new_call("ayuda"), 1)
    exchange.ports.for_running_calls -= 1  # control: one port more is free
    assert (await attacker.dial("ayuda", body=sdp().replace("127.0.0.1", ATTACKER))).code == 200


async def test_no_sound_before_the_ack(exchange, attacker, ears):
    ear = await ears(ATTACKER)
    call = await attacker.dial("ayuda", body=heard_at(ear, ATTACKER))
    assert call.code == 200
    await asyncio.sleep(1.0)
    assert not ear.packets
    attacker.send(call.ack)
    await exchange.until(lambda: len(ear.packets) > 50)  # the control, and the opening words from their beginning


async def test_no_sound_to_a_third_host_that_an_sdp_names(exchange, attacker, ears):
    victim = await ears(VICTIM)
    attacker.acknowledges = True
    assert (await attacker.dial("ayuda", body=heard_at(victim, VICTIM))).code == 200
    await exchange.until(lambda: exchange.board.calls)
    await asyncio.sleep(1.0)
    assert not victim.packets


def packet(number: int) -> bytes:
    return HEADER.pack(0x80, 0, number, 160 * number, 7) + b"\xff" * 160


def sound_port(call: PhoneCall) -> tuple[str, int]:
    return "127.0.0.1", int(call.final.partition("m=audio ")[2].split()[0])


async def test_a_host_that_an_sdp_names_is_sent_three_times_what_came_from_it(exchange, attacker, ears):
    """The packets may be forged: whoever knows the port of the call can send them with the address of a victim."""
    exchange.telephones._reach = replace(exchange.telephones._reach, networks=(ip_network("127.0.0.0/8"),))
    gateway = await ears(VICTIM)
    attacker.acknowledges = True
    call = await attacker.dial("ayuda", body=heard_at(gateway, VICTIM))
    await exchange.until(lambda: exchange.board.calls)
    await asyncio.sleep(0.5)
    assert not gateway.packets
    gateway.transport.sendto(packet(1), sound_port(call))
    await exchange.until(lambda: gateway.packets)
    await asyncio.sleep(1.0)
    assert len(gateway.packets) <= 3
    for number in range(2, 20):  # the control: a gateway that goes on is sent sound as long
        gateway.transport.sendto(packet(number), sound_port(call))
        await asyncio.sleep(0.02)
    await exchange.until(lambda: len(gateway.packets) > 40)


@pytest.mark.parametrize("reads", [False, True], ids=["forged", "the control: it answers"])
async def test_a_call_takes_its_sound_to_a_new_host_once_that_has_answered(exchange, attacker, ears, reads):
    exchange.telephones.agent.is_trunk = lambda host: host in (VICTIM, ATTACKER)
    new, old = await ears(VICTIM), await ears(ATTACKER)
    attacker.acknowledges = True
    call = await attacker.dial("ayuda", body=heard_at(old, ATTACKER))
    await exchange.until(lambda: len(old.packets) > 10)
    there = await (PlainPhone() if reads else Wire).open(("127.0.0.1", exchange.port), VICTIM)
    if reads:
        there.calls[call.call_id] = call
    there.send(attacker.request("INVITE", call, 2, heard_at(new, VICTIM)))
    there.send(attacker.request("ACK", call, 2))
    new.transport.sendto(packet(1), sound_port(call))
    await asyncio.sleep(3.0)
    heard = sum(len(each) for each in new.packets)
    if reads:
        assert heard > 100 * 160
    else:
        assert heard + there.came <= 3 * (there.sent + len(packet(1)))
    there.transport.close()


@pytest.mark.parametrize(
    ("host", "signalling", "is_paid_for", "is_allowed"),
    [
        ("10.0.0.7", "10.0.0.7", False, True),  # who signals
        ("10.0.0.8", "10.0.0.7", True, False),
        ("169.254.1.1", "8.8.8.8", True, False),
        ("255.255.255.255", "8.8.8.8", True, False),
        ("127.0.0.1", "8.8.8.8", True, False),
        ("8.8.4.4", "8.8.8.8", False, False),
        ("8.8.4.4", "8.8.8.8", True, True),
        ("8.8.4.4", "1.1.1.1", False, True),  # a trunk's gateway
        ("10.0.0.8", "1.1.1.1", False, False),
        ("192.168.7.7", "8.8.8.8", True, True),  # of a named network
        ("192.168.7.7", "8.8.8.8", False, False),
    ],
)
def test_where_sound_may_go(host, signalling, is_paid_for, is_allowed):
    reach = Reach(trunks=("1.1.1.1",), networks=(ip_network("192.168.7.0/24"),))
    assert reach.allows(host, signalling, is_paid_for=is_paid_for) == is_allowed
