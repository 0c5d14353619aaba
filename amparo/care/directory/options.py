"""What the search page shows: services that accept the person, and never a stale entry alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .criteria import SearchCriteria
from .models import Service
from .picklists import Condition

AT_MOST = 40  # on one page; nobody would read more


@dataclass(frozen=True)
class Options:
    """`found` fits. If none of it is fresh, `instead` is a fresh service that fits but for one condition, or None."""

    found: list[Any]  # services, annotated by `accepting`
    instead: Any = None  # None: not needed, or there is none
    given_up: Condition | None = None

    @property
    def has_fresh(self) -> bool:
        return any(not it.is_stale for it in self.found)

    @property
    def is_nobody(self) -> bool:
        """Is there nothing reliable? The page says so in words, and the directory's editor gets a task."""
        return not self.has_fresh and self.instead is None


def options(sought: SearchCriteria, *, now: datetime) -> Options:
    found: list[Any] = list(Service.objects.accepting(sought, now=now).with_all()[:AT_MOST])
    if found and not all(it.is_stale for it in found):
        return Options(found)
    fresh = Service.objects.accepting(sought, now=now).fresh(now).with_all().first() if len(found) == AT_MOST else None
    if fresh:
        return Options([*found, fresh])
    return Options(found, *_instead(sought, now))


def _instead(sought: SearchCriteria, now: datetime) -> tuple[Any, Condition | None]:
    """Return the nearest fresh service with one condition removed; of two equally near, the one that gives up less."""
    others = [
        (service, condition)
        for condition, relaxed in sought.relaxed()
        if (service := Service.objects.accepting(relaxed, now=now).fresh(now).with_all().first())
    ]
    return min(others, key=lambda pair: _distance(pair[0]), default=(None, None))


def _distance(service: Any) -> float:
    return float("inf") if service.distance is None else float(service.distance)
