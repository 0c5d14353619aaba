"""Jobs of the demonstration, which the worker runs."""

import asyncio
import logging

from django.conf import settings

from amparo.foundation.core.jobs import job
from amparo.line.channels.tasks import receive_soon
from amparo.line.practice_phone.voices.callers import Caller, callers
from amparo.line.switchboard.sip.invitation import CallFailed

log = logging.getLogger(__name__)

_calls: set[asyncio.Task[None]] = set()  # a reference, because the loop keeps no task alive


@job
async def call(caller: str) -> None:
    """Let this invented person call. The job ends at once: a long call must not block the worker's other jobs."""
    task = asyncio.create_task(_call_hotline(callers()[caller]))
    _calls.add(task)
    task.add_done_callback(_calls.discard)


@job
def take_text_messages() -> None:
    """Fetch what an invented person has just written, without waiting for the next minute."""
    receive_soon("sms")


async def _call_hotline(who: Caller) -> None:
    from amparo.line.practice_phone.calls import call_hotline  # late: it brings telephony

    try:
        await call_hotline(settings.ENVIRONMENT, who, tell=lambda what: None)
    except CallFailed as failure:
        log.warning("an invented caller did not get through (SIP %s)", failure.code)
