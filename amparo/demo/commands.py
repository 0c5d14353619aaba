"""The commands `amparo demo call`, `day` and `story`, and the console's button that makes an invented person call."""

import argparse
import asyncio
import random
import signal
import unicodedata
from collections.abc import Collection, Coroutine
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
from .history import building, recipe
from .rhythm import QUICK, REAL, Pace
from .voices.callers import ATTENDED, Caller, callers


def run(arguments: argparse.Namespace) -> None:
    if not settings.ENVIRONMENT.demo:
        raise Misconfigured("AMPARO_DEMO=0: a real hotline has no invented callers.")
    if not control.is_answering():
        raise Misconfigured("The hotline is not running here: start it with `make run`, then type this again.")
    if arguments.what == "call":
        call(arguments.caller)
    elif arguments.what == "history":
        earlier = 0 if arguments.months else recipe.EARLIER
        building.build(lambda what: print(what, flush=True), arguments.months or recipe.MONTHS, earlier)
    elif arguments.what == "story":
        print("Everybody in it is invented. Stop with Ctrl-C.", flush=True)
        story.play(lambda what: print(what, flush=True), erase=arguments.erase)
    else:
        day(arguments.calls, REAL if arguments.real_time else QUICK)


def call(name: str | None) -> None:
    """Let one invented person call, and print each step as a line."""
    who = find(name)
    print(f"{who.name} is invented: {who.who}. Stop with Ctrl-C.", flush=True)
    try:
        _play(call_hotline(settings.ENVIRONMENT, who, lambda what: print(f"{who.name} {what}", flush=True)))
    except CallFailed as failure:
        raise Misconfigured(f"The hotline did not take the call (SIP {failure.code}): try again.") from failure


def day(calls: int, pace: Pace) -> None:
    """Run a day with invented callers and one invented operator. Your own console may take calls at the same time."""
    minutes = 24 * pace.hour / 60
    print(f"{calls} invented calls in about {minutes:.0f} minutes, answered by an invented operator. Stop with Ctrl-C.")
    since = timezone.now()
    try:
        _play(Day(settings.ENVIRONMENT, calls, pace).live())
    finally:
        print(f"\n{summary(since)}", flush=True)


def place_call(caller: str) -> None:
    """Let an invented person call in a moment, from the worker process."""
    if not settings.ENVIRONMENT.demo:
        raise Refused(_("Invented callers exist in the demonstration only."))
    tasks.call.defer(caller=find(caller).id)


def choose_conversation(languages: Collection[str]) -> str:
    """The id of a random caller who speaks one of these languages, talks with the operator, and does not hang up.

    Spanish if nobody speaks any of them. Left out: who hangs up, who stays silent, and who presses 9 for danger.
    """
    talk = [who for who in callers().values() if _talks(who)]
    return random.choice([who for who in talk if who.language.partition("-")[0] in languages] or talk[:1]).id


def find(name: str | None) -> Caller:
    """Find a caller by code name, with or without accents; without a name, any caller."""
    known = callers()
    if name is None:
        return random.choice(list(known.values()))
    if (id := _plain(name)) not in known:
        raise Misconfigured(f"Nobody is called {name}. Those who call: {', '.join(known)}.")
    return known[id]


def _play(work: Coroutine[Any, Any, None]) -> None:
    """Run until the end or the first Ctrl-C, when everybody hangs up. A second Ctrl-C interrupts nothing."""

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


def _talks(who: Caller) -> bool:
    leaves = any(step.hangs_up or "9" in step.keys for step in who.steps)
    return not leaves and any(step.cue == ATTENDED and step.recording for step in who.steps)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
