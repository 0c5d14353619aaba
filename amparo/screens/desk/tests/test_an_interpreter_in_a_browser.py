"""The operator calls an interpreter into a call: the caller and the operator hear the interpreter, who hears them."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.tests.phones import Phone
from tests.browser import take_the_call, until
from tests.hotline import Hotline, hotline

from .steps import dial, sign_in, tone


class Interpreter:
    """A telephone at the trunk that answers each call with a tone of 660 Hz. It runs in a thread of its own."""

    def __init__(self) -> None:
        self._loop, self._ready, self._over = asyncio.new_event_loop(), Future[Phone](), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._stay()), daemon=True)
        self._thread.start()
        self.phone = self._ready.result(timeout=30)

    async def _stay(self) -> None:
        async with Clock().running() as clock:
            phone = await Phone.plug_in(clock, 660)
            self._ready.set_result(phone)
            await self._over.wait()
            phone.unplug()

    def hears(self, hz: float) -> bool:
        return self._run(self.phone.hears(hz))

    def leave(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(timeout=30)

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Interpreter]:
    interpreter = Interpreter()
    yield interpreter
    interpreter.leave()


@pytest.fixture(scope="module")
def line(interpreter: Interpreter) -> Iterator[Hotline]:
    with hotline(AMPARO_TRUNK=f"127.0.0.1:{interpreter.phone.agent.port}") as running:
        yield running


def test_an_interpreter_is_heard_by_both(
    desk: BrowserContext, phone: BrowserContext, line: Hotline, interpreter: Interpreter
) -> None:
    """By tones: the caller's has 440 Hz, Ana's 1000, the interpreter's 660."""
    tone(phone, 440)
    tone(desk, 1000)
    ana = sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(ana)
    until(caller, "hears(1000) && !hears(660)")
    until(ana, "hears(440) && !hears(660)")
    expect(ana.locator(".notes textarea")).to_be_visible()
    ana.keyboard.press("Alt+r")
    ana.locator("#third-number").fill("987000222")
    ana.locator("[formaction$='/dial-in']").click()
    expect(ana.locator(".call-bar")).to_contain_text("Intérprete: en la llamada")
    until(caller, "hears(1000) && hears(660)")
    until(ana, "hears(440) && hears(660)")
    assert interpreter.hears(440)
    assert interpreter.hears(1000)
    ana.locator("[formaction$='/drop']").click()
    until(caller, "hears(1000) && !hears(660)")
