"""Until when each operator may be rung, as the ringing rules, shifts and certificates say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .models import Certificate, Queue, RingingRules, Seat, Shift

ALWAYS = float("inf")


@dataclass(frozen=True)
class Limits:
    """By user id: seconds since the epoch until which somebody is certified, and until which a shift is planned.

    A user who is absent is not. `None`: the rule is off, so everybody is.
    """

    certified: dict[int, float] | None
    planned: dict[int, float] | None

    def certified_until(self, user: int) -> float:
        return ALWAYS if self.certified is None else self.certified.get(user, 0.0)

    def planned_until(self, user: int) -> float:
        return ALWAYS if self.planned is None else self.planned.get(user, 0.0)


def limits(queue: Queue, now: datetime) -> Limits:
    """Read the rules, and the certificates and shifts that are valid at `now`."""
    rules = RingingRules.current()
    certified = planned = None
    if rules.by_certificate:
        certified = _latest((each.user_id, each.ends_at) for each in Certificate.objects.valid(queue, now))
    if rules.by_shift:
        running = Shift.objects.planned().filter(starts_at__lte=now, ends_at__gt=now)
        planned = _latest((each.user_id, each.ends_at) for each in running)
    return Limits(certified, planned)


def may_take(queue: Queue, user: int, now: datetime) -> bool:
    """Whether this operator may take somebody who waits by hand.

    Without a certificate only while no certified colleague's console is open, so that nobody waits for a paper.
    """
    certified = limits(queue, now).certified
    if certified is None or user in certified:
        return True
    return not Seat.objects.on_shift(now).filter(pk__in=certified).exists()


def _latest(ends: Iterator[tuple[int, datetime]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for user, end in ends:
        found[user] = max(found.get(user, 0.0), end.timestamp())
    return found
