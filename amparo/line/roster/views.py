"""The roster's page: the week, who covers it, certificates, and whom the queue rings for."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.public_holidays import holidays_among
from amparo.foundation.core.refusal import Refused

from . import shift_rules
from .cover import TAKE_CALLS, operators_and_case_workers, week_of
from .drawing import draw_days
from .forms import (
    CertificateForm,
    ChangeHoursForm,
    EmploymentForm,
    MentorForm,
    RestRulesForm,
    RingingRulesForm,
    ShiftForm,
    WeekForm,
    WishForm,
)
from .models import CalendarFeed, Certificate, Employment, Mentor, PublishedWeek, RingingRules, Shift, Wish
from .need import Demand
from .swap_views import visible_swaps
from .uncovered import newly_uncovered

UNUSABLE = 422


@staff(permissions.take_calls)
@require_GET
def roster(request: StaffRequest) -> HttpResponse:
    number = valid_query(request).get("shift")
    shift = Shift.objects.not_cancelled().filter(pk=number, ends_at__gt=timezone.now()).first() if number else None
    return roster_page(request, requested_monday(request), hours_form=ChangeHoursForm(shift) if shift else None)


@staff(permissions.supervise)
@require_POST
def plan_shift(request: StaffRequest) -> HttpResponse:
    form = ShiftForm(request.POST)

    def store() -> None:
        user, kind, exceeding = (form.cleaned_data[name] for name in ("user", "kind", "exceeding"))
        shift_rules.plan_shift(user, *form.span, kind=kind, exceeding=exceeding, by=request.user)

    return store_form(request, "shift_form", form, _("Choose a person, a day and two hours."), store)


@staff(permissions.supervise)
@require_POST
def cancel_shift(request: StaffRequest, number: int) -> HttpResponse:
    shift = _shift_or_404(number)
    return _act_and_show_week(
        request, shift, lambda: shift_rules.cancel_shift(shift, by=request.user, now=timezone.now())
    )


@staff(permissions.supervise)
@require_POST
def change_hours(request: StaffRequest, number: int) -> HttpResponse:
    """Change the hours of this shift."""
    shift = _shift_or_404(number)
    form, week = ChangeHoursForm(shift, request.POST), monday_of(timezone.localdate(shift.starts_at))

    def store() -> None:
        shift_rules.change_hours(
            shift, *form.span, exceeding=form.cleaned_data["exceeding"], by=request.user, now=timezone.now()
        )

    refusal = refusal_of(store) if form.is_valid() else _("Choose a day and two hours.")
    if refusal:
        return roster_page(request, week, refusal=refusal, hours_form=form)
    return redirect_to_week(form.cleaned_data["day"])


@staff(permissions.supervise)
@require_POST
def record_absence(request: StaffRequest, number: int) -> HttpResponse:
    """Record that the person of this shift cannot come, or cannot stay."""
    shift = _shift_or_404(number)
    return _act_and_show_week(
        request, shift, lambda: shift_rules.record_absence(shift, by=request.user, now=timezone.now())
    )


@staff(permissions.supervise)
@require_POST
def publish_week(request: StaffRequest) -> HttpResponse:
    """Publish the week that is shown."""
    monday = posted_monday(request)
    if refusal := refusal_of(lambda: shift_rules.publish_week(monday, by=request.user, now=timezone.now())):
        return roster_page(request, monday, refusal=refusal)
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def call_in(request: StaffRequest, number: int) -> HttpResponse:
    shift = _shift_or_404(number)
    shift_rules.call_in(shift, by=request.user, now=timezone.now())
    return redirect_to_week(timezone.localdate(shift.starts_at))


@staff(permissions.supervise)
@require_POST
def set_employment(request: StaffRequest) -> HttpResponse:
    form = EmploymentForm(request.POST)

    def store() -> None:
        shift_rules.set_employment(**form.cleaned_data, by=request.user)

    return store_form(request, "employment_form", form, _("Choose a person and who employs them."), store)


@staff(permissions.supervise)
@require_POST
def name_mentor(request: StaffRequest) -> HttpResponse:
    form = MentorForm(request.POST)

    def store() -> None:
        trainee, named = form.cleaned_data["user"], form.cleaned_data["mentor"]
        shift_rules.name_mentor(trainee, named, by=request.user, now=timezone.now())

    return store_form(request, "mentor_form", form, _("Choose a trainee and an operator."), store)


@staff(permissions.supervise)
@require_POST
def copy_week(request: StaffRequest) -> HttpResponse:
    """Copy the week before into the week that is shown."""
    monday = posted_monday(request)
    shift_rules.copy_week(monday, by=request.user)
    return redirect_to_week(monday)


@staff(permissions.supervise)
@require_POST
def issue_certificate(request: StaffRequest) -> HttpResponse:
    form = CertificateForm(request.POST)

    def store() -> None:
        user, queue = form.cleaned_data["user"], form.cleaned_data["queue"]
        shift_rules.issue_certificate(user, queue, form.expires_at, by=request.user, now=timezone.now())

    return store_form(request, "certificate_form", form, _("Choose a person, what to answer, and a day."), store)


@staff(permissions.supervise)
@require_POST
def revoke_certificate(request: StaffRequest, number: int) -> HttpResponse:
    certificate = get_object_or_404(Certificate, pk=number)
    shift_rules.revoke_certificate(certificate, by=request.user, now=timezone.now())
    return redirect("roster")


@staff(permissions.supervise)
@require_POST
def set_ringing_rules(request: StaffRequest) -> HttpResponse:
    form = RingingRulesForm(request.POST)
    form.full_clean()
    shift_rules.set_ringing_rules(**form.cleaned_data, by=request.user)
    return redirect("roster")


@staff(permissions.supervise)
@require_POST
def set_rest_rules(request: StaffRequest) -> HttpResponse:
    form = RestRulesForm(request.POST)

    def store() -> None:
        shift_rules.set_rest_rules(**form.cleaned_data, by=request.user)

    return store_form(request, "rest_form", form, _("Choose 1 to 9 hard contacts, and 1 to 120 minutes."), store)


def _shift_or_404(number: int) -> Shift:
    shift: Shift = get_object_or_404(Shift.objects.not_cancelled(), pk=number)
    return shift


def _act_and_show_week(request: StaffRequest, shift: Shift, act: Callable[[], object]) -> HttpResponse:
    """Run `act`, which changes a shift, and show the week of the shift; after a refusal with the reason above it."""
    day = timezone.localdate(shift.starts_at)
    if refusal := refusal_of(act):
        return roster_page(request, monday_of(day), refusal=refusal)
    return redirect_to_week(day)


def store_form(request: StaffRequest, name: str, form: Form, refusal: str, store: Callable[[], object]) -> HttpResponse:
    """Store a form by `store`, and show the week of its `day`, or this week.

    The form is shown again, as `name` in the template, with the sentence `refusal` if it is not valid, or with that of
    the `Refused` which `store` raised.
    """
    if not form.is_valid():
        return roster_page(request, this_monday(), refusal=refusal, **{name: form})
    day = form.cleaned_data.get("day") or timezone.localdate()
    try:
        store()
    except Refused as reason:
        return roster_page(request, monday_of(day), refusal=str(reason), **{name: form})
    return redirect_to_week(day)


def this_monday() -> date:
    return monday_of(timezone.localdate())


def valid_query(request: StaffRequest) -> dict[str, Any]:
    """Return the parameters `day` and `shift` of the URL. None: it is missing. A wrong one is left out."""
    form = WeekForm(request.GET)
    form.full_clean()
    return form.cleaned_data


def requested_monday(request: StaffRequest) -> date:
    return monday_of(valid_query(request).get("day") or timezone.localdate())


def posted_monday(request: StaffRequest) -> date:
    form = WeekForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["day"]:
        raise Refused(_("This page is too old. Load it again."))
    return monday_of(form.cleaned_data["day"])


def redirect_to_week(day: date) -> HttpResponse:
    return redirect(f"/roster?day={monday_of(day)}")


def roster_page(request: StaffRequest, monday: date, refusal: str = "", **forms: Any) -> HttpResponse:
    """Show this week. `forms`: filled forms, by their names in the template; the others are blank."""
    now, current = timezone.now(), RingingRules.current()
    demand = Demand.current()
    employed = operators_and_case_workers()
    operators = [user for user in employed if user.role in TAKE_CALLS]
    week = week_of(monday, seats=demand.seats if demand else (), rules=current, people=operators)
    holidays = holidays_among(week.days)
    certificates = Certificate.objects.filter(revoked_at=None, user__is_active=True).select_related("user", "issued_by")
    context = {
        "week": week, "published": PublishedWeek.objects.filter(pk=monday).select_related("published_by").first(),
        "has_begun": monday <= timezone.localdate(now), "is_over": week.after <= timezone.localdate(now),
        "left": newly_uncovered(now, current) if permissions.supervise(request.user) else (), "demand": demand,
        "pictures": draw_days(week), "people": week.rows,
        "days": [(day, holidays.get(day)) for day in week.days], "wish_form": WishForm(),
        "own_wishes": Wish.objects.filter(user=request.user, day__gte=timezone.localdate(now)).order_by("day"),
        "own_feed": CalendarFeed.objects.filter(user=request.user).first(),
        "today": timezone.localdate(now), "now": now, "rules": current, "refusal": refusal,
        "certificates": certificates.order_by("expires_at", "pk"), "room": "roster",
        "shift_form": ShiftForm(initial={"day": monday}, people=operators),
        "certificate_form": CertificateForm(people=operators),
        "offers": visible_swaps(request.user, now), "employment_form": EmploymentForm(people=employed),
        "mentors": Mentor.objects.select_related("trainee", "mentor").order_by("trainee__first_name", "pk"),
        "mentor_form": MentorForm(people=operators),
        "employments": Employment.objects.filter(user__is_active=True).select_related("user"),
        "rules_form": RingingRulesForm(
            initial={"by_shift": current.by_shift, "by_certificate": current.by_certificate}
        ),
        "rest_form": RestRulesForm(
            initial={name: getattr(current, name) for name in ("rests", "rest_after", "rest_minutes")}
        ),
        **forms,
    }  # fmt: skip
    return render(request, "roster/roster.html", context, status=UNUSABLE if refusal else 200)
