"""Actions on the tasks of a case, and the helpers that other actions share: locking and timeline entries.

An open case always has a next task with a date.
"""

import uuid
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.picklists import Urgency

from .models import Case, CaseEntry, Task
from .picklists import BEGINNING, EntryKind, State, TaskKind

TAKEN_BACK_WITHIN = timedelta(minutes=10)
FURTHEST = timedelta(days=366)  # a later date would mean that nobody looks at the case

# Default due date by urgency.
WITHIN = {
    Urgency.IMMEDIATE: timedelta(hours=1), Urgency.URGENT: timedelta(days=1), Urgency.SOON: timedelta(days=7),
    Urgency.ROUTINE: timedelta(days=30),
}  # fmt: skip


@action(permissions.follow_cases, label=gettext_lazy("planned something"))
def plan_task(
    case: Case, kind: TaskKind, due: datetime, *, words: str = "", is_critical: bool = False,
    assignee: User | None = None, by: User, now: datetime,
) -> Task:  # fmt: skip
    """Plan a task. Without an assignee it belongs to the shift. Only members of the team can be assignees."""
    case = lock_open_case(case, by)
    if assignee and not case.team.filter(user=assignee, until=None).exists():
        raise Refused(_("Only who is in the team can be given a task. Let them join first."))
    task = insert_task(case, kind, due, words=words, is_critical=is_critical, assignee=assignee, now=now)
    add_entry(case, EntryKind.TASK, by=by, now=now, about=str(kind), words=words)
    set_next_task(case)
    return task


@action(permissions.follow_cases, label=gettext_lazy("finished a task"))
def finish_task(
    task: Task, *, result: str = "", was_done: bool = True, then: TaskKind | None = None, due: datetime | None = None,
    by: User, now: datetime,
) -> Task:  # fmt: skip
    """Finish a task, or cancel it (`was_done=False`). `then` and `due` plan the next one.

    Raises `Refused` if no open task would be left.
    """
    case = lock_open_case(task.case, by)
    task = case.tasks.select_for_update().get(pk=task.pk)
    if not task.is_open:
        return task
    if then and due:
        insert_task(case, then, due, now=now)
        add_entry(case, EntryKind.TASK, by=by, now=now, about=str(then))
    end_task(task, result, was_done, by=by, now=now)
    add_entry(case, EntryKind.DONE if was_done else EntryKind.CANCELLED, by=by, now=now, about=task.kind, words=result)
    set_next_task(case)
    return task


@action(permissions.follow_cases, label=gettext_lazy("took the end of a task back"))
def resume_task(task: Task, *, by: User, now: datetime) -> Task:
    """Reopen a task that `by` has just ended by mistake. The timeline shows that it was ended and reopened.

    Raises `Refused` for anybody else, and after `TAKEN_BACK_WITHIN`: then the task must be planned anew.
    """
    case = lock_open_case(task.case, by)
    task = case.tasks.select_for_update().get(pk=task.pk)
    if task.is_open:
        return task
    if task.done_by_id != by.pk or task.done_at is None or now - task.done_at > TAKEN_BACK_WITHIN:
        raise Refused(_("Only who ended it takes that back, within ten minutes. Plan it anew."))
    task.is_open, task.done_at, task.done_by, task.was_done, task.result = True, None, None, None, None
    task.save(update_fields=["is_open", "done_at", "done_by", "was_done", "result"])
    add_entry(case, EntryKind.NOT_DONE, by=by, now=now, about=task.kind)
    set_next_task(case)
    return task


@action(permissions.follow_cases, label=gettext_lazy("moved a date"))
def move_task(task: Task, due: datetime, *, why: str, by: User, now: datetime) -> Task:
    """Change the due date. A reason is required, so that deadlines do not move silently."""
    case = lock_open_case(task.case, by)
    task = case.tasks.select_for_update().get(pk=task.pk)
    if not task.is_open:
        raise Refused(_("This task is over. Plan another one."))
    if not why.strip():
        raise Refused(_("Say why the date is another one."))
    task.due = check_due_date(due, now)
    task.save(update_fields=["due"])  # `set_next_task` updates the case's copy; the foreign key is checked at commit
    add_entry(case, EntryKind.MOVED, by=by, now=now, about=task.kind, words=why)
    set_next_task(case)
    return task


def insert_task(
    case: Case, kind: TaskKind, due: datetime, *, words: str = "", is_critical: bool = False,
    assignee: User | None = None, pk: uuid.UUID | None = None, now: datetime,
) -> Task:  # fmt: skip
    """Insert the task without a timeline entry. Call it within another action.

    `pk` gives the task the id of the object it is about, such as a referral.
    """
    if kind not in TaskKind.values:
        raise Refused(_("Say what is to be done: choose one of the list."))
    return Task.objects.create(
        pk=pk or uuid.uuid4(), case=case, key=case.key, kind=kind, words=words or None, due=check_due_date(due, now),
        is_critical=is_critical, assignee=assignee,
    )  # fmt: skip


def end_task(task: Task, result: str, was_done: bool, *, by: User, now: datetime) -> None:
    """Mark the task as done or cancelled, without a timeline entry. Call it within another action."""
    task.is_open, task.done_at, task.done_by, task.was_done, task.result = False, now, by, was_done, result or None
    task.save(update_fields=["is_open", "done_at", "done_by", "was_done", "result"])


def set_next_task(case: Case) -> None:
    """Set the case's next task to its open task with the earliest due date. Raises `Refused` if there is none."""
    nearest = case.tasks.open().first()
    if nearest is None:
        raise Refused(_("An open case always has a next task. Say what comes next, and by when; or close the case."))
    case.next_task, case.next_due = nearest, nearest.due
    case.save(update_fields=["next_task", "next_due"])
    notify("case", case.pk)


def check_due_date(due: datetime, now: datetime) -> datetime:
    """Return `due`. Raises `Refused` if it is in the past or more than a year away."""
    if not now <= due <= now + FURTHEST:
        raise Refused(_("Choose a date from now on, within a year."))
    return due


def lock_open_case(case: Case, by: User) -> Case:
    """Lock and return the case until the transaction ends. Raises `Refused` if it is closed."""
    case = Case.objects.visible_to(by).lock(case)
    if not case.is_open:
        raise Refused(_("The case is closed. Open it again first."))
    return case


def lock_open_case_and_person(person: Person, by: User) -> tuple[Case, Person]:
    """Lock the person's case, then the person, and return both. Raises `Refused` if the case is closed."""
    case = lock_case_of(person, by)
    person = Person.objects.visible_to(by).get_locked(person.pk)
    if not case.is_open:
        raise Refused(_("The case is closed. Open it again first."))
    return case, person


def lock_case_of(person: Person, by: User) -> Case:
    """Lock and return the person's case, open or closed.

    Code that locks both must lock the case before the person, or two transactions could deadlock.
    """
    found = Case.objects.visible_to(by).filter(key=person.key_id).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return Case.objects.visible_to(by).get_locked(found.pk)


def add_entry(case: Case, kind: EntryKind, *, by: User, now: datetime, about: str = "", words: str = "") -> CaseEntry:
    """Add an entry to the timeline. The first entry whose kind is not in `BEGINNING` makes a new case active."""
    if case.state == State.NEW and kind not in BEGINNING:
        case.state = State.ACTIVE
        case.save(update_fields=["state"])
    return CaseEntry.objects.create(case=case, key=case.key, kind=kind, at=now, by=by, about=about, words=words or None)


def add_entries(case: Case, entries: dict[EntryKind, str], *, by: User, now: datetime) -> None:
    """Add the first entries of a new case. `entries` maps each kind to its `about`."""
    CaseEntry.objects.bulk_create(
        CaseEntry(case=case, key=case.key, kind=kind, at=now, by=by, about=about) for kind, about in entries.items()
    )
