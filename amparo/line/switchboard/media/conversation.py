"""A conversation: legs that hear each other. Two are connected directly, more through a mixer."""

import logging
from collections import deque

from .clock import Clock
from .g711 import SILENCE, mix
from .leg import MediaLeg

log = logging.getLogger(__name__)

# Frames that may wait for the mixer: enough for the jitter of a poor line, and at most 100 ms of delay.
QUEUE_FRAMES = 5


class Conversation:
    """Legs that hear each other. A leg is in one conversation at a time; adding it to another removes it from the
    first.

    A single leg is sent nothing, so call control may play a sound to it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._speaks: dict[MediaLeg, bool] = {}
        self._mixer: Mixer | None = None

    @property
    def legs(self) -> tuple[MediaLeg, ...]:
        return tuple(self._speaks)

    def add(self, leg: MediaLeg, *, speaks: bool = True) -> None:
        """Add a leg. A supervisor who only listens does not speak; adding the leg again can change that."""
        if leg.closed:
            raise ValueError("This leg is closed.")
        if leg.conversation is not None and leg.conversation is not self:
            leg.conversation.remove(leg)
        leg.conversation = self
        self._speaks[leg] = speaks
        self._join()

    def remove(self, leg: MediaLeg) -> None:
        """Remove a leg. The others continue."""
        if self._speaks.pop(leg, None) is None:
            return
        leg.conversation = None
        leg.sink = None
        self._join()

    def close(self) -> None:
        for leg in self.legs:
            self.remove(leg)

    def _join(self) -> None:
        if len(self._speaks) > 2:
            self._mix()
        else:
            self._relay()

    def _mix(self) -> None:
        if self._mixer is None:
            self._mixer = Mixer(self._clock)
        self._mixer.arrange(self._speaks)

    def _relay(self) -> None:
        queued = self._mixer.close() if self._mixer is not None else {}
        self._mixer = None
        for leg, speaks in self._speaks.items():
            other = next((each for each in self._speaks if each is not leg), None)
            leg.sink = other.send if speaks and other is not None else None
            while leg.sink is not None and queued.get(leg):
                leg.sink(queued[leg].popleft())


Queue = deque[bytes]


class Mixer:
    """Sends each leg, once a tick, the sum of the other legs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[MediaLeg, Queue] = {}
        clock.subscribe(self._tick)

    def arrange(self, speaks: dict[MediaLeg, bool]) -> None:
        """Mix these legs from now on. Legs that stay keep their frames that are not mixed yet."""
        self._queues = {leg: self._queues.get(leg, deque(maxlen=QUEUE_FRAMES)) for leg in speaks}
        for leg, queue in self._queues.items():
            leg.sink = queue.append if speaks[leg] else None

    def close(self) -> dict[MediaLeg, Queue]:
        """Stop mixing. Returns the frames that are not mixed yet."""
        self._clock.unsubscribe(self._tick)
        return self._queues

    def _tick(self) -> None:
        heard = mix([queue.popleft() if queue else SILENCE for queue in self._queues.values()])
        for leg, frame in zip(tuple(self._queues), heard, strict=True):
            self._send(leg, frame)

    def _send(self, leg: MediaLeg, frame: bytes) -> None:
        try:
            leg.send(frame)
        except Exception:
            # The clock would drop the whole mixer: one bad leg must not silence the others.
            self._queues.pop(leg, None)
            log.exception("A leg failed in a conversation and no longer hears it.")
