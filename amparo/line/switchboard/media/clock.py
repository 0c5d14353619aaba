"""One clock for the sound of the whole process: a tick every 20 ms of absolute time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from .g711 import FRAME_SECONDS

log = logging.getLogger(__name__)

LATE_SECONDS = 0.010
# After a longer stall the missed frames are dropped: a burst would only enlarge the listeners' jitter buffers.
CATCH_UP_SECONDS = 0.100
REST_SECONDS = 0.100

Subscriber = Callable[[], None]


class Clock:
    """Calls its subscribers once a tick, in order of subscription; those subscribed as `last` after all others.

    `ticks` counts all ticks, missed ones included. `late` counts ticks more than 10 ms late, `missed` the dropped ones.
    `lag` is the smaller lateness of the last two ticks, in seconds: one late tick alone is no lasting delay.
    `heartbeat` is the loop time of the last tick; a supervisor checks that it moves. A clock that `rests` does not tick
    while it has no subscriber: its first tick may be 100 ms late.
    """

    def __init__(self, *, rests: bool = False) -> None:
        self.rests = rests
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
    def subscriber_count(self) -> int:
        """The number of subscribers, without those subscribed as `last`."""
        return len(self._subscribers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Clock"]:
        """Run the clock inside the block."""
        task = asyncio.create_task(self.run(), name="media clock")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def run(self) -> None:
        """Tick for ever. Each tick is due at start + n * 20 ms, however late the last one was."""
        now = asyncio.get_running_loop().time
        due = now()
        while True:
            while self.rests and not (self._subscribers or self._last):
                await asyncio.sleep(REST_SECONDS)
                self.heartbeat = due = now()
            due += FRAME_SECONDS
            # Sleep even when late, so that packets and calls get their turn while we catch up.
            await asyncio.sleep(max(0.0, due - now()))
            self.heartbeat = now()
            lag = self.heartbeat - due
            due += self._record_lag(lag) * FRAME_SECONDS
            self._tick()

    def _record_lag(self, lag: float) -> int:
        """Record how late this tick is, and return how many further ticks to drop."""
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
                if subscriber in subscribers:  # an earlier subscriber of this tick may have removed it
                    self._call(subscriber)

    def _call(self, subscriber: Subscriber) -> None:
        try:
            subscriber()
        except Exception:
            # One bad leg must never stop the sound of all the others.
            self.unsubscribe(subscriber)
            log.exception("A subscriber of the media clock failed and was dropped.")
