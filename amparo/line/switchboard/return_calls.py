"""Calls that we place, until somebody answers: whom they engage, and that nobody is rung twice."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .journal import Journal
from .legs import Leg
from .media.g711 import SILENCE
from .media.tones import tone
from .models import Call, CallEvent, Ending, State
from .telephones import Telephones, Unanswered

RINGBACK = tone(425, 1.0) + SILENCE * 200  # a second of tone, four of silence (ITU-T E.180)


class ReturnCalls:
    """`on_answer(row, user, operator, person)` gets the call as soon as the person is there."""

    def __init__(
        self, telephones: Telephones, journal: Journal, on_answer: Callable[[Call, int, Leg, Leg], None]
    ) -> None:
        self._telephones, self._journal, self._on_answer = telephones, journal, on_answer
        self._connecting: set[int] = set()  # whose own telephone rings first
        self._dialling: dict[UUID, tuple[int, asyncio.Task[Leg]]] = {}  # what rings, and whose call it is
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def engaged(self) -> set[int]:
        """Who can take no other call now."""
        return self._connecting | {holder for holder, _dialling in self._dialling.values()}

    @contextmanager
    def connecting(self, user: int) -> Iterator[None]:
        """Engaged from the press of the button on; ring before the end of it."""
        self._connecting.add(user)
        try:
            yield
        finally:
            self._connecting.discard(user)

    def ring(self, row: Call, user: int, operator: Leg, number: str) -> None:
        """The operator hears it ring; either may give up."""
        dialling = asyncio.create_task(self._telephones.call_out(number))
        self._dialling[row.pk] = user, dialling
        operator.on_end = lambda: _cancel(dialling)
        task = asyncio.create_task(self._await_answer(row, user, operator, dialling))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _await_answer(self, row: Call, user: int, operator: Leg, dialling: asyncio.Task[Leg]) -> None:
        ringing = asyncio.create_task(operator.sound.play(RINGBACK, loop=True))
        try:
            person = await dialling
        except (Unanswered, asyncio.CancelledError):
            row.state, row.ending, row.ended_at, row.operators = State.ENDED, Ending.NO_ANSWER, timezone.now(), []
            self._journal.event(row, CallEvent.Kind.ENDED)
            operator.hang_up()
            return
        finally:
            ringing.cancel()
            del self._dialling[row.pk]
        self._on_answer(row, user, operator, person)

    def stop(self, call: UUID, user: int) -> bool:
        """Let it ring no longer; False where none of ours rings, refused where it is a colleague's."""
        if call not in self._dialling:
            return False
        holder, dialling = self._dialling[call]
        if user != holder:
            raise Refused(_("You are not in this call."))
        dialling.cancel()
        return True


def _cancel(task: asyncio.Task[Leg]) -> None:
    task.cancel()
