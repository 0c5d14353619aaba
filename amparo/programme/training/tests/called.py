"""Played in the process of a hotline: a trainee at a desk phone is called by an invented person, and is scored."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from amparo.demo.desk import HUM, Desk, run_in_database
from amparo.demo.rhythm import QUICK
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts import rules as contacts
from amparo.line.practice_phone import ear
from amparo.line.practice_phone.telephone import Line, open_telephone
from amparo.line.roster.models import State
from amparo.line.switchboard import rules
from amparo.line.switchboard.models import Call
from amparo.programme.training.courses import courses
from amparo.programme.training.models import Practice
from amparo.programme.training.rules import begin_practice, finish_practice

from .conftest import pass_quiz

COURSE = courses()["first-call"]
SAYS = {name: step.says[-1] for name, step in COURSE.steps.items()}
VOICE = ear.Repertoire({line: [COURSE.sound(line) or b""] for line in COURSE.lines})
NOTED = {
    "safe_to_talk": "no", "limits": "yes", "caller_role": "person_at_risk", "urgency": "immediate",
    "notes": "PALABRAS-DE-PRACTICA",
}  # fmt: skip


def practise() -> dict[str, Any]:
    return asyncio.run(_practise())


async def _practise() -> dict[str, Any]:
    ana = await run_in_database(User.objects.get, username="ana")
    async with open_telephone(settings.ENVIRONMENT) as phone:
        await phone.plug_in()
        desk = Desk(ana, phone, VOICE, QUICK, random.Random(1))
        async with desk.on_shift():
            await run_in_database(pass_quiz, ana, timezone.now())
            practice = await run_in_database(begin_practice, COURSE, by=ana, now=timezone.now())
            await run_in_database(desk._set_state, State.READY)
            call = await _until(desk._ringing_call)
            seen = {name: await run_in_database(_sees, name, call) for name in ("ana", "rufino", "marta")}
            await run_in_database(rules.answer, call, None, by=ana)
            line = await asyncio.wait_for(desk.lines.get(), 20)
            await run_in_database(desk._set_state, State.BUSY)
            page = await desk._open_contact(call)
            await _until_said(line, SAYS["start"])
            await run_in_database(page.save, safe_to_talk="no")  # silent, but notes the answer
            await _until_said(line, SAYS["offer"])
            await line.say(HUM)
            await _until_said(line, SAYS["bar"])
            await run_in_database(page.save, **NOTED)
            await _until_said(line, SAYS["age"])
            await _until_said(line, SAYS["there"])  # nobody speaks for a while
            await line.say(HUM)
            await _until_said(line, SAYS["wish"])
            await line.say(HUM)
            await _until_said(line, SAYS["thanks"])
            await run_in_database(rules.end, call, by=ana)
            line.hang_up()
    await _until(lambda: Practice.objects.filter(pk=practice.pk, step="thanks").first())
    await _until(lambda: Call.objects.filter(pk=call.pk, state="ended").first())
    await run_in_database(contacts.wrap_up, page.contact, type="crisis", key=page.key, by=ana, now=timezone.now())
    done = await run_in_database(finish_practice, practice, by=ana, now=timezone.now())
    return {
        "path": done.path, "seen": seen, "points": done.points, "passed": done.passed, "met": done.met,
        "is_practice": page.contact.practice_of_id == ana.pk,
        "queue": await run_in_database(lambda: done.certificate.queue),
    }  # fmt: skip


def _sees(name: str, call: Call) -> bool:
    with acting_as(User.objects.get(username=name).acting()):
        return Call.objects.filter(pk=call.pk).exists()


async def _until_said(line: Line, words: str) -> None:
    """Wait until the trainee has heard these words to their end."""
    async with asyncio.timeout(25):
        while line.ear.heard[-1:] != [words]:
            await asyncio.sleep(0.1)


async def _until[T](fact: Callable[[], T | None], seconds: float = 40) -> T:
    async with asyncio.timeout(seconds):
        while (found := await run_in_database(fact)) is None:
            await asyncio.sleep(0.2)
    return found
