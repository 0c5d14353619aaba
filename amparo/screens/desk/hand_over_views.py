"""The page of the hand-over of a shift: read what the shift before left, and leave one for the next."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import line_field
from amparo.line.roster.models import ShiftHandOver
from amparo.line.roster.rules import acknowledge_shift, hand_over_shift

from .hand_over import A_DAY, sheet_of

EARLIER = 20  # acknowledged hand-overs in the list
UNUSABLE = 422


class HandOverForm(forms.Form):
    words = line_field(_("One sentence for the next shift"), size="60")


@staff(permissions.take_calls)
@require_GET
def hand_over(request: StaffRequest) -> HttpResponse:
    return _page(request, HandOverForm())


@staff(permissions.take_calls)
@require_POST
def write_hand_over(request: StaffRequest) -> HttpResponse:
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    now = timezone.now()
    hand_over_shift(sheet_of(request.user, now).counts, form.cleaned_data["words"], by=request.user, now=now)
    return redirect("hand-over")


@staff(permissions.take_calls)
@require_POST
def acknowledge_hand_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    acknowledge_shift(get_object_or_404(ShiftHandOver, pk=pk), by=request.user, now=timezone.now())
    return redirect("hand-over")


def _page(request: StaffRequest, form: HandOverForm) -> HttpResponse:
    """Render the page with the unread hand-overs and those of the last day. Reading them is logged."""
    now, newest = timezone.now(), ShiftHandOver.objects.newest()
    context = {
        "sheet": sheet_of(request.user, now), "form": form, "now": now, "room": "hand-over",
        "waiting": list(newest.filter(read_at=None)),
        "earlier": [(each, each.written_at > now - A_DAY) for each in newest.exclude(read_at=None)[:EARLIER]],
    }  # fmt: skip
    return render(request, "desk/hand_over.html", context, status=UNUSABLE if form.errors else 200)
