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
from amparo.line.practice_phone.calls import call_hotline
from amparo.line.practice_phone.voices.callers import ATTENDED, Caller, callers
from amparo.line.switchboard import control
from amparo.line.switchboard.sip.invitation import CallFailed

from . import story, tasks
from .day import Day, summary_of_calls
from .history import building, recipe
from .rhythm import QUICK, REAL, Pace


def run_demo_command(arguments: argparse.Namespace) -> None:
    """Run `amparo demo ...`. Raises `Misconfigured` for a real hotline, or if the hotline is not running."""
    if not settings.ENVIRONMENT.demo:
        raise Misconfigured("AMPARO_DEMO=0: a real hotline has no invented callers.")
    if not control.is_answering():
        raise Misconfigured("The hotline is not running here: start it with `make run`, then type this again.")
    if arguments.what == "call":
        run_call(arguments.caller)
    elif arguments.what == "history":
        earlier = 0 if arguments.months else recipe.EARLIER
        building.build_history(lambda what: print(what, flush=True), arguments.months or recipe.MONTHS, earlier)
    elif arguments.what == "story":
        print("Everybody in it is invented. Stop with Ctrl-C.", flush=True)
        story.play_story(lambda what: print(what, flush=True), erase=arguments.erase)
    else:
        run_day(arguments.calls, REAL if arguments.real_time else QUICK)


def run_call(name: str | None) -> None:
    """Let one invented person call, and print each step as a line."""
    who = find_caller(name)
    print(f"{who.name} is invented: {who.who}. Stop with Ctrl-C.", flush=True)
    try:
        _run_until_interrupted(
            call_hotline(settings.ENVIRONMENT, who, lambda what: print(f"{who.name} {what}", flush=True))
        )
    except CallFailed as failure:
        raise Misconfigured(f"The hotline did not take the call (SIP {failure.code}): try again.") from failure


def run_day(calls: int, pace: Pace) -> None:
    """Run a day with invented callers and one invented operator. Your own console may take calls at the same time."""
    minutes = 24 * pace.hour / 60
    print(f"{calls} invented calls in about {minutes:.0f} minutes, answered by an invented operator. Stop with Ctrl-C.")
    since = timezone.now()
    try:
        _run_until_interrupted(Day(settings.ENVIRONMENT, calls, pace).run())
    finally:
        print(f"\n{summary_of_calls(since)}", flush=True)


def queue_call(caller: str) -> None:
    """Let an invented person call in a moment, from the worker process."""
    if not settings.ENVIRONMENT.demo:
        raise Refused(_("Invented callers exist in the demonstration only."))
    tasks.call.defer(caller=find_caller(caller).id)


def choose_conversation(languages: Collection[str]) -> str:
    """Return the id of a random caller who speaks one of these languages and talks with the operator.

    If nobody speaks any of them, the caller speaks Spanish. Callers who hang up, stay silent or press 9 for danger are
    left out.
    """
    talk = [who for who in callers().values() if _talks_with_operator(who)]
    return random.choice([who for who in talk if who.language.partition("-")[0] in languages] or talk[:1]).id


def find_caller(name: str | None) -> Caller:
    """Return the caller with this code name, with or without accents; without a name, a random one.

    Raises `Misconfigured` for an unknown name.
    """
    known = callers()
    if name is None:
        return random.choice(list(known.values()))
    if (id := _without_accents(name)) not in known:
        raise Misconfigured(f"Nobody is called {name}. Those who call: {', '.join(known)}.")
    return known[id]


def _run_until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends. Ctrl-C cancels it, so that everybody hangs up; a second Ctrl-C is ignored."""

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


def _talks_with_operator(who: Caller) -> bool:
    leaves = any(step.hangs_up or "9" in step.keys for step in who.steps)
    return not leaves and any(step.cue == ATTENDED and step.recording for step in who.steps)


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
