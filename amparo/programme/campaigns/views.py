"""Campaigns, their spots, and what they brought: for campaign officers."""

from datetime import date
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import change_by_form, first_error, refusal_of
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places
from amparo.line.roster.rules import WaveCheck, check_wave

from . import counts, rules
from .chart import comparison_picture
from .districts import districts_of
from .forms import CampaignForm, LiftForm, SpotForm
from .models import Campaign, Spot
from .reach import reach_of


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def campaigns(request: StaffRequest) -> HttpResponse:
    form, refusal = CampaignForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        refusal = first_error(form)
        try:
            if not refusal:
                return redirect("campaign", rules.add_campaign(**form.cleaned_data, by=request.user).pk)
        except Refused as refused:
            refusal = str(refused)
    context = {"campaigns": Campaign.objects.newest_first(), "form": form, "refusal": refusal, "room": "campaigns"}
    return render(request, "campaigns/campaigns.html", context, status=422 if refusal else 200)


@staff(permissions.run_campaigns)
@require_GET
def campaign(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, get_object_or_404(Campaign, pk=pk), SpotForm())


@staff(permissions.run_campaigns)
@require_GET
def districts(request: StaffRequest, pk: int, ubigeo: str) -> HttpResponse:
    """Show the districts of a department or of a province, as a map and a table."""
    found = get_object_or_404(Campaign, pk=pk)
    if places.place_level(ubigeo) not in ("department", "province"):
        raise Http404
    reach, department = reach_of(found, timezone.localdate()), ubigeo[:2]
    context = {
        "campaign": found, "reach": reach, "place": places.place_label(ubigeo), "room": "campaigns",
        "department": (department, places.place_label(department)) if ubigeo != department else None,
        "provinces": places.provinces(department), "here": ubigeo,
        "districts": districts_of(reach, ubigeo) if reach and reach.shows_districts_of(department) else None,
    }  # fmt: skip
    return render(request, "campaigns/districts.html", context)


@staff(permissions.run_campaigns)
@require_POST
def add_spot(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Campaign, pk=pk), SpotForm(request.POST)
    refusal = first_error(form)
    try:
        if not refusal:
            rules.add_spot(found, **form.cleaned_data, by=request.user)
            return redirect("campaign", pk)
    except Refused as refused:
        refusal = str(refused)
    return _show(request, found, form, refusal)


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    change = partial(rules.change_campaign, found, by=request.user, now=timezone.now())
    if not (shown := change_by_form(request, found, CampaignForm, change)):
        return redirect("campaign", pk)
    context = {"campaign": found, "room": "campaigns", **shown}
    return render(request, "campaigns/change.html", context, status=422 if "refusal" in shown else 200)


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def spot(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Spot.objects.select_related("campaign"), pk=pk)
    change = partial(rules.change_spot, found, by=request.user, now=timezone.now())
    shown = change_by_form(request, found, SpotForm, change)
    return _show_spot(request, found, **shown) if shown else redirect("campaign", found.campaign_id)


@staff(permissions.run_campaigns)
@require_POST
def remove_spot(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Spot.objects.select_related("campaign"), pk=pk)
    if refusal := refusal_of(lambda: rules.remove_spot(found, by=request.user)):
        return _show_spot(request, found, form=SpotForm.of(found), based_on=found.version, refusal=refusal)
    return redirect("campaign", found.campaign_id)


@staff(permissions.run_campaigns)
@require_POST
def expect_lift(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Campaign, pk=pk), LiftForm(request.POST)
    if refusal := first_error(form):
        return _show(request, found, SpotForm(), refusal, lift_form=form)
    rules.expect_lift(found, form.cleaned_data["percent"], by=request.user)
    return redirect("campaign", pk)


def _show(
    request: StaffRequest, campaign: Campaign, form: SpotForm, refusal: str = "", lift_form: LiftForm | None = None
) -> HttpResponse:
    spots, now = list(campaign.spots.in_order()), timezone.now()
    compared = [
        (
            spot,
            counts.compare_with_weeks_before(spot.aired_at, counts.AFTER_A_SPOT, spot.line)
            if spot.aired_at + counts.AFTER_A_SPOT <= now
            else None,
        )
        for spot in spots
    ]
    begins, ends = campaign.span
    context: dict[str, Any] = {
        "effect": rules.effect_of_campaign(campaign, now), "campaign": campaign,
        "is_running": campaign.is_running(timezone.localdate()),
        "compared": compared, "picture": comparison_picture([(spot.name, each) for spot, each in compared if each]),
        "reach": reach_of(campaign, timezone.localdate(now)), "sources": counts.count_sources(begins, ends),
        "costs": [
            (spot, counts.count_brought(begins, ends, spot.line, spot.code, spot.cost))
            for spot in spots if spot.line or spot.code
        ],
        "form": form, "refusal": refusal, "room": "campaigns", "wave": _wave(campaign, timezone.localdate(now)),
        "lift_form": lift_form or LiftForm(initial={"percent": campaign.expected_lift}),
        "has_ended": campaign.ends < timezone.localdate(now),
    }  # fmt: skip
    return render(request, "campaigns/campaign.html", context, status=422 if refusal else 200)


def _show_spot(request: StaffRequest, spot: Spot, **shown: Any) -> HttpResponse:
    context = {"spot": spot, "why_it_stays": rules.why_spot_stays(spot), "room": "campaigns", **shown}
    return render(request, "campaigns/spot.html", context, status=422 if "refusal" in shown else 200)


def _wave(campaign: Campaign, today: date) -> WaveCheck | None:
    """Return the hours in the rest of the campaign whose planned shifts are too few for the expected calls.

    None: the campaign is over, or nobody said what to expect.
    """
    first = max(today, campaign.starts)
    if campaign.expected_lift is None or campaign.ends < first:
        return None
    return check_wave(first, campaign.ends, campaign.expected_lift)
