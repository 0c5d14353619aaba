import uuid
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from amparo.care.cases.models import Case
from amparo.care.cases.presentation import person_of, with_case
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.places import places
from amparo.line.contacts.models import Contact

from . import rules
from .criteria import SearchCriteria, criteria_for, criteria_for_contact
from .editor_forms import NamingForm
from .forms import SearchForm
from .map_drawing import Drawing
from .models import Service
from .options import Options, options
from .outcomes import outcomes_of
from .picklists import When
from .public_services import is_a_house


@staff(permissions.read_directory)
@require_http_methods(["GET", "POST"])
def directory(request: StaffRequest) -> HttpResponse:
    """Search services that accept a person. The search is posted, so that no URL tells who is where."""
    return _answer(request, SearchForm(_sent(request), initial={"when": When.NOW}))


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def for_person(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Search for a person in a case, with the criteria filled in from the record."""
    found = person_of(it, person)
    known = criteria_for(found, When.NOW, timezone.now())
    return _answer(request, SearchForm(_sent(request), initial=_typed(known)), known, case=it, person=found)


@staff(permissions.read_directory)
@require_http_methods(["GET", "POST"])
def for_contact(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """Search for somebody who has no case yet, with the criteria filled in from the contact."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact)
    known = criteria_for_contact(found, When.NOW, timezone.now())
    return _answer(request, SearchForm(_sent(request), initial=_typed(known)), known)


@staff(permissions.read_directory)
@require_GET
def service(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    return service_page(request, get_object_or_404(Service.objects.with_all(), pk=pk))


def service_page(
    request: StaffRequest, found: Service, naming: NamingForm | None = None, refusal: str = ""
) -> HttpResponse:
    """Show everything known of a service."""
    now = timezone.now()
    context = {
        "service": found, "is_stale": found.is_stale_at(now), "no_agreement": found.has_no_agreement(now),
        "outcomes": outcomes_of([found.pk], now).get(found.pk), "naming": naming or NamingForm(), "refusal": refusal,
        "is_a_house": is_a_house(found),
    }  # fmt: skip
    if permissions.edit_directory(request.user):
        due = Service.objects.falling_due(now).exclude(pk=found.pk).select_related("organization")
        context["next_due"] = due.first()
    status = 422 if refusal else 200
    return render(request, "directory/service.html", context | {"room": "directory"}, status=status)


def _sent(request: StaffRequest) -> Any:
    """Return the posted data. An empty form counts as sent, so that its errors are shown."""
    return request.POST if request.method == "POST" else None


def _answer(request: StaffRequest, form: SearchForm, known: SearchCriteria | None = None, **about: Any) -> HttpResponse:
    """Show the form and what it finds. `known` is what the records say: if a place is known, it is searched at once."""
    now, context = timezone.now(), {"form": form, "room": "directory", "map": Drawing.of([], ""), **about}
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "GET" and known and known.ubigeo:
        return render(request, "directory/directory.html", context | _shown(known, options(known, now=now), now))
    if request.method == "GET" or refusal:
        status = 422 if refusal else 200
        return render(request, "directory/directory.html", context | {"refusal": refusal}, status=status)
    sought = form.sought(now)
    offered = options(sought, now=now)
    verification_tasks = rules.request_verification(sought, offered, by=request.user, now=now)
    return render(
        request,
        "directory/directory.html",
        context | _shown(sought, offered, now) | {"verification_tasks": verification_tasks},
    )


def _shown(sought: SearchCriteria, offered: Options, now: datetime) -> dict[str, Any]:
    rows = [*offered.found, *([offered.instead] if offered.instead else [])]
    became = outcomes_of([it.pk for it in rows], now)
    return {
        "offered": offered, "rows": [(it, became.get(it.pk)) for it in rows], "map": Drawing.of(rows, sought.ubigeo),
    }  # fmt: skip


def _typed(known: SearchCriteria) -> dict[str, Any]:
    """Return the criteria as initial values of the form."""
    return {
        "ubigeo": places.place_label(known.ubigeo), "age": known.age, "sex": known.sex, "needs": sorted(known.needs),
        "language": known.language, "when": When.NOW,
        "age_group": known.age_group if known.age is None else "",
    }  # fmt: skip
