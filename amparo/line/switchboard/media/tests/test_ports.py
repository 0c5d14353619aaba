"""No way of ending a call keeps its port."""

import asyncio
import socket

import pytest

from ..leg import DIGITS
from ..ports import NoPortLeft, Ports
from ..rtp import RtpLeg
from ..tones import tone


async def whole_call(clock, ports):
    leg = await RtpLeg.open(clock, ports, "127.0.0.1")
    try:
        leg.set_remote("127.0.0.1", 9, 0, 101)
        await leg.play(tone(440, 0.04))
        await leg.send_digit(DIGITS[1], 0.02)
        await leg.record(0.02)
    finally:
        leg.close()


async def test_a_call_cancelled_at_any_step_gives_its_port_back(clock, ports):
    all_free, completed = ports.free_count, False
    for steps in range(20):
        task = asyncio.create_task(whole_call(clock, ports))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert ports.free_count == all_free
        assert clock.subscriber_count == 0
    for moment in range(60):  # and at moments spread over the whole of it
        task = asyncio.create_task(whole_call(clock, ports))
        await asyncio.wait([task], timeout=0.01 * moment)
        completed = completed or task.done()
        task.cancel()
        await asyncio.wait([task])
        assert ports.free_count == all_free
        assert clock.subscriber_count == 0
        if completed:
            break
    assert completed


async def test_without_our_care_a_cancelled_opening_would_leak(clock, ports, monkeypatch):
    """Positive control: the same cancellation with close() disabled leaves the port taken."""
    monkeypatch.setattr(RtpLeg, "close", lambda leg: None)
    task = asyncio.create_task(RtpLeg.open(clock, ports, "127.0.0.1"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert ports.taken_count == 1


def test_the_port_longest_free_comes_first():
    ports = Ports(42300, 42307)
    taken = []
    for _ in range(8):
        bound = ports.take("127.0.0.1")
        taken.append(bound.getsockname()[1])
        bound.close()
        ports.release(taken[-1])
    assert taken[:4] == taken[4:]
    assert sorted(taken[:4]) == [42300, 42302, 42304, 42306]


def test_a_port_of_another_program_is_passed_over():
    ports = Ports(42300, 42303)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 42300))
        for _ in range(3):
            with ports.take("127.0.0.1") as bound:
                assert bound.getsockname()[1] == 42302
            ports.release(42302)
        assert ports.free_count == 2


def test_no_free_port_raises_an_error():
    ports = Ports(42300, 42301)
    with ports.take("127.0.0.1"), pytest.raises(NoPortLeft):
        ports.take("127.0.0.1")
    assert ports.taken_count == 1


def test_an_address_that_is_not_ours_keeps_the_port_free():
    ports = Ports(42300, 42301)
    for address in ("203.0.113.77", "nonsense"):
        with pytest.raises((OSError, ValueError)):
            ports.take(address)
        assert ports.free_count == 1


def test_giving_twice_does_not_double_a_port():
    ports = Ports(42300, 42301)
    ports.take("127.0.0.1").close()
    ports.release(42300)
    ports.release(42300)
    assert ports.free_count == 1


async def test_closing_twice_does_not_give_away_the_port_of_another(clock):
    ports = Ports(42300, 42301)
    first = await RtpLeg.open(clock, ports, "127.0.0.1")
    first.close()
    await asyncio.sleep(0.01)
    second = await RtpLeg.open(clock, ports, "127.0.0.1")
    first.close()
    assert ports.taken_count == 1
    second.close()
