"""Beds, for those who search: which are free, for whom, and who is on the way."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.people.models import Person
from amparo.care.people.picklists import Gender
from amparo.care.people.rules import describe_person
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.undo import offer_undo

from . import board, rules
from .bed_search import BedSearch, people_to_place, posted_search
from .forms import HoldBedForm, UnmetNeedForm
from .matching import unknown_criteria
from .models import House


@staff(permissions.find_beds)
@require_http_methods(["GET", "POST"])
def beds(request: StaffRequest) -> HttpResponse:
    """List all houses and, for a posted search, how each fits. Also record the gender if it was sent and not known.

    The search is posted, so that no URL tells who is being placed.
    """
    seek = posted_search(request.POST, request.user)
    gender = request.POST.get("gender")
    if gender in Gender.values and seek and not seek.person.gender and permissions.follow_cases(request.user):
        describe_person(seek.person, gender=gender, by=request.user, now=timezone.now())
        seek = posted_search(request.POST, request.user)
    return _show(request, seek)


@staff(permissions.find_beds)
@require_GET
def beds_for_person(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """Start a search for this person. 404 unless the user follows the person's case."""
    found = get_object_or_404(Person.objects.visible_to(request.user), pk=person)
    seek = BedSearch.of(found, None, request.user)
    if seek is None:
        raise Http404
    return _show(request, seek)


@staff(permissions.find_beds)
@require_POST
def hold_bed(request: StaffRequest) -> HttpResponse:
    seek, form = posted_search(request.POST, request.user), HoldBedForm(request.POST)
    by, now = request.user, timezone.now()
    refusal = first_error(form)
    try:
        if seek is None:
            raise Refused(_("Say first for whom."))
        if not refusal:
            house = get_object_or_404(House.objects.visible_to(by), pk=form.cleaned_data["house"])
            why = form.cleaned_data["why_apart"]
            placement = rules.hold_bed(seek.case, seek.people, house, why_apart=why, by=by, now=now, **seek.needs)
            return offer_undo(
                redirect("placement", placement.pk), "bed", reverse("placement-release", args=[placement.pk])
            )
    except Refused as reason:
        refusal = str(reason)
    return _show(request, seek, refusal=refusal, holding=form, faulty=form, status=422)


@staff(permissions.find_beds)
@require_POST
def record_unmet_need(request: StaffRequest) -> HttpResponse:
    """Record that no bed was suitable, without a name."""
    seek, now = posted_search(request.POST, request.user), timezone.now()
    form = UnmetNeedForm(request.POST, from_case=seek is not None)
    if refusal := first_error(form):
        return _show(request, seek, refusal=refusal, unmet=form, faulty=form, status=422)
    party, case = (seek.party, seek.case) if seek else (form.party, None)
    rules.record_unmet_need(party, form.cleaned_data["why"], case=case, by=request.user, now=now)
    return redirect("beds")


def _show(request: StaffRequest, seek: BedSearch | None, *, status: int = 200, **typed: Any) -> HttpResponse:
    user, now = request.user, timezone.now()
    rows = board.house_rows(user, now, seek)
    context = {
        "rows": rows, "free": sum(row.free for row in rows), "fitting": sum(not row.wrong for row in rows),
        "lines": board.placement_rows(user, now), "unmet_count": board.unmet_this_month(now), "now": now, "seek": seek,
        "candidates": people_to_place(user), "holding": HoldBedForm(), "holds": permissions.follow_cases(user),
        "room": "beds",
        "genders": Gender.choices if seek and not seek.person.gender and permissions.follow_cases(user) else [],
        "not_known": [why.label for why in unknown_criteria(seek.party)] if seek else [],
        "unmet": UnmetNeedForm(from_case=seek is not None), **typed,
    }  # fmt: skip
    return render(request, "shelters/beds.html", context, status=status)
