"""Who names a victim as the sender of an INVITE makes us send the victim hardly more than came (RFC 9000, 8.1)."""

import asyncio

import pytest

from ..amplification_limit import TIMES
from .phone import Phone
from .texts import T1, eventually, sdp

VICTIM = "127.0.0.9"


class Wire(asyncio.DatagramProtocol):
    """Counts what comes and goes at an address."""

    def __init__(self) -> None:
        self.sent = self.came = 0

    @classmethod
    async def open(cls, switchboard: tuple[str, int], host: str = VICTIM) -> "Wire":
        transport, wire = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        wire.transport, wire.switchboard = transport, switchboard
        return wire

    def send(self, text: str) -> None:
        self.sent += len(text)
        self.transport.sendto(text.encode(), self.switchboard)

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self.came += len(data)


@pytest.fixture
async def victim(switchboard):
    wire = await Wire.open(switchboard.address)
    yield wire
    wire.transport.close()


async def test_who_never_answers_gets_at_most_three_times_what_came_from_there(switchboard, phone, victim):
    victim.send(phone.request("INVITE", phone.new_call("ivr"), 1, sdp()))
    victim.send(phone.request("OPTIONS", phone.new_call("ivr"), 1))
    await eventually(lambda: switchboard.seen)
    await asyncio.sleep(70 * T1)  # until the 200 is given up, and its BYE too
    assert victim.sent < victim.came <= TIMES * victim.sent


async def test_the_control_who_is_known_is_sent_the_200_until_it_is_given_up(switchboard, phone, victim):
    switchboard.agent.endpoint.transport.amplification_limit.mark_validated(VICTIM)
    victim.send(phone.request("INVITE", phone.new_call("ivr"), 1, sdp()))
    await eventually(lambda: victim.came > 2 * TIMES * victim.sent)


async def test_who_acknowledges_has_proved_their_address(switchboard):
    amplification_limit = switchboard.agent.endpoint.transport.amplification_limit
    phone = await Phone().open(switchboard.address, VICTIM)
    amplification_limit.record_received(VICTIM, 10_000)
    phone.acknowledges = False
    silent = await phone.dial("ivr")
    assert silent.code == 200
    assert not amplification_limit.consume(VICTIM, 100_000)
    phone.acknowledges = True
    call = await phone.dial("ivr")
    await eventually(lambda: amplification_limit.consume(VICTIM, 100_000))
    assert await phone.bye(call) == 200
    phone.close()


async def test_an_ack_that_guesses_our_tag_proves_nothing(switchboard, phone, victim):
    call = phone.new_call("ivr")
    victim.send(phone.request("INVITE", call, 1, sdp()))
    await eventually(lambda: switchboard.seen)
    call.remote += ";tag=0123456789abcdef"
    victim.send(phone.request("ACK", call, 1))
    victim.send(phone.request("BYE", call, 2))
    await eventually(lambda: victim.came)
    assert not switchboard.agent.endpoint.transport.amplification_limit.consume(VICTIM, 100_000)
