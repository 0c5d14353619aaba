"""Decides for which operator each waiting call rings. Ringing only suggests: any ready operator may take any call.

Calls in danger ring first, then calls that a supervisor passed on, then the others by turn. Among ready operators, the
one who is ready for the longest time comes first.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current

from .fair_queue import FairQueue, leaves_one_free, queue_time
from .live_call import LiveCall
from .models import CallEvent, SurgeKey
from .practice_calls import refuse_practice_of_others
from .seats import OperatorOnShift, Seats
from .surge import Surge

LOOK_EVERY = 0.5  # seconds; finds rings that have timed out
PAUSE = 0.02  # seconds between two runs; in a flood each of a thousand waiting calls asks for one


class Distribution:
    def __init__(self, calls: Callable[[], Iterable[LiveCall]], seats: Seats) -> None:
        self._calls, self._seats = calls, seats
        self.queue, self.surge = FairQueue(), Surge()
        self._wake = asyncio.Event()
        seats.on_change.append(self.wake)

    def wake(self) -> None:
        """Make `run` distribute at once, not half a second later, because something changed."""
        self._wake.set()

    async def slow(self, pseudonym: str, on: bool) -> dict[str, float | None]:
        """Command of the web process: place the next calls of a pseudonym (in hex) behind others, or stop doing so.

        Returns `until`: when it ends, in seconds since the epoch. None: they are not placed behind others.
        """
        self.queue.slow(bytes.fromhex(pseudonym), timezone.now().timestamp(), on=on)
        return await self.slowed_until(pseudonym)

    async def slowed_until(self, pseudonym: str) -> dict[str, float | None]:
        """Command of the web process: return `until`, as `slow` does."""
        return {"until": self.queue.slowed_until(bytes.fromhex(pseudonym), timezone.now().timestamp())}

    async def pass_to(
        self, call: str, user: int, colleague: int, words: str, instead_of: int | None = None
    ) -> dict[str, Any]:
        """Command of the web process: pass a waiting call on to `colleague`, with a sentence by the supervisor `user`.

        `instead_of` is the operator to whom the call was passed on when the supervisor looked; None: to nobody. Raises
        `Refused` if it was passed on to another one since, if it waits no more, or if `colleague` cannot take it.
        """
        live = next((each for each in self._calls() if str(each.row.pk) == call and each.is_waiting), None)
        if live is None:
            raise Refused(_("Already answered, or the caller has gone."))
        refuse_practice_of_others(live, user)
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
        self.surge.update(people, len(self._seats.answering_operators(now)), now.timestamp())
        if not waiting:
            return
        for call in waiting:
            self._update_queue_place(call, now)
        waiting.sort(key=lambda call: (call.row.practice_of_id is not None, *_queue_order(call)))
        engaged = {user for call in self._calls() for user in (*call.row.operators, *call.row.monitors)}
        free = [operator for operator in self._seats.ready_operators(now) if operator.user not in engaged]
        for call in waiting:
            if call.row.practice_of_id:
                able = self._trainee_if_free(call, engaged)
            else:
                able = [*free, *self._preferred_operator(call, engaged, now)]
            self._stop_stale_ring(call, able, now)
        rung = {call.row.ringing_for_id for call in waiting if call.row.ringing_for_id}
        ahead = [(call, False) for call in waiting if call.ticket.is_ahead and not call.row.practice_of_id]
        passed_on = [(call, True) for call in waiting if call.row.passed_to_id]
        for call, is_reserved in [*ahead, *passed_on, *((call, False) for call in waiting)]:
            if call.row.ringing_for_id is not None:
                continue
            if call.row.practice_of_id:
                able = [each for each in self._trainee_if_free(call, engaged) if each.user not in rung]
            else:
                free = [operator for operator in free if operator.user not in rung]
                able = self._preferred_operator(call, engaged | rung, now)
            operator = next(iter(able), None)
            if operator is None and not is_reserved and not call.row.practice_of_id:
                operator = _best_operator(call, self._operators_open_to(call, free, now), now)
            if operator:
                rung.add(operator.user)
                call.ring_for(operator.user, now)

    def _trainee_if_free(self, call: LiveCall, engaged: set[int]) -> list[OperatorOnShift]:
        """Return the trainee of a practice call if ready and free, else []. No certificate or shift is needed."""
        operator = self._seats.on_shift.get(call.row.practice_of_id or 0)
        return [operator] if operator and operator.is_ready and operator.user not in engaged else []

    def _preferred_operator(self, call: LiveCall, engaged: set[int], now: datetime) -> list[OperatorOnShift]:
        """Return, as a list of at most one, the operator for whom this call rings although they are not ready.

        That is the operator to whom a supervisor passed the call on, also outside their planned shift. Without one, it
        is the operator who answers the caller's chat.

        The list is empty if that operator is in a call, is on a break, missed this call, or may not answer calls now.
        """
        operator = self._seats.on_shift.get(call.row.passed_to_id or call.wanted or 0)
        if operator is None or operator.is_on_break or operator.user in engaged | call.missed:
            return []
        if call.row.passed_to_id:
            return [operator] if self._seats.may_answer(operator.user, now) else []
        return [operator] if operator in self._seats.answering_operators(now) else []

    def _update_queue_place(self, call: LiveCall, now: datetime) -> None:
        """Compute the call's place in the queue, and write it if it changed, so that consoles show the same order."""
        if call.row.danger:
            self.queue.move_ahead(call.ticket, now.timestamp())
        since = call.row.waiting_since or now
        place = queue_time(call.ticket, since.timestamp(), in_surge=self.surge.is_on)
        key = SurgeKey.of(in_surge=self.surge.is_on, has_pressed=call.ticket.has_pressed)
        call.set_queue_place(datetime.fromtimestamp(place, UTC), key)

    def _operators_open_to(self, call: LiveCall, free: list[OperatorOnShift], now: datetime) -> list[OperatorOnShift]:
        turn_at, seats = (call.row.turn_at or now).timestamp(), len(self._seats.answering_operators(now))
        keeps = self.surge.is_on and leaves_one_free(call.ticket, turn_at, now.timestamp(), seats=seats)
        if not keeps or not free:
            return free
        kept = max(free, key=lambda operator: operator.rests_until)  # who rests longest; else who was ready first
        return [operator for operator in free if operator is not kept]

    def _stop_stale_ring(self, call: LiveCall, free: list[OperatorOnShift], now: datetime) -> None:
        """Stop a ring that timed out, or whose operator is no longer free."""
        user, since = call.row.ringing_for_id, call.row.ringing_since
        if user is None or since is None:
            return
        ran_out = now - since >= timedelta(seconds=current().ring_seconds)
        if ran_out:
            call.record_missed(user)
            call.record_event(CallEvent.Kind.MISSED, user)
        if ran_out or all(operator.user != user for operator in free):
            call.ring_for(None)


def _queue_order(call: LiveCall) -> tuple[datetime, UUID]:
    """Return the key by which waiting calls are sorted: the same order as `CallQuerySet.in_queue_order`."""
    return call.row.turn_at or datetime.max.replace(tzinfo=UTC), call.row.pk


def _best_operator(call: LiveCall, free: list[OperatorOnShift], now: datetime) -> OperatorOnShift | None:
    """Choose an operator who has not missed the call: first one who speaks the language, then one who does not rest.

    If all have missed it, start again with everybody. Somebody who rests after hard contacts is rung when nobody else
    is left, so that no caller waits for the end of that rest. None: `free` is empty.
    """
    if not free:
        return None
    fresh = [operator for operator in free if operator.user not in call.missed]
    if not fresh:
        call.missed.clear()
        fresh = free
    speaking = [operator for operator in fresh if call.row.language in operator.languages] or fresh
    rested = [operator for operator in speaking if operator.rests_until <= now.timestamp()]
    return (rested or speaking)[0]
