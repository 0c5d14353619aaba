"""A call that an operator did not get into: it rang in vain, or their sound never came or was lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from amparo.foundation.access.models import User
from amparo.line.switchboard.models import Call, CallEvent

from .queue import LONG_WAIT

# An operator who never was connected is waited for one minute. Who was away later has talked with the caller before.
BEFORE_TALKING = timedelta(seconds=90)
Kind = CallEvent.Kind


@dataclass(frozen=True)
class Missed:
    call: Call
    has_talked: bool  # the operator talked with the caller before

    @property
    def late_from(self) -> datetime | None:
        return self.call.waiting_since and self.call.waiting_since + LONG_WAIT


def missed_call(user: User) -> Missed | None:
    """Return the next waiting call whose last event with this operator is that they missed it. None: there is none."""
    own = CallEvent.objects.filter(call=OuterRef("pk"), user=user).order_by("-at", "-pk")
    waiting = Call.objects.waiting().annotate(last=Subquery(own.values("kind")[:1]))
    call = waiting.filter(last__in=(Kind.MISSED, Kind.REQUEUED)).in_queue_order().first()
    return Missed(call, _has_talked(call, user)) if call else None


def _has_talked(call: Call, user: User) -> bool:
    events = CallEvent.objects.filter(call=call, user=user).order_by("at")
    in_call = events.filter(kind__in=(Kind.ANSWERED, Kind.JOINED)).last()
    left = events.filter(kind=Kind.REQUEUED).last()
    return in_call is not None and left is not None and left.at - in_call.at > BEFORE_TALKING
