"""The hotline's houses, managed by placement officers: whom each accepts, its beds, its address, closed or open."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.care.cases.presentation import conflict_context
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import board, house_admin, house_rules
from .forms import AddressForm, BedForm, ChangeHouseForm, NewHouseForm
from .models import Bed, House

BED_ACTIONS: dict[str, Callable[..., object]] = {"away": house_admin.retire_bed, "back": house_admin.restore_bed}


@staff(permissions.approve_placements)
@require_http_methods(["GET", "POST"])
def houses(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        return _show_houses(request, NewHouseForm())
    form = NewHouseForm(request.POST)
    refusal = first_error(form)
    if not refusal:
        try:
            made = house_rules.add_house(by=request.user, now=timezone.now(), **form.cleaned_data)
            return redirect("house-kept", made.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show_houses(request, form, refusal=refusal, status=422)


@staff(permissions.approve_placements)
@require_http_methods(["GET", "POST"])
def house(request: StaffRequest, pk: int) -> HttpResponse:
    it, by, now = _visible_house(request, pk), request.user, timezone.now()
    if request.method == "GET":
        return _show(request, it)
    form = ChangeHouseForm(request.POST)
    return _attempt(
        request, it, lambda: house_admin.change_house(it, **form.cleaned_data, by=by, now=now), form, "change"
    )


@staff(permissions.approve_placements)
@require_POST
def add_bed(request: StaffRequest, pk: int) -> HttpResponse:
    it, form, by, now = _visible_house(request, pk), BedForm(request.POST), request.user, timezone.now()
    return _attempt(request, it, lambda: house_rules.add_bed(it, **form.cleaned_data, by=by, now=now), form, "bed")


@staff(permissions.approve_placements)
@require_POST
def retire_or_restore_bed(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    """Take a bed out of use (`action` is "away"), or bring it back ("back")."""
    if action not in BED_ACTIONS:
        raise Http404
    mine = House.objects.visible_to(request.user)
    it = get_object_or_404(Bed.objects.filter(house__in=mine).select_related("house"), pk=pk)
    return _attempt(request, it.house, lambda: BED_ACTIONS[action](it, by=request.user, now=timezone.now()))


@staff(permissions.approve_placements)
@require_POST
def seal_address(request: StaffRequest, pk: int) -> HttpResponse:
    it, form, by, now = _visible_house(request, pk), AddressForm(request.POST), request.user, timezone.now()
    return _attempt(
        request, it, lambda: house_rules.seal_address(it, **form.cleaned_data, by=by, now=now), form, "where"
    )


@staff(permissions.approve_placements)
@require_POST
def close_house(request: StaffRequest, pk: int) -> HttpResponse:
    it = _visible_house(request, pk)
    return _attempt(request, it, lambda: house_admin.close_house(it, by=request.user, now=timezone.now()))


@staff(permissions.approve_placements)
@require_POST
def reopen_house(request: StaffRequest, pk: int) -> HttpResponse:
    it = _visible_house(request, pk)
    return _attempt(request, it, lambda: house_admin.open_house(it, by=request.user, now=timezone.now()))


def _visible_house(request: StaffRequest, pk: int) -> House:
    return get_object_or_404(House.objects.visible_to(request.user).select_related("agency"), pk=pk)


def _attempt(
    request: StaffRequest, it: House, verb: Callable[[], object], form: forms.Form | None = None, name: str = ""
) -> HttpResponse:
    """Run a verb and redirect to the house. If it is refused, show the house with the reason and what was typed."""
    refusal = first_error(form) if form else ""
    if not refusal:
        try:
            verb()
            return redirect("house-kept", it.pk)
        except EditConflict as meanwhile:
            assert form
            return _show(request, it, **{name: form, **conflict_context(meanwhile, form, it)}, status=422)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, _visible_house(request, it.pk), refusal=refusal, **({name: form} if form else {}), status=422)


def _show(request: StaffRequest, it: House, *, status: int = 200, **typed: Any) -> HttpResponse:
    user, now = request.user, timezone.now()
    context = {
        "house": it, "row": board.house_row(it, now),
        "lines": [line for line in board.placement_rows(user, now) if line.is_of(it)],
        "gone": Bed.objects.retired(now).filter(house=it).order_by("number"),
        "change": ChangeHouseForm.of(it), "bed": BedForm(), "where": AddressForm(), "room": "houses", **typed,
    }  # fmt: skip
    return render(request, "shelters/house_kept.html", context, status=status)


def _show_houses(request: StaffRequest, new: NewHouseForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
    mine = House.objects.visible_to(request.user)
    context = {
        "rows": board.house_rows(request.user, timezone.now()),
        "closed": mine.exclude(closed_at=None).order_by("code_name"),
        "new": new, "refusal": refusal, "room": "houses",
    }  # fmt: skip
    return render(request, "shelters/houses.html", context, status=status)
