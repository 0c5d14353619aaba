"""Whatever arrives, calls go on, nothing is left behind, and no log quotes it."""

import asyncio
import logging
import random

import pytest
import uvloop

from .malformed import MALFORMED, mutated, mutations
from .phone import Phone
from .switchboard import Switchboard
from .texts import T1, eventually, sdp, status


class Stranger(asyncio.DatagramProtocol):
    """Sends anything, hears nothing."""

    def __init__(self) -> None:
        self.answers = 0

    def datagram_received(self, data, addr):
        self.answers += 1

    def error_received(self, exc):
        """The switchboard may send to a closed port."""


async def bombard(switchboard: Switchboard, messages: list[bytes], answers: int = 0) -> None:
    """Send them all, and wait until at least so many were answered."""
    loop = asyncio.get_running_loop()
    wire, stranger = await loop.create_datagram_endpoint(Stranger, local_addr=("127.0.0.1", 0))
    for message in messages:
        wire.sendto(message[:65_000], switchboard.address)
        await asyncio.sleep(0)
    await eventually(lambda: stranger.answers >= answers)
    wire.close()


async def calls_outlive_a_bombardment() -> None:
    errors: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context))
    switchboard = await Switchboard(t1=T1 / 2).open()  # to wait less for strangers who never acknowledge
    phones = [await Phone().open(switchboard.address) for _ in range(6)]
    operator = await Phone().open(switchboard.address)
    switchboard.routes["bob"] = operator.relay.far_address
    calls = await asyncio.gather(*(phone.dial("bob") for phone in phones))

    await bombard(switchboard, MALFORMED, answers=20)  # those that can be answered are
    await bombard(switchboard, mutations(2000))
    await eventually(lambda: switchboard.agent.endpoint.malformed > 500)

    for phone, call in zip(phones, calls, strict=True):
        assert status(await phone.reinvite(call, sdp("sendrecv", version=2))) == 200
    late = await phones[0].dial("ivr")
    assert [await phone.bye(call) for phone, call in zip(phones, calls, strict=True)] == [200] * len(calls)
    assert await phones[0].bye(late) == 200
    assert all(leg.state == "ended" for leg in operator.calls.values())
    await eventually(lambda: switchboard.is_idle and switchboard.transactions == 0)
    assert switchboard.agent.endpoint.failed == 0
    assert errors == []
    for each in (switchboard, operator, *phones):
        each.close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_calls_outlive_a_bombardment(run, caplog):
    caplog.set_level(logging.DEBUG, "amparo")
    run(asyncio.wait_for(calls_outlive_a_bombardment(), 100))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    for word in ("127.0.0.1", "sip:", "ivr", "z9hG4bK"):
        assert not [record for record in caplog.records if word in record.getMessage() and "amparo" in record.name]


async def test_endless_datagrams_are_not_read(switchboard, phone):
    phone.send(phone.request("OPTIONS", phone.new_call(), 1, extra="X: " + "y" * 20_000))
    await eventually(lambda: switchboard.agent.endpoint.malformed == 1)


async def test_phones_that_garble_half_of_what_they_say_leave_nothing_behind(switchboard, new_phone, operator, caplog):
    """Here the garbled messages belong to calls: answers to our INVITEs, offers, BYEs."""
    chance = random.Random(3261)

    def spoil(data: bytes) -> bytes:
        return mutated(data, chance) if chance.random() < 0.5 else data

    callers = [await new_phone() for _ in range(40)]
    for phone in (operator, *callers):
        phone.relay.spoil = spoil

    async def talk(phone: Phone) -> None:
        call = await phone.dial("bob")
        if call.state == "up":
            await phone.reinvite(call)
            await phone.bye(call)

    await asyncio.gather(*(talk(phone) for phone in callers))
    for call in list(switchboard.agent.calls.values()):
        call.hangup()
    await eventually(lambda: switchboard.is_idle and switchboard.transactions == 0)
    assert switchboard.agent.endpoint.malformed > 20
    assert switchboard.agent.endpoint.failed == 0
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
