"""A conversation: legs that hear each other. Two are connected directly, more through a mixer."""

import logging
from collections import deque
from dataclasses import dataclass
from enum import Enum

from .clock import Clock
from .g711 import SILENCE, mix
from .leg import MediaLeg

log = logging.getLogger(__name__)

# Frames that may wait for the mixer: enough for the jitter of a poor line, and at most 100 ms of delay.
QUEUE_FRAMES = 5


class Audibility(Enum):
    """Who hears a leg."""

    SILENT = "silent"  # nobody: it only listens
    WHISPER = "whisper"  # everybody but the legs from outside
    ALOUD = "aloud"


@dataclass(frozen=True)
class Part:
    """How a leg takes part in a conversation: who hears it, and whether it hears whispers."""

    voice: Audibility = Audibility.ALOUD
    is_outside: bool = False  # the caller, or a third party: hears no whisper

    def hears(self, other: "Part") -> bool:
        """Whether a leg with this part hears the leg with the other part."""
        return other.voice is Audibility.ALOUD or (other.voice is Audibility.WHISPER and not self.is_outside)


class Conversation:
    """Legs that hear each other. A leg is in one conversation at a time; adding it to another removes it from the
    first.

    A single leg is sent nothing, so call control may play a sound to it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: dict[MediaLeg, Part] = {}
        self._mixer: Mixer | None = None

    @property
    def legs(self) -> tuple[MediaLeg, ...]:
        return tuple(self._parts)

    def add(self, leg: MediaLeg, voice: Audibility = Audibility.ALOUD, *, is_outside: bool = False) -> None:
        """Add a leg, or change who hears it. Raises ValueError if it is closed.

        `is_outside`: it is the caller's or a third party's, and hears no whisper.
        """
        if leg.closed:
            raise ValueError("This leg is closed.")
        if leg.conversation is not None and leg.conversation is not self:
            leg.conversation.remove(leg)
        leg.conversation = self
        self._parts[leg] = Part(voice, is_outside)
        self._connect_legs()

    def remove(self, leg: MediaLeg) -> None:
        """Remove a leg. The others continue."""
        if self._parts.pop(leg, None) is None:
            return
        leg.conversation = None
        leg.sink = None
        self._connect_legs()

    def close(self) -> None:
        for leg in self.legs:
            self.remove(leg)

    def _connect_legs(self) -> None:
        if len(self._parts) > 2:
            self._mix()
        else:
            self._relay()

    def _mix(self) -> None:
        if self._mixer is None:
            self._mixer = Mixer(self._clock)
        self._mixer.set_parts(self._parts)

    def _relay(self) -> None:
        queued = self._mixer.close() if self._mixer is not None else {}
        self._mixer = None
        for leg, part in self._parts.items():
            other = next((each for each in self._parts if each is not leg), None)
            leg.sink = other.send if other is not None and self._parts[other].hears(part) else None
            while leg.sink is not None and queued.get(leg):
                leg.sink(queued[leg].popleft())


Queue = deque[bytes]


class Mixer:
    """Sends each leg, once a tick, the sum of the other legs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[MediaLeg, Queue] = {}
        self._parts: dict[MediaLeg, Part] = {}
        self._whispers: list[int] = []  # positions in `_queues`
        self._outside: list[int] = []
        clock.subscribe(self._tick)

    def set_parts(self, parts: dict[MediaLeg, Part]) -> None:
        """Mix these legs from now on. Legs that stay keep their frames that are not mixed yet.

        A leg whose voice changed loses them: what was whispered is never said aloud a moment later.
        """
        same = {leg for leg, part in parts.items() if self._parts.get(leg) == part}
        kept = {leg: self._queues[leg] for leg in same if leg in self._queues}
        self._parts = dict(parts)
        self._queues = {leg: kept.get(leg, deque(maxlen=QUEUE_FRAMES)) for leg in parts}
        for leg, queue in self._queues.items():
            leg.sink = None if parts[leg].voice is Audibility.SILENT else queue.append
        self._index_whisperers_and_outsiders()

    def _index_whisperers_and_outsiders(self) -> None:
        """Note at which positions whisperers and parties from outside are."""
        parts = [self._parts[leg] for leg in self._queues]
        self._whispers = [at for at, part in enumerate(parts) if part.voice is Audibility.WHISPER]
        self._outside = [at for at, part in enumerate(parts) if part.is_outside]

    def close(self) -> dict[MediaLeg, Queue]:
        """Stop mixing. Returns each leg's frames that are not mixed yet."""
        self._clock.unsubscribe(self._tick)
        return self._queues

    def _tick(self) -> None:
        frames = [queue.popleft() if queue else SILENCE for queue in self._queues.values()]
        heard = mix(frames, self._whispers, self._outside)
        for leg, frame in zip(tuple(self._queues), heard, strict=True):
            self._send(leg, frame)

    def _send(self, leg: MediaLeg, frame: bytes) -> None:
        try:
            leg.send(frame)
        except Exception:
            # The clock would drop the whole mixer: one bad leg must not silence the others.
            self._queues.pop(leg, None)
            self._index_whisperers_and_outsiders()
            log.exception("A leg failed in a conversation and no longer hears it.")
