"""Calls that a fault cut. Whose call it was comes first when they call again: once, and within ten minutes.

A telephone is recognised by the pseudonym of its number, whose key is in this process's memory alone: after a restart
it is not recognised. A page that is still open names its call by a signed receipt (receipts.py), which is worth nothing
unless that call was cut by a fault. The database says so after a restart, and which of them came back already.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from amparo.foundation.core.actor import SWITCHBOARD, acting_as

from .models import Call, Direction, Ending

COMES_FIRST_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class CutCall:
    call: UUID
    pseudonym: bytes | None  # None: a browser, or a number that was withheld
    until: datetime


class CutCalls:
    def __init__(self) -> None:
        self._cut: list[CutCall] = []

    @acting_as(SWITCHBOARD)
    def load(self, now: datetime) -> None:
        """Read which calls the last switchboard lost, and who has not come back since."""
        lost = Call.objects.filter(ending=Ending.LOST, ended_at__gt=now - COMES_FIRST_FOR)
        came_back = Call.objects.filter(returns_to__in=lost.values("pk")).values("returns_to")
        self._cut = []
        for row in lost.exclude(pk__in=came_back):
            self.add(row)

    def add(self, row: Call) -> None:
        """Note a call that has ended, if a fault cut it.

        Whoever lets the sound of a call stop can look like a fault of the network. So that counts only for a call that
        was answered, and not for one that came first for the same reason.
        """
        if row.direction != Direction.INCOMING or row.practice_of_id is not None or row.ended_at is None:
            return
        by_network = row.ending == Ending.SILENCE and row.answered_at is not None and row.returns_to is None
        if row.ending == Ending.LOST or by_network:
            self._cut.append(CutCall(row.pk, _pseudonym_of(row), row.ended_at + COMES_FIRST_FOR))

    def claim(self, named: UUID | None, caller: Call, now: datetime) -> UUID | None:
        """Return the cut call to which this caller comes back, which nobody can claim again. None: there is none.

        `named`: the call whose receipt the caller's page showed.
        """
        self._cut = [each for each in self._cut if each.until > now]
        pseudonym = _pseudonym_of(caller)
        for each in self._cut:
            if each.call == named or (pseudonym is not None and each.pseudonym == pseudonym):
                self._cut.remove(each)
                return each.call
        return None


def _pseudonym_of(row: Call) -> bytes | None:
    return None if row.pseudonym is None else bytes(row.pseudonym)
