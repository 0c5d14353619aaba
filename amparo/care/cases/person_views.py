import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amparo.care.people.models import Identity, Person
from amparo.care.people.rules import identify
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import given_purpose, open_file
from amparo.foundation.oversight.pages import chosen_reason

from . import rules
from .consents import describe_person_in_case
from .duplicate_views import duplicates_page
from .models import Case, Event
from .person_forms import AgeForm, ChangePersonForm, EventForm, IdentityForm, NewPersonForm
from .presentation import attempt, conflict_context, person_of_case_or_404, show_case, with_case


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def people(request: StaffRequest, case: Case) -> HttpResponse:
    """Show the people of the case, or add somebody."""
    if request.method == "GET":
        return show_case(request, case, "people")
    form, by, now = NewPersonForm(request.POST), request.user, timezone.now()
    return attempt(
        request, case, "somebody", form, lambda typed: rules.add_person_to_case(case, **typed, by=by, now=now)
    )


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def person(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show a person's description and events. POST changes the description."""
    found = person_of_case_or_404(case, person)
    if request.method == "GET":
        return _show(request, case, found)
    form = ChangePersonForm(request.POST, person=found)
    if refusal := first_error(form):
        return _show(request, case, found, form=form, refusal=refusal, status=422)
    try:
        describe_person_in_case(found, **form.cleaned_data, by=request.user, now=timezone.now())
    except EditConflict as meanwhile:
        return _show(request, case, found, **conflict_context(meanwhile, form, found), status=422)
    except Refused as reason:
        return _show(request, case, found, form=form, refusal=str(reason), status=422)
    return redirect("case", case.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def save_age(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Save the age from the screening page, which asks for it first: it decides which elements the test needs."""
    found, form = person_of_case_or_404(case, person), AgeForm(request.POST)
    if refusal := first_error(form):
        raise Refused(refusal)
    known = form.cleaned_data
    if known["age_at_events"] == found.age_at_events:  # this form has no certainty field; keep the stored value
        del known["age_certainty"]
    describe_person_in_case(found, **known, by=request.user, now=timezone.now())
    return redirect("case-screening", case.pk, found.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def add_event(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    found, form = person_of_case_or_404(case, person), EventForm(request.POST)
    if refusal := first_error(form):
        return _show(request, case, found, event=form, refusal=refusal, status=422)
    rules.add_event(found, **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("case-person", case.pk, found.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def mark_event_as_mistake(request: StaffRequest, case: Case, person: uuid.UUID, event: uuid.UUID) -> HttpResponse:
    """Mark an event as a mistake. Pressing the button twice does no harm."""
    found = person_of_case_or_404(case, person)
    rules.mark_event_as_mistake(
        get_object_or_404(Event.all_objects, person=found, pk=event), by=request.user, now=timezone.now()
    )
    return redirect("case-person", case.pk, found.pk)


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def identity(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show and save a person's identity. Every user must give a purpose first."""
    found = person_of_case_or_404(case, person)
    known = found.identity
    why = given_purpose(known, by=request.user, now=timezone.now()) if known else Purpose.CARE
    if why is None:
        return _ask_why(request, case, found)
    with acting_as(request.user.acting(why)):
        form = IdentityForm(request.POST) if request.method == "POST" else IdentityForm.of(known)
        refusal = first_error(form) if request.method == "POST" else ""
        context = {"case": case, "person": found, "form": form, "refusal": refusal, "room": "cases"}
        if request.method == "GET" or refusal:
            return render(request, "cases/identity.html", context, status=422 if refusal else 200)
        try:
            identify(found, purpose=why, **_as_text(form.cleaned_data), by=request.user, now=timezone.now())
        except EditConflict as meanwhile:
            return render(
                request, "cases/identity.html", context | conflict_context(meanwhile, form, known), status=422
            )
        except Refused as reason:
            return render(request, "cases/identity.html", context | {"refusal": str(reason)}, status=422)
        return duplicates_page(request, case, found, why) or redirect("case-person", case.pk, found.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def open_identity(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Record the purpose for opening an identity."""
    found = get_object_or_404(Identity, person=person_of_case_or_404(case, person))
    open_file(found, purpose=chosen_reason(request), by=request.user, now=timezone.now())
    return redirect("case-identity", case.pk, found.person_id)


def _show(request: StaffRequest, case: Case, person: Person, *, status: int = 200, **typed: Any) -> HttpResponse:
    context = {
        "case": case, "person": person, "form": ChangePersonForm.of(person), "event": EventForm(), "room": "cases",
        "events": person.events.select_related("key").order_by("since", "kind"),
        "is_identified": Identity.objects.filter(person=person).exists(), **typed,
    }  # fmt: skip
    return render(request, "cases/person.html", context, status=status)


def _ask_why(request: StaffRequest, case: Case, person: Person) -> HttpResponse:
    if request.method != "GET":
        raise Refused(_("First say why you open it: load its page."))
    context = {"case": case, "person": person, "purposes": Purpose.choices, "room": "cases"}
    return render(request, "cases/why_identity.html", context)


def _as_text(typed: dict[str, Any]) -> dict[str, Any]:
    """Convert the form values to text: dates in ISO 8601. An empty field becomes "", which clears the stored value."""
    texts = {name: value for name, value in typed.items() if name != "based_on"}
    texts = {name: value.isoformat() if hasattr(value, "isoformat") else value or "" for name, value in texts.items()}
    return texts | {"based_on": typed["based_on"]}
