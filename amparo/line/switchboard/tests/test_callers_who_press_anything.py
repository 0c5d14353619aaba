"""Whatever keys a caller presses and whenever they hang up, no resource of the call remains."""

import asyncio
import random

import pytest

CALLERS = 24
LONGEST = 3.0  # seconds in the call, five times as many of sound
KEYS = "0123456789*#"
WISE = "11229"  # keys that reach the offers of the menu more often than random ones

pytestmark = pytest.mark.usefixtures("fast_sound")


async def press_wildly(exchange, chance: random.Random) -> None:
    phone = await exchange.caller(number=f"000{chance.randrange(10**6):06}")
    end = asyncio.get_running_loop().time() + chance.uniform(0, LONGEST)
    while (left := end - asyncio.get_running_loop().time()) > 0 and phone.is_up:
        await asyncio.sleep(min(left, chance.expovariate(7.5)))
        await phone.press(chance.choice(KEYS + WISE * 3))
    phone.hang_up()


def of_a_menu(task: asyncio.Task) -> bool:
    return "Menu" in task.get_coro().__qualname__


async def test_nothing_of_a_call_stays_behind(exchange):
    broken: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: broken.append(context))
    await asyncio.gather(*(press_wildly(exchange, random.Random(seed)) for seed in range(CALLERS)))
    await exchange.until(lambda: not exchange.board.calls, seconds=40)
    await exchange.until(lambda: not exchange.ports.taken_count and not exchange.telephones.agent.calls)
    await exchange.until(lambda: not any(map(of_a_menu, asyncio.all_tasks())))
    assert broken == []
