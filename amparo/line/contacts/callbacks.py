"""Actions of an operator who calls a person back: find the number, count the attempt, record the outcome."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import has_value
from amparo.line.roster.models import Queue
from amparo.line.roster.ringing import refuse_uncertified
from amparo.line.switchboard.attempts import GivenUpReason
from amparo.line.switchboard.models import Message

from .drafts import update_shift_access
from .models import Contact, SafeContact
from .practice import refuse_practice


@action(permissions.take_calls, label=gettext_lazy("looked up the safe number"))
def safe_number(contact: Contact, *, by: User, now: datetime) -> str:
    """Return the person's safe number, to call it now.

    Raises `Refused` without a safe number, outside safe hours, during the pause after an attempt, and for an operator
    whose missing certificate forbids it (`refuse_uncertified`).
    """
    refuse_practice(contact)
    refuse_uncertified(Queue.CALLS, by.pk, now)
    card = card_for(contact, by)
    if card is None:
        raise Refused(_("There is no safe number. Without one nobody is called back."))
    if why_not := card.why_not_at(now):
        raise Refused(why_not)
    return str(card.number)


@action(permissions.take_calls, label=gettext_lazy("looked up the number that a caller left"))
def number_of_message(message: Message, *, by: User, now: datetime) -> str:
    """Return the number that a caller left, to call it now.

    Raises `Refused` outside the hours that the caller chose, during the pause after an attempt, and for an operator
    whose missing certificate forbids it (`refuse_uncertified`). It locks the message: a second click waits, and then
    finds the attempt of the first.
    """
    refuse_uncertified(Queue.CALLS, by.pk, now)
    message = Message.objects.select_for_update(of=("self",)).select_related("key").get(pk=message.pk)
    if why_not := message.why_not_at(now):
        raise Refused(why_not)
    return str(message.number)


@allowed(permissions.take_calls)
def sound_of_message(message: Message, *, by: User, now: datetime) -> bytes:
    """Return a spoken message (G.711 µ-law, 8 kHz). Reading it writes the ledger's entry.

    The caller may say a number in it: so it raises `Refused` as `number_of_message` does for want of a certificate.
    """
    refuse_uncertified(Queue.CALLS, by.pk, now)
    return bytes(message.sound or b"")


@action(permissions.take_calls, label=gettext_lazy("noted that the person was reached"))
def record_reached(card: SafeContact, *, by: User, now: datetime) -> SafeContact:
    """Record that the operator spoke with the person, who then waits no longer.

    The operator records it, because only they know whether the right person answered. Raises `Refused` if nobody has
    called yet.
    """
    card = _lock(card)
    if card.call_wanted:
        if not card.attempts:
            raise Refused(_("Nobody has called back yet. Call, or give up with a reason."))
        _stop_waiting(card)
    return card


@action(permissions.take_calls, label=gettext_lazy("gave up calling back"))
def give_up_calling(card: SafeContact, why: str, *, by: User, now: datetime) -> SafeContact:
    """Stop calling this person. The reason stays on the card."""
    if why not in GivenUpReason.values:
        raise Refused(_("Say why nobody calls any more: choose one of the list."))
    card = _lock(card)
    if card.call_wanted:
        card.given_up = why
        _stop_waiting(card)
    return card


@action(permissions.take_calls, label=gettext_lazy("gave a return call to a colleague"))
def assign_callback(card: SafeContact, to: User, *, by: User) -> SafeContact:
    """Name the colleague who is to call. Anyone on the shift may still do so."""
    _refuse_assignee(to)
    card = _lock(card)
    if not card.call_wanted:
        raise Refused(_("Nobody waits for a return call here: none was asked for, or it was made already."))
    card.assigned_to = to
    card.save(update_fields=["assigned_to"])
    notify("messages")
    return card


@action(permissions.take_calls, label=gettext_lazy("gave a message to a colleague"))
def assign_message(message: Message, to: User, *, by: User) -> Message:
    """Give a message that a caller left to a colleague, who answers it."""
    _refuse_assignee(to)
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.done_at:
        raise Refused(_("This message was answered."))
    message.taken_by = to
    message.save(update_fields=["taken_by"])
    notify("messages")
    return message


@action(permissions.take_calls, label=gettext_lazy("settled the message"))
def finish_message(message: Message, *, given_up: str = "", by: User, now: datetime) -> None:
    """Mark a message as answered, or as given up for a reason. Only its operator or a supervisor may."""
    if given_up not in (*GivenUpReason.values, ""):
        raise Refused(_("Say why nobody calls any more: choose one of the list."))
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.taken_by_id != by.pk and not permissions.supervise(by):
        raise Refused(_("Take the message first."))
    if message.done_at is None:
        message.done_at, message.given_up = now, given_up
        message.save(update_fields=["done_at", "given_up"])
        message.key.close(now)
        notify("messages")


@action(permissions.follow_cases, label=gettext_lazy("asked the shift to call"))
def request_callback(card: SafeContact, *, by: User) -> SafeContact:
    """Put a person on the shift's list of return calls. Asking twice changes nothing.

    Raises `Refused` without a safe number or safe hours.
    """
    card = _lock(card)
    refuse_practice(card.contact)
    if not has_value(card, "number"):
        raise Refused(_("There is no safe number. Without one nobody is called back."))
    if not card.any_hour and (card.hours_from is None or card.hours_to is None):
        raise Refused(_("There are no safe hours. Without them nobody is called back."))
    if not card.call_wanted:
        card.call_wanted, card.attempts, card.given_up, card.assigned_to = True, 0, "", None
        card.save(update_fields=["call_wanted", "attempts", "given_up", "assigned_to"])
        update_shift_access(card)
        notify("messages")
    return card


def card_for(contact: Contact, by: User) -> SafeContact | None:
    """Return the safe-contact card if the user took part in the conversation, or if the person waits for a return call.

    None: the contact has no card. Raises `Refused` for anybody else.
    """
    card = contact.card
    if not (card and card.call_wanted) and not Contact.objects.visible_to(by).filter(pk=contact.pk).exists():
        raise Refused(_("It does not exist, or you have no access."))
    return card


def count_attempt(contact: Contact, now: datetime) -> None:
    """Count a return call, on the safe-contact card and on the message left in the queue."""
    one_more = {"attempts": F("attempts") + 1, "last_attempt_at": now}
    SafeContact.objects.filter(contact=contact, call_wanted=True).update(**one_more)
    if contact.call_id:
        Message.objects.open().filter(call=contact.call_id).order_by().update(**one_more)
    notify("messages")


def _lock(card: SafeContact) -> SafeContact:
    """Lock and return the card until the transaction ends. Anyone on the shift may, while the person waits."""
    found = SafeContact.objects.select_for_update(of=("self",)).select_related("key").filter(pk=card.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return found


def _refuse_assignee(to: User) -> None:
    if not permissions.take_calls(to):
        raise Refused(_("Only somebody who takes calls can call back."))


def _stop_waiting(card: SafeContact) -> None:
    card.call_wanted, card.assigned_to = False, None
    card.save(update_fields=["call_wanted", "given_up", "assigned_to"])
    update_shift_access(card)
    notify("messages")
