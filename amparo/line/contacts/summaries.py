"""What the shift may know of a contact that it may not read: that it exists, when it began, and its type."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Func

from amparo.foundation.access.models import User
from amparo.line.switchboard.models import Call, CallQuerySet

from .models import Contact, code_of
from .picklists import Type

LATELY = timedelta(minutes=10)  # how long after the answer a contact can still be opened as if during the call


@dataclass(frozen=True)
class ContactSummary:
    pk: UUID
    number: int
    started: datetime
    type: str  # blank: the contact is still open
    comes_after: bool = False  # it already follows the contact in question, directly or by others

    @property
    def code(self) -> str:
        return code_of(self.number)

    @property
    def type_label(self) -> str:
        return str(Type(self.type).label) if self.type else ""


def earlier_contacts(call: Call | None) -> list[ContactSummary]:
    """Return the other contacts of this call's caller, newest first.

    The caller is recognised by the pseudonym of the number, or because this call returns to one that a fault cut.
    """
    known = call is not None and (call.pseudonym or call.returns_to)
    return _query_summaries("select * from contacts_earlier(%s)", call.pk) if call and known else []


def earlier_contact_counts(calls: list[Call]) -> dict[UUID, int]:
    """Return, by id of the call, how many contacts its caller had before, in one query. No entry: none."""
    known = [call.pk for call in calls if call.pseudonym or call.returns_to]
    if not known:
        return {}
    query = "select call, count(*) from unnest(%s::uuid[]) call, contacts_earlier(call) group by call"
    with connection.cursor() as cursor:
        cursor.execute(query, [known])
        return dict(cursor.fetchall())


def key_holders(contact: UUID) -> list[str]:
    """Return the holder names, such as "u7" and "1:supervisor", of the users and roles that can read a contact now."""
    with connection.cursor() as cursor:
        cursor.execute("select contacts_key_holders(%s)", [contact])
        return [holder for (holder,) in cursor.fetchall()]


def predecessor(contact: Contact) -> ContactSummary | None:
    """The earlier contact that this one follows, if any."""
    return (
        next(iter(_query_summaries("select * from contacts_predecessor(%s)", contact.pk)), None)
        if contact.follows_id
        else None
    )


def linkable_contact(number: int, contact: Contact) -> ContactSummary | None:
    """The contact with this number, or None if the actor may not link `contact` to it."""
    return next(iter(_query_summaries("select * from contacts_by_number(%s, %s)", number, contact.pk)), None)


def _query_summaries(query: str, *arguments: UUID | int) -> list[ContactSummary]:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return [ContactSummary(*row) for row in cursor.fetchall()]


def calls_without_contact(user: User, now: datetime) -> CallQuerySet:
    """Calls that this user answered lately and was in until their end, and whose contact nobody has opened.

    Their caller hung up before the switchboard wrote who answered.
    """
    has_contact = Func("pk", function="contacts_has_contact", output_field=BooleanField())
    return Call.objects.ended_with(user.pk, since=now - LATELY).annotate(has=has_contact).filter(has=False)
