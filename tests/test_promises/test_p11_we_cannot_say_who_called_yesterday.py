"""P11: once the day is over nobody can say who called: not from memory, not from the disk, not with our own keys."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from amparo.foundation.core.database import DatabaseServer
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.tests.phones import Phone
from tests.hotline import CHECKOUT, PATIENCE, Hotline, furnish

from .short_days import DAY, T1

NUMBER = "51987345612"
PLANTED = "51987345699"
NETWORK = "203.0.113.177/32"  # of a browser that calls from the page
LINGERS = 80 * T1  # seconds; a SIP transaction answers repeated requests for 64*T1 (RFC 3261 17.1.1.2)
WAYS_TO_WRITE = ("ascii", "utf-16-le", "utf-32-le")


@dataclass
class Exchange:
    """One switchboard process and the database under it."""

    line: Hotline
    process: subprocess.Popen[bytes]

    def remembers(self, number: str) -> int:
        return in_memory(self.process.pid, number)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    line = Hotline()
    furnish(line.home)
    server = DatabaseServer(line.home)
    server.start()
    command = [sys.executable, "-m", "tests.test_promises.short_days"]
    with line.log.open("a") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=line.environment, stdout=log, stderr=log)
    try:
        wait_for(line, process)
        yield Exchange(line, process)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        server.stop()
        line.clear_away()


def wait_for(line: Hotline, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not line.do(is_answering):
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(line.log.read_text()[-2000:])
        time.sleep(0.1)


def is_answering() -> bool:
    from amparo.line.switchboard.control import is_answering

    return is_answering()


def pseudonyms() -> list[bytes]:
    from amparo.line.switchboard.models import Call

    return [bytes(row.pseudonym) for row in Call.objects.order_by("arrived_at") if row.pseudonym]


def plant() -> None:
    """A mistake: a number in clear, in a row."""
    from django.db import connection
    from django.utils import timezone

    from amparo.line.switchboard.models import Call

    Call.objects.create(arrived_at=timezone.now(), line=PLANTED, state="ended")
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def in_memory(pid: int, number: str) -> int:
    """How often a number stands in what a process may write to: its heap, its stacks."""
    wanted = re.compile(b"|".join(re.escape(number.encode(encoding)) for encoding in WAYS_TO_WRITE))
    found = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory, open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            where, rights, *_ = line.split()
            if "w" in rights:
                start, end = (int(address, 16) for address in where.split("-"))
                found += len(wanted.findall(os.pread(memory.fileno(), end - start, start)))
    return found


def on_disk(folder: Path, number: str) -> list[str]:
    """The files of a home that hold a number: tables, their log, our output."""
    wanted = re.compile(b"|".join(re.escape(number.encode(encoding)) for encoding in WAYS_TO_WRITE))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in files if wanted.search(_contents(path))]


def _contents(path: Path) -> bytes:
    """Return the bytes of the file; none if PostgreSQL has removed it meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


async def call(exchange: Exchange) -> int:
    """Somebody calls and hangs up; how often the switchboard knew the number meanwhile."""
    async with Clock().running() as clock:
        phone = await Phone.plug_in(clock, 440)
        try:
            await phone.call(f"sip:ayuda@127.0.0.1:{exchange.line.sip_port}", exchange.line.sip_port, NUMBER)
            await asyncio.sleep(1)
            return exchange.remembers(NUMBER)
        finally:
            phone.hang_up()
            await asyncio.sleep(0.5)  # BYE has its answer
            phone.unplug()


def test_the_number_is_gone_and_its_pseudonym_means_nothing(exchange):
    """The control comes first: during the call the number is in memory, and the same search finds it."""
    assert asyncio.run(call(exchange)) > 0
    time.sleep(LINGERS + 2 * DAY)
    assert exchange.remembers(NUMBER) == 0
    assert on_disk(exchange.line.home, NUMBER) == []
    asyncio.run(call(exchange))
    time.sleep(1)  # the journal has written
    yesterday, today = exchange.line.do(pseudonyms)
    assert yesterday != today  # the same number: the key of yesterday is nowhere any more


def test_the_network_of_a_browser_is_gone(exchange):
    """The control comes first: while the web is still asking, the same search finds the network in memory."""
    with socket.socket(socket.AF_UNIX) as web:
        web.connect(str(exchange.line.home / "run" / "switchboard" / "control.sock"))
        web.sendall(f'{{"verb": "call_from_page", "words_in": "es", "network": "{NETWORK}", '.encode())
        time.sleep(1)
        assert exchange.remembers(NETWORK) > 0
        web.sendall(b'"offer": "v=0", "language": "es", "work": null}\n')
        assert b"navegador" in web.recv(4096)  # the call was counted, and this was no browser's offer
    time.sleep(LINGERS)
    assert exchange.remembers(NETWORK) == 0
    assert on_disk(exchange.line.home, NETWORK) == []


def test_the_control_a_number_written_down_is_found(exchange):
    exchange.line.do(plant)
    assert on_disk(exchange.line.home, PLANTED)
