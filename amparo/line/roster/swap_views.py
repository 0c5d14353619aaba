"""Offering a shift to colleagues, and taking one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff

from . import swap_rules
from .models import Shift, ShiftOffer

SHOWN_FOR = timedelta(days=31)  # how long a swap is listed


@dataclass(frozen=True)
class Swap:
    offer: ShiftOffer
    why_not: str  # why the reader cannot take it; blank: they can, or it is their own or over


def visible_swaps(user: User, now: datetime) -> list[Swap]:
    """Return the open offers, and the swaps of the last month: for a supervisor all, for others their own.

    Also the user's offers that were withdrawn because the hours changed, until they offer the shift anew or it begins.
    """
    every = ShiftOffer.objects.select_related("shift__user", "offered_by", "taken_by").order_by(
        "shift__starts_at", "pk"
    )
    found = every.lost_by(user, now) | every.open(now) | every.filter(taken_at__gt=now - SHOWN_FOR)
    shown = [
        offer for offer in found
        if offer.taken_at is None or permissions.supervise(user) or user in (offer.offered_by, offer.taken_by)
    ]  # fmt: skip
    shown.sort(key=lambda offer: (offer.taken_at is not None, offer.is_open))  # first what was withdrawn, then open
    return [
        Swap(each, swap_rules.why_not_take(each, user, now) if each.is_open and each.offered_by != user else "")
        for each in shown
    ]


@staff(permissions.take_calls)
@require_POST
def offer_shift(request: StaffRequest, number: int) -> HttpResponse:
    shift = get_object_or_404(Shift, pk=number)
    swap_rules.offer_shift(shift, by=request.user, now=timezone.now())
    return _to_week(shift)


@staff(permissions.take_calls)
@require_POST
def withdraw_offer(request: StaffRequest, number: int) -> HttpResponse:
    offer = get_object_or_404(ShiftOffer.objects.select_related("shift"), pk=number)
    swap_rules.withdraw_offer(offer, by=request.user, now=timezone.now())
    return _to_week(offer.shift)


@staff(permissions.take_calls)
@require_POST
def take_shift(request: StaffRequest, number: int) -> HttpResponse:
    offer = get_object_or_404(ShiftOffer.objects.select_related("shift"), pk=number)
    return _to_week(swap_rules.take_shift(offer, by=request.user, now=timezone.now()))


def _to_week(shift: Shift) -> HttpResponse:
    return redirect(f"/roster?day={timezone.localdate(shift.starts_at)}")
