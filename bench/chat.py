"""A thousand waiting chats and a thousand open consoles: how soon a note about a chat is at the consoles, and how much
memory the streams take.

    python -m bench.chat [--consoles 1000] [--chats 1000] [--notes 60]

Two kinds of delivery are timed, from the commit to the line in the console's stream: a new chat, which every console
hears; and a message in a chat that an operator has, which that operator's console alone hears. The floor is a server of
forty lines that passes each notification of the database to the same number of streams, in the same run. The consoles
are streams of 1,000 operators, not browsers: what a page fetches after a note is not in these figures (bench.console).
"""

import argparse
import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psycopg

from tests.hotline import Hotline, hotline
from tests.ports import free_port

from .pages import hire, percentile

TAKEN = 0.1  # of the chats, by one operator each
LIMIT = 500  # ms, p95
SETTLE = 3.0  # seconds for the last note to arrive
A_NETWORK = 200  # consoles of one loopback network; a network has at most 256 connections


def sit_down(operators: list[int]) -> None:
    """Runs in the hotline's process: everybody is on shift, and on a break."""
    from django.utils import timezone

    from amparo.foundation.access.models import User
    from amparo.line.roster.models import Seat, State
    from amparo.line.roster.rules import take_seat

    for user in User.objects.filter(pk__in=operators):
        take_seat(by=user, now=timezone.now())
    Seat.objects.filter(pk__in=operators).update(state=State.BREAK, seen_at=timezone.now())


def begin_chats(number: int) -> list[str]:
    """Runs in the hotline's process: begin this many chats, which wait. Returns their ids."""
    return [_begin()[1] for _ in range(number)]


def _begin() -> tuple[float, str]:
    from django.utils import timezone

    from amparo.foundation.access.spoken_codes import new_code
    from amparo.line.chat.receipts import acting_with
    from amparo.line.chat.rules import begin_chat
    from amparo.line.switchboard.models import Language

    how = {"language": Language.SPANISH, "behind": 0, "work": None, "now": timezone.now()}
    chat = begin_chat(acting_with(new_code()), "palabras inventadas", pk=uuid.uuid4(), **how)  # type: ignore[arg-type]
    return time.time(), str(chat.pk)


def begin_one() -> float:
    """Runs in the hotline's process: begin a chat. Returns the time of its commit, in seconds."""
    return _begin()[0]


def take(chats: list[str], operators: list[int]) -> None:
    """Runs in the hotline's process: each operator takes one chat."""
    from django.utils import timezone

    from amparo.foundation.access.models import User
    from amparo.line.chat.models import Chat
    from amparo.line.chat.models import State as ChatState

    for chat, operator in zip(chats, operators, strict=True):
        user = User.objects.get(pk=operator)
        Chat.objects.filter(pk=chat).update(state=ChatState.TALKING, operator=user, taken_at=timezone.now())


def write_in(chat: str) -> float:
    """Runs in the hotline's process: notify of a new message in the chat. Returns the time of the commit."""
    from amparo.foundation.core.live import notify

    notify("chat", chat)
    return time.time()


class Console:
    """One open stream. `heard` has the time and the text of each note."""

    def __init__(self, number: int, port: int, request: str) -> None:
        self.heard: list[tuple[float, str]] = []
        self._from, self._port, self._request = f"127.0.{1 + number // A_NETWORK}.1", port, request

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(self._from, 0)
        )  # fmt: skip
        self._writer.write(self._request.encode())
        status = (await self._reader.readline()).decode()
        assert " 200 " in status, status
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            if line.startswith(b"data: "):
                self.heard.append((time.time(), line[6:].decode().strip()))

    @property
    def is_closed(self) -> bool:
        return self._listening.done()

    def close(self) -> None:
        self._listening.cancel()
        self._writer.close()


async def open_all(consoles: list[Console]) -> None:
    for first in range(0, len(consoles), 50):
        await asyncio.gather(*(console.open() for console in consoles[first : first + 50]))


async def waits(
    consoles: list[Console],
    notes: int,
    send: Callable[[int], Awaitable[tuple[float, str, list[Console]]]],
    every: float,
) -> tuple[list[float], int]:
    """Send this many notes by `send`, one each `every` seconds, and time their arrival.

    `send` returns the time of its commit, the text, and the consoles that should hear it. Returns the milliseconds from
    each commit to each of these consoles, and how many of these never arrived.
    """
    for console in consoles:
        console.heard.clear()
    sent = []
    for number in range(notes):
        sent.append(await send(number))
        await asyncio.sleep(every)
    await asyncio.sleep(SETTLE)
    found, lost = list[float](), 0
    for at, text, due in sent:
        for console in due:
            after = [(when - at) * 1000 for when, heard in console.heard if heard == text and when >= at - 0.05]
            found += after[:1]
            lost += not after
    return found, lost


def floor(conninfo: str, port: int) -> None:
    """Runs in a process of its own: pass each notification to every connection."""

    async def run() -> None:
        writers: set[asyncio.StreamWriter] = set()

        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            writers.add(writer)

        async with await asyncio.start_server(welcome, "127.0.0.1", port):
            link = await psycopg.AsyncConnection.connect(conninfo, autocommit=True)
            await link.execute("listen amparo_live")
            async for notification in link.notifies():
                for writer in writers:
                    writer.write(f"event: note\ndata: {notification.payload}\n\n".encode())

    asyncio.run(run())


@contextmanager
def floor_server(it: Hotline) -> Iterator[int]:
    port = free_port()
    process = get_context("spawn").Process(target=floor, args=(it.do(conninfo), port))
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


def conninfo() -> str:
    """Runs in the hotline's process: return how to connect to its database."""
    from amparo.foundation.core import live

    return live.conninfo()


def memory(it: Hotline) -> float:
    """Megabytes of the web processes, shared pages counted by their share."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in it.processes()["web"]]
    return sum(int(text.partition("\nPss:")[2].split()[0]) for text in rollups) / 1024


def report(name: str, found: list[float], lost: int) -> None:
    if len(found) < 2:
        print(f"{name:<34}{len(found):>7}  {lost} lost")
        return
    p50, p95 = percentile(found, 0.5), percentile(found, 0.95)
    print(f"{name:<34}{len(found):>7}  p50 {p50:5.0f} ms  p95 {p95:5.0f} ms  worst {max(found):5.0f} ms  {lost} lost")


async def measure(it: Hotline, consoles: int, chats: int, notes: int) -> None:
    loop = asyncio.get_running_loop()

    def inside[R](work: Callable[..., R], *args: object) -> asyncio.Future[R]:
        return loop.run_in_executor(None, it.do, work, *args)

    hired = await inside(hire, consoles, 0)
    written = await inside(begin_chats, chats)
    await inside(sit_down, [pk for pk, _role, _key in hired])
    has = dict(zip(written, range(int(chats * TAKEN)), strict=False))
    await inside(take, list(has), [hired[n][0] for n in has.values()])
    before = memory(it)
    head = f"GET /live/console HTTP/1.1\r\nHost: 127.0.0.1:{it.http_port}\r\nSec-Fetch-Mode: cors\r\n"
    ours = [
        Console(n, it.http_port, f"{head}Cookie: sessionid={key}\r\n\r\n") for n, (_pk, _role, key) in enumerate(hired)
    ]
    await open_all(ours)
    print(
        f"{consoles:,} consoles, {chats:,} chats, {len(has)} of them with an operator; web processes {before:.0f} MB, "
        f"with the streams {memory(it):.0f} MB; load average {os.getloadavg()[0]:.1f}"
    )

    async def new_chat(_number: int) -> tuple[float, str, list[Console]]:
        return await inside(begin_one), "chats", ours

    async def message(number: int) -> tuple[float, str, list[Console]]:
        chat = list(has)[number % len(has)]
        return await inside(write_in, chat), f"chat {chat}", [ours[has[chat]]]

    report("a new chat, at every console", *await waits(ours, notes, new_chat, 1.0))
    report("a message, at its operator", *await waits(ours, notes, message, 0.5))
    closed = sum(console.is_closed for console in ours)
    print(f"web processes at the end {memory(it):.0f} MB; {closed} streams were closed")
    for console in ours:
        console.close()
    with floor_server(it) as port:
        await asyncio.sleep(1)
        bare = [Console(n, port, "GET / HTTP/1.1\r\n\r\n") for n in range(consoles)]
        await open_all(bare)

        async def bare_chat(_number: int) -> tuple[float, str, list[Console]]:
            return await inside(begin_one), "chats", bare

        report("floor: a new chat, everywhere", *await waits(bare, notes, bare_chat, 1.0))
        for console in bare:
            console.close()
    print(f"the aim is p95 <= {LIMIT} ms; load average {os.getloadavg()[0]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=1000)
    parser.add_argument("--notes", type=int, default=60)
    chosen = parser.parse_args()
    with hotline(AMPARO_DEMO="0", AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as it:
        asyncio.run(measure(it, chosen.consoles, chosen.chats, chosen.notes))


if __name__ == "__main__":
    main()
