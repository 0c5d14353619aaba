"""Duplicate records of a person: suggest them with a preview, merge them, and undo a merge."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.care.people.models import Person
from amparo.care.people.rules import merge, suggest_duplicates, unmerge
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import switch_purpose
from amparo.foundation.oversight.pages import chosen_reason

from .models import Case
from .presentation import person_of_case_or_404, with_case, with_case_to_read


@staff(permissions.follow_cases)
@require_GET
@with_case
def duplicates(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show who was merged into this person, and ask for the purpose before a search for duplicates."""
    found = person_of_case_or_404(case, person)
    return _show(request, case, found, merged=_with_cases(found.merged))


@staff(permissions.follow_cases)
@require_POST
@with_case_to_read
def search_duplicates(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show people with the same name or number, among those the user can see, side by side with this person."""
    found = person_of_case_or_404(case, person)
    purpose, by = chosen_reason(request), request.user
    switch_purpose(by.acting(purpose))
    alike = suggest_duplicates(found, purpose=purpose, by=by, now=timezone.now())
    return _show(request, case, found, alike=_with_cases(alike), looked=True)


@staff(permissions.follow_cases)
@require_POST
@with_case
def merge_records(request: StaffRequest, case: Case, person: uuid.UUID, into: uuid.UUID) -> HttpResponse:
    other = get_object_or_404(Person.objects.visible_to(request.user), pk=into)
    merge(person_of_case_or_404(case, person), other, by=request.user, now=timezone.now())
    return redirect("case-duplicates", case.pk, person)


@staff(permissions.follow_cases)
@require_POST
@with_case
def undo_merge(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    unmerge(person_of_case_or_404(case, person), by=request.user, now=timezone.now())
    return redirect("case-duplicates", case.pk, person)


def duplicates_page(request: StaffRequest, case: Case, person: Person, why: Purpose) -> HttpResponse | None:
    """After an identity was saved, return the page of possible duplicates. None: there are none."""
    alike = suggest_duplicates(person, purpose=why, by=request.user, now=timezone.now())
    return _show(request, case, person, alike=_with_cases(alike), looked=True) if alike else None


def _with_cases(people: list[Person]) -> list[tuple[Person, Case | None]]:
    """Pair each person with their case. None: the user cannot see the case."""
    keys = [person.key_id for person in people]
    cases = {case.key_id: case for case in Case.objects.filter(key__in=keys).only("number", "key")}
    return [(person, cases.get(person.key_id)) for person in people]


def _show(request: StaffRequest, case: Case, person: Person, **more: Any) -> HttpResponse:
    merged = Person.objects.filter(duplicates=person) if person.merged_into_id else ()
    into = next(iter(merged), None)  # None: not merged, or the user cannot see the other person
    context = {
        "case": case, "person": person, "purposes": Purpose.choices, "room": "cases",
        "into": _with_cases([into])[0] if into else None, **more,
    }  # fmt: skip
    return render(request, "cases/duplicates.html", context)
