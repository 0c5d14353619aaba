"""For whom a waiting call rings: danger first, then whose turn it is; for each the operator longest ready.

Any ready operator may take any waiting call; ringing only says whose turn it is.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from .fair_queue import FairQueue, leaves_one_free, turn
from .live_call import LiveCall
from .models import SurgeKey
from .seats import Place, Seats
from .surge import Surge

RING = timedelta(seconds=20)
LOOK_EVERY = 0.5  # seconds, for rings that run out
PAUSE = 0.02  # seconds between two looks: in a flood each of a thousand who wait is a reason to look


class Distribution:
    def __init__(self, calls: Callable[[], Iterable[LiveCall]], seats: Seats) -> None:
        self._calls, self._seats = calls, seats
        self.queue, self.surge = FairQueue(), Surge()
        self._look = asyncio.Event()
        seats.on_change = self.look

    def look(self) -> None:
        """Something changed: look now rather than in half a second."""
        self._look.set()

    async def run(self) -> None:
        while True:
            self.turn(timezone.now())
            await asyncio.sleep(PAUSE)
            try:
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            except TimeoutError:
                continue
            self._look.clear()

    def turn(self, now: datetime) -> None:
        """Let every waiting call ring where it should."""
        waiting = [call for call in self._calls() if call.is_waiting]
        self.surge.look(len(waiting), len(self._seats.on_shift), now.timestamp())
        if not waiting:
            return
        for call in waiting:
            self._place(call, now)
        waiting.sort(key=_place_in_queue)
        engaged = {user for call in self._calls() for user in call.row.operators}
        free = [place for place in self._seats.ready if place.user not in engaged]
        for call in waiting:
            self._stop_in_vain(call, free, now)
        rung = {call.row.ringing_for_id for call in waiting}
        free = [place for place in free if place.user not in rung]
        for call in waiting:
            if call.row.ringing_for_id is None and (place := _best(call, self._open_to(call, free, now))):
                free.remove(place)
                call.ring_for(place.user, now)

    def _place(self, call: LiveCall, now: datetime) -> None:
        """Write down whose turn it is, where that changed: consoles show the same order."""
        if call.row.danger:
            self.queue.let_ahead(call.ticket, now.timestamp())
        since = call.row.waiting_since or now
        place = turn(call.ticket, since.timestamp(), in_surge=self.surge.is_on)
        key = SurgeKey.of(in_surge=self.surge.is_on, has_pressed=call.ticket.has_pressed)
        call.stand(datetime.fromtimestamp(place, UTC), key)

    def _open_to(self, call: LiveCall, free: list[Place], now: datetime) -> list[Place]:
        turn_at, seats = (call.row.turn_at or now).timestamp(), len(self._seats.on_shift)
        keeps = self.surge.is_on and leaves_one_free(call.ticket, turn_at, now.timestamp(), seats=seats)
        return free[1:] if keeps else free

    def _stop_in_vain(self, call: LiveCall, free: list[Place], now: datetime) -> None:
        """A ring that nobody answered, or at somebody who is no longer free."""
        user, since = call.row.ringing_for_id, call.row.ringing_since
        if user is None or since is None:
            return
        ran_out = now - since >= RING
        if ran_out:
            call.missed.add(user)
        if ran_out or all(place.user != user for place in free):
            call.ring_for(None)


def _place_in_queue(call: LiveCall) -> tuple[datetime, UUID]:
    """As consoles order them: CallQuerySet.in_queue_order."""
    return call.row.turn_at or datetime.max.replace(tzinfo=UTC), call.row.pk


def _best(call: LiveCall, free: list[Place]) -> Place | None:
    """Who speaks the language and has not missed it; else who has not missed it; else all over again."""
    fresh = [place for place in free if place.user not in call.missed]
    if not fresh:
        call.missed.clear()
        fresh = free
    speaking = [place for place in fresh if call.row.language in place.languages]
    return next(iter(speaking or fresh), None)
