"""The desk of an invented operator: a registered telephone, and the actions behind the console."""

import asyncio
import logging
import random
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from django.db import Error, close_old_connections
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.contacts import rules as contacts
from amparo.line.contacts.models import Contact
from amparo.line.practice_phone.ear import Ear, Repertoire
from amparo.line.practice_phone.telephone import Line, Telephone
from amparo.line.roster import rules as roster
from amparo.line.roster.models import Device, State
from amparo.line.switchboard import rules
from amparo.line.switchboard.media.g711 import SILENCE
from amparo.line.switchboard.media.tones import tone
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.sip.call import SipCall
from amparo.line.switchboard.sip.digest import Credentials
from amparo.line.switchboard.sip.invitation import CallFailed
from amparo.line.switchboard.sip.registration import EXPIRES, Registration

from . import intakes
from .rhythm import Pace

log = logging.getLogger(__name__)

SEEN_EVERY = 15.0  # seconds; the interval of a console
LOOK_EVERY = 0.25  # seconds
SETTLE = 0.5  # seconds between attempts, until the switchboard has read the new secret
REACTION = (0.3, 1.0)  # seconds to pick up
BATCH, TYPING = 24, 0.4  # letters per batch, and seconds to type them
ANSWERS = 5.0  # seconds within which the desk phone must ring
# Invented operators have no voice yet. A hum shows that somebody is there.
HUM = tone(180, 0.8, loudness=2500) + SILENCE * 10 + tone(160, 0.6, loudness=2500)


async def run_in_database[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that uses the database in a thread, and return its result."""

    def run() -> R:
        close_old_connections()
        return verb(*args, **kwargs)

    return await asyncio.to_thread(run)


class Desk:
    """One operator at work: answers calls, types what is said, ends calls, and wraps up."""

    def __init__(self, user: User, phone: Telephone, words: Repertoire, pace: Pace, chance: random.Random) -> None:
        self.user, self.phone, self.words, self.pace, self.chance = user, phone, words, pace, chance
        self.is_time_to_go = asyncio.Event()
        self.lines: asyncio.Queue[Line] = asyncio.Queue()

    async def work(self) -> None:
        """Work one shift until it is time to go; the last call is finished first."""
        async with self.on_shift():
            await run_in_database(self._set_state, State.READY)
            await self._take_calls()

    @asynccontextmanager
    async def on_shift(self) -> AsyncIterator[None]:
        """Be on shift during the block, with a registered telephone that picks up each call into the queue `lines`."""
        secret = await run_in_database(self._take_seat)
        await asyncio.sleep(SETTLE)
        self.phone.agent.on_call = lambda sip_call: self.phone.agent.spawn(self._pick_up(sip_call))
        registration = self._registration(secret)
        while not await registration.register(EXPIRES):
            await asyncio.sleep(SETTLE)
        work = [asyncio.create_task(registration.run()), asyncio.create_task(self._keep_seen())]
        try:
            yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.wait(work)  # the telephone unregisters
            await run_in_database(self._set_state, State.OFF)

    def _take_seat(self) -> str:
        roster.take_seat(by=self.user, now=timezone.now())
        roster.set_device(Device.PHONE, by=self.user)
        roster.set_state(State.BREAK, by=self.user, now=timezone.now())
        roster.mark_seen(self.user.pk, timezone.now())
        return roster.issue_phone_secret(by=self.user)

    def _set_state(self, state: State) -> None:
        roster.set_state(state, by=self.user, now=timezone.now())

    async def _keep_seen(self) -> None:
        while True:
            with suppress(Error):
                await run_in_database(self._mark_seen)
            await asyncio.sleep(SEEN_EVERY)

    def _registration(self, secret: str) -> Registration:
        environment, name = self.phone.environment, self.user.username
        at = environment.sip_address.partition("@")[2]
        peer = self.phone.agent.peer(self.phone.host, environment.sip_port)
        return Registration(self.phone.agent, f"sip:{name}@{at}", f"sip:{at}", peer, Credentials(name, secret))

    async def _pick_up(self, sip_call: SipCall) -> None:
        sip_call.ring()
        with suppress(CallFailed):
            self.lines.put_nowait(await self.phone.answer(sip_call, Ear(self.words)))

    async def _take_calls(self) -> None:
        while not self.is_time_to_go.is_set():
            try:
                if call := await run_in_database(self._ringing_call):
                    await asyncio.sleep(self.chance.uniform(*REACTION))
                    await self._handle_call(call)
                    await run_in_database(self._set_state, State.READY)
            except (Refused, Unreachable, Error, TimeoutError) as reason:
                log.info("the invented operator goes on after %s", type(reason).__name__)
            await asyncio.sleep(LOOK_EVERY)

    def _mark_seen(self) -> None:
        with acting_as(self.user.acting()):
            roster.mark_seen(self.user.pk, timezone.now())

    def _ringing_call(self) -> Call | None:
        with acting_as(self.user.acting()):
            return Call.objects.waiting().filter(ringing_for=self.user).first()

    async def _handle_call(self, call: Call) -> None:
        await run_in_database(rules.answer, call, None, by=self.user)
        line = await asyncio.wait_for(self.lines.get(), ANSWERS)
        try:
            await run_in_database(self._set_state, State.BUSY)
            page = await asyncio.wait_for(self._open_contact(call), ANSWERS)
            await self._talk(page, line)
            with suppress(Refused):  # the caller hung up
                await run_in_database(rules.end, call, by=self.user)
        finally:
            line.hang_up()
        await asyncio.sleep(self.chance.uniform(*self.pace.wrap))
        await run_in_database(page.wrap_up, line.ear.recognised, self.chance)

    async def _open_contact(self, call: Call) -> "ContactPage":
        """Open the contact of the call. Repeat until the switchboard has written that this operator is in the call."""
        while True:
            with suppress(Refused):
                return await run_in_database(ContactPage.open, call, self.user)
            await asyncio.sleep(LOOK_EVERY)

    async def _talk(self, page: "ContactPage", line: Line) -> None:
        """Type the sentences of the caller as notes, until the caller hangs up or the time is up."""
        writing = asyncio.create_task(self._write_down(page, line))
        try:
            await line.say(HUM)
            with suppress(TimeoutError):
                await asyncio.wait_for(line.is_over.wait(), self.chance.uniform(*self.pace.talk))
        finally:
            writing.cancel()
            await asyncio.wait([writing])

    async def _write_down(self, page: "ContactPage", line: Line) -> None:
        sentences: asyncio.Queue[str] = asyncio.Queue()
        line.ear.on_heard = sentences.put_nowait
        while True:
            text = intakes.text_of_sentence(await sentences.get())
            for start in range(0, len(text), BATCH):
                await run_in_database(page.write, text[start : start + BATCH])
                await asyncio.sleep(TYPING)
            await run_in_database(page.write, "\n")


class ContactPage:
    """The open page of a contact. It saves drafts as the console's script does, with a draft key and revisions."""

    def __init__(self, contact: Contact, by: User) -> None:
        self.contact, self.by, self.key = contact, by, uuid.uuid4()
        self._notes, self._revision, self._version = "", 0, contact.version

    @classmethod
    def open(cls, call: Call, by: User) -> "ContactPage":
        return cls(contacts.open_contact(call, by=by, now=timezone.now()), by)

    def write(self, letters: str) -> None:
        self._notes += letters
        self.save(notes=self._notes)

    def save(self, **changes: str) -> None:
        self._revision += 1
        saved = contacts.save_draft(
            self.contact, key=self.key, revision=self._revision, based_on=self._version, changes=changes,
            by=self.by, now=timezone.now(),
        )  # fmt: skip
        self._version = saved.version

    def wrap_up(self, recognised: list[str], chance: random.Random) -> None:
        """Fill in what was understood from the recognised sentences, and wrap up the contact."""
        with acting_as(self.by.acting()):
            is_silent = Call.objects.filter(contacts=self.contact, silent=True).exists()
        understood = intakes.intake_of_call(recognised, is_silent=is_silent)
        if understood.fields:
            self.save(**understood.fields, heard_of_us=chance.choice(intakes.HEARD_OF_US))
        contacts.wrap_up(self.contact, type=understood.type, key=self.key, by=self.by, now=timezone.now())
