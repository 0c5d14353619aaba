"""Data subject rights (read back, correct, erase), legal holds, and when retention begins."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose, label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import DataKey, LegalHold, Token, call_function

from .models import Contact, DataSubjectRequest, SafeContact
from .picklists import SEARCHES, Answer, Right
from .practice import refuse_practice

# Working days until an answer (regulation of Ley 29733; known here from commentary, not checked by a lawyer).
WORKING_DAYS = {Right.READ_BACK: 20, Right.CORRECT: 10, Right.ERASE: 10}


@action(permissions.take_calls, label=gettext_lazy("noted what the person asks of us"))
def receive_request(contact: Contact, right: str, *, by: User, now: datetime) -> DataSubjectRequest:
    """Record a request of the person, with its deadline.

    Returns the open one if the same right was asked for already.
    """
    if right not in Right.values:
        raise Refused(_("Say what is asked: choose one of the list."))
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    refuse_practice(contact)
    if waiting := DataSubjectRequest.objects.waiting().filter(contact=contact, right=right).first():
        return waiting
    return DataSubjectRequest.objects.create(
        contact=contact, contact_number=contact.number, right=right, received_at=now, received_by=by,
        due_on=answer_deadline(Right(right), timezone.localtime(now).date()),
    )  # fmt: skip


@action(permissions.supervise, label=gettext_lazy("answered what the person asks of us"))
def answer_request(
    request: DataSubjectRequest, answer: str, *, code: str = "", by: User, now: datetime
) -> DataSubjectRequest:
    """Record how a request was answered.

    An erasure is done at once, and needs the code of the contact as confirmation.
    """
    request = DataSubjectRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.answered_at:
        return request
    if answer not in Answer.values:
        raise Refused(_("Say how it was answered: choose one of the list."))
    if request.right == Right.ERASE and answer == Answer.DONE:
        if code.strip().upper() != request.contact_code:
            raise Refused(_("To erase, write the code of the contact. It cannot be undone."))
        erase(Contact.objects.visible_to(by).get_locked(request.contact_id), by=by, now=now)
    request.answer, request.answered_at, request.answered_by = answer, now, by
    request.save(update_fields=["answer", "answered_at", "answered_by"])
    return request


def erase(contact: Contact, *, by: User, now: datetime) -> None:
    """Destroy the keys of a contact, and answer its open requests to erase. Call it inside another action.

    Raises `Refused` while a legal hold is set.
    """
    keys = (*contact.own_keys, *_message_keys(contact))
    if any(key.legal_hold for key in keys):
        raise Refused(_("It is held, and may not be erased before the hold is lifted."))
    append("erase", f"contact {contact.pk}", key=contact.key_id)
    for code in contact.return_codes.all():
        code.take_from_bearer()
    for key in keys:
        key.forget()
    erasures = DataSubjectRequest.objects.waiting().filter(contact=contact, right=Right.ERASE)
    erasures.update(answer=Answer.DONE, answered_at=now, answered_by=by)
    notify("contact", contact.pk)
    notify("messages")


label_verb("erase", gettext_lazy("erased it at the person's request"))


@action(permissions.supervise, label=gettext_lazy("said that it is kept"))
def hold(contact: Contact, why: str, *, by: User, now: datetime) -> Contact:
    """Set a legal hold: nothing of this contact is forgotten, not even on request."""
    if why not in LegalHold.values:
        raise Refused(_("Say why it is held: choose one of the list."))
    return _set_hold(contact, why, by)


@action(permissions.supervise, label=gettext_lazy("said that it need not be kept"))
def lift_hold(contact: Contact, *, by: User, now: datetime) -> Contact:
    """Lift the hold. What is overdue is forgotten in the next nightly run."""
    return _set_hold(contact, "", by)


@action(permissions.take_calls, label=gettext_lazy("searched a number"))
def search_number(number: str, *, purpose: Purpose, by: User, now: datetime) -> list[Contact]:
    """Return the contacts with this safe number that `by` may see, newest first."""
    if purpose not in dict(SEARCHES):
        raise Refused(_("Say why you search."))
    keys = tokens.search_records(Token.Kind.NUMBER, number, acting=by.acting(purpose))
    cards = SafeContact.objects.filter(key__in=keys).values("contact")
    return list(
        Contact.objects.visible_to(by).real().filter(pk__in=cards).select_related("operator").order_by("-number")
    )


def answer_deadline(right: Right, received: date) -> date:
    """Return the last day to answer.

    Public holidays count as working days, so the deadline may be early, never late.
    """
    remaining, day = current().answer_days or WORKING_DAYS[right], received
    while remaining:
        day += timedelta(days=1)
        remaining -= day.weekday() < 5
    return day


def close_records(contact: Contact, at: datetime | None) -> None:
    """Start the retention period of this contact's records at `at`. None: stop it, for they are in use again."""
    call_function("contacts_close_records", contact.pk, at)


def _set_hold(contact: Contact, why: str, by: User) -> Contact:
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    for key in (*contact.own_keys, *_message_keys(contact)):
        key.hold(why)
    contact.key.legal_hold = why
    return contact


def _message_keys(contact: Contact) -> list[DataKey]:
    """Return the data keys of messages that the caller left in the call of this contact."""
    messages = contact.call.messages.filter(key__forgotten_at=None) if contact.call else ()
    return [message.key for message in messages]
