"""Rows of a home about services that were asked: those that are late, and what they answered."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from amparo.care.referrals.models import Referral, ReferralEvent
from amparo.foundation.access.models import User

from .rows import AT_MOST, OPEN, Row

NEWS = timedelta(days=3)  # how long an answer is shown
TELL_WITHIN = timedelta(days=1)  # as the task in its case says


def late_referrals(user: User, now: datetime) -> Iterable[Row]:
    found = Referral.objects.visible_to(user).late(now).select_related("service")
    for referral in found.defer("facts").order_by("answer_by")[:AT_MOST]:
        why = _("%(service)s has not answered %(code)s.") % {"service": referral.service, "code": referral.code}
        yield Row(
            _("Call the service"),
            why,
            reverse("referral", args=[referral.pk]),
            OPEN,
            referral.answer_by,
            icon="phone",
        )


def answered_referrals(user: User, now: datetime) -> Iterable[Row]:
    """What services answered in the last days, until the person was informed."""
    found = ReferralEvent.objects.filter(referral__in=Referral.objects.visible_to(user)).answered_since(now - NEWS)
    for answer in found.select_related("referral__service").defer("words", "referral__facts")[:AT_MOST]:
        why = f"{answer.referral.code}: {answer.referral.service}"
        address = reverse("referral", args=[answer.referral_id])
        yield Row(capfirst(answer.get_kind_display()), why, address, OPEN, answer.at + TELL_WITHIN, icon="hands")
