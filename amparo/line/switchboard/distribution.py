"""Decides for which operator each waiting call rings: danger first, then what a supervisor passed on, then by turn; the
operator longest ready first.

Any ready operator may take any waiting call. Ringing only suggests one.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .fair_queue import FairQueue, leaves_one_free, queue_time
from .live_call import LiveCall
from .models import SurgeKey
from .practice_calls import refuse_others
from .seats import Place, Seats
from .surge import Surge

RING = timedelta(seconds=20)
LOOK_EVERY = 0.5  # seconds; finds rings that have timed out
PAUSE = 0.02  # seconds between two runs; in a flood each of a thousand waiting calls asks for one


class Distribution:
    def __init__(self, calls: Callable[[], Iterable[LiveCall]], seats: Seats) -> None:
        self._calls, self._seats = calls, seats
        self.queue, self.surge = FairQueue(), Surge()
        self._wake = asyncio.Event()
        seats.on_change.append(self.wake)

    def wake(self) -> None:
        """Run at once instead of in half a second, because something changed."""
        self._wake.set()

    async def slow(self, pseudonym: str, on: bool) -> dict[str, float | None]:
        """A command of the web: place the next calls of a pseudonym (in hexadecimal) behind others, or no more."""
        self.queue.slow(bytes.fromhex(pseudonym), timezone.now().timestamp(), on=on)
        return await self.slowed_until(pseudonym)

    async def slowed_until(self, pseudonym: str) -> dict[str, float | None]:
        return {"until": self.queue.slowed_until(bytes.fromhex(pseudonym), timezone.now().timestamp())}

    async def pass_to(
        self, call: str, user: int, colleague: int, words: str, instead_of: int | None = None
    ) -> dict[str, Any]:
        """Command of the web process: pass a waiting call on to an operator, with a supervisor's sentence.

        `instead_of` is the operator to whom the supervisor saw it passed on. Another one stays, with their sentence.
        """
        live = next((each for each in self._calls() if str(each.row.pk) == call and each.is_waiting), None)
        if live is None:
            raise Refused(_("Already answered, or the caller has gone."))
        refuse_others(live, user)
        if live.row.passed_to_id not in (None, instead_of):
            raise Refused(_("Somebody has passed this on meanwhile. See to whom, and pass it on again if need be."))
        self._seats.refuse_unless_able(colleague, timezone.now())
        live.pass_to(colleague, user, words)
        return {}

    async def run(self) -> None:
        while True:
            self.distribute(timezone.now())
            await asyncio.sleep(PAUSE)
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY)
            except TimeoutError:
                continue
            self._wake.clear()

    def distribute(self, now: datetime) -> None:
        """Update the places in the queue, and let each waiting call ring for the right operator."""
        waiting = [call for call in self._calls() if call.is_waiting]
        people = sum(call.row.practice_of_id is None for call in waiting)
        self.surge.update(people, len(self._seats.answering(now)), now.timestamp())
        if not waiting:
            return
        for call in waiting:
            self._place(call, now)
        waiting.sort(key=lambda call: (call.row.practice_of_id is not None, *_place_in_queue(call)))
        engaged = {user for call in self._calls() for user in (*call.row.operators, *call.row.monitors)}
        free = [place for place in self._seats.ready(now) if place.user not in engaged]
        for call in waiting:
            if call.row.practice_of_id:
                able = self._trainee(call, engaged)
            else:
                able = [*free, *self._wanted(call, engaged, now)]
            self._stop_stale_ring(call, able, now)
        rung = {call.row.ringing_for_id for call in waiting if call.row.ringing_for_id}
        ahead = [(call, False) for call in waiting if call.ticket.is_ahead and not call.row.practice_of_id]
        passed_on = [(call, True) for call in waiting if call.row.passed_to_id]
        for call, is_reserved in [*ahead, *passed_on, *((call, False) for call in waiting)]:
            if call.row.ringing_for_id is not None:
                continue
            if call.row.practice_of_id:
                able = [each for each in self._trainee(call, engaged) if each.user not in rung]
            else:
                free = [place for place in free if place.user not in rung]
                able = self._wanted(call, engaged | rung, now)
            place = next(iter(able), None)
            if place is None and not is_reserved and not call.row.practice_of_id:
                place = _best(call, self._open_to(call, free, now), now)
            if place:
                rung.add(place.user)
                call.ring_for(place.user, now)

    def _trainee(self, call: LiveCall, engaged: set[int]) -> list[Place]:
        """Return the trainee of a practice call, if ready and free. A certificate or a planned shift is not needed."""
        place = self._seats.on_shift.get(call.row.practice_of_id or 0)
        return [place] if place and place.is_ready and place.user not in engaged else []

    def _wanted(self, call: LiveCall, engaged: set[int], now: datetime) -> list[Place]:
        """Return the operator to whom the call was passed on, also off the plan; else who answers the caller's chat.

        It rings for them although they are busy, in writing or with their notes.

        The list is empty without such an operator, and for one who is in a call, is on a break, or missed this call.
        """
        place = self._seats.on_shift.get(call.row.passed_to_id or call.wanted or 0)
        if place is None or place.is_on_break or place.user in engaged | call.missed:
            return []
        if call.row.passed_to_id:
            return [place] if self._seats.may_answer(place.user, now) else []
        return [place] if place in self._seats.answering(now) else []

    def _place(self, call: LiveCall, now: datetime) -> None:
        """Write the place in the queue if it changed, so that consoles show the same order."""
        if call.row.danger:
            self.queue.move_ahead(call.ticket, now.timestamp())
        since = call.row.waiting_since or now
        place = queue_time(call.ticket, since.timestamp(), in_surge=self.surge.is_on)
        key = SurgeKey.of(in_surge=self.surge.is_on, has_pressed=call.ticket.has_pressed)
        call.set_place(datetime.fromtimestamp(place, UTC), key)

    def _open_to(self, call: LiveCall, free: list[Place], now: datetime) -> list[Place]:
        turn_at, seats = (call.row.turn_at or now).timestamp(), len(self._seats.answering(now))
        keeps = self.surge.is_on and leaves_one_free(call.ticket, turn_at, now.timestamp(), seats=seats)
        if not keeps or not free:
            return free
        kept = max(free, key=lambda place: place.rests_until)  # who rests longest; else who was ready first
        return [place for place in free if place is not kept]

    def _stop_stale_ring(self, call: LiveCall, free: list[Place], now: datetime) -> None:
        """Stop a ring that timed out, or whose operator is no longer free."""
        user, since = call.row.ringing_for_id, call.row.ringing_since
        if user is None or since is None:
            return
        ran_out = now - since >= RING
        if ran_out:
            call.miss(user)
        if ran_out or all(place.user != user for place in free):
            call.ring_for(None)


def _place_in_queue(call: LiveCall) -> tuple[datetime, UUID]:
    """Sort key, the same order as CallQuerySet.in_queue_order."""
    return call.row.turn_at or datetime.max.replace(tzinfo=UTC), call.row.pk


def _best(call: LiveCall, free: list[Place], now: datetime) -> Place | None:
    """Choose an operator who has not missed the call: first one who speaks the language, then one who does not rest.

    If all have missed it, start again with everybody. Somebody who rests after hard contacts is rung when nobody else
    is left, so that no caller waits for the rest.
    """
    if not free:
        return None
    fresh = [place for place in free if place.user not in call.missed]
    if not fresh:
        call.missed.clear()
        fresh = free
    speaking = [place for place in fresh if call.row.language in place.languages] or fresh
    rested = [place for place in speaking if place.rests_until <= now.timestamp()]
    return (rested or speaking)[0]
