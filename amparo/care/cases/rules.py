"""Actions on a case. Actions on its tasks are in tasks_planning.py, on its team in team.py."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person, insert_people
from amparo.care.screening.models import Assessment, Body, Recognition, Status
from amparo.care.screening.rules import record_recognition, sign_answers
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.rules import append
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.actor import user_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import grant_keys
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import CallerRole, Urgency
from amparo.line.contacts.practice import refuse_practice
from amparo.line.switchboard.models import DangerAlert

from .models import Case, CaseContact, CaseEntry, Document, Event, Task
from .models.documents import mime_type_of
from .picklists import Closing, EntryKind, EventKind, NoteKind, State, TaskKind
from .tasks_planning import (
    WITHIN,
    add_entries,
    add_entry,
    check_due_date,
    end_task,
    finish_task,
    insert_task,
    lock_open_case,
    move_task,
    plan_task,
    resume_task,
)
from .team import add_member, case_keys, create_case, hand_over, read_hand_over, remove_member, take_charge

__all__ = [
    "add_document", "add_event", "add_member", "add_person_to_case", "change_case", "close_case", "finish_task",
    "follow_up", "hand_over", "include_contact", "mark_event_as_mistake", "move_task", "open_case", "plan_task",
    "read_hand_over", "remove_member", "reopen_case", "resume_task", "sign_assessment", "take_charge", "write_decision",
    "write_note",
]  # fmt: skip


@action(permissions.follow_cases, label=gettext_lazy("opened a case"))
def open_case(
    contact: Contact, *, task: TaskKind = TaskKind.CALL, due: datetime | None = None, by: User, now: datetime
) -> Case:
    """Open a case from a contact, and put `by` in charge. If the contact already has a case, return that one."""
    contact = Contact.objects.visible_to(by).lock(contact)
    if included := CaseContact.objects.filter(contact=contact).first():
        return included.case
    refuse_practice(contact)
    urgency = _urgency_of(contact)
    first = Task(kind=task, due=check_due_date(due or now + WITHIN[urgency], now))
    case = create_case(first, urgency, by=by, now=now)
    # `@action` logs under the contact's key; this logs the same under the case's key.
    append("open_case", f"case {case.pk}", key=case.key_id, with_verb=True)
    CaseContact.objects.create(contact=contact, case=case, key=case.key)
    grant_keys(contact.own_keys, by.acting().holders[:1])
    add_entries(case, {EntryKind.OPENED: str(urgency), EntryKind.CONTACT: str(contact.pk)}, by=by, now=now)
    _create_people(case, contact, by, now)
    notify("case", case.pk)
    return case


def _urgency_of(contact: Contact) -> Urgency:
    """Return the urgency chosen for the contact. If none was: immediate after a danger alert, else routine."""
    if contact.urgency:
        return Urgency(contact.urgency)
    alerts = DangerAlert.objects.filter(Q(call=contact.call_id, chat=None) | Q(chat=contact.chat_id, call=None))
    return Urgency.IMMEDIATE if alerts.exists() else Urgency.ROUTINE


@action(permissions.follow_cases, label=gettext_lazy("added a contact to the case"))
def include_contact(case: Case, contact: Contact, *, by: User, now: datetime) -> Case:
    """Add a contact about the same person to the case. From now on the team can read it."""
    case, contact = lock_open_case(case, by), Contact.objects.visible_to(by).lock(contact)
    refuse_practice(contact)
    included = CaseContact.objects.filter(contact=contact).first()
    if included and included.case_id != case.pk:
        raise Refused(_("This contact belongs to another case."))
    if included is None:
        _add_contact(case, contact, by, now)
    return case


@action(permissions.follow_cases, label=gettext_lazy("added somebody to the case"))
def add_person_to_case(case: Case, part: Part, *, by: User, now: datetime, **known: Any) -> Person:
    """Add a person to the case."""
    case = lock_open_case(case, by)
    person = add_person(case.key, part, by=by, now=now, **known)
    add_entry(case, EntryKind.PERSON, by=by, now=now, about=str(person.pk))
    notify("case", case.pk)
    return person


@action(permissions.follow_cases, label=gettext_lazy("wrote a note"))
def write_note(case: Case, words: str, kind: str = NoteKind.NOTE, *, by: User, now: datetime) -> CaseEntry:
    """Write a note. A note never changes; to correct it, write another one."""
    case = lock_open_case(case, by)
    if not words.strip():
        raise Refused(_("Write the note first."))
    entry = add_entry(case, EntryKind.NOTE, by=by, now=now, about=NoteKind(kind), words=words)
    notify("case", case.pk)
    return entry


@action(permissions.follow_cases, label=gettext_lazy("added a document"))
def add_document(case: Case, title: str, content: bytes, *, by: User, now: datetime) -> Document:
    """Add a document, sealed with the case's key. Raises `Refused` if the file is too large or no known type."""
    case = lock_open_case(case, by)
    if not title.strip():
        raise Refused(_("Say in a few words what it is."))
    document = Document.objects.create(
        case=case, key=case.key, title=title.strip(), kind=mime_type_of(content), size=len(content), content=content,
        added_at=now, added_by=by,
    )  # fmt: skip
    add_entry(case, EntryKind.DOCUMENT, by=by, now=now, about=str(document.pk), words=document.title)
    notify("case", case.pk)
    return document


@action(permissions.follow_cases, label=gettext_lazy("wrote down what happened"))
def add_event(person: Person, kind: EventKind, *, by: User, now: datetime, **known: Any) -> Event:
    """Record an event in the person's history: what, where and when, as far as known."""
    case = lock_open_case(Case.objects.visible_to(by).get(key=person.key_id), by)
    if kind not in EventKind.values:
        raise Refused(_("Say what happened: choose one of the list."))
    event = Event.objects.create(person=person, key=case.key, kind=kind, **known)
    add_entry(case, EntryKind.EVENT, by=by, now=now, about=str(event.pk))
    notify("case", case.pk)
    return event


@action(permissions.follow_cases, label=gettext_lazy("took out what was written by mistake"))
def mark_event_as_mistake(event: Event, *, by: User, now: datetime) -> Event:
    """Mark an event as a mistake. Figures and exports exclude it from now on. Add the correct event separately."""
    case = lock_open_case(Case.objects.visible_to(by).get(key=event.key_id), by)
    event.refresh_from_db()
    if not event.is_mistake:
        event.is_mistake = True
        event.save(update_fields=["is_mistake"])
        add_entry(case, EntryKind.TAKEN_OUT, by=by, now=now, about=str(event.pk))
        notify("case", case.pk)
    return event


@action(permissions.follow_cases, label=gettext_lazy("signed an assessment"))
def sign_assessment(person: Person, *, remark: str = "", by: User, now: datetime) -> Assessment:
    """Sign an assessment of the person's current screening. Earlier assessments stay."""
    case = lock_open_case(Case.objects.visible_to(by).get(key=person.key_id), by)
    assessment = sign_answers(person, remark=remark, by=by, now=now)
    add_entry(case, EntryKind.ASSESSED, by=by, now=now, about=assessment.result, words=remark)
    notify("case", case.pk)
    return assessment


@action(permissions.follow_cases, label=gettext_lazy("wrote down what a competent body decided"))
def write_decision(
    person: Person, status: Status, body: Body, *, document: str, decided_on: date, by: User, now: datetime
) -> Recognition:
    """Record a competent body's decision whether the person is a victim. The hotline never decides this itself."""
    case = Case.objects.visible_to(by).get(key=person.key_id)
    recognition = record_recognition(person, status, body, document=document, decided_on=decided_on, by=by, now=now)
    add_entry(case, EntryKind.RECOGNISED, by=by, now=now, about=status, words=recognition.document)
    notify("case", case.pk)
    return recognition


@action(permissions.follow_cases, label=gettext_lazy("changed the situation"))
def change_case(case: Case, *, based_on: int, by: User, now: datetime, **changes: str) -> Case:
    """Change the situation or the urgency.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    case = lock_open_case(case, by)
    values = {field: value or None for field, value in changes.items()}
    if changed := edit_conflicts.merge_edits(case, values, based_on=based_on, by=by, now=now):
        case.save(update_fields=changed)
        notify("case", case.pk)
    if "urgency" in changed:
        add_entry(case, EntryKind.URGENCY, by=by, now=now, about=str(case.urgency))
    return case


@action(permissions.follow_cases, label=gettext_lazy("said how the case is followed"))
def follow_up(case: Case, *, only: bool, by: User, now: datetime) -> Case:
    """Move the case to follow-up (`only=True`), where we only ask how the person is, or back to active work."""
    case = lock_open_case(case, by)
    if only and case.tasks.filter(is_open=True, is_critical=True).exists():
        raise Refused(_("A critical task is open. Finish it first; then the case can be only followed up."))
    if only != (case.state == State.FOLLOW_UP):
        case.state = State.FOLLOW_UP if only else State.ACTIVE
        case.save(update_fields=["state"])
        add_entry(case, EntryKind.FOLLOWED_UP if only else EntryKind.WORKED_ON, by=by, now=now)
        notify("case", case.pk)
    return case


@action(permissions.follow_cases, label=gettext_lazy("closed the case"))
def close_case(case: Case, closing: str, *, words: str = "", by: User, now: datetime) -> Case:
    """Close the case for a reason, and cancel its open tasks. Raises `Refused` while a critical task is open."""
    case = lock_open_case(case, by)
    if not Closing.has(closing):
        raise Refused(_("Say why it is closed: choose one of the list."))
    if case.tasks.filter(is_open=True, is_critical=True).exists():
        raise Refused(_("A critical task is open. Finish it first; then the case can be closed."))
    for task in case.tasks.open():
        end_task(task, "", False, by=by, now=now)
    case.state = State.CLOSED_REFERRED if closing == Closing.HANDED_OVER else State.CLOSED
    case.closed_at, case.closing, case.closing_words = now, closing, words or None
    case.holder = case.next_task = case.next_due = None
    case.save(update_fields=[*CLOSING, "state"])
    add_entry(case, EntryKind.CLOSED, by=by, now=now, about=str(closing), words=words)
    _set_retention_start(case, now)
    return case


@action(permissions.follow_cases, label=gettext_lazy("opened the case again"))
def reopen_case(case: Case, *, task: TaskKind, due: datetime, by: User, now: datetime) -> Case:
    """Reopen a closed case with a next task, and put `by` in charge. Calling it twice changes nothing."""
    case = Case.objects.visible_to(by).lock(case)
    if case.is_open:
        return case
    case.next_task = insert_task(case, task, due, now=now)
    case.next_due, case.holder, case.state = case.next_task.due, by, State.ACTIVE
    case.closed_at, case.closing, case.closing_words = None, "", None
    case.save(update_fields=[*CLOSING, "state"])
    add_entry(case, EntryKind.REOPENED, by=by, now=now)
    add_member(case, by, by=by, now=now)
    _set_retention_start(case, None)
    return case


CLOSING = ("closed_at", "closing", "closing_words", "holder", "next_task", "next_due")


def _add_contact(case: Case, contact: Contact, by: User, now: datetime) -> None:
    """Assign the contact to the case, and give the contact's keys to the team."""
    CaseContact.objects.create(contact=contact, case=case, key=case.key)
    team = case.team.filter(until=None).values_list("user_id", flat=True)
    grant_keys(contact.own_keys, [user_holder(member) for member in team])
    add_entry(case, EntryKind.CONTACT, by=by, now=now, about=str(contact.pk))
    notify("case", case.pk)


def _create_people(case: Case, contact: Contact, by: User, now: datetime) -> None:
    """Create two people: the person at risk and the caller. They are two records even if they are the same human."""
    same = contact.caller_role == CallerRole.PERSON_AT_RISK
    created: dict[str, Any] = {"key": case.key, "made_at": now, "made_by": by}
    languages = {"languages": [contact.language] if contact.language else []}
    from_contact = {**languages, "ubigeo_now": contact.ubigeo} if same else {}
    at_risk = Person(part=Part.AT_RISK, **created, **from_contact)
    insert_people(at_risk, Person(part=Part.CALLER, same_human_as=at_risk if same else None, **created, **languages))


def _set_retention_start(case: Case, at: datetime | None) -> None:
    """Start the retention period of all keys of the case at `at`. None: the case is in use again, so stop it."""
    for key in case_keys(case):
        key.close(at)
    notify("case", case.pk)
