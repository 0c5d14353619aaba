"""The house's own page, for its staff; and the houses of the line, for placement officers."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.cases.pages import said
from amparo.ground.access import may
from amparo.ground.access.pages import StaffRequest, staff
from amparo.ground.core.refusal import Refused
from amparo.ground.vault.fields import read_together

from . import board, housing, knowing, rules
from .forms import AddressForm, BedForm, HouseForm, MoveForm
from .models import Bed, House
from .picklists import Taken
from .placement_views import others, stay_of_mine
from .placements import Placement

TURNS: dict[str, Callable[..., object]] = {
    "out": housing.take_out, "taken": functools.partial(housing.take_out, kind=Taken.STAY), "back": housing.put_back,
}  # fmt: skip


@staff(may.run_house)
@require_GET
def house(request: StaffRequest) -> HttpResponse:
    return _show(request)


@staff(may.run_house)
@require_POST
def as_it_stands(request: StaffRequest, pk: int) -> HttpResponse:
    it, by, now = get_object_or_404(House.objects.visible_to(request.user), pk=pk), request.user, timezone.now()
    return _attempt(request, lambda: housing.say_how_it_stands(it, by=by, now=now))


@staff(may.run_house)
@require_POST
def bed(request: StaffRequest, pk: int, turn: str) -> HttpResponse:
    if turn not in TURNS:
        raise Http404
    mine = House.objects.visible_to(request.user)
    it = get_object_or_404(Bed.objects.filter(house__in=mine).select_related("house"), pk=pk)
    return _attempt(request, lambda: TURNS[turn](it, by=request.user, now=timezone.now()))


@staff(may.run_house)
@require_POST
def arrived(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it = get_object_or_404(Placement.objects.visible_to(request.user), pk=pk)
    return _attempt(request, lambda: rules.arrive(it, by=request.user, now=timezone.now()))


@staff(may.run_house)
@require_POST
def left(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay = stay_of_mine(request.user, pk)
    return _attempt(request, lambda: rules.leave_house(stay, by=request.user, now=timezone.now()))


@staff(may.run_house)
@require_POST
def move(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay, by, now = stay_of_mine(request.user, pk), request.user, timezone.now()
    form = MoveForm(request.POST, beds=others(stay.placement))
    if refusal := said(form):
        return _show(request, refusal=refusal, status=422)
    return _attempt(request, lambda: rules.move_bed(stay, **form.cleaned_data, by=by, now=now))


@staff(may.approve_placements)
@require_http_methods(["GET", "POST"])
def houses(request: StaffRequest) -> HttpResponse:
    form, by, now = HouseForm(request.POST), request.user, timezone.now()
    if request.method == "GET":
        return _houses(request)
    return _keep(request, form, lambda typed: housing.add_house(by=by, now=now, **typed))


@staff(may.approve_placements)
@require_POST
def add_bed(request: StaffRequest, pk: int) -> HttpResponse:
    it, form, by = get_object_or_404(House, pk=pk), BedForm(request.POST, auto_id=False), request.user
    return _keep(request, form, lambda typed: housing.add_bed(it, **typed, by=by, now=timezone.now()), it)


@staff(may.approve_placements)
@require_POST
def keep_address(request: StaffRequest, pk: int) -> HttpResponse:
    it, form, by = get_object_or_404(House, pk=pk), AddressForm(request.POST, auto_id=False), request.user
    return _keep(request, form, lambda typed: housing.keep_address(it, **typed, by=by, now=timezone.now()), it)


def _attempt(request: StaffRequest, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
        return redirect("house")
    except Refused as reason:
        return _show(request, refusal=str(reason), status=422)


def _keep(
    request: StaffRequest, form: forms.Form, verb: Callable[[dict[str, Any]], object], of: House | None = None
) -> HttpResponse:
    """Refused, what was typed comes back under the house it was typed for, and under no other."""
    refusal = said(form)
    if not refusal:
        try:
            verb(form.cleaned_data)
            return redirect("houses")
        except Refused as reason:
            refusal = str(reason)
    return _houses(request, refusal=refusal, typed=form, of=of, status=422)


def _show(request: StaffRequest, *, status: int = 200, refusal: str = "") -> HttpResponse:
    user, now = request.user, timezone.now()
    mine = list(Placement.objects.visible_to(user).running(now).select_related("key", "house").order_by("held_at"))
    for it in mine:
        read_together(it, [it])
    rows = board.rows(user, now)
    context = {
        "rows": rows, "free": sum(row.free for row in rows), "now": now, "refusal": refusal, "room": "beds",
        "lines": [
            (board.line(it), it.in_beds, MoveForm(beds=others(it), auto_id=False), knowing.words(it)) for it in mine
        ],
    }  # fmt: skip
    return render(request, "shelters/house.html", context, status=status)


def _houses(
    request: StaffRequest, *, status: int = 200, refusal: str = "", typed: forms.Form | None = None,
    of: House | None = None,
) -> HttpResponse:  # fmt: skip
    def form_of(kind: type[forms.Form], at: House | None) -> forms.Form:
        return typed if isinstance(typed, kind) and at == of else kind(auto_id="id_%s" if at is None else False)

    rows = board.rows(request.user, timezone.now())
    context = {
        "rows": [(row, form_of(BedForm, row.house), form_of(AddressForm, row.house)) for row in rows],
        "new": form_of(HouseForm, None), "refusal": refusal, "room": "beds",
    }  # fmt: skip
    return render(request, "shelters/houses.html", context, status=status)
