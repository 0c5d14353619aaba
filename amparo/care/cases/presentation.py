"""The page of a case, and `attempt`, which every form on it uses: run the action, or show the page with the errors."""

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
from amparo.foundation.audit.presentation import lines_of_entries
from amparo.foundation.audit.rules import entries_about
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pagination import paginate
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.pages import with_open_file
from amparo.foundation.vault.fields import log_reads_together
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.roster.models import Seat

from .forms import (
    CloseForm,
    ColleagueForm,
    DocumentForm,
    EraseForm,
    FinishTaskForm,
    HandOverForm,
    MoveTaskForm,
    NoteForm,
    ReopenForm,
    SituationForm,
    TaskForm,
    TimelineForm,
    initial_due,
)  # fmt: skip
from .models import Case
from .person_forms import NewPersonForm
from .requests_sent import requests_sent
from .task_steps import REQUEST_KINDS, task_steps
from .team import case_keys
from .timeline import timeline

A_DAY = timedelta(days=1)
DONE_SHOWN = 25  # tasks that are over, newest first; the history has them all
OF_TASK, OF_CLOSING = "task-%s", "closing-%s"  # id prefixes: forms on one page that have fields of the same name


def visible_cases(user: User) -> QuerySet[Case]:
    """Return the cases that `user` can see, with what their page needs."""
    return Case.objects.visible_to(user).select_related("key", "holder", "next_task")


with_case = with_open_file(visible_cases, "cases/why.html", "cases", locks=True)
with_case_to_read = with_open_file(visible_cases, "cases/why.html", "cases")  # for a POST that changes nothing


def show_case(
    request: StaffRequest, case: Case, tab: str = "history", *, refusal: str = "", status: int = 200, **typed: Any
) -> HttpResponse:
    """Render one tab of the case. Bound forms in `typed` replace the empty ones."""
    now = timezone.now()
    tasks = list(case.tasks.open().select_related("assignee"))
    people = list(case.persons.select_related("same_human_as"))
    subject = next((person for person in people if person.part == "at_risk"), None)
    hand_overs = unread_hand_overs(case) if tab == "history" else []
    log_reads_together(case, [case, *tasks, *people, *hand_overs])
    agreed, safe = live_consents(case, now), safe_contact(case)
    steps, of_tab = task_steps(case, tasks, subject, safe, now), TABS[tab](request, case)
    requests = [step for step in steps if step.task.kind in REQUEST_KINDS]  # counted in the head of every tab
    context = {
        "case": case, "now": now, "room": "cases", "refusal": refusal, "tab": tab, "people": people,
        "subject": subject, "steps": steps, "requests": requests,
        "safe": safe, "agreed": agreed, "hand_overs": hand_overs,
        "of_subject": [found for found in agreed if subject and found[0].person_id == subject.pk],
        "finish": FinishTaskForm(auto_id=False), "move": MoveTaskForm(auto_id=False, initial=initial_due(now, A_DAY)),
        "erasing": EraseForm(), "again": ReopenForm(initial=initial_due(now, A_DAY)),
        "is_away": is_away(case.holder_id, request.user, now), "documents_number": case.documents.count(),
        **of_tab, **typed,
    }  # fmt: skip
    if tab == "help":
        # A running request is drawn as a clock instead of its task. The task of an ended one stays.
        drawn = {sent.id for sent in of_tab["sent"] if not sent.is_over}
        context["without_clock"] = [step for step in requests if step.task.pk not in drawn]
    return render(request, f"cases/{tab}.html", context, status=status)


def _history(request: StaffRequest, case: Case) -> dict[str, Any]:
    query = TimelineForm(request.GET)
    options = query.cleaned_data if query.is_valid() else {}
    shown, team = options.get("show") or "all", list(members(case))
    return {
        "timeline": timeline(case, shown, page=options.get("page") or 1), "shown": shown, "shows": TimelineForm.SHOWS,
        "team": team, **history_forms(case, team, request.user),
    }  # fmt: skip


def _tasks(request: StaffRequest, case: Case) -> dict[str, Any]:
    due = initial_due(timezone.now(), A_DAY)
    done = list(case.tasks.filter(is_open=False).select_related("done_by").order_by("-done_at", "pk")[:DONE_SHOWN])
    log_reads_together(case, done)
    return {"done": done, "task": TaskForm(initial=due, auto_id=OF_TASK, team=members(case))}


def _people(request: StaffRequest, case: Case) -> dict[str, Any]:
    return {"somebody": NewPersonForm()}


def _help(request: StaffRequest, case: Case) -> dict[str, Any]:
    query = TimelineForm(request.GET)
    page = query.cleaned_data.get("page") if query.is_valid() else None
    return {"timeline": timeline(case, "help", page=page or 1), "sent": requests_sent(case, timezone.now())}


def _documents(request: StaffRequest, case: Case) -> dict[str, Any]:
    query = TimelineForm(request.GET)
    number = query.cleaned_data.get("page") if query.is_valid() else None
    rows = case.documents.defer("content").select_related("added_by").order_by("-added_at", "pk")
    page = paginate(rows, number or 1)
    log_reads_together(case, page)
    return {"documents": page, "document": DocumentForm()}


def _accesses(request: StaffRequest, case: Case) -> dict[str, Any]:
    return {"ledger_lines": lines_of_entries(entries_about([key.pk for key in case_keys(case)]))}


def _summary(request: StaffRequest, case: Case) -> dict[str, Any]:
    return {"timeline": timeline(case, "decisions"), "team": members(case)}


TABS: dict[str, Callable[[StaffRequest, Case], dict[str, Any]]] = {
    "history": _history, "tasks": _tasks, "people": _people, "help": _help, "documents": _documents,
    "accesses": _accesses, "summary": _summary,
}  # fmt: skip
TAB_OF_FORM = {"task": "tasks", "finish": "tasks", "move": "tasks", "somebody": "people", "document": "documents"}
ADDRESS_OF_TAB = {"history": "case", **{tab: f"case-{tab}" for tab in TABS if tab != "history"}}


def is_away(case_holder: int | None, reader: User, now: datetime) -> bool:
    """True if the member in charge (`case_holder`, the user's id) is not on shift.

    False if nobody is in charge, if it is the reader, or if the member has no seat.
    """
    return case_holder not in (None, reader.pk) and Seat.objects.away(now).filter(pk=case_holder).exists()


def history_forms(case: Case, team: list[User], by: User) -> dict[str, forms.Form]:
    """Return the unbound forms of the history tab."""
    return {
        "situation": SituationForm(
            initial={"situation": case.situation or "", "urgency": case.urgency, "based_on": case.version}
        ),
        "note": NoteForm(), "colleague": ColleagueForm(colleagues=colleagues(case)),
        "leaving": HandOverForm(team=team, by=by),
        "closing": CloseForm(auto_id=OF_CLOSING),
    }  # fmt: skip


def attempt(
    request: StaffRequest, case: Case, name: str, form: forms.Form, verb: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Run the action `verb` with the form's values and redirect to the tab that has the form.

    If it is refused, nothing was saved: render the tab with the reason and the submitted form `name`, status 422.
    """
    tab = _tab_of(request, name)
    refusal, theirs = first_error(form), ""
    if not refusal:
        try:
            verb(form.cleaned_data)
            return redirect(ADDRESS_OF_TAB[tab], case.pk)
        except EditConflict as meanwhile:
            refusal, theirs = str(meanwhile), meanwhile.theirs
        except Refused as reason:
            refusal = str(reason)
    case = visible_cases(request.user).get(pk=case.pk)
    if theirs:
        accept_current_version(form, case)
    return show_case(request, case, tab, refusal=refusal, theirs=theirs, status=422, **{name: form, "faulty": form})


def _tab_of(request: StaffRequest, form: str) -> str:
    """Return the tab that shows this form. The next task is on every tab, so its forms send the tab they were on."""
    sent_from = request.POST.get("tab", "")
    return sent_from if form in ("finish", "move") and sent_from in ADDRESS_OF_TAB else TAB_OF_FORM.get(form, "history")


def accept_current_version(form: forms.Form, row: Any) -> None:
    """Set the form's `based_on` to the row's current version, so that a second save overwrites the colleague's value.

    The page shows that value beside the form.
    """
    assert isinstance(form.data, QueryDict)
    form.data = form.data.copy()
    form.data["based_on"] = str(row.version)


def conflict_context(meanwhile: EditConflict, form: forms.Form, row: Any) -> dict[str, Any]:
    """Return the context for a page whose `row` somebody else changed: form, refusal, and the colleague's value."""
    row.refresh_from_db()
    accept_current_version(form, row)
    field = form[meanwhile.field]
    return {
        "form": form,
        "refusal": str(meanwhile),
        "theirs": f"{field.label}: {display_value(field, meanwhile.theirs)}",
    }


def display_value(field: forms.BoundField, value: Any) -> str:
    """Return the stored value as the page shows it."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(display_value(field, item) for item in value)
    if isinstance(value, Person):
        return f"«{value.code_name}»"
    return str(dict(getattr(field.field, "choices", ())).get(value, value))


def members(case: Case) -> QuerySet[User]:
    """Return the current members of the team."""
    team = case.team.filter(until=None).values("user")
    return User.objects.filter(pk__in=team).order_by("first_name", "pk")


def colleagues(case: Case) -> QuerySet[User]:
    """Return users who could join the team: active case workers of the same agency who are not members."""
    can = User.objects.filter(is_active=True, agency=case.key.agency_id, role__in=CASE_WORK)
    return can.exclude(pk__in=members(case)).order_by("first_name", "pk")


def unread_hand_overs(case: Case) -> list[Any]:
    """Return the unread hand-over notes, newest first."""
    return list(case.hand_overs.unread().select_related("written_by", "to", "key"))


def safe_contact(case: Case) -> SafeContact | None:
    """Return the safe-contact card of the newest contact that has one, without its sealed texts.

    The texts are shown only on the page of the contact.
    """
    cards = SafeContact.objects.filter(contact__inclusion__case=case)
    return cards.defer("number", "who_may_answer", "cover_story", "code_word").order_by("-contact__started").first()


def privacy_choice(case: Case) -> str:
    """Return the caller's latest choice among the three privacy options read aloud. Blank: never asked."""
    contacts = Contact.objects.filter(inclusion__case=case).exclude(privacy_choice="").only("privacy_choice")
    newest = contacts.order_by("-started").first()
    return str(newest.get_privacy_choice_display()) if newest else ""


def live_consents(case: Case, now: datetime) -> list[tuple[Consent, tuple[str, str]]]:
    """Return the live consents of the people of this case, each with (data, recipients) as text."""
    live = Consent.objects.live(now).filter(key=case.key_id).select_related("person").defer("purpose")
    return [(consent, consent.in_words()) for consent in live.order_by("-given_at")]


def person_of_case_or_404(case: Case, person: UUID) -> Person:
    """Return the person. Respond 404 if they do not belong to this case."""
    return get_object_or_404(Person.objects.filter(key=case.key_id).select_related("key"), pk=person)
