"""Correct, reopen or remove a pledge that was written down wrongly: for campaign officers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of, tried_on

from . import rules
from .forms import PledgeForm
from .models import Pledge


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def pledge(request: StaffRequest, pk: int) -> HttpResponse:
    found, by, now = _pledge_or_404(pk), request.user, timezone.now()
    if request.method == "GET":
        return _show(request, found, PledgeForm.of(found))
    form = PledgeForm(request.POST)
    if refused := tried_on(
        found, form, PledgeForm.of,
        lambda seen: rules.change_pledge(found, based_on=seen, **form.cleaned_data, by=by, now=now),
    ):  # fmt: skip
        return _show(request, found, form, **refused)
    return redirect("event", found.event_id)


@staff(permissions.run_campaigns)
@require_POST
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    return redirect("event", rules.reopen_pledge(_pledge_or_404(pk), by=request.user, now=timezone.now()).event_id)


@staff(permissions.run_campaigns)
@require_POST
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    found = _pledge_or_404(pk)
    if refusal := refusal_of(lambda: rules.remove_pledge(found, by=request.user)):
        return _show(request, found, PledgeForm.of(found), refusal=refusal)
    return redirect("event", found.event_id)


def _pledge_or_404(pk: int) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("event"), pk=pk)


def _show(request: StaffRequest, pledge: Pledge, form: PledgeForm, **refused: Any) -> HttpResponse:
    earlier = pledge.earlier_closings.select_related("reopened_by").order_by("pk")
    context = {
        "pledge": pledge,
        "form": form,
        "based_on": pledge.version,
        "earlier": earlier,
        "why_it_stays": rules.why_pledge_stays(pledge),
        "room": "events",
        **refused,
    }
    return render(request, "events/pledge.html", context, status=422 if refused else 200)
