"""The same person twice: suggested with a preview, merged by somebody, and parted again."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.care.people.models import Person, held_in_file
from amparo.care.people.rules import merge, part_again, suggest_duplicates
from amparo.ground.access import may
from amparo.ground.access.pages import StaffRequest, staff
from amparo.ground.audit.words import Purpose
from amparo.ground.core.acting import go_on
from amparo.ground.core.asked import Among, Given, Question
from amparo.ground.core.held import hold
from amparo.ground.oversight.pages import answered

from .models import Case
from .pages import of_a_case, person_of


@staff(may.follow_cases)
@require_GET
@of_a_case
def duplicates(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Who was merged into her; and the question why one looks for more."""
    found = person_of(it, person)
    return _show(request, it, found, merged=_with_cases(found.merged))


@staff(may.follow_cases)
@require_POST
@of_a_case
def look(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Others of the same name or number, among those that one may see, side by side with her."""
    found = held_in_file.first(key=it.key_id, pk=person)
    if found is None:
        raise Http404
    hold(found)
    purpose, by = answered(request), request.user
    go_on(by.acting(purpose))
    alike = suggest_duplicates(found, purpose=purpose, by=by, now=timezone.now())
    return _show(request, it, found, alike=_with_cases(alike), looked=True)


@staff(may.follow_cases)
@require_POST
@of_a_case
def join(request: StaffRequest, it: Case, person: uuid.UUID, into: uuid.UUID) -> HttpResponse:
    other = get_object_or_404(Person.objects.visible_to(request.user), pk=into)
    merge(person_of(it, person), other, by=request.user, now=timezone.now())
    return redirect("case-duplicates", it.pk, person)


@staff(may.follow_cases)
@require_POST
@of_a_case
def part(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    part_again(person_of(it, person), by=request.user, now=timezone.now())
    return redirect("case-duplicates", it.pk, person)


def suggested(request: StaffRequest, it: Case, person: Person, why: Purpose) -> HttpResponse | None:
    """The page of others alike, for whom has just written down who she is; None: nobody is."""
    alike = suggest_duplicates(person, purpose=why, by=request.user, now=timezone.now())
    return _show(request, it, person, alike=_with_cases(alike), looked=True) if alike else None


def _with_cases(people: list[Person]) -> list[tuple[Person, Case | None]]:
    """Each with the case she is in; None: in none that one may see."""
    keys = [person.key_id for person in people]
    cases = {case.key_id: case for case in _under.all(keys=keys)} if keys else {}
    return [(person, cases.get(person.key_id)) for person in people]


@Question
def _under() -> QuerySet[Case]:
    return Case.objects.filter(Among("key", Given("keys"))).only("number", "key")  # what the page shows


def _show(request: StaffRequest, it: Case, person: Person, **more: Any) -> HttpResponse:
    merged = Person.objects.filter(duplicates=person) if person.merged_into_id else ()
    into = next(iter(merged), None)  # None: merged with nobody whom one may see
    context = {
        "case": it, "person": person, "purposes": Purpose.choices, "room": "cases",
        "into": _with_cases([into])[0] if into else None, **more,
    }  # fmt: skip
    return render(request, "cases/duplicates.html", context)
