"""The job that lets an invented person telephone a trainee, by real SIP and sound."""

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import connection

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import job
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard.rules import expect_practice_call

from .courses import Course
from .models import Practice

log = logging.getLogger(__name__)

_calls: set[asyncio.Task[None]] = set()  # keeps the tasks alive: the event loop does not


@job
async def call_trainee(practice: int) -> None:
    """Start the call and return at once: a long call must not block the worker's other jobs."""
    task = asyncio.create_task(_call_and_talk(practice))
    _calls.add(task)
    task.add_done_callback(_calls.discard)


async def _call_and_talk(practice: int) -> None:
    # imported late: they bring telephony and NumPy, which few commands need
    from amparo.line.practice_phone.calls import call_trainee as dial_trainee

    from .conversation import Conversation

    try:
        begun = await _in_database(_open_call, practice)
        if begun is None:
            return
        course, call, trainee = begun
        word = await asyncio.to_thread(expect_practice_call, call, trainee, course.language)
        await dial_trainee(
            settings.ENVIRONMENT, course.code, word,
            lambda line: Conversation(
                line, course.steps, sound=course.sound,
                noted=lambda: _in_database(_marks_noted, practice),
                tell=lambda step, signal: _in_database(_note_step, practice, step, signal),
            ).run(),
        )  # fmt: skip
    except (Refused, Unreachable, TimeoutError) as reason:
        log.warning("an invented caller did not get through to a trainee (%s)", type(reason).__name__)


def _open_call(practice: int) -> tuple[Course, UUID, int] | None:
    """Return the course, the id of the call, and the id of the trainee. None: the practice is over.

    The steps of an earlier call are forgotten.
    """
    found = Practice.objects.filter(pk=practice, finished_at=None, call__isnull=False)
    row = found.only("course_code", "call", "user_id").first()
    if row is None or row.call is None:
        return None
    found.update(path=[])  # the person calls once more
    return row.course, row.call, row.user_id


def _marks_noted(practice: int) -> frozenset[str]:
    return frozenset(next(iter(Practice.objects.filter(pk=practice).values_list("noted", flat=True)), ()))


def _note_step(practice: int, step: str, signal: str) -> None:
    for row in Practice.objects.filter(pk=practice, finished_at=None).only("pk", "path"):
        row.step, row.path = step, [*row.path, [step, signal]]
        row.save(update_fields=["step", "path"])


async def _in_database[**P, T](do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def work() -> T:
        try:
            with acting_as(WORKER):
                return do(*args, **kwargs)
        finally:
            connection.close()  # this thread may not run again

    return await asyncio.to_thread(work)
