"""A complete switchboard in this process, with real SIP and RTP over loopback and a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.db.models import Model, QuerySet

from amparo.foundation.core.pseudonyms import Pseudonyms, bare_number
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard.browsers import Browsers
from amparo.line.switchboard.call_control import Switchboard
from amparo.line.switchboard.journal import Journal
from amparo.line.switchboard.legs import Leg
from amparo.line.switchboard.media import clock as media_clock
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.g711 import FRAME_SECONDS
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.models import Channel
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.seats import OperatorOnShift, Seats
from amparo.line.switchboard.telephones import Telephones

from .phones import Phone


class Exchange:
    """The switchboard under test and its telephones."""

    def __init__(self, clock: Clock, library: Library) -> None:
        self.environment = replace(settings.ENVIRONMENT, hosts=("127.0.0.1",), sip_port=0, trunk=None, trunks=())
        self.clock, self.ports, self.seats, self.journal = clock, Ports(30000, 30199), Seats(), Journal()
        self.telephones = Telephones(self.environment, clock, self.ports, self.seats)
        browsers = Browsers(self.environment, clock, self.ports)
        self.board = Switchboard(clock, library, self.seats, self.journal, self.telephones, browsers)
        self.phones: list[Phone] = []
        pseudonyms = Pseudonyms()

        def on_caller(leg: Leg, line: str, number: str) -> None:
            if practice := self.board.practice.pop_columns(line):
                self.board.begin_call(leg, **practice)
                return
            pseudonym = pseudonyms.of(bare_number(number))
            self.board.begin_call(leg, pseudonym, channel=Channel.PHONE, line=line, pseudonym=pseudonym)

        self.telephones.on_caller = on_caller

    async def start(self) -> None:
        self.port = await self.telephones.agent.listen("127.0.0.1", 0)

    async def phone(self, hz: float = 440) -> Phone:
        phone = await Phone.plug_in(self.clock, hz)
        self.phones.append(phone)
        return phone

    async def caller(self, hz: float = 440, number: str = "51900000001", line: str = "ayuda") -> Phone:
        """Place a call, which is answered."""
        before, phone = set(self.board.calls), await self.phone(hz)
        await phone.call(f"sip:{line}@127.0.0.1:{self.port}", self.port, number)
        await self.until(lambda: set(self.board.calls) - before)  # our answer was acknowledged
        return phone

    async def waiting(self, **what: object) -> "tuple[Phone, str]":
        """Return a caller in the queue and the id of the call."""
        before = set(self.board.calls)
        phone = await self.caller(**what)
        call = await self.until(lambda: next(iter(set(self.board.calls) - before), None))
        await phone.press("1")
        await self.until(lambda: self.board.calls[call].row.state == "waiting")
        return phone, str(call)

    def sit(self, user: int, *languages: str, is_ready: bool = True, ready_since: float | None = None) -> None:
        """Put an operator on shift, with the console open."""
        since = float(user) if ready_since is None else ready_since
        place = OperatorOnShift(user, f"user{user}", is_ready, since, frozenset(languages or ("es",)))
        self.seats.on_shift[user] = place
        self.board.distribution.wake()

    async def desk_phone(self, user: int, hz: float = 1000) -> Phone:
        """Return a registered desk phone of an operator, which answers every call."""
        phone = await self.phone(hz)
        self.sit(user)
        self.seats.secrets[f"user{user}"] = "a secret of the desk phone"
        await phone.register(f"user{user}", "a secret of the desk phone", self.port)
        return phone

    async def until(self, fact: object, seconds: float = 20) -> object:
        """Wait until the condition is true, and return its value. Tests wait for conditions, never for a time."""
        async with asyncio.timeout(seconds):
            while not (found := fact()):
                await asyncio.sleep(0.01)
        return found

    async def until_row[M: Model](self, rows: QuerySet[M]) -> M:
        """Wait until the journal has written one of these rows."""
        async with asyncio.timeout(20):
            while (found := await rows.afirst()) is None:
                await asyncio.sleep(0.05)
        return found

    async def close(self) -> None:
        for call in list(self.board.calls.values()):
            call.end("operator")
        for phone in self.phones:
            phone.unplug()
        self.telephones.agent.close()
        await self.journal.flush()


PACE = 5


@pytest.fixture
def fast_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts, music, tones and keys pass five times as fast, for the switchboard and its telephones alike.

    The menu waits less for a key, too. For tests that wait for sound; browsers keep their own time, so it is not for
    tests with one.
    """
    monkeypatch.setattr(media_clock, "FRAME_SECONDS", FRAME_SECONDS / PACE)
    keep(replace(current(), think_seconds=1.5))


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture
async def exchange(transactional_db: None, library: Library) -> AsyncIterator[Exchange]:
    async with Clock().running() as clock:
        exchange = Exchange(clock, library)
        await exchange.start()
        exchange.distributing = asyncio.create_task(exchange.board.distribution.run())
        work = [asyncio.create_task(exchange.journal.run()), exchange.distributing]
        yield exchange
        await exchange.close()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
