"""`amparo demo call`, `demo day` and `demo story`, and the console's button that brings a caller."""

import argparse
import asyncio
import random
import signal
import unicodedata
from collections.abc import Coroutine
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.line.switchboard import control
from amparo.line.switchboard.sip.invitation import CallFailed

from . import story, tasks
from .calls import call_hotline
from .day import Day, summary
from .rhythm import QUICK, REAL, Pace
from .voices.callers import Caller, callers


def run(arguments: argparse.Namespace) -> None:
    if not settings.ENVIRONMENT.demo:
        raise Misconfigured("AMPARO_DEMO=0: a real hotline has no invented callers.")
    if not control.is_answering():
        raise Misconfigured("The hotline is not running here: start it with `make run`, then type this again.")
    if arguments.what == "call":
        call(arguments.caller)
    elif arguments.what == "story":
        print("Everybody in it is invented. Stop with Ctrl-C.", flush=True)
        story.play(lambda what: print(what, flush=True))
    else:
        day(arguments.calls, REAL if arguments.real_time else QUICK)


def call(name: str | None) -> None:
    """One invented person calls; what happens is printed, a line a step."""
    who = find(name)
    print(f"{who.name} is invented: {who.who}. Stop with Ctrl-C.", flush=True)
    try:
        _play(call_hotline(settings.ENVIRONMENT, who, lambda what: print(f"{who.name} {what}", flush=True)))
    except CallFailed as failure:
        raise Misconfigured(f"The hotline did not take the call (SIP {failure.code}): try again.") from failure


def day(calls: int, pace: Pace) -> None:
    """Invented callers and an invented operator; your own console may take calls at the same time."""
    minutes = 24 * pace.hour / 60
    print(f"{calls} invented calls in about {minutes:.0f} minutes, answered by an invented operator. Stop with Ctrl-C.")
    since = timezone.now()
    try:
        _play(Day(settings.ENVIRONMENT, calls, pace).live())
    finally:
        print(f"\n{summary(since)}", flush=True)


def place_call(caller: str | None = None) -> None:
    """An invented person calls a moment from now, out of the worker process."""
    if not settings.ENVIRONMENT.demo:
        raise Refused(_("Invented callers exist in the demonstration only."))
    tasks.call.defer(caller=find(caller).id)


def find(name: str | None) -> Caller:
    """By code name, written with accents or without; anyone without a name."""
    known = callers()
    if name is None:
        return random.choice(list(known.values()))
    if (id := _plain(name)) not in known:
        raise Misconfigured(f"Nobody is called {name}. Those who call: {', '.join(known)}.")
    return known[id]


def _play(work: Coroutine[Any, Any, None]) -> None:
    """To its end, or to the first Ctrl-C: then everybody hangs up, and a second one interrupts nothing."""

    async def calmly() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.create_task(work)

        def stop() -> None:
            loop.add_signal_handler(signal.SIGINT, lambda: None)
            task.cancel()

        loop.add_signal_handler(signal.SIGINT, stop)
        await task

    try:
        asyncio.run(calmly())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
