"""The sound of one party, over any transport. Call control and conversations use this interface."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .clock import Clock
from .g711 import FRAME_SECONDS, SAMPLE_RATE, SILENCE, split_into_frames

if TYPE_CHECKING:
    from .conversation import Conversation

log = logging.getLogger(__name__)

DIGITS = "0123456789*#ABCD"  # in the order of RFC 4733 events 0-15
SILENCE_SECONDS = 10.0  # then a telephone is asked whether it is still in the call
# After so many frames without a packet, a recording is filled with silence.
FILL_AFTER = 5
# A recording takes so many frames more than its time allows: a poor line delivers late ones together.
AHEAD = 50

Sink = Callable[[bytes], None]


class MediaLeg(ABC):
    """Sends and receives µ-law frames of 20 ms.

    sink        where the party's frames go; a conversation sets it
    on_digit    called with each key pressed
    on_silence  called after each `silence_seconds` without a packet; not while on hold
    on_close    called once, when the party is gone and we did not close the leg
    muted       the party is heard as silence, at the same rate
    """

    silence_seconds = SILENCE_SECONDS

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sink: Sink | None = None
        self.on_digit: Callable[[str], None] | None = None
        self.on_silence: Callable[[], None] | None = None
        self.on_close: Callable[[], None] | None = None
        self.muted = False
        self.closed = False
        self.conversation: Conversation | None = None
        self._playout: Playout | None = None
        self._recording: Recording | None = None
        self._on_hold = False
        self._heard_at = clock.heartbeat
        self._watch = asyncio.get_running_loop().call_later(self.silence_seconds, self._watch_silence)

    # What the party hears.

    def send(self, frame: bytes) -> None:
        """Send a frame to the party, unless a sound is being played to it."""
        if self._playout is None:
            self._transmit(frame)

    async def play(self, sound: bytes, *, loop: bool = False) -> bool:
        """Play a µ-law sound to the party; meanwhile `send` drops its frames. Returns False if it was stopped early."""
        self.stop_playing()
        if self.closed:
            return False
        self._playout = playout = Playout(self._clock, split_into_frames(sound, loop=loop), self._transmit)
        try:
            return await playout.ended
        finally:
            playout.stop()
            if self._playout is playout:
                self._playout = None

    def stop_playing(self) -> None:
        """Stop the sound being played, if any."""
        if self._playout is not None:
            self._playout.stop()
            self._playout = None

    @abstractmethod
    def _transmit(self, frame: bytes) -> None:
        """Transmit a frame. Never raises, and does nothing once closed."""

    # What the party says.

    def _receive_frame(self, frame: bytes) -> None:
        self._heard_at = self._clock.heartbeat
        if self.muted:
            frame = SILENCE
        if self._recording is not None:
            self._recording.append(frame)
        if self.sink is not None:
            self.sink(frame)

    def _receive_digit(self, digit: str) -> None:
        self._heard_at = self._clock.heartbeat
        if self._recording is not None and digit in self._recording.until:
            self._recording.end()
        else:
            self._call_safely(self.on_digit, digit)

    async def record(self, seconds: float, until: str = "#") -> bytes:
        """Record the party as µ-law, until a digit of `until`, the limit in seconds, or the end of the call.

        The digit that ends a recording is not passed to `on_digit`.
        """
        if self.closed:
            return b""
        if self._recording is not None:
            self._recording.end()
        self._recording = recording = Recording(self._clock, until)
        try:
            await asyncio.wait([recording.ended], timeout=seconds)
            return recording.sound[: round(seconds * SAMPLE_RATE)]
        finally:
            if self._recording is recording:
                self._recording = None

    # Whether the party is still there.

    @property
    def is_on_hold(self) -> bool:
        """Whether no sound is expected: on hold, ringing, or only listening."""
        return self._on_hold

    @is_on_hold.setter
    def is_on_hold(self, is_on_hold: bool) -> None:
        self._on_hold = is_on_hold
        self._heard_at = self._clock.heartbeat

    def _watch_silence(self) -> None:
        now = self._clock.heartbeat
        if self._on_hold:
            self._heard_at = now
        elif now - self._heard_at >= self.silence_seconds:
            self._heard_at = now
            self._report_silence()
        if not self.closed:
            wait = self.silence_seconds - (now - self._heard_at)
            self._watch = asyncio.get_running_loop().call_later(max(wait, FRAME_SECONDS), self._watch_silence)

    def _report_silence(self) -> None:
        self._call_safely(self.on_silence)

    # The end.

    def close(self) -> None:
        """Stop everything and release all resources. A second time does nothing."""
        if self.closed:
            return
        self.closed = True
        self._watch.cancel()
        self.stop_playing()
        if self._recording is not None:
            self._recording.end()
        if self.conversation is not None:
            self.conversation.remove(self)
        self.sink = None
        self._release()
        self.on_digit = self.on_silence = self.on_close = None  # leave no cycle to the garbage collector

    @abstractmethod
    def _release(self) -> None:
        """Release sockets and ports. Called once."""

    def _handle_gone(self) -> None:
        """Handle a party that is gone: close, and call `on_close` once."""
        if not self.closed:
            on_close = self.on_close
            self.close()
            self._call_safely(on_close)

    def _call_safely[*Args](self, callback: Callable[[*Args], None] | None, *args: *Args) -> None:
        if callback is None:
            return
        try:
            callback(*args)
        except Exception:
            log.exception("What listens to a leg failed.")  # the sound continues


class Playout:
    """Transmits one item per tick until there are no more. The result of `ended`: whether it reached the end."""

    def __init__(self, clock: Clock, items: Iterator[bytes], transmit: Callable[[bytes], None]) -> None:
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._clock = clock
        self._items = items
        self._transmit = transmit
        clock.subscribe(self._tick)

    def _tick(self) -> None:
        item = next(self._items, None)
        if item is None:
            self._end(to_the_end=True)
            return
        try:
            self._transmit(item)
        except Exception:
            self.stop()
            raise  # the clock logs it

    def stop(self) -> None:
        self._end(to_the_end=False)

    def _end(self, *, to_the_end: bool) -> None:
        self._clock.unsubscribe(self._tick)
        if not self.ended.done():
            self.ended.set_result(to_the_end)


class Recording:
    """Collects received frames. A pause without packets becomes silence of the same length."""

    def __init__(self, clock: Clock, until: str) -> None:
        self.until = until
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clock = clock
        self._first_tick = clock.ticks
        self._frames: list[bytes] = []

    def append(self, frame: bytes) -> None:
        missing = self._clock.ticks - self._first_tick - len(self._frames)
        if missing > FILL_AFTER:
            self._frames += [SILENCE] * missing
        if missing > -AHEAD:  # no voice is faster than time: more would fill our memory
            self._frames.append(frame)

    def end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    @property
    def sound(self) -> bytes:
        return b"".join(self._frames)
