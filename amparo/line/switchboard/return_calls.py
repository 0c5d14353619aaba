"""Return calls until they are answered: which operators they engage, and how to stop them."""

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
    """Return calls that are ringing. `on_answer(row, user, operator, person)` is called when the person answers."""

    def __init__(
        self, telephones: Telephones, journal: Journal, on_answer: Callable[[Call, int, Leg, Leg], None]
    ) -> None:
        self._telephones, self._journal, self._on_answer = telephones, journal, on_answer
        self._connecting: set[int] = set()  # operators whose own telephone rings first
        self._dialling: dict[UUID, tuple[int, asyncio.Task[Leg]]] = {}  # by call: its operator, and the task that rings
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def engaged(self) -> set[int]:
        """Ids of the operators whose return call is ringing, or about to ring."""
        return self._connecting | {holder for holder, _dialling in self._dialling.values()}

    @contextmanager
    def connecting(self, user: int) -> Iterator[None]:
        """Mark the operator as engaged from the press of the button. Call `ring` inside this block."""
        self._connecting.add(user)
        try:
            yield
        finally:
            self._connecting.discard(user)

    def ring(self, row: Call, user: int, operator: Leg, number: str) -> None:
        """Dial in the background; the operator hears the ringing tone. Without an answer, the row ends as NO_ANSWER."""
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
            self._journal.record_event(row, CallEvent.Kind.ENDED)
            operator.hang_up()
            return
        finally:
            ringing.cancel()
            del self._dialling[row.pk]
        self._on_answer(row, user, operator, person)

    def stop(self, call: UUID, user: int) -> bool:
        """Stop the ringing. Returns False if this call does not ring. Raises `Refused` if it is a colleague's call."""
        if call not in self._dialling:
            return False
        holder, dialling = self._dialling[call]
        if user != holder:
            raise Refused(_("You are not in this call."))
        dialling.cancel()
        return True


def _cancel(task: asyncio.Task[Leg]) -> None:
    task.cancel()
