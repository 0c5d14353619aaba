"""The same sound on either event loop: asyncio's own, and uvloop, which the switchboard runs on."""

import asyncio

import pytest
import uvloop

from ..clock import Clock
from ..conversation import Conversation
from ..ports import Ports
from ..rtp import PCMA, PCMU, RtpLeg
from ..tones import tone
from .telephone import Telephone, talk, ticks, tones_in


async def two_telephones(address):
    clock, ports = Clock(), Ports(42400, 42403)
    async with clock.running():
        a, b = [await RtpLeg.open(clock, ports, address) for _ in range(2)]
        ana, rosa = await Telephone.call(a, 440), await Telephone.call(b, 1000, payload_type=PCMA)
        assert await a.play(tone(300, 0.1))
        conversation = Conversation(clock)
        conversation.add(a)
        conversation.add(b)
        keys = []
        b.on_digit = keys.append
        await talk(clock, ana, rosa)
        rosa.key(5, 1000)
        assert await b.send_digit("3", 0.04)
        for each in (a, b):
            each.close()
        await ticks(clock, 2)
        assert ports.taken_count == 0
        return tones_in(ana.heard), tones_in(rosa.heard), keys, any(packet[1] & 0x7F == 101 for packet in rosa.packets)


async def cancelled_openings():
    clock, ports = Clock(), Ports(42400, 42401)  # a single port: it must be closed as well as given back
    for steps in range(6):
        task = asyncio.create_task(RtpLeg.open(clock, ports, "127.0.0.1"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result().close()
        await asyncio.sleep(0.01)
        leg = await RtpLeg.open(clock, ports, "127.0.0.1")
        leg.close()
        await asyncio.sleep(0.01)
    return ports.taken_count


async def nobody_there():
    clock, ports = Clock(), Ports(42400, 42401)
    async with clock.running():
        leg = await RtpLeg.open(clock, ports, "127.0.0.1")
        leg.set_remote("127.0.0.1", 9, PCMU, 101)
        ended = await leg.play(tone(300, 0.1))
        leg.close()
        return ended


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


@pytest.mark.parametrize(
    ("run", "address"), [(asyncio.run, "127.0.0.1"), (uvloop.run, "127.0.0.1"), (uvloop.run, "::1")]
)
def test_two_telephones_hear_each_other(run, address):
    assert run(two_telephones(address)) == ({300, 1000}, {440}, ["5"], True)


def test_a_cancelled_opening_leaves_neither_port_nor_socket(run):
    assert run(cancelled_openings()) == 0


def test_a_telephone_that_went_away_does_not_disturb(run):
    assert run(nobody_there()) is True
