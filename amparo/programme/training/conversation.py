"""The invented person in a practice call: they speak, listen how the trainee reacts, and follow the dialogue tree."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from itertools import count

from amparo.line.practice_phone.telephone import Line

from .tree import START, Branch, End, Moment, Step

PATIENCE = 180.0  # seconds until the call is answered; the trainee can ask to be called again
BEFORE = 1.0  # seconds of silence before the person speaks
GREETING = (3.0, 12.0)  # seconds that the person waits for the greeting to begin, and to end
BETWEEN = 0.6  # seconds between two lines of one step
ANSWER = 10  # frames of 20 ms: a shorter sound is a noise, not an answer
TURN = 1.5  # seconds of silence after which the trainee has finished
IN_PASSING = 2  # times that a step in passing is said; then the person hangs up
FAREWELL = 60.0  # seconds that a person who has said everything stays
END_WITHOUT_WORDS = ""  # the person just hangs up
LOOK_EVERY = 0.1  # seconds
ASK_EVERY = 10  # rounds of `LOOK_EVERY` between two queries of the trainee's notes

type Noted = Callable[[], Awaitable[frozenset[str]]]
type Tell = Callable[[str, str], Awaitable[None]]  # the name of a step, and the signal that led to it


class Conversation:
    """One practice call on the telephone line `line`.

    `sound` returns the recording of what the person says. `noted` returns what the trainee has noted, as values of
    `Mark`. `tell` is called with each step that begins, and the signal that led to it.
    """

    def __init__(
        self, line: Line, steps: Mapping[str, Step], *, sound: Callable[[str], bytes | None], noted: Noted, tell: Tell
    ) -> None:
        self.line, self.ear, self.steps = line, line.ear, steps
        self._sound, self._ask_noted, self._tell = sound, noted, tell
        self._clock = asyncio.get_running_loop().time
        self._noted: frozenset[str] = frozenset()
        self._passed = Counter[str]()  # how often each step was said in passing
        self._said_at, self._frames = 0.0, 0  # when the person last spoke, and what had been heard by then

    async def run(self) -> None:
        """Wait until the call is answered, and follow the tree to one of its ends.

        Raises `TimeoutError` if nobody answers within three minutes.
        """
        async with asyncio.timeout(PATIENCE):
            while not self.ear.is_attended:
                await asyncio.sleep(LOOK_EVERY)
        await self._wait_for_greeting()
        self._noted = await self._ask_noted()
        name, signal = START, ""
        while name in self.steps:
            await self._tell(name, signal)
            step = self.steps[name]
            await self._say_step(step)
            if step.end == End.FINISHED:
                await asyncio.sleep(FAREWELL)
            if step.end:
                return
            name, signal = await self._next_step(step)
        await self._tell(name, signal)

    async def _wait_for_greeting(self) -> None:
        """Wait until the trainee has greeted, or has been silent for a while."""
        begin = self._clock()
        while (waited := self._clock() - begin) < GREETING[1]:
            greeted = self.ear.loud_frames >= ANSWER and self.ear.quiet >= TURN
            if greeted or (waited >= GREETING[0] and not self.ear.speaks):
                return
            await asyncio.sleep(LOOK_EVERY)

    async def _next_step(self, step: Step) -> tuple[str, str]:
        """Return the name of the next step, and the signal that led to it.

        If it is an aside (a step without branches), the person says it, and `step` goes on. If the same aside comes too
        often, the name is empty: the person hangs up.
        """
        while True:
            branch = await self._wait_for_branch(step)
            aside = self.steps[branch.step]
            if not aside.is_in_passing:
                return branch.step, branch.signal
            self._passed[branch.step] += 1
            if self._passed[branch.step] > IN_PASSING:
                return END_WITHOUT_WORDS, branch.signal
            await self._tell(branch.step, branch.signal)
            await self._say_step(aside)

    async def _say_step(self, step: Step) -> None:
        await asyncio.sleep(BEFORE)
        for line in step.says:
            if sound := self._sound(line):
                await self.line.say(sound)
            await asyncio.sleep(BETWEEN)
        self._said_at, self._frames = self._clock(), self.ear.loud_frames

    async def _wait_for_branch(self, step: Step) -> Branch:
        """Listen until one of the step's branches is taken, and return it. While on hold, the person waits."""
        before = self._noted
        for look in count(1):
            await asyncio.sleep(LOOK_EVERY)
            if not self.ear.is_attended:
                self._said_at = self._clock()
                continue
            silent = min(self._clock() - self._said_at, self.ear.quiet)
            is_over = silent >= TURN and self.ear.loud_frames - self._frames >= ANSWER
            if is_over or look % ASK_EVERY == 0:
                self._noted = await self._ask_noted()
            noted = self._noted if is_over else self._noted - before if silent >= TURN else frozenset[str]()
            speaks = min(self._clock() - self._said_at, self.ear.speaks)
            if branch := step.branch_at(Moment("", noted, speaks, silent, is_over)):
                return branch
        raise AssertionError
