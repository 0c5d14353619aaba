"""The measured operations, as a plain Django application does them: a signed-in user, one transaction per write."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from .forms import ContactForm, NoteForm, SituationForm, forms_of_a_case
from .models import Case, Contact, Entry, Person, Task

PER_PAGE = 25


@login_required
def cases(request: HttpRequest) -> HttpResponse:
    found = Case.objects.filter(team=request.user, closed_at=None).select_related("holder").order_by("next_due")
    rows = list(found[: PER_PAGE + 1])
    people = Person.objects.filter(case__in=rows[:PER_PAGE], part="at_risk")
    names = {person.case_id: person.code_name for person in people}
    now = timezone.now()
    shown = [(case, names.get(case.pk, ""), case.next_due < now) for case in rows[:PER_PAGE]]
    return render(request, "cases.html", {"rows": shown, "has_more": len(rows) > PER_PAGE})


@login_required
def case(request: HttpRequest, pk: int) -> HttpResponse:
    it = get_object_or_404(Case.objects.select_related("holder"), pk=pk, team=request.user)
    team = it.team.order_by("first_name")
    context = {
        "case": it, "people": it.people.order_by("pk"), "team": team, "now": timezone.now(),
        "tasks": it.tasks.filter(is_open=True).select_related("assignee").order_by("due"),
        "entries": it.entries.select_related("by").order_by("-at")[:PER_PAGE],
        "safe": it.contacts.exclude(safe_number="").order_by("-started").first(), **forms_of_a_case(it, team),
    }  # fmt: skip
    return render(request, "case.html", context)


@login_required
def note(request: HttpRequest, pk: int) -> HttpResponse:
    form = NoteForm(request.POST)
    assert form.is_valid()
    with transaction.atomic():
        it = get_object_or_404(Case.objects.select_for_update(), pk=pk)
        _tell(it, "note", request, form.cleaned_data["words"])
    return redirect("case", pk)


@login_required
def situation(request: HttpRequest, pk: int) -> HttpResponse:
    form = SituationForm(request.POST)
    assert form.is_valid()
    with transaction.atomic():
        it = get_object_or_404(Case.objects.select_for_update(), pk=pk)
        it.situation, it.urgency = form.cleaned_data["situation"], form.cleaned_data["urgency"]
        it.version += 1
        it.save()
    return redirect("case", pk)


@login_required
def take(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        it = get_object_or_404(Case.objects.select_for_update(), pk=pk)
        it.team.add(request.user)
        it.holder = request.user
        it.save()
        _tell(it, "taken", request)
    return redirect("case", pk)


@login_required
def open_case(request: HttpRequest, contact: int) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        it = Contact.objects.select_for_update().get(pk=contact)
        if it.case is None:
            it.case = Case.objects.create(
                opened_at=now, opened_by=request.user, holder=request.user, next_kind="call", next_due=now
            )
            it.case.team.add(request.user)
            it.save()
            Task.objects.create(case=it.case, kind="call", due=now)
            _tell(it.case, "opened", request)
            _tell(it.case, "contact", request, str(it.pk))
            for part in ("at_risk", "caller"):
                Person.objects.create(case=it.case, part=part, code_name=f"{part} {it.pk}")
    return redirect("case", it.case_id)


@login_required
def contacts(request: HttpRequest) -> HttpResponse:
    found = Contact.objects.filter(operator=request.user).select_related("operator").order_by("-started")
    rows = list(found[: PER_PAGE + 1])
    context = {"rows": rows[:PER_PAGE], "has_more": len(rows) > PER_PAGE, "form": ContactForm(auto_id=False)}
    return render(request, "contacts.html", context)


@login_required
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    it = get_object_or_404(Contact.objects.select_related("operator", "case"), pk=pk, operator=request.user)
    return render(request, "contact.html", {"contact": it, "form": ContactForm(instance=it)})


@login_required
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    changes = json.loads(request.body)["changes"]
    with transaction.atomic():
        it = get_object_or_404(Contact.objects.select_for_update(), pk=pk, operator=request.user)
        for name, value in changes.items():
            setattr(it, name, value)
        it.version += 1
        it.save()
    return JsonResponse({"version": it.version, "conflicts": []})


@login_required
def wrap_up(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        it = get_object_or_404(Contact.objects.select_for_update(), pk=pk, operator=request.user)
        it.state, it.type, it.ended = "wrapped", request.POST["type"], timezone.now()
        it.save()
    return redirect("contact", pk)


@login_required
def search_number(request: HttpRequest) -> HttpResponse:
    found = Contact.objects.filter(safe_number=request.POST["number"], operator=request.user).select_related("operator")
    return render(request, "contacts.html", {"rows": found[:PER_PAGE], "form": ContactForm(auto_id=False)})


@login_required
def search_name(request: HttpRequest, pk: int) -> HttpResponse:
    it = get_object_or_404(Case, pk=pk, team=request.user)
    person = it.people.get(part="at_risk")
    alike = Person.objects.filter(names=person.names, part="at_risk", case__team=request.user).exclude(pk=person.pk)
    return render(request, "alike.html", {"case": it, "person": person, "alike": alike.select_related("case")})


def _tell(case: Case, kind: str, request: Any, words: str = "") -> None:
    Entry.objects.create(case=case, kind=kind, at=timezone.now(), by=request.user, words=words)


urlpatterns = [
    path("cases", cases, name="cases"), path("cases/<int:pk>", case, name="case"),
    path("cases/<int:pk>/notes", note, name="notes"), path("cases/<int:pk>/situation", situation, name="situation"),
    path("cases/<int:pk>/take", take, name="take"), path("cases/<int:pk>/alike", search_name, name="alike"),
    path("cases/from/<int:contact>", open_case, name="open-case"), path("contacts", contacts, name="contacts"),
    path("contacts/search", search_number, name="search"), path("contacts/<int:pk>", contact, name="contact"),
    path("contacts/<int:pk>/draft", draft, name="draft"), path("contacts/<int:pk>/wrap-up", wrap_up, name="wrap-up"),
]  # fmt: skip
