"""For whom a waiting call rings: danger first, then the longest wait; for each the operator longest ready.

Any ready operator may take any waiting call; ringing only says whose turn it is.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils import timezone

from .live_call import LiveCall
from .seats import Place, Seats

RING = timedelta(seconds=20)
LOOK_EVERY = 0.5  # seconds, for rings that run out
APART = 0.02  # seconds between two looks: each goes through all calls, and a busy line changes often


class Distribution:
    def __init__(self, calls: Callable[[], Iterable[LiveCall]], seats: Seats) -> None:
        self._calls, self._seats = calls, seats
        self._look = asyncio.Event()
        seats.on_change = self.look

    def look(self) -> None:
        """Something changed: look now rather than in half a second."""
        self._look.set()

    async def run(self) -> None:
        while True:
            self.turn()
            await asyncio.sleep(APART)
            try:
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            except TimeoutError:
                continue
            self._look.clear()

    def turn(self) -> None:
        """Let every waiting call ring where it should."""
        waiting = sorted((call for call in self._calls() if call.is_waiting), key=_place_in_queue)
        engaged = {user for call in self._calls() for user in call.row.operators}
        free = [place for place in self._seats.ready if place.user not in engaged]
        for call in waiting:
            self._stop_in_vain(call, free)
        rung = {call.row.ringing_for_id for call in waiting}
        free = [place for place in free if place.user not in rung]
        for call in waiting:
            if call.row.ringing_for_id is None and (place := _best(call, free)):
                free.remove(place)
                call.ring_for(place.user)

    def _stop_in_vain(self, call: LiveCall, free: list[Place]) -> None:
        """A ring that nobody answered, or at somebody who is no longer free."""
        user, since = call.row.ringing_for_id, call.row.ringing_since
        if user is None or since is None:
            return
        ran_out = timezone.now() - since >= RING
        if ran_out:
            call.missed.add(user)
        if ran_out or all(place.user != user for place in free):
            call.ring_for(None)


def _place_in_queue(call: LiveCall) -> tuple[bool, float]:
    since = call.row.waiting_since
    return not call.row.danger, since.timestamp() if since else 0.0


def _best(call: LiveCall, free: list[Place]) -> Place | None:
    """Who speaks the language and has not missed it; else who has not missed it; else all over again."""
    fresh = [place for place in free if place.user not in call.missed]
    if not fresh:
        call.missed.clear()
        fresh = free
    speaking = [place for place in fresh if call.row.language in place.languages]
    return next(iter(speaking or fresh), None)
