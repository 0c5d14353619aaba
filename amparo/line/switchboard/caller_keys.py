"""The keys that a caller presses at any moment of a call, and what each of them does."""

import time
import weakref
from typing import TYPE_CHECKING

from amparo.foundation.core.rate_limit import SlidingWindow

from .models import CallEvent, State

if TYPE_CHECKING:
    from .live_call import LiveCall

YES, NO, SILENT, DANGER = "1", "2", "5", "9"
KNOWN = "known"  # the word that tells the caller's page that we know of the danger
DANGER_AGAIN = 10.0  # seconds; within them another press of the danger key is the same press
ANSWERS_WITHIN, MOST_ANSWERS = 10.0, 20  # seconds; presses of each key within them
Kind = CallEvent.Kind


class CallerKeys:
    def __init__(self, call: "LiveCall") -> None:
        self._call: LiveCall = weakref.proxy(call)  # the call holds this; a circle would wait for the collector
        self.danger_at = float("-inf")  # seconds (monotonic); when the danger key was last pressed
        self._answers = SlidingWindow(ANSWERS_WITHIN)  # presses of yes and no

    def handle(self, key: str) -> None:
        """Do what this key means, and leave it for the menu, which may ask a question."""
        call = self._call
        if call.state is State.MESSAGE:
            pass  # the caller may be typing a number with a 5 or a 9
        elif key == DANGER:
            self._mark_danger()
        elif key == SILENT:
            call.mark_silent()
        elif call.row.silent and key in (YES, NO) and call.legs:
            self._answer(Kind.YES if key == YES else Kind.NO)
        call.ticket.has_pressed = True
        if not call.keys.full():
            call.keys.put_nowait(key)

    def _mark_danger(self) -> None:
        self._call.caller.send_word(KNOWN)  # each press is answered, also one that counts as the press before
        if time.monotonic() - self.danger_at >= DANGER_AGAIN:
            self.danger_at = time.monotonic()
            self._call.mark_danger()

    def _answer(self, kind: CallEvent.Kind) -> None:
        if self._answers.consume(kind.encode(), time.monotonic(), at_most=MOST_ANSWERS):
            self._call.record_event(kind)
