"""Ten thousand calls on one switchboard: it ends with as much memory, files and ports as it had after two thousand.

    AMPARO_SOAK=1 pytest amparo/line/switchboard/tests/endurance.py      part of `make soak`; `make test` leaves it out

Without AMPARO_SOAK it makes 500 calls. The telephones run in the same process, and forget each call when it is over.
"""

import asyncio
import gc
import os
from pathlib import Path

import pytest

from amparo.line.switchboard.sip.tests.phone import Phone
from tests.repetitions import repeat

CALLS, WARM = repeat(500, 10_000), repeat(100, 2_000)
AT_ONCE = 20
MORE_MEMORY = 40_000_000  # bytes; a call that is kept takes some 15 kB, so 8,000 of them three times that

pytestmark = pytest.mark.timeout(7200)


def memory() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def call_and_hang_up(exchange) -> None:
    """A telephone is answered, stays a moment in the menu, and hangs up."""
    phone = await Phone().open(("127.0.0.1", exchange.port))
    try:
        call = await phone.dial("ayuda")
        assert call.code == 200
        await asyncio.sleep(0.05)
        assert await phone.bye(call) == 200
    finally:
        phone.close()


async def until_quiet(exchange) -> None:
    await exchange.until(lambda: not exchange.board.calls and not exchange.ports.taken_count, seconds=120)
    await exchange.journal.flush()
    agent = exchange.telephones.agent
    await exchange.until(
        lambda: not agent.endpoint.servers and not agent.calls, seconds=120
    )  # 32 s after the last call


async def test_nothing_grows_from_call_to_call(exchange, capsys):
    used = {}
    for number in range(0, CALLS, AT_ONCE):
        await asyncio.gather(*(call_and_hang_up(exchange) for _ in range(AT_ONCE)))
        if number + AT_ONCE in (WARM, CALLS):
            await until_quiet(exchange)
            used[number + AT_ONCE] = (memory(), open_files(), exchange.ports.taken_count)
    with capsys.disabled():
        for calls, (size, files, ports) in used.items():
            print(f"\nafter {calls:,} calls: {size / 1e6:.0f} MB, {files} open files, {ports} ports", end="")
    first, last = used[WARM], used[CALLS]
    assert last[0] - first[0] < MORE_MEMORY
    assert last[1] <= first[1] + 5
    assert last[2] == first[2] == 0
