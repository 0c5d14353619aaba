"""The house's own page, for its staff."""

import functools
import uuid
from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.undo import offer_undo
from amparo.foundation.vault.fields import log_reads_of_each

from . import board, house_rules, risk_briefing, rules
from .forms import MoveBedForm
from .models import Bed, House, Placement
from .picklists import OccupancyKind
from .placement_views import other_free_beds, visible_stay

BED_ACTIONS: dict[str, Callable[..., object]] = {
    "out": house_rules.block_bed,
    "taken": functools.partial(house_rules.block_bed, kind=OccupancyKind.STAY),
    "back": house_rules.unblock_bed,
}


@staff(permissions.run_house)
@require_GET
def house(request: StaffRequest) -> HttpResponse:
    return _show(request)


@staff(permissions.run_house)
@require_POST
def confirm_beds(request: StaffRequest, pk: int) -> HttpResponse:
    it, by, now = get_object_or_404(House.objects.visible_to(request.user), pk=pk), request.user, timezone.now()
    return _attempt(request, lambda: house_rules.confirm_beds(it, by=by, now=now))


@staff(permissions.run_house)
@require_POST
def block_or_unblock_bed(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    """Block a free bed (`action` is "out": in repair, or "taken"), or free it again ("back")."""
    if action not in BED_ACTIONS:
        raise Http404
    mine = House.objects.visible_to(request.user)
    it = get_object_or_404(Bed.objects.filter(house__in=mine).select_related("house"), pk=pk)
    return _attempt(request, lambda: BED_ACTIONS[action](it, by=request.user, now=timezone.now()))


@staff(permissions.run_house)
@require_POST
def record_arrival(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it = get_object_or_404(Placement.objects.visible_to(request.user), pk=pk)
    answer = _attempt(request, lambda: rules.arrive(it, by=request.user, now=timezone.now()))
    return offer_undo(answer, "arrival", reverse("house-not-arrived", args=[pk]))


@staff(permissions.run_house)
@require_POST
def take_back_arrival(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    it = get_object_or_404(Placement.objects.visible_to(request.user), pk=pk)
    return _attempt(request, lambda: rules.take_back_arrival(it, by=request.user, now=timezone.now()))


@staff(permissions.run_house)
@require_POST
def record_departure(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay = visible_stay(request.user, pk)
    return _attempt(request, lambda: rules.leave_house(stay, by=request.user, now=timezone.now()))


@staff(permissions.run_house)
@require_POST
def move_bed(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    stay, by, now = visible_stay(request.user, pk), request.user, timezone.now()
    form = MoveBedForm(request.POST, beds=other_free_beds(stay.placement))
    if refusal := first_error(form):
        return _show(request, refusal=refusal, status=422)
    return _attempt(request, lambda: rules.move_bed(stay, **form.cleaned_data, by=by, now=now))


def _attempt(request: StaffRequest, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
        return redirect("house")
    except Refused as reason:
        return _show(request, refusal=str(reason), status=422)


def _show(request: StaffRequest, *, status: int = 200, refusal: str = "") -> HttpResponse:
    user, now = request.user, timezone.now()
    found = Placement.objects.visible_to(user).unsettled(now)
    opened = (board.prefetch_stays(), risk_briefing.prefetch_briefings(), "key__grants")
    mine = list(found.select_related("key", "house").prefetch_related(*opened).order_by("reserved_at"))
    log_reads_of_each([*mine, *(share for it in mine for share in risk_briefing.shares_to_open(it))])
    one_of_each_house = {it.house_id: it for it in mine}
    moving = {house: MoveBedForm(beds=other_free_beds(it), auto_id=False) for house, it in one_of_each_house.items()}
    rows = board.house_rows(user, now)
    context = {
        "rows": rows, "free": sum(row.free for row in rows), "now": now, "refusal": refusal, "room": "beds",
        "lines": [
            (line, it.stays.all(), moving[it.house_id], risk_briefing.briefing_text(it))
            for line in board.most_urgent_first(board.placement_row(it, now) for it in mine)
            for it in [line.placement]
        ],
    }  # fmt: skip
    return render(request, "shelters/house.html", context, status=status)
