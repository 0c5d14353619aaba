"""The page of a case, and what every form on it does: the verb, or the page again with all that was typed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.care.consent.models import Consent
from amparo.care.people.models import Person
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.access.permissions import CASE_WORK
from amparo.foundation.audit.presentation import present
from amparo.foundation.audit.rules import entries_about
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.pages import opened
from amparo.foundation.vault.fields import read_together
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.roster.models import Seat

from .forms import (
    CloseForm,
    ColleagueForm,
    DocumentForm,
    EraseForm,
    FinishForm,
    HandOverForm,
    MoveForm,
    NoteForm,
    ReopenForm,
    SituationForm,
    TaskForm,
    TimelineForm,
    by_default,
)  # fmt: skip
from .models import Case
from .person_forms import SomebodyForm
from .team import case_keys
from .timeline import timeline

A_DAY = timedelta(days=1)
OF_TASK, OF_CLOSING = "task-%s", "closing-%s"  # forms of one page that have a field of the same name


def of_mine(user: User) -> QuerySet[Case]:
    return Case.objects.visible_to(user).select_related("key", "holder", "next_task")


of_a_case = opened(of_mine, "cases/why.html", "cases", held=lambda: Case.objects.select_related("key"))


def show(request: StaffRequest, it: Case, *, refusal: str = "", status: int = 200, **typed: Any) -> HttpResponse:
    """The page; a form that is among `typed` is shown as it was typed."""
    now = timezone.now()
    wish = TimelineForm(request.GET)
    chosen = wish.cleaned_data if wish.is_valid() else {}
    decisions = bool(chosen.get("decisions"))
    tasks, hand_overs = list(it.tasks.open().select_related("assignee")), unread(it)
    team = list(members(it))
    people = list(it.persons.select_related("same_human_as"))
    read_together(it, [it, *tasks, *people, *hand_overs])
    context = {
        "case": it, "now": now, "room": "cases", "refusal": refusal, "decisions": decisions,
        "knots": timeline(it, decisions_only=decisions, page=chosen.get("page") or 1),
        "tasks": [(task, task.is_late(now)) for task in tasks], "people": people,
        "subject": next((person for person in people if person.part == "at_risk"), None),
        "team": team, "hand_overs": hand_overs, "safe": safe_contact(it), "agreed": agreed(it, now),
        "is_away": is_away(it.holder_id, request.user, now),
        "told": present(entries_about([key.pk for key in case_keys(it)])),
        **forms_of(it, team, request.user), **typed,
    }  # fmt: skip
    return render(request, "cases/case.html", context, status=status)


def is_away(holder: int | None, reader: User, now: datetime) -> bool:
    """Whether who has it in hand is not on shift. Who never had a seat is on none; who reads this is here."""
    return holder not in (None, reader.pk) and Seat.objects.away(now).filter(pk=holder).exists()


def forms_of(it: Case, team: list[User], by: User) -> dict[str, forms.Form]:
    """As they are before anybody types."""
    due = by_default(timezone.now(), A_DAY)
    return {
        "situation": SituationForm(
            initial={"situation": it.situation or "", "urgency": it.urgency, "based_on": it.version}
        ),
        "note": NoteForm(), "document": DocumentForm(),
        "task": TaskForm(initial=due, team=team, auto_id=OF_TASK), "finish": FinishForm(auto_id=False),
        "move": MoveForm(auto_id=False, initial=due), "colleague": ColleagueForm(colleagues=colleagues(it)),
        "leaving": HandOverForm(team=team, by=by),
        "closing": CloseForm(auto_id=OF_CLOSING), "erasing": EraseForm(), "again": ReopenForm(initial=due),
        "somebody": SomebodyForm(),
    }  # fmt: skip


def attempt(
    request: StaffRequest, it: Case, name: str, form: forms.Form, verb: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Do it and show the case; refused, nothing was done, and the page comes back with what was typed."""
    refusal, theirs = said(form), ""
    if not refusal:
        try:
            verb(form.cleaned_data)
            return redirect("case", it.pk)
        except EditConflict as meanwhile:
            refusal, theirs = str(meanwhile), meanwhile.theirs
        except Refused as reason:
            refusal = str(reason)
    it = of_mine(request.user).get(pk=it.pk)
    if theirs:
        seen(form, it)
    return show(request, it, refusal=refusal, theirs=theirs, status=422, **{name: form})


def seen(form: forms.Form, row: Any) -> None:
    """Theirs is shown beside it: saved again, yours is kept."""
    assert isinstance(form.data, QueryDict)
    form.data = form.data.copy()
    form.data["based_on"] = str(row.version)


def compared(meanwhile: EditConflict, form: forms.Form, row: Any) -> dict[str, Any]:
    """For the page of one form whose `row` somebody else changed: theirs, under the name of its field, and yours."""
    row.refresh_from_db()
    seen(form, row)
    field = form[meanwhile.field]
    return {"form": form, "refusal": str(meanwhile), "theirs": f"{field.label}: {in_words(field, meanwhile.theirs)}"}


def in_words(field: forms.BoundField, value: Any) -> str:
    """As the page says what is kept in it."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(in_words(field, one) for one in value)
    if isinstance(value, Person):
        return f"«{value.code_name}»"
    return str(dict(getattr(field.field, "choices", ())).get(value, value))


def said(form: forms.Form) -> str:
    """The first thing that is wrong with it, in one sentence that names the field; blank: nothing is."""
    if form.is_valid():
        return ""
    name, errors = next(iter(form.errors.items()))
    return f"{form[name].label}: {errors[0]}" if name in form.fields else str(errors[0])


def members(it: Case) -> QuerySet[User]:
    team = it.team.filter(until=None).values("user")
    return User.objects.filter(pk__in=team).order_by("first_name", "pk")


def colleagues(it: Case) -> QuerySet[User]:
    """Who could join the team."""
    can = User.objects.filter(is_active=True, agency=it.key.agency_id, role__in=CASE_WORK)
    return can.exclude(pk__in=members(it)).order_by("first_name", "pk")


def unread(it: Case) -> list[Any]:
    """What shifts before left, and nobody has read, the newest first."""
    return list(it.hand_overs.unread().select_related("written_by", "to", "key"))


def safe_contact(it: Case) -> SafeContact | None:
    """The card of the newest contact that has one; its words are read where the contact is opened."""
    cards = SafeContact.objects.filter(contact__inclusion__case=it)
    return cards.defer("number", "who_may_answer", "cover_story", "code_word").order_by("-contact__started").first()


def chosen(it: Case) -> str:
    """What whoever called allows, of the three that are read aloud, when last asked; blank: it was not."""
    said = Contact.objects.filter(inclusion__case=it).exclude(privacy_choice="").only("privacy_choice")
    newest = said.order_by("-started").first()
    return str(newest.get_privacy_choice_display()) if newest else ""


def agreed(it: Case, now: datetime) -> list[tuple[Consent, tuple[str, str]]]:
    """What stands of what the people of this case agreed to."""
    found = Consent.objects.live(now).filter(key=it.key_id).select_related("person").defer("purpose")
    return [(one, one.in_words()) for one in found.order_by("-given_at")]


def person_of(it: Case, person: UUID) -> Person:
    """Somebody of this case, and of no other."""
    return get_object_or_404(Person.objects.filter(key=it.key_id).select_related("key"), pk=person)


def code_names(cases: list[Case]) -> dict[Any, str]:
    """The code name of each case's person at risk, by the key of the case."""
    people = Person.objects.filter(key__in=[it.key_id for it in cases], part="at_risk").each_once_in_file()
    return {person.key_id: person.code_name for person in people.order_by("-number")}
