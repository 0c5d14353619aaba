"""A party from whom nothing comes any more is noticed; one on hold is left in peace."""

import pytest

from ..rtp import RtpLeg
from .telephone import Telephone, talk, ticks


@pytest.fixture
async def leg(clock, ports, monkeypatch):
    monkeypatch.setattr(RtpLeg, "silence_seconds", 0.2)
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    leg.alarms = []
    leg.on_silence = lambda: leg.alarms.append(1)
    yield leg
    leg.close()


async def test_silence_is_reported_repeatedly(clock, leg):
    await ticks(clock, 30)
    assert len(leg.alarms) >= 2


async def test_who_speaks_is_not_silent(clock, leg):
    phone = await Telephone.call(leg, 440)
    await talk(clock, phone, frames=30)
    assert leg.alarms == []
    await ticks(clock, 15)  # positive control: then it is
    assert leg.alarms
    phone.transport.close()


async def test_on_hold_nothing_is_expected(clock, leg):
    leg.is_on_hold = True
    await ticks(clock, 30)
    assert leg.alarms == []
    leg.is_on_hold = False
    await ticks(clock, 3)
    assert leg.alarms == []  # the time on hold is not counted
    await ticks(clock, 15)
    assert leg.alarms


async def test_after_the_end_no_silence_is_reported(clock, leg):
    leg.close()
    await ticks(clock, 15)
    assert leg.alarms == []
