"""Events, pledges and testimonies: for campaign officers."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import midnight
from amparo.foundation.core.form_fields import change_by_form, first_error, refusal_of, run_if_valid
from amparo.foundation.core.refusal import Refused
from amparo.programme.campaigns import counts
from amparo.programme.campaigns.chart import comparison_picture

from . import public, rules
from .forms import ClosePledgeForm, EventForm, OutletForm, PermissionForm, PledgeForm, TestimonyForm
from .models import Event, Pledge, Testimony, TestimonyPermission
from .picklists import SITE

DAYS_COUNTED = 3  # the day of the event and the two days after it
DAY = timedelta(days=1)


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def events(request: StaffRequest) -> HttpResponse:
    form, refusal = EventForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        refusal = first_error(form)
        try:
            if not refusal:
                return redirect("event", rules.record_event(**form.cleaned_data, by=request.user).pk)
        except Refused as refused:
            refusal = str(refused)
    context = {"events": Event.objects.newest_first(), "form": form, "refusal": refusal, "room": "events"}
    return render(request, "events/events.html", context, status=422 if refusal else 200)


@staff(permissions.run_campaigns)
@require_GET
def event(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, get_object_or_404(Event, pk=pk))


@staff(permissions.run_campaigns)
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Event, pk=pk)
    change = partial(rules.change_event, found, by=request.user, now=timezone.now())
    shown = change_by_form(request, found, EventForm, change)
    return _show_change(request, found, **shown) if shown else redirect("event", pk)


@staff(permissions.run_campaigns)
@require_POST
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Event, pk=pk)
    if refusal := refusal_of(lambda: rules.remove_event(found, by=request.user)):
        return _show_change(request, found, form=EventForm.of(found), based_on=found.version, refusal=refusal)
    return redirect("events")


@staff(permissions.run_campaigns)
@require_POST
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    rules.publish_event(get_object_or_404(Event, pk=pk), by=request.user, now=timezone.now())
    return redirect("event", pk)


@staff(permissions.run_campaigns)
@require_POST
def unpublish(request: StaffRequest, pk: int) -> HttpResponse:
    rules.unpublish_event(get_object_or_404(Event, pk=pk), by=request.user, now=timezone.now())
    return redirect("event", pk)


@staff(permissions.run_campaigns)
@require_POST
def add_pledge(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Event, pk=pk), PledgeForm(request.POST)
    if refusal := run_if_valid(form, lambda: rules.add_pledge(found, **form.cleaned_data, by=request.user)):
        return _show(request, found, refusal=refusal, pledge_form=form)
    return redirect("event", pk)


@staff(permissions.run_campaigns)
@require_POST
def close_pledge(request: StaffRequest, pk: int) -> HttpResponse:
    pledge, form = get_object_or_404(Pledge.objects.select_related("event"), pk=pk), ClosePledgeForm(request.POST)
    was_kept, evidence = None, request.POST.get("evidence", "")
    try:
        if not form.is_valid():
            raise Refused(_("Choose whether it was kept."))
        was_kept, evidence = form.cleaned_data["was_kept"] == "yes", form.cleaned_data["evidence"]
        rules.close_pledge(pledge, was_kept=was_kept, evidence=evidence, on=timezone.localdate(), by=request.user)
    except Refused as refused:
        closing = {"pk": pk, "was_kept": was_kept, "evidence": evidence}
        return _show(request, pledge.event, refusal=str(refused), closing=closing)
    return redirect("event", pledge.event_id)


@staff(permissions.run_campaigns)
@require_POST
def add_testimony(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Event, pk=pk), TestimonyForm(request.POST)
    refusal = first_error(form)
    try:
        if not refusal:
            rules.add_testimony(found, **form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("event", pk)
    except Refused as refused:
        refusal = str(refused)
    return _show(request, found, refusal=refusal, testimony_form=form)


@staff(permissions.run_campaigns)
@require_GET
def testimonies(request: StaffRequest) -> HttpResponse:
    """List every testimony, where it may be used and until when. Its words are on the page of its event alone."""
    today = timezone.localdate()
    found = Testimony.objects.select_related("event").defer("text_es", "text_en", "signed_as")
    current = Prefetch("permissions", TestimonyPermission.objects.current().in_order(), to_attr="current")
    rows = [
        (it, any(each.until < today and each.outlet in SITE.values() for each in it.current))
        for it in found.prefetch_related(current).order_by("-explained_at", "-pk")
    ]
    context = {"testimonies": rows, "today": today, "shown": public.shown_codes(today), "room": "testimonies"}
    return render(request, "events/testimonies.html", context)


@staff(permissions.run_campaigns)
@require_POST
def publish_testimony(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    testimony = get_object_or_404(Testimony, pk=pk)
    rules.publish_testimony(testimony, by=request.user, now=timezone.now())
    return _redirect_to(testimony)


@staff(permissions.run_campaigns)
@require_POST
def allow_outlets(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record a new permission of the survivor, on the page of the event."""
    found = get_object_or_404(Testimony.objects.select_related("event").exclude(event=None), pk=pk)
    form, by, now = _permission_form(found, request.POST), request.user, timezone.now()
    if refusal := run_if_valid(form, lambda: rules.allow_outlets(found, **form.cleaned_data, by=by, now=now)):
        assert found.event
        return _show(request, found.event, refusal=refusal, typed={pk: form})
    return _redirect_to(found)


@staff(permissions.run_campaigns)
@require_POST
def withdraw_testimony(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    testimony = get_object_or_404(Testimony, pk=pk)
    rules.withdraw_testimony(testimony, by=request.user, now=timezone.now())
    return _redirect_to(testimony)


@staff(permissions.run_campaigns)
@require_POST
def withdraw_outlet(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    testimony, form = get_object_or_404(Testimony, pk=pk), OutletForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Choose one of the list."))
    rules.withdraw_outlet(testimony, form.cleaned_data["outlet"], by=request.user, now=timezone.now())
    return _redirect_to(testimony)


def _permission_form(testimony: Testimony, data: QueryDict | None = None) -> PermissionForm:
    return PermissionForm(data, auto_id=f"id_{testimony.code}_%s")


def _redirect_to(testimony: Testimony) -> HttpResponse:
    return redirect("event", testimony.event_id) if testimony.event_id else redirect("testimonies")


def _show_change(request: StaffRequest, event: Event, **shown: Any) -> HttpResponse:
    context = {"event": event, "why_it_stays": rules.why_event_stays(event), "room": "events", **shown}
    return render(request, "events/change.html", context, status=422 if "refusal" in shown else 200)


def _contacts_after(event: Event, now: datetime) -> dict[str, Any]:
    """Return what the page shows of the contacts on the day of an event and the two days after, and in weeks before.

    These are whole days, whatever the hour of the event is: from the hour on, corrections would tell when a single
    contact began (0048). If they are not over, return `over_at` alone: when they end.
    """
    begins = timezone.localdate(event.starts_at)
    if now < (over_at := midnight(begins + DAYS_COUNTED * DAY)):
        return {"over_at": over_at}
    all_days = counts.compare_with_weeks_before(midnight(begins), DAYS_COUNTED * DAY)
    days = [counts.compare_with_weeks_before(midnight(begins + day * DAY), DAY) for day in range(DAYS_COUNTED)]
    if any(each.after is None or each.before is None for each in days):
        days = []  # the sum alone: otherwise a hidden day could be computed from it
    labelled = [(str(_("Day %(number)d")) % {"number": number}, each) for number, each in enumerate(days, 1)]
    return {
        "all_days": all_days, "days": labelled,
        "picture": comparison_picture(labelled or [(str(_("Three days")), all_days)]),
    }  # fmt: skip


def _show(
    request: StaffRequest, event: Event, *, refusal: str = "", typed: dict[uuid.UUID, PermissionForm] | None = None,
    **forms: Any,
) -> HttpResponse:  # fmt: skip
    """Render the page of an event. `typed`: refused forms of permissions, by the id of the testimony."""
    now, today = timezone.now(), timezone.localdate()
    in_order = Prefetch("permissions", TestimonyPermission.objects.in_order())
    testimonies = event.testimonies.select_related("key").prefetch_related(in_order).order_by("pk")
    context = {
        "effect": rules.effect_of_event(event, now),
        "event": event, **_contacts_after(event, now),
        "pledges": [(pledge, pledge.state(today)) for pledge in event.pledges.in_order()],
        "testimonies": [(each, (typed or {}).get(each.pk) or _permission_form(each)) for each in testimonies],
        "shown": public.shown_codes(today),
        "today": today, "pledge_form": PledgeForm(), "testimony_form": TestimonyForm(),
        "refusal": refusal, "room": "events", **forms,
    }  # fmt: skip
    return render(request, "events/event.html", context, status=422 if refusal else 200)
