"""Act an invented person in a call: follow a script, wait for its cues, and take turns with the other side."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from .telephone import Line
from .voices.callers import ATTENDED, Caller, Step

MY_TURN = 1.5  # seconds of silence from the other side
LATEST = 12.0  # seconds after which a person speaks even while the other side does
FAREWELL = 180.0  # seconds that a person with nothing left to say stays on the line
LOOK_EVERY = 0.1  # seconds

HEARS = {
    "welcome": "hears the opening words",
    "connecting": "waits in the queue",
    "still-here": "hears that the line is still there",
    "nobody-now": "hears that nobody is free, and how to be called back",
    "held": "is on hold",
    "silent-on": "hears that there is no need to speak",
    "danger-noted": "hears that the danger was understood",
    "line-closing": "hears that the line stops for a moment",
}

type Tell = Callable[[str], None]


class GaveUp(Exception):
    """Nobody answered within the person's patience."""


async def perform_script(who: Caller, line: Line, tell: Tell, *, patience: float | None = None) -> None:
    """Act the caller's script in this call, then hang up. `tell` gets what the person does and hears, in words.

    It ends early if the other side hangs up, or if nobody answered within `patience` seconds.
    """
    line.ear.on_heard = lambda id: tell(HEARS[id]) if id in HEARS else None
    acted = await act_until_over(line, _follow_or_give_up(Actor(line, tell, patience), who.steps))
    tell("hangs up" if acted else "hears that the other side hung up")


async def act_until_over(line: Line, acts: Coroutine[Any, Any, None]) -> bool:
    """Run `acts` until it is done or the other side hangs up, then hang up. Returns True if it was done."""
    acting, over = asyncio.create_task(acts), asyncio.create_task(line.is_over.wait())
    try:
        await asyncio.wait({acting, over}, return_when=asyncio.FIRST_COMPLETED)
        if acting.done():
            acting.result()
        return acting.done()
    finally:
        acting.cancel()
        over.cancel()
        line.hang_up()


async def _follow_or_give_up(person: "Actor", steps: Iterable[Step]) -> None:
    try:
        await person.follow(steps)
    except GaveUp:
        person.tell("gives up")


class Actor:
    """An invented person in one call: knows what was heard so far, and when to give up."""

    def __init__(self, line: Line, tell: Tell, patience: float | None = None) -> None:
        self.line, self.ear, self.tell = line, line.ear, tell
        self._clock = asyncio.get_running_loop().time
        self._give_up_at = self._clock() + patience if patience is not None else None
        self._heard = 0  # cues before this index are used up

    async def follow(self, steps: Iterable[Step]) -> None:
        """Do each step at its cue.

        A prompt that will not come, because a person answered instead, is skipped together with all steps that
        depend on it.
        """
        has_come = True
        for step in steps:
            if step.cue:
                has_come = await self._wait_for_cue(step.cue)
            if not has_come:
                continue
            if step.hangs_up:
                await asyncio.sleep(step.pause)
                return
            await self._do_step(step)
        await asyncio.sleep(FAREWELL)

    async def _wait_for_cue(self, cue: str) -> bool:
        if cue == ATTENDED:
            await self._wait_until(lambda: self.ear.is_attended)
            self.tell("is attended")
            return True
        await self._wait_until(lambda: cue in self.ear.heard[self._heard :] or self.ear.is_attended)
        if cue not in self.ear.heard[self._heard :]:
            return False
        self._heard = self.ear.heard.index(cue, self._heard) + 1
        return True

    async def _do_step(self, step: Step) -> None:
        await asyncio.sleep(step.pause)
        if self.ear.was_attended:
            await self._take_turn(LATEST - step.pause)
        if step.recording:
            self.tell(f"says: {step.recording.text}")
            await self.line.say(step.sound)
        if step.keys:
            self.tell(f"presses {' '.join(step.keys)}")
            await self.line.press(step.keys)

    async def _take_turn(self, latest: float) -> None:
        """Wait for our turn: not on hold, and not while the other side speaks, unless it speaks very long."""
        by = self._clock() + latest
        await self._wait_until(lambda: self.ear.is_attended and (self.ear.quiet >= MY_TURN or self._clock() >= by))

    async def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self._give_up_at and not self.ear.was_attended and self._clock() >= self._give_up_at:
                raise GaveUp
            await asyncio.sleep(LOOK_EVERY)
