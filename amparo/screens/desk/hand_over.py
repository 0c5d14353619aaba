"""The hand-over of a shift: lists of what is open now, as far as one person may see it, and complete counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from amparo.care.cases.models import Case, CaseContact, Task, code_names
from amparo.foundation.access.models import User
from amparo.line.contacts.models import Contact, ReturnCodeMessage
from amparo.line.contacts.picklists import Urgency
from amparo.line.roster.rules import ShiftCounts
from amparo.line.switchboard.models import DangerAlert

from . import queue

A_DAY = timedelta(days=1)  # how far a hand-over looks back for danger, and ahead for promises
AT_MOST = 200  # rows of one list; the counts are complete


@dataclass(frozen=True)
class MarkedConversation:
    """A call or a written conversation in which somebody marked danger."""

    alert: DangerAlert
    contact: Contact | None  # None: there is none, or the reader may not see it
    case: Case | None  # None: there is none, or the reader may not see it


@dataclass(frozen=True)
class OpenCase:
    case: Case
    name: str  # the code name of its person at risk; blank: none


@dataclass(frozen=True)
class Sheet:
    """What the next shift must know."""

    at: datetime
    alerts: list[MarkedConversation]
    in_danger: list[OpenCase]
    urgent: list[OpenCase]
    promises: list[Task]
    return_calls: list[queue.CallBack]
    messages: int  # left with a return code, and read by nobody
    counts: ShiftCounts

    @property
    def hidden(self) -> ShiftCounts:
        """How many items each list lacks, because the reader may not see them or the page has no room."""
        return ShiftCounts(
            *(getattr(self.counts, name) - len(getattr(self, name)) for name in ShiftCounts.__dataclass_fields__)
        )


def sheet_of(user: User, now: datetime) -> Sheet:
    alerts, backs = _marked_conversations(user, now), queue.people_to_call_back(now)
    return Sheet(
        now, alerts[:AT_MOST], _open_cases(user, Urgency.IMMEDIATE), _open_cases(user, Urgency.URGENT),
        list(Task.objects.promises(user, now + A_DAY)[:AT_MOST]), backs[:AT_MOST],
        ReturnCodeMessage.objects.waiting().count(),
        ShiftCounts(len(alerts), *_case_counts(now), return_calls=len(backs)),
    )  # fmt: skip


def _marked_conversations(user: User, now: datetime) -> list[MarkedConversation]:
    alerts = DangerAlert.objects.filter(at__gt=now - A_DAY).select_related("raised_by", "acknowledged_by")
    newest = {alert.call_id or alert.chat: alert for alert in alerts.order_by("at", "pk")}  # of each conversation
    found = sorted(newest.values(), key=lambda alert: alert.at, reverse=True)
    calls, chats = [alert.call_id for alert in found if alert.call_id], [alert.chat for alert in found if alert.chat]
    of_them = Contact.objects.visible_to(user).real().filter(Q(call__in=calls) | Q(chat__in=chats))
    contacts = {of: each for each in of_them for of in (each.call_id, each.chat_id) if of}
    ids = [contact.pk for contact in contacts.values()]
    included = CaseContact.objects.filter(contact__in=ids, case__in=Case.objects.visible_to(user))
    cases = {each.contact_id: each.case for each in included.select_related("case")}
    marked = []
    for alert in found:
        conversation = alert.call_id or alert.chat
        contact = contacts.get(conversation) if conversation else None
        marked.append(MarkedConversation(alert, contact, cases.get(contact.pk) if contact else None))
    return marked


def _open_cases(user: User, urgency: Urgency) -> list[OpenCase]:
    found = list(Case.objects.visible_to(user).open_of_urgency(urgency)[:AT_MOST])
    names = code_names(found)
    return [OpenCase(case, names.get(case.key_id, "")) for case in found]


def _case_counts(now: datetime) -> tuple[int, int, int]:
    """Return the numbers of open cases in danger, of urgent cases and of promises due within a day, of all teams.

    The database function is in cases/sql/functions.sql.
    """
    with connection.cursor() as cursor:
        cursor.execute("select * from cases_for_shift(%s)", [now + A_DAY])
        in_danger, urgent, promises = cursor.fetchone()
    return in_danger, urgent, promises
