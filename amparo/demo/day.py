"""A busy day at the demonstration hotline."""

import asyncio
import random
import statistics
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.environment import Environment
from amparo.line.practice_phone.calls import number_of_caller, place_invented_call
from amparo.line.practice_phone.ear import caller_repertoire, prompt_repertoire
from amparo.line.practice_phone.telephone import Telephone, open_telephone
from amparo.line.practice_phone.voices.callers import callers
from amparo.line.switchboard.models import Call, Direction, Ending
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.sip.invitation import CallFailed

from .desk import Desk, run_in_database
from .rhythm import SHIFT, Arrival, Pace, arrivals

OPERATOR = "rufino"
SEED = 1  # the same day each time
SHOW_EVERY = 1.0  # seconds
WRITTEN = 1.0  # seconds until the last rows are written


class Day:
    """A day with invented callers, and one invented operator who works until the last caller has gone."""

    def __init__(self, environment: Environment, calls: int, pace: Pace, seed: int = SEED) -> None:
        self.environment, self.pace, self.chance = environment, pace, random.Random(seed)
        self.arrivals = arrivals(calls, pace, self.chance)
        self.known = prompt_repertoire(Library(environment.home))
        self.called = self.gone = 0

    async def run(self) -> None:
        operator = await run_in_database(User.objects.get, username=OPERATOR)
        async with open_telephone(self.environment) as phone:
            await phone.plug_in()
            desk = Desk(operator, phone, caller_repertoire(callers().values()), self.pace, self.chance)
            shift, show = asyncio.create_task(self._shift(desk)), asyncio.create_task(self._show_progress())
            try:
                async with asyncio.TaskGroup() as group:
                    for arrival in self.arrivals:
                        group.create_task(self._arrive(phone, arrival))
                desk.is_time_to_go.set()
                await shift
            finally:
                shift.cancel()
                show.cancel()
                await asyncio.wait([shift, show])
        await asyncio.sleep(WRITTEN)

    async def _shift(self, desk: Desk) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.is_time_to_go.wait(), SHIFT.start * self.pace.hour)
        asyncio.get_running_loop().call_later(len(SHIFT) * self.pace.hour, desk.is_time_to_go.set)
        await desk.work()

    async def _arrive(self, phone: Telephone, arrival: Arrival) -> None:
        await asyncio.sleep(arrival.at)
        self.called += 1
        number = number_of_caller(arrival.who, arrival.nth)
        with suppress(CallFailed):
            await place_invented_call(
                phone, arrival.who, number, self.known, lambda what: None, patience=arrival.patience
            )
        self.gone += 1

    async def _show_progress(self) -> None:
        """Show progress on a single line of the terminal."""
        started = asyncio.get_running_loop().time()
        while sys.stdout.isatty():
            hour = (asyncio.get_running_loop().time() - started) / self.pace.hour
            clock = f"{int(hour):02}:{int(hour % 1 * 60):02}" if hour < 24 else "24:00"
            on_the_line = self.called - self.gone
            print(f"\r  {clock}  {self.called} of {len(self.arrivals)} called, {on_the_line} on the line  ", end="")
            sys.stdout.flush()
            await asyncio.sleep(SHOW_EVERY)


def summary_of_calls(since: datetime) -> str:
    """Return a line about the calls since this moment: how many there were, how they ended, and the median wait."""
    with acting_as(User.objects.get(username=OPERATOR).acting()):
        calls = list(Call.objects.filter(arrived_at__gte=since, direction=Direction.INCOMING))
    answered = [call for call in calls if call.answered_at]
    endings = Counter(call.ending for call in calls)
    waits = [call.seconds_waited(timezone.now()) for call in answered]
    return (
        f"  calls {len(calls)}, answered {len(answered)}, "
        f"gave up {endings[Ending.GAVE_UP]}, "
        f"left a message {endings[Ending.MESSAGE]}, "
        f"median wait {f'{statistics.median(waits):.0f} s' if waits else 'unknown: nobody was answered'}"
    )
