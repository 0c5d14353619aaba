"""Planning a week: how many people it needs, the suggested plan, and the days on which people cannot work."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import plan_rules
from .cover import DAYS, HOURS, certified_spans, cover_of_week, local_hour, week_of
from .drawing import draw_curves, draw_forecast
from .forms import StaffingForm, WishForm
from .models import ExpectedCalls, Shift, StaffingRules, SuggestedShift, Variant, Wish
from .need import Demand, Outcome, people_by_hour
from .views import UNUSABLE, posted_monday, redirect_to_week, requested_monday, roster_page, store_form, this_monday


@staff(permissions.supervise)
@require_GET
def staffing(request: StaffRequest) -> HttpResponse:
    return _page(request, requested_monday(request))


@staff(permissions.supervise)
@require_POST
def set_staffing_rules(request: StaffRequest) -> HttpResponse:
    form = StaffingForm(request.POST)
    if refusal := first_error(form):
        return _page(request, this_monday(), form=form, refusal=refusal)
    plan_rules.set_staffing_rules(form.cleaned_data, by=request.user)
    return redirect("staffing")


@staff(permissions.supervise)
@require_POST
def suggest_plan(request: StaffRequest) -> HttpResponse:
    """Suggest a plan for the week that is shown."""
    monday = posted_monday(request)
    try:
        found = plan_rules.suggest_plan(monday, list(Variant), by=request.user, now=timezone.now())
    except Refused as reason:
        return roster_page(request, monday, refusal=str(reason))
    if not found:
        return roster_page(request, monday, refusal=_("Nobody else may work: look at hours, days and certificates."))
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def choose_variant(request: StaffRequest) -> HttpResponse:
    """Keep one of the suggested plans."""
    monday, variant = posted_monday(request), request.POST.get("variant", "")
    if variant not in Variant.values:
        raise Refused(_("This page is too old. Load it again."))
    plan_rules.choose_variant(monday, Variant(variant), by=request.user, now=timezone.now())
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def accept_suggestion(request: StaffRequest, number: int) -> HttpResponse:
    suggestion = get_object_or_404(SuggestedShift, pk=number)
    monday = monday_of(timezone.localdate(suggestion.starts_at))
    if not plan_rules.accept_suggestions([suggestion], by=request.user, now=timezone.now()):
        return roster_page(request, monday, refusal=_("This shift does not fit any more. It is no longer suggested."))
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def accept_all(request: StaffRequest) -> HttpResponse:
    monday = posted_monday(request)
    plan_rules.accept_suggestions(week_of(monday).suggested, by=request.user, now=timezone.now())
    plan_rules.discard_suggestions(monday, by=request.user)
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def discard_suggestions(request: StaffRequest) -> HttpResponse:
    monday = posted_monday(request)
    plan_rules.discard_suggestions(monday, by=request.user)
    return redirect_to_week(monday)


@staff(permissions.take_calls)
@require_POST
def record_wish(request: StaffRequest) -> HttpResponse:
    form = WishForm(request.POST)

    def store() -> None:
        plan_rules.wish_day(**form.cleaned_data, by=request.user, now=timezone.now())

    return store_form(request, "wish_form", form, first_error(form), store)


@staff(permissions.take_calls)
@require_POST
def withdraw_wish(request: StaffRequest, number: int) -> HttpResponse:
    own = get_object_or_404(Wish, pk=number, user=request.user)
    day = own.day
    plan_rules.withdraw_wish(own, by=request.user)
    return redirect_to_week(day)


def _outcomes_of_plans(demand: Demand, monday: date) -> list[tuple[str, str, Outcome]]:
    """Return variant, label and outcome: of the week as it is planned, and of the week with each suggested plan."""
    week = week_of(monday)
    plans = [("", _("This plan"), demand.outcome(people_by_hour(week.cover)))]
    planned = list(Shift.objects.planned().overlapping(local_hour(monday), local_hour(monday + timedelta(days=DAYS))))
    for variant, suggested in week.variants.items():
        both = cover_of_week(certified_spans([*planned, *suggested]), monday)
        label = _("With the suggestions: %s") % Variant(variant).label
        plans.append((variant, label, demand.outcome(people_by_hour(both))))
    return plans


def _page(request: StaffRequest, monday: date, refusal: str = "", form: StaffingForm | None = None) -> HttpResponse:
    demand, expected = Demand.current(), ExpectedCalls.current()
    context: dict[str, Any] = {
        "demand": demand, "expected": expected, "monday": monday, "room": "roster", "refusal": refusal,
        "form": form or StaffingForm.of(StaffingRules.current()),
    }  # fmt: skip
    if demand is not None and expected is not None:
        days = [monday + timedelta(days=n) for n in range(DAYS)]
        bands = list(zip(expected.rates, expected.low, expected.high, strict=True))
        context |= {
            "talk_minutes": round(demand.handling / 60), "patience_seconds": round(demand.patience),
            "hours": range(HOURS),
            "expected_days": [(day, bands[HOURS * n : HOURS * (n + 1)]) for n, day in enumerate(days)],
        }  # fmt: skip
        best, plans = demand.best_outcomes(), _outcomes_of_plans(demand, monday)
        context |= {"best": best, "plans": plans, "curves": draw_curves(best, [outcome for *_label, outcome in plans])}
        context["forecast"] = draw_forecast(expected.rates, expected.low, expected.high)
        context["may_choose"] = len(plans) > 2
    return render(request, "roster/staffing.html", context, status=UNUSABLE if refusal else 200)
