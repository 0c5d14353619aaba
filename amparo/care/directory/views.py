import uuid
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from amparo.care.cases.models import Case
from amparo.care.cases.presentation import person_of_case_or_404, with_case
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.places import places
from amparo.line.contacts.models import Contact

from . import rules
from .criteria import SearchCriteria, criteria_for_contact, criteria_for_person
from .editor_forms import NamePubliclyForm
from .forms import SearchForm
from .map_drawing import ServiceMap
from .models import Service
from .outcomes import outcomes_of
from .picklists import When
from .public_services import is_residence
from .search_results import SearchResults, search_services


@staff(permissions.read_directory)
@require_http_methods(["GET", "POST"])
def directory(request: StaffRequest) -> HttpResponse:
    """Search services that accept a person. The search is posted, so that no URL tells who is where."""
    return _show_search(request, SearchForm(_posted_data(request), initial={"when": When.NOW}))


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def search_for_person(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Search for a person of a case, with the criteria filled in from the record."""
    found = person_of_case_or_404(it, person)
    known = criteria_for_person(found, When.NOW, timezone.now())
    return _show_search(
        request, SearchForm(_posted_data(request), initial=_initial_values(known)), known, case=it, person=found
    )


@staff(permissions.read_directory)
@require_http_methods(["GET", "POST"])
def search_for_contact(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """Search for somebody who has no case yet, with the criteria filled in from the contact."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact)
    known = criteria_for_contact(found, When.NOW, timezone.now())
    return _show_search(request, SearchForm(_posted_data(request), initial=_initial_values(known)), known)


@staff(permissions.read_directory)
@require_GET
def service(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    return service_page(request, get_object_or_404(Service.objects.with_details(), pk=pk))


def service_page(
    request: StaffRequest, found: Service, naming: NamePubliclyForm | None = None, refusal: str = ""
) -> HttpResponse:
    """Show everything known of a service."""
    now = timezone.now()
    context = {
        "service": found, "is_stale": found.is_stale_at(now), "no_agreement": found.has_no_agreement(now),
        "outcomes": outcomes_of([found.pk], now).get(found.pk), "naming": naming or NamePubliclyForm(),
        "refusal": refusal, "is_a_house": is_residence(found),
    }  # fmt: skip
    if permissions.edit_directory(request.user):
        due = Service.objects.falling_due(now).exclude(pk=found.pk).select_related("organization")
        context["next_due"] = due.first()
    status = 422 if refusal else 200
    return render(request, "directory/service.html", context | {"room": "directory"}, status=status)


def _posted_data(request: StaffRequest) -> Any:
    """Return the posted data, or None for a GET. An empty POST counts as data, so that its errors are shown."""
    return request.POST if request.method == "POST" else None


def _show_search(
    request: StaffRequest, form: SearchForm, known: SearchCriteria | None = None, **about: Any
) -> HttpResponse:
    """Show the search form and what it finds.

    `known` is what the records say. If it includes a place, the search runs at once.
    """
    now, context = timezone.now(), {"form": form, "room": "directory", "map": ServiceMap.of([], ""), **about}
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "GET" and known and known.ubigeo:
        return render(
            request, "directory/directory.html", context | _results_context(known, search_services(known, now=now), now)
        )
    if request.method == "GET" or refusal:
        status = 422 if refusal else 200
        return render(request, "directory/directory.html", context | {"refusal": refusal}, status=status)
    sought = form.criteria(now)
    offered = search_services(sought, now=now)
    verification_tasks = rules.request_verification(sought, offered, by=request.user, now=now)
    return render(
        request,
        "directory/directory.html",
        context | _results_context(sought, offered, now) | {"verification_tasks": verification_tasks},
    )


def _results_context(sought: SearchCriteria, offered: SearchResults, now: datetime) -> dict[str, Any]:
    rows = [*offered.found, *([offered.instead] if offered.instead else [])]
    became = outcomes_of([it.pk for it in rows], now)
    return {
        "offered": offered, "rows": [(it, became.get(it.pk)) for it in rows], "map": ServiceMap.of(rows, sought.ubigeo),
    }  # fmt: skip


def _initial_values(known: SearchCriteria) -> dict[str, Any]:
    """Return the criteria as initial values of the form."""
    return {
        "ubigeo": places.place_label(known.ubigeo), "age": known.age, "sex": known.sex, "needs": sorted(known.needs),
        "language": known.language, "when": When.NOW,
        "age_group": known.age_group if known.age is None else "",
    }  # fmt: skip
