"""The clock of a referral: the times of the request, the answer and the arrival, or the service's deadline.

The pages of the referral and the page of its case show it.
"""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from amparo.care.cases.models import Case
from amparo.foundation.core.clock_steps import DONE, ClockStep, SentRequest

from .models import Referral
from .picklists import ReferralEventKind


def request_of(referral: Any, now: datetime) -> SentRequest:
    """Return the name and the clock of a referral. It must have the annotations of `with_state`."""
    address = reverse("referral", args=[referral.pk])
    return SentRequest(
        referral.pk, f"{referral.code}: {referral.service}", address, referral.sent_at, _steps(referral, now)
    )


def requests_of_a_case(case: Case, now: datetime) -> list[SentRequest]:
    found = Referral.objects.filter(case=case).with_state(now).select_related("service").defer("facts")
    return [request_of(referral, now) for referral in found]


def _steps(referral: Any, now: datetime) -> tuple[ClockStep, ...]:
    """Return the steps in order: requested, accepted, arrived. A declined or cancelled referral ends with that step."""
    requested = ClockStep(pgettext_lazy("a step of a referral", "Requested"), referral.sent_at, DONE)
    if referral.last == ReferralEventKind.DECLINED:
        return requested, ClockStep(pgettext_lazy("a step of a referral", "Declined"), referral.answered_at, DONE)
    accepted = ClockStep.of(
        pgettext_lazy("a step of a referral", "Accepted"), referral.answered_at, referral.answer_by, now
    )
    if off := referral.cancelled_at:
        cancelled = ClockStep(pgettext_lazy("a step of a referral", "Cancelled"), off, DONE)
        return (requested, accepted, cancelled) if accepted.state == DONE else (requested, cancelled)
    arrived = pgettext_lazy("a step of a referral", "Arrived")
    return requested, accepted, ClockStep.of(arrived, referral.arrived_at, None, now, begun=accepted.state == DONE)
