"""Results of the search page: services that accept the person, and an alternative if all of them are stale."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .criteria import SearchCriteria
from .models import Service
from .picklists import Condition

AT_MOST = 40  # on one page; nobody would read more


@dataclass(frozen=True)
class SearchResults:
    """The services that fit, and an alternative if none of them was verified recently.

    The alternative, `instead`, was verified recently, and fits except for `given_up`.
    """

    found: list[Any]  # services, annotated by `accepting`
    instead: Any = None  # None: not needed, or there is none
    given_up: Condition | None = None

    @property
    def has_fresh(self) -> bool:
        return any(not it.is_stale for it in self.found)

    @property
    def lacks_fresh_service(self) -> bool:
        """True if no service was verified recently, not even an alternative.

        The page says so, and the directory's editor gets a task.
        """
        return not self.has_fresh and self.instead is None


def search_services(sought: SearchCriteria, *, now: datetime) -> SearchResults:
    """Return the services that fit; if none of them was verified recently, also the nearest alternative."""
    found: list[Any] = list(Service.objects.accepting(sought, now=now).with_details()[:AT_MOST])
    if found and not all(it.is_stale for it in found):
        return SearchResults(found)
    fresh = (
        Service.objects.accepting(sought, now=now).fresh(now).with_details().first() if len(found) == AT_MOST else None
    )
    if fresh:
        return SearchResults([*found, fresh])
    return SearchResults(found, *_nearest_alternative(sought, now))


def _nearest_alternative(sought: SearchCriteria, now: datetime) -> tuple[Any, Condition | None]:
    """Return the nearest fresh service that meets all conditions except one, and that condition.

    Of two equally near services, return that whose condition comes first in `Condition`. (None, None): there is none.
    """
    others = [
        (service, condition)
        for condition, relaxed in sought.relaxed()
        if (service := Service.objects.accepting(relaxed, now=now).fresh(now).with_details().first())
    ]
    return min(others, key=lambda pair: _distance(pair[0]), default=(None, None))


def _distance(service: Any) -> float:
    return float("inf") if service.distance is None else float(service.distance)
