"""What is played in the hotline's own process, and what the tests ask of its database. Everything goes by value."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from amparo.demo import day
from amparo.demo.commands import queue_call
from amparo.demo.desk import HUM, Desk, run_in_database
from amparo.demo.rhythm import Arrival, Pace
from amparo.foundation.access.models import User
from amparo.line.contacts.models import Contact
from amparo.line.practice_phone import ear
from amparo.line.practice_phone.calls import number_of_caller
from amparo.line.practice_phone.telephone import Telephone, open_telephone
from amparo.line.practice_phone.voices.callers import Caller, Step, callers
from amparo.line.switchboard import rules
from amparo.line.switchboard.media.g711 import split_into_frames
from amparo.line.switchboard.models import Call, Message

# The operator comes after nine seconds, and listens for as long as the caller speaks: nothing here is a race.
PACE = Pace(hour=1.5, patience=(0, 0), talk=(60, 60), wrap=(0, 0.1))
PEOPLE = {"quenual": 60.0, "condor": 60.0, "garza": 60.0, "lechuza": 4.0, "colibri": 60.0}  # and their patience

LEAVE = Step("leave", cue="", pause=2.0, keys="", hangs_up=True, recording=None)


@dataclass
class Played:
    """One busy minute."""

    numbers: list[str]  # that called
    calls: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    numbers_left: list[str] = field(default_factory=list)
    summary: str = ""
    received: list[str] = field(default_factory=list)  # SIP messages, at the invented people's telephones
    callers_heard_the_operator: bool = False


@dataclass
class CalledBack:
    state: str
    direction: str
    recognised: list[str]


def play() -> Played:
    """Five people call; an operator comes, and takes the calls of those who are still there."""
    since, minute = timezone.now(), Minute()
    asyncio.run(minute.run())
    played = minute.played
    played.calls = [_summary(call) for call in Call.objects.filter(arrived_at__gte=since)]
    played.contacts = list(Contact.objects.values("type", "state", "caller_role", "urgency", "language", "version"))
    for row, contact in zip(played.contacts, Contact.objects.all(), strict=True):
        row["notes"] = contact.notes
    played.numbers_left = [str(message.number) for message in Message.objects.all()]
    played.summary = day.summary_of_calls(since)
    return played


class Minute(day.Day):
    """A day in which it is known who calls, and that keeps what the telephones receive."""

    def __init__(self) -> None:
        super().__init__(settings.ENVIRONMENT, 0, PACE)
        known = callers()
        self.arrivals = [Arrival(0.2 * i, brief(known[id]), 0, wait) for i, (id, wait) in enumerate(PEOPLE.items())]
        self.played = Played([number_of_caller(known[id]) for id in PEOPLE])

    async def _arrive(self, phone: Telephone, arrival: Arrival) -> None:
        overhear(phone, self.played.received)
        await super()._arrive(phone, arrival)

    async def run(self) -> None:
        hum, hear = frozenset(filter(ear.is_loud, split_into_frames(HUM))), ear.Ear.hear

        def listen(own: ear.Ear, frame: bytes) -> None:
            hear(own, frame)
            self.played.callers_heard_the_operator |= frame in hum

        ear.Ear.hear = listen
        try:
            await super().run()
        finally:
            ear.Ear.hear = hear


def brief(who: Caller) -> Caller:
    """Those who speak say one sentence, and hang up once it can have been written down."""
    spoken = next((i for i, step in enumerate(who.steps) if step.recording), None)
    if spoken is None:
        return who
    return replace(who, steps=(*who.steps[:spoken], replace(who.steps[spoken], pause=0.5), LEAVE))


def overhear(phone: Telephone, received: list[str]) -> None:
    """Keep what arrives at this telephone."""
    flow = next(iter(phone.agent.endpoint.transport.udp.values()))
    if not hasattr(flow, "overheard"):
        flow.overheard, receive = True, flow.receive

        def keep(data: bytes, source: Any) -> None:
            received.append(data.decode())
            receive(data, source)

        flow.receive = keep


def call_back() -> CalledBack:
    return asyncio.run(_call_back())


async def _call_back() -> CalledBack:
    """An operator at her desk phone calls a number that is nobody's, and listens."""
    ana = await run_in_database(User.objects.get, username="ana")
    async with open_telephone(settings.ENVIRONMENT) as phone:
        await phone.plug_in()
        desk = Desk(ana, phone, ear.caller_repertoire(callers().values()), PACE, random.Random(1))
        async with desk.on_shift():
            call, _sdp = await run_in_database(rules.call_back, "000000007", "es", None, by=ana)
            line = await desk.lines.get()
            async with asyncio.timeout(40):
                while not line.ear.heard and not line.is_over.is_set():
                    await asyncio.sleep(0.1)
            row = await run_in_database(Call.objects.get, pk=call.pk)
            line.hang_up()
    return CalledBack(row.state, row.direction, line.ear.heard)


def place_and_wait(name: str) -> dict[str, Any]:
    """Press the console's button; the call that came of it, once it has ended."""
    since = timezone.now()
    queue_call(name)
    return _summary(until(lambda: Call.objects.filter(arrived_at__gte=since).exclude(ended_at=None).first()))


def until[T](fact: Callable[[], T | None], seconds: float = 40) -> T:
    end = time.monotonic() + seconds
    while (found := fact()) is None and time.monotonic() < end:
        time.sleep(0.1)
    assert found is not None
    return found


def rows_with(text: str) -> list[str]:
    """The tables of which a row holds this text, in whatever column, written as text or bytes."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            looks = f'select count(*) from "{table}" t where t::text like %s or t::text like %s'
            cursor.execute(looks, [f"%{text}%", f"%{text.encode().hex()}%"])
            found += [table] if cursor.fetchone()[0] else []
        return found


def plant(text: str) -> None:
    """Where it must never be, as text and as bytes: the search has to find both."""
    Call.objects.create(line=text, arrived_at=timezone.now(), state="ended")
    with connection.cursor() as cursor:
        cursor.execute("create table planted (b bytea)")
        cursor.execute("insert into planted values (%s)", [text.encode()])


def uproot(text: str) -> None:
    Call.objects.filter(line=text).delete()
    with connection.cursor() as cursor:
        cursor.execute("drop table planted")


def _summary(call: Call) -> dict[str, Any]:
    fields = ("language", "state", "ending", "danger", "silent", "waiting_since", "answered_at", "ended_at")
    events = list(call.events.order_by("at", "pk").values_list("kind", flat=True))
    return {name: getattr(call, name) for name in fields} | {"events": events}


def all_have_ended() -> bool:
    return until(lambda: not Call.objects.live().exists() or None)
