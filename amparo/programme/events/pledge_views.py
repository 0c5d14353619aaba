"""Correct, reopen or remove a pledge that was written down wrongly: for campaign officers."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import change_by_form, refusal_of

from . import rules
from .forms import PledgeForm
from .models import Pledge


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def pledge(request: StaffRequest, pk: int) -> HttpResponse:
    found = _pledge_or_404(pk)
    change = partial(rules.change_pledge, found, by=request.user, now=timezone.now())
    shown = change_by_form(request, found, PledgeForm, change)
    return _show(request, found, **shown) if shown else redirect("event", found.event_id)


@staff(permissions.run_campaigns)
@require_POST
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    return redirect("event", rules.reopen_pledge(_pledge_or_404(pk), by=request.user, now=timezone.now()).event_id)


@staff(permissions.run_campaigns)
@require_POST
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    found = _pledge_or_404(pk)
    if refusal := refusal_of(lambda: rules.remove_pledge(found, by=request.user)):
        return _show(request, found, form=PledgeForm.of(found), based_on=found.version, refusal=refusal)
    return redirect("event", found.event_id)


def _pledge_or_404(pk: int) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("event"), pk=pk)


def _show(request: StaffRequest, pledge: Pledge, **shown: Any) -> HttpResponse:
    earlier = pledge.earlier_closings.select_related("reopened_by").order_by("pk")
    why_it_stays = rules.why_pledge_stays(pledge)
    context = {"pledge": pledge, "earlier": earlier, "why_it_stays": why_it_stays, "room": "events", **shown}
    return render(request, "events/pledge.html", context, status=422 if "refusal" in shown else 200)
