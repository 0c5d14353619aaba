"""A call that arrives during a short stall of the process is accepted. Only lasting delay refuses calls."""

import asyncio
import time
from dataclasses import replace

import pytest
from django.conf import settings

from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.seats import Seats
from amparo.line.switchboard.sip.invitation import CallFailed
from amparo.line.switchboard.telephones import LAGGING, Telephones

from .phones import Phone


@pytest.fixture
async def telephones():
    environment = replace(settings.ENVIRONMENT, hosts=("127.0.0.1",), sip_tls=None, trunk=None, trunks=())
    async with Clock().running() as clock:
        telephones = Telephones(environment, clock, Ports(30000, 30199), Seats())
        telephones.on_caller = lambda leg, line, number: None
        telephones.port = await telephones.agent.listen("127.0.0.1", 0)
        yield telephones
        telephones.agent.close()


async def call(telephones):
    phone = await Phone.plug_in(telephones.clock, 440)
    calling = asyncio.create_task(phone.call(f"sip:ayuda@127.0.0.1:{telephones.port}", telephones.port, "51900000001"))
    await asyncio.sleep(0)  # the INVITE is in the socket
    return phone, calling


async def test_one_short_standstill_refuses_no_call(telephones):
    phone, calling = await call(telephones)
    time.sleep(LAGGING + 0.2)
    await calling
    assert phone.is_up
    phone.unplug()


async def test_lasting_delays_of_the_clock_refuse_new_calls(telephones):
    """Positive control."""
    telephones.clock.lag = telephones.clock._last_lag = LAGGING
    telephones.clock._note = lambda lag: 0
    phone, calling = await call(telephones)
    with pytest.raises(CallFailed) as failure:
        await calling
    assert failure.value.code == 503
    phone.unplug()
