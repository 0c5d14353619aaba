"""Pages of data calls and yearly reviews of a plan."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import run_if_valid

from . import reviews, rules
from .calendar_file import calendar_of
from .forms import DataCallForm, ReviewForm
from .models import DataCall, Plan, YearReview
from .picklists import Light
from .views import show_plan


@staff(permissions.follow_plan)
@require_POST
def open_call(request: StaffRequest, pk: int) -> HttpResponse:
    plan, now = get_object_or_404(Plan, pk=pk), timezone.now()
    form = DataCallForm(request.POST, quarters=reviews.callable_quarters(plan, timezone.localdate(now)))
    if refusal := run_if_valid(form, lambda: rules.open_data_call(plan, **form.cleaned_data, by=request.user, now=now)):
        return show_plan(request, pk, refusal=refusal, call_form=form)
    return redirect(f"{reverse('plan', args=[pk])}#call")


@staff(permissions.follow_plan)
@require_GET
def call_calendar(request: StaffRequest, pk: int) -> HttpResponse:
    """Download the last day of the newest data call as a calendar file."""
    call = DataCall.objects.filter(plan=pk).order_by("-quarter").first()
    if call is None:
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="plan.ics"', "Cache-Control": "no-store"}
    return HttpResponse(calendar_of(call, timezone.now()), content_type="text/calendar; charset=utf-8", headers=headers)


@staff(permissions.follow_plan)
@require_POST
def add_review(request: StaffRequest, pk: int) -> HttpResponse:
    plan, now = get_object_or_404(Plan, pk=pk), timezone.now()
    form = ReviewForm(request.POST, years=reviews.reviewable_years(plan, timezone.localdate(now)))
    if refusal := run_if_valid(
        form, lambda: rules.review_year(plan, form.cleaned_data["year"], by=request.user, now=now)
    ):
        return show_plan(request, pk, refusal=refusal, review_form=form)
    return redirect("plan-review", pk, form.cleaned_data["year"])


@staff(permissions.follow_plan)
@require_GET
def review(request: StaffRequest, pk: int, year: int) -> HttpResponse:
    found = get_object_or_404(YearReview.objects.select_related("plan", "made_by"), plan=pk, year=year)
    rows = [(row, Light(row["light"])) for row in found.document["indicators"]]
    lights = zip(Light, found.document["lights"], strict=True)
    plan = found.document["plan"]
    days = [date.fromisoformat(plan[name]) for name in ("starts_on", "ends_on")]
    context = {"review": found, "as_called": plan, "days": days, "rows": rows, "lights": list(lights), "room": "plans"}
    return render(request, "plan/review.html", context)
