"""The job that lets an invented person telephone a trainee, by real SIP and sound."""

import asyncio
import logging
from uuid import UUID

from django.conf import settings
from django.db import connection

from amparo.demo import calls
from amparo.demo.voices.callers import callers
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import job
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard.rules import expect_practice_call

from .courses import END, Course, courses
from .models import Practice

log = logging.getLogger(__name__)

PATIENCE = 180.0  # seconds; then the invented person hangs up, and calls again when the trainee asks for it

_calls: set[asyncio.Task[None]] = set()  # a reference, because the loop keeps no task alive


@job
async def call_trainee(practice: int) -> None:
    """Start the call and return at once: a long call must not block the worker's other jobs."""
    task = asyncio.create_task(_call(practice))
    _calls.add(task)
    task.add_done_callback(_calls.discard)


async def _call(practice: int) -> None:
    try:
        begun = await asyncio.to_thread(_begun, practice)
        if begun is None:
            return
        course, call, trainee = begun
        word = await asyncio.to_thread(expect_practice_call, call, trainee, course.language)
        if await calls.call_trainee(settings.ENVIRONMENT, callers()[course.caller], word, PATIENCE):
            await asyncio.to_thread(_note_end, practice)
    except (Refused, Unreachable) as reason:
        log.warning("an invented caller did not get through to a trainee (%s)", type(reason).__name__)


def _begun(practice: int) -> tuple[Course, UUID, int] | None:
    """The course, the id of the call, and the trainee. None: it is over."""
    try:
        with acting_as(WORKER):
            found = Practice.objects.filter(pk=practice, finished_at=None, call__isnull=False)
            row = found.values_list("course_code", "call", "user_id").first()
    finally:
        connection.close()  # this thread may not run again
    if row is None or row[1] is None:
        return None
    return courses()[row[0]], row[1], row[2]


def _note_end(practice: int) -> None:
    try:
        with acting_as(WORKER):
            Practice.objects.filter(pk=practice, finished_at=None).update(step=END)
    finally:
        connection.close()
