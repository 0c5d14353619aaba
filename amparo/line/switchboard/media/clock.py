"""One clock for the sound of the whole process: a tick every 20 ms of absolute time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from .g711 import FRAME_SECONDS

log = logging.getLogger(__name__)

LATE_SECONDS = 0.010
# After a longer stall the missed frames are given up: a burst would only swell the listeners' jitter buffers.
CATCH_UP_SECONDS = 0.100

Subscriber = Callable[[], None]


class Clock:
    """Calls its subscribers once a tick, in the order they came; those subscribed as `last` after all others.

    `ticks` is absolute (missed ones are counted as if they had been), `late` counts ticks more than 10 ms late,
    `missed` those given up, `lag` is how late the last two both were in seconds (one standstill is over when it is
    noticed), and `heartbeat` is the loop time of the last one: a supervisor watches that it moves.
    """

    def __init__(self) -> None:
        self.ticks = 0
        self.late = 0
        self.missed = 0
        self.worst_lag = 0.0
        self.lag = self._last_lag = 0.0
        self.heartbeat = asyncio.get_running_loop().time()
        self._subscribers: dict[Subscriber, None] = {}
        self._last: dict[Subscriber, None] = {}

    def subscribe(self, subscriber: Subscriber, *, last: bool = False) -> None:
        (self._last if last else self._subscribers)[subscriber] = None

    def unsubscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.pop(subscriber, None)
        self._last.pop(subscriber, None)

    @property
    def subscribers(self) -> int:
        """How many sounds and mixers run; those subscribed as `last` are not counted."""
        return len(self._subscribers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Clock"]:
        """Let the clock run as long as the block lasts."""
        task = asyncio.create_task(self.run(), name="media clock")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def run(self) -> None:
        """Tick for ever; each tick is due at start + n * 20 ms, however late the one before was."""
        now = asyncio.get_running_loop().time
        due = now()
        while True:
            due += FRAME_SECONDS
            # Sleep even when late, so that packets and calls get their turn while we catch up.
            await asyncio.sleep(max(0.0, due - now()))
            self.heartbeat = now()
            lag = self.heartbeat - due
            due += self._note(lag) * FRAME_SECONDS
            self._tick()

    def _note(self, lag: float) -> int:
        """Count how late this tick is; answers how many further ticks are given up."""
        given_up = int(lag / FRAME_SECONDS) if lag > CATCH_UP_SECONDS else 0
        self.ticks += 1 + given_up
        self.missed += given_up
        self.late += lag > LATE_SECONDS
        self.worst_lag = max(self.worst_lag, lag)
        self.lag, self._last_lag = min(lag, self._last_lag), lag
        return given_up

    def _tick(self) -> None:
        for subscribers in (self._subscribers, self._last):
            for subscriber in tuple(subscribers):
                if subscriber in subscribers:  # else one that came earlier in this tick has stopped it
                    self._call(subscriber)

    def _call(self, subscriber: Subscriber) -> None:
        try:
            subscriber()
        except Exception:
            # One bad leg must never stop the sound of all the others.
            self.unsubscribe(subscriber)
            log.exception("A subscriber of the media clock failed and was dropped.")
