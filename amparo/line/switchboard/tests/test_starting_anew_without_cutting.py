"""An update or new settings start the switchboard anew: at SIGUSR1 it ends by itself, once no call is running."""

import asyncio
import os
import signal

from amparo.line.switchboard import process


async def test_a_signal_to_start_anew_waits_for_the_calls_that_run(monkeypatch):
    monkeypatch.setattr(process, "IDLE_CHECK", 0.01)
    calls, looks = ["a call"], 0

    def is_idle():
        nonlocal looks
        looks += 1
        if looks == 3:
            assert not ending.done()
            calls.clear()
        return not calls

    ending = asyncio.create_task(process.until_it_may_end([], is_idle))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGUSR1)
    await ending
    assert looks == 3


async def test_a_signal_to_stop_does_not_wait():
    """Positive control."""
    ending = asyncio.create_task(process.until_it_may_end([], lambda: False))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await ending


async def test_while_a_call_runs_the_switchboard_is_not_idle(exchange):
    assert process.is_idle(exchange.board)
    phone = await exchange.caller()
    assert not process.is_idle(exchange.board)
    phone.hang_up()
    await exchange.until(lambda: process.is_idle(exchange.board))
