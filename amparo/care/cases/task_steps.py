"""What each open task of a case leads to: the page where it is done, for every kind of task that has one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.care.people.models import Person
from amparo.line.contacts.models import SafeContact

from .models import Case, Task
from .picklists import EntryKind, TaskKind

REQUEST_KINDS = (TaskKind.ASK, TaskKind.ANSWER, TaskKind.SHELTER, TaskKind.UNIT)  # an institution is asked, or asks us
FOUND_BY_ENTRY = {
    TaskKind.ASK: (EntryKind.DISCLOSED, EntryKind.REFERRED),
    TaskKind.ANSWER: (EntryKind.ASKED_BACK,),
    TaskKind.SHELTER: (EntryKind.BED_HELD,),
    TaskKind.TELL: (EntryKind.ACCEPTED, EntryKind.DECLINED, EntryKind.DECIDED, EntryKind.OUTCOME),
}

type Action = tuple[str, str | Promise, str]  # icon, label, address


@dataclass(frozen=True)
class TaskStep:
    task: Task
    is_late: bool
    is_soon: bool  # within the next day
    action: Action | None  # None: nothing but to do it


def task_steps(
    case: Case, tasks: list[Task], subject: Person | None, safe: SafeContact | None, now: datetime
) -> list[TaskStep]:
    """Return a step for each of these open tasks, in their order, with the link to the page where it is done."""
    ids_by_kind = _ids_by_kind(case, tasks)
    return [
        TaskStep(
            task=task, is_late=task.is_late(now), is_soon=(task.due - now).days < 1,
            action=_action(case, task, subject, safe, ids_by_kind),
        )
        for task in tasks
    ]  # fmt: skip


def _ids_by_kind(case: Case, tasks: Iterable[Task]) -> dict[str, list[str]]:
    """Return what the entries of the timeline are about: ids, newest first, by kind of entry.

    One query reads only the kinds that the tasks need.
    """
    kinds = [kind for task in tasks for kind in FOUND_BY_ENTRY.get(TaskKind(task.kind), ())]
    found: dict[str, list[str]] = {}
    if kinds:
        entries = case.entries.filter(kind__in=kinds).exclude(about="").order_by("-at", "-number")
        for kind, about in entries.values_list("kind", "about")[:50]:
            found.setdefault(kind, []).append(about)
    return found


def _answered_requests(ids_by_kind: dict[str, list[str]]) -> dict[UUID, bool]:
    """Return the answered requests by id: True for a referral, False for a police report."""
    referral = (EntryKind.ACCEPTED, EntryKind.DECLINED)
    return {
        UUID(about): kind in referral for kind in FOUND_BY_ENTRY[TaskKind.TELL] for about in ids_by_kind.get(kind, [])
    }


def _action(
    case: Case, task: Task, subject: Person | None, safe: SafeContact | None, ids_by_kind: dict[str, list[str]]
) -> Action | None:
    of_person = [case.pk, subject.pk] if subject else []
    match task.kind:
        case TaskKind.CALL if safe:
            return "phone", _("See how to call"), reverse("contact", args=[safe.contact_id])
        case TaskKind.ANSWER if reports := ids_by_kind.get(EntryKind.ASKED_BACK):
            return "chat", _("Reply"), reverse("report", args=[UUID(reports[0])])
        case TaskKind.SHELTER if str(task.pk) in ids_by_kind.get(EntryKind.BED_HELD, []):
            return "bed", pgettext_lazy("a record", "Open"), reverse("placement", args=[task.pk])
        case TaskKind.SHELTER if subject:
            return "bed", _("Find a bed"), reverse("beds-for", args=[subject.pk])
        case TaskKind.ASK if str(task.pk) in ids_by_kind.get(EntryKind.DISCLOSED, []):
            return "shield", _("Open the report"), reverse("report", args=[task.pk])
        case TaskKind.ASK if str(task.pk) in ids_by_kind.get(EntryKind.REFERRED, []):
            return "hands", _("Open the referral"), reverse("referral", args=[task.pk])
        case TaskKind.ASK | TaskKind.ANSWER:
            return "hands", _("See what was asked"), reverse("case-help", args=[case.pk])
        case TaskKind.UNIT | TaskKind.PROTECT if subject:
            return "shield", _("Report to the police"), reverse("case-report", args=of_person)
        case TaskKind.TELL if answered := _answered_requests(ids_by_kind):
            if len(answered) > 1:  # one task for all that has been answered
                return "hands", _("See what was asked"), reverse("case-help", args=[case.pk])
            about, is_referral = answered.popitem()
            if is_referral:
                return "hands", _("Open the referral"), reverse("referral", args=[about])
            return "shield", _("Open the report"), reverse("report", args=[about])
        case TaskKind.READ | TaskKind.WHOSE | TaskKind.TELL:
            return "key", _("Return codes"), reverse("case-codes", args=[case.pk])
        case TaskKind.DOCUMENT:
            return "note", _("Documents"), reverse("case-documents", args=[case.pk])
        case _:
            return None
