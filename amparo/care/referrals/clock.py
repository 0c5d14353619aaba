"""The clock of a referral: the times of the request, the answer and the arrival, or the service's deadline."""

from datetime import datetime
from typing import Any

from django.utils.translation import pgettext_lazy

from amparo.foundation.core.clock_steps import DONE, ClockStep

from .picklists import ReferralEventKind


def clock_of(referral: Any, now: datetime) -> tuple[ClockStep, ...]:
    """Return the steps of a referral from `with_state`. A declined or cancelled one has no pending step."""
    requested = ClockStep(pgettext_lazy("a step of a referral", "Requested"), referral.sent_at, DONE)
    if referral.last == ReferralEventKind.DECLINED:
        return requested, ClockStep(pgettext_lazy("a step of a referral", "Declined"), referral.answered_at, DONE)
    accepted = ClockStep.of(
        pgettext_lazy("a step of a referral", "Accepted"), referral.answered_at, referral.answer_by, now
    )
    if off := referral.called_off_at:
        called_off = ClockStep(pgettext_lazy("a step of a referral", "Cancelled"), off, DONE)
        return (requested, accepted, called_off) if accepted.state == DONE else (requested, called_off)
    arrived = pgettext_lazy("a step of a referral", "Arrived")
    return requested, accepted, ClockStep.of(arrived, referral.arrived_at, None, now, begun=accepted.state == DONE)
