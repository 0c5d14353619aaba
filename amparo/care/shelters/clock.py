"""The clock of held beds: the times of hold, approval and arrival, or the end of the hold.

The page of the case shows it.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind
from amparo.foundation.core.clock_steps import DONE, TO_COME, ClockStep, SentRequest

from .models import Placement

type Moments = Mapping[str, datetime]  # kind of the case's entry -> time of the last one


def requests_of_a_case(case: Case, now: datetime) -> list[SentRequest]:
    found = list(Placement.objects.filter(case=case).select_related("house").prefetch_related("stays__occupancy__bed"))
    moments: dict[str, dict[str, datetime]] = defaultdict(dict)
    entries = case.entries.filter(about__in=[str(it.pk) for it in found]).order_by("at", "number")
    for about, kind, at in entries.values_list("about", "kind", "at"):
        moments[about][kind] = at
    return [_request(it, moments[str(it.pk)], now) for it in found]


def _request(placement: Placement, at: Moments, now: datetime) -> SentRequest:
    beds = ", ".join(str(stay.occupancy.bed.number) for stay in placement.stays.all())
    return SentRequest(
        placement.pk, f"{placement.house}: {beds}", reverse("placement", args=[placement.pk]), placement.reserved_at,
        _steps(placement, at, now),
    )  # fmt: skip


def _steps(placement: Placement, at: Moments, now: datetime) -> tuple[ClockStep, ...]:
    """Return the steps in order: held, approved, arrived. A declined or released placement ends with that step.

    An arrival that was taken back does not count. If nobody is expected any more, no step has a deadline.
    """
    reserved = ClockStep(pgettext_lazy("a step of a bed", "Held"), placement.reserved_at, DONE)
    if over := at.get(EntryKind.BED_DECLINED):
        return reserved, ClockStep(pgettext_lazy("a step of a bed", "Declined"), over, DONE)
    if over := at.get(EntryKind.BED_RELEASED):
        return reserved, ClockStep(pgettext_lazy("a step of a bed", "Released"), over, DONE)
    approved, arrived = at.get(EntryKind.BED_APPROVED), at.get(EntryKind.ARRIVED)
    if arrived and (mistaken := at.get(EntryKind.NOT_ARRIVED)) and mistaken >= arrived:
        arrived = None
    until = min((stay.reserved.upper for stay in placement.stays.all()), default=None) if placement.is_waiting else None
    arrival = pgettext_lazy("a step of a bed", "Arrived")
    return (
        reserved,
        ClockStep.of(pgettext_lazy("a step of a bed", "Approved"), approved, until, now),
        ClockStep.of(arrival, arrived, until, now) if approved else ClockStep(arrival, None, TO_COME),
    )
