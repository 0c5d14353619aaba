"""A conversation: the legs that hear each other. Two are joined directly, more through a mixer."""

import logging
from collections import deque

from .clock import Clock
from .g711 import SILENCE, mix
from .leg import MediaLeg

log = logging.getLogger(__name__)

# Frames a party may be ahead of the mixer: covers the jitter of a poor line, and bounds the delay to 100 ms.
QUEUE_FRAMES = 5


class Conversation:
    """Who hears whom. A leg is in one conversation at a time: adding it to another takes it out of the first.

    A leg alone hears nothing of us: call control may play it a sound.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._speaks: dict[MediaLeg, bool] = {}
        self._mixer: Mixer | None = None

    @property
    def legs(self) -> tuple[MediaLeg, ...]:
        return tuple(self._speaks)

    def add(self, leg: MediaLeg, *, speaks: bool = True) -> None:
        """Let a leg in; a supervisor who only listens does not speak. Adding it again changes that."""
        if leg.closed:
            raise ValueError("This leg is closed.")
        if leg.conversation is not None and leg.conversation is not self:
            leg.conversation.remove(leg)
        leg.conversation = self
        self._speaks[leg] = speaks
        self._join()

    def remove(self, leg: MediaLeg) -> None:
        """Let a leg go; the others go on."""
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
    """Sends each leg, once a tick, the sum of what the others say."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[MediaLeg, Queue] = {}
        clock.subscribe(self._tick)

    def arrange(self, speaks: dict[MediaLeg, bool]) -> None:
        """Mix these legs from now on; those that stay keep what they have said and was not yet heard."""
        self._queues = {leg: self._queues.get(leg, deque(maxlen=QUEUE_FRAMES)) for leg in speaks}
        for leg, queue in self._queues.items():
            leg.sink = queue.append if speaks[leg] else None

    def close(self) -> dict[MediaLeg, Queue]:
        """Stop mixing; answers what was said and not yet heard."""
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
