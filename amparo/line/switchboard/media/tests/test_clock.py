"""The clock is absolute, and nobody can stop it."""

import asyncio
import logging
import time

from ..clock import Clock
from .telephone import ticks


async def test_a_failing_subscriber_is_dropped_and_logged_and_the_others_go_on(clock, caplog):
    heard = []

    def fail():
        raise RuntimeError("on purpose")

    clock.subscribe(fail)
    clock.subscribe(lambda: heard.append(1))
    with caplog.at_level(logging.ERROR):
        await ticks(clock, 5)
    assert len(heard) >= 4
    assert clock.subscriber_count == 1
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError]


async def test_an_unguarded_tick_would_have_stopped(clock, monkeypatch):
    """Positive control: without the guard the same failure ends the clock."""
    clock.subscribe(lambda: 1 / 0)
    monkeypatch.setattr(clock, "_tick", lambda: [subscriber() for subscriber in clock._subscribers])
    await asyncio.sleep(0.1)
    stopped_at = clock.ticks
    await asyncio.sleep(0.1)
    assert clock.ticks == stopped_at


async def test_a_subscriber_stopped_by_an_earlier_one_does_not_get_this_tick(clock):
    heard = []

    def second():
        heard.append(1)

    clock.subscribe(lambda: clock.unsubscribe(second))
    clock.subscribe(second)
    await ticks(clock, 3)
    assert heard == []


async def test_ticks_follow_absolute_time_through_a_stall(clock):
    start, first = asyncio.get_running_loop().time(), clock.ticks
    await ticks(clock, 3)
    executed = []
    clock.subscribe(lambda: executed.append(1))
    before = clock.missed
    time.sleep(0.3)  # blocks the loop: the stall is the test
    await ticks(clock, 3)
    elapsed = asyncio.get_running_loop().time() - start
    assert abs((clock.ticks - first) - elapsed / 0.02) < 4
    assert clock.missed - before >= 12
    assert len(executed) < 12
    assert clock.late >= 1


async def test_a_clock_that_rests_ticks_for_subscribers_alone():
    async with Clock(rests=True).running() as clock:
        first, heard = clock.heartbeat, []
        while clock.heartbeat == first:
            await asyncio.sleep(0.05)
        assert clock.ticks == 0
        clock.subscribe(hear := lambda: heard.append(1))
        while len(heard) < 5:
            await asyncio.sleep(0.02)
        clock.unsubscribe(hear)
        await asyncio.sleep(0.2)
        rested = clock.ticks
        await asyncio.sleep(0.2)
        assert clock.ticks == rested


async def test_the_heartbeat_moves_only_while_the_clock_runs():
    clock = Clock()
    async with clock.running():
        first = clock.heartbeat
        await ticks(clock, 2)
        assert clock.heartbeat > first
    last = clock.heartbeat
    await asyncio.sleep(0.05)
    assert clock.heartbeat == last
