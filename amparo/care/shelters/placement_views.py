"""Pages of one placement: request, approve, arrive, leave; and the address, for the escort."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.cases.models import Case
from amparo.foundation.access import permissions
from amparo.foundation.access.models import Role, User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.access.session_state import requires_recent_proof
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.presentation import lines_of_entries
from amparo.foundation.audit.rules import entries_about
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.undo import label_undo, offer_undo
from amparo.foundation.oversight.pages import chosen_reason
from amparo.foundation.vault.fields import log_reads_together

from . import board, risk_briefing, rules
from .forms import BriefingForm, DeclinePlacementForm, MoveBedForm, PlanStayForm, RequestPlacementForm
from .house_rules import open_address
from .models import Bed, Placement, Stay
from .picklists import BRIEFABLE

label_undo("bed", gettext_lazy("The bed is held."), gettext_lazy("Release it"))
label_undo("arrival", gettext_lazy("Noted: they arrived."), gettext_lazy("They did not arrive"))
WHY_OPENED = (Purpose.CARE, Purpose.HANDOVER, Purpose.DANGER)


@staff(permissions.find_beds)
@require_GET
def placement(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    return show(request, visible_placement(request.user, pk))


@staff(permissions.find_beds)
@require_POST
def request_placement(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, form = visible_placement(request.user, pk), RequestPlacementForm(request.POST)
    by, now = request.user, timezone.now()
    return attempt(request, it, lambda typed: rules.request_placement(it, **typed, by=by, now=now), form, "asking")


@staff(permissions.find_beds)
@require_POST
def send_briefing(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, form, by, now = visible_placement(request.user, pk), BriefingForm(request.POST), request.user, timezone.now()
    return attempt(request, it, lambda typed: rules.send_risk_briefing(it, **typed, by=by, now=now), form, "telling")


@staff(permissions.find_beds)
@require_POST
def approve(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, by, now = visible_placement(request.user, pk), request.user, timezone.now()
    return attempt(request, it, lambda _typed: rules.approve_placement(it, by=by, now=now))


@staff(permissions.find_beds)
@require_POST
def decline(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, form = visible_placement(request.user, pk), DeclinePlacementForm(request.POST)
    by, now = request.user, timezone.now()
    return attempt(request, it, lambda typed: rules.decline_placement(it, **typed, by=by, now=now), form, "declining")


@staff(permissions.find_beds)
@require_POST
def release_bed(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, by, now = visible_placement(request.user, pk), request.user, timezone.now()
    return attempt(request, it, lambda _typed: rules.release_bed(it, by=by, now=now))


@staff(permissions.find_beds)
@require_POST
def record_arrival(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, by, now = visible_placement(request.user, pk), request.user, timezone.now()
    answer = attempt(request, it, lambda _typed: rules.arrive(it, by=by, now=now))
    return offer_undo(answer, "arrival", reverse("placement-not-arrived", args=[pk]))


@staff(permissions.find_beds)
@require_POST
def take_back_arrival(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, by, now = visible_placement(request.user, pk), request.user, timezone.now()
    return attempt(request, it, lambda _typed: rules.take_back_arrival(it, by=by, now=now))


@staff(permissions.find_beds)
@require_POST
def plan_stay(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it, form, by, now = visible_placement(request.user, pk), PlanStayForm(request.POST), request.user, timezone.now()
    return attempt(request, it, lambda typed: rules.plan_stay(it, **typed, by=by, now=now), form, "planning")


@staff(permissions.find_beds)
@require_POST
def record_departure(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay, by, now = visible_stay(request.user, pk), request.user, timezone.now()
    return attempt(request, stay.placement, lambda _typed: rules.leave_house(stay, by=by, now=now))


@staff(permissions.find_beds)
@require_POST
def move_bed(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay, by, now = visible_stay(request.user, pk), request.user, timezone.now()
    form = MoveBedForm(request.POST, beds=other_free_beds(stay.placement))
    return attempt(request, stay.placement, lambda typed: rules.move_bed(stay, **typed, by=by, now=now), form, "moving")


@staff(permissions.find_beds)
@requires_recent_proof
@require_http_methods(["GET", "POST"])
def address(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the address.

    The page asks for the reason, logs it, and shows the address once, in the response to that request.
    """
    it = visible_placement(request.user, pk)
    context: dict[str, Any] = {"line": board.placement_row(it, timezone.now()), "room": "beds"}
    if request.method == "GET":
        purposes = [(it.value, it.label) for it in WHY_OPENED]
        return render(request, "shelters/why_address.html", context | {"purposes": purposes})
    opened = open_address(it, purpose=chosen_reason(request), by=request.user, now=timezone.now())
    return render(request, "shelters/address.html", context | {"address": opened})


def visible_placement(user: User, pk: uuid.UUID) -> Placement:
    stays = Prefetch("stays", Stay.objects.select_related("occupancy__bed").order_by("person_id"))
    found = Placement.objects.visible_to(user).select_related(
        "key", "house", "requested_by", "approved_by", "escort_user"
    )
    return get_object_or_404(found.prefetch_related(stays), pk=pk)


def visible_stay(user: User, pk: uuid.UUID) -> Stay:
    mine = Placement.objects.visible_to(user)
    return get_object_or_404(Stay.objects.filter(placement__in=mine).select_related("placement__house"), pk=pk)


def other_free_beds(it: Placement) -> Any:
    """Return the free beds of the placement's house."""
    return Bed.objects.free(timezone.now()).filter(house=it.house_id).order_by("number")


def attempt(
    request: StaffRequest, it: Placement, verb: Callable[[dict[str, Any]], object], form: forms.Form | None = None,
    name: str = "",
) -> HttpResponse:  # fmt: skip
    """Run a verb and show the placement. If it is refused, show the page again with what was typed."""
    refusal = first_error(form) if form else ""
    if not refusal:
        try:
            verb(form.cleaned_data if form else {})
            is_mine = Placement.objects.visible_to(request.user).filter(pk=it.pk).exists()
            return redirect("placement", it.pk) if is_mine else redirect("beds")
        except Refused as reason:
            refusal = str(reason)
    return show(
        request,
        visible_placement(request.user, it.pk),
        refusal=refusal,
        status=422,
        **({name: form, "faulty": form} if form else {}),
    )


def show(request: StaffRequest, it: Placement, *, status: int = 200, **typed: Any) -> HttpResponse:
    user, now = request.user, timezone.now()
    log_reads_together(it, [it])
    context = {
        "placement": it,
        "line": board.placement_row(it, now),
        "stays": it.stays.all(),
        "now": now,
        "room": "beds",
        "case": Case.objects.visible_to(user).filter(pk=it.case_id).first() if permissions.follow_cases(user) else None,
        "runs": Placement.objects.running(now).filter(pk=it.pk).exists(),
        "asking": RequestPlacementForm(),
        "planning": PlanStayForm(initial={"planned_to": it.planned_to}),
        "declining": DeclinePlacementForm(),
        "moving": MoveBedForm(beds=other_free_beds(it), auto_id=False),
        "approves": user.role == Role.PLACEMENT_OFFICER and it.requested_by_id != user.pk,
        "opens": permissions.approve_placements(user) or it.escort_user_id == user.pk,
        "ledger_lines": lines_of_entries(entries_about([it.key_id])),
        "risk_briefing": risk_briefing.briefing_text(it),
        "house_may_read": risk_briefing.is_briefing_agreed(it),
        "telling": BriefingForm(auto_id="tell_%s"),
        "tellable": it.state in BRIEFABLE,
        **typed,
    }
    return render(request, "shelters/placement.html", context, status=status)
