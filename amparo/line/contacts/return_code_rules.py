"""Actions on a return code: staff give it, its bearer comes back with it, and both leave messages under it."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import Actor, acting_as, role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey

from .models import Contact, ReturnCode, ReturnCodeMessage
from .models.return_codes import LASTS, actor_of_code
from .practice import refuse_practice

LONGEST = 4000  # characters at a time
SHIFT = (Role.OPERATOR, Role.SUPERVISOR, Role.CASE_WORKER)  # everyone who may be on duty can answer


@action(permissions.follow_cases, label=gettext_lazy("gave a return code"))
def give_code(contact: Contact, *, by: User, now: datetime) -> str:
    """Create a return code and return it, to be read aloud at once. It is stored nowhere and never shown again."""
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    refuse_practice(contact)
    if contact.return_codes.filter(ended_at=None).exists():
        raise Refused(_("This contact has a code already. End it first: then the old one opens nothing any more."))
    code = new_code()
    acting = actor_of_code(code)
    holders = [role_holder(by.agency.pk, role) for role in SHIFT]
    key = DataKey.objects.make(*holders, agency=by.agency.pk, kind="return")
    given = ReturnCode.objects.create(
        contact=contact, contact_number=contact.number, key=key, bearer=acting.holders[1], given_at=now, given_by=by,
        until=now + LASTS,
    )  # fmt: skip
    key.give(given.bearer, purpose="return", basis=given.pk, until=given.until)
    if not contact.is_open:
        key.close(now)
    return code


@action(permissions.follow_cases, label=gettext_lazy("ended a return code"))
def end_code(code: ReturnCode, *, by: User, now: datetime) -> ReturnCode:
    """End a code: from the next query on it opens nothing. Its messages stay with the contact."""
    code = ReturnCode.objects.visible_to(by).select_for_update(of=("self",)).get(pk=code.pk)
    if code.ended_at is None:
        code.ended_at = now
        code.save(update_fields=["ended_at"])
        code.take_from_bearer()
    return code


@action(permissions.follow_cases, label=gettext_lazy("wrote to the person, under their code"))
def reply_to_bearer(code: ReturnCode, text: str, *, by: User, now: datetime) -> ReturnCodeMessage:
    """Leave a message that the bearer reads, or hears from staff, when they come back."""
    if not text.strip():
        raise Refused(_("Write what the person is told when they come back."))
    code = ReturnCode.objects.visible_to(by).get(pk=code.pk)
    if not code.opens(now):
        raise Refused(
            _("This code opens nothing any more: the person would not see the message. Reach them in another way.")
        )
    return ReturnCodeMessage.objects.create(
        code=code, key=code.key, from_bearer=False, text=text.strip(), at=now, by=by
    )


@action(permissions.follow_cases, label=gettext_lazy("read what came with a code"))
def mark_messages_read(code: ReturnCode, *, by: User, now: datetime) -> ReturnCode:
    """Mark the bearer's messages as read by staff."""
    code = ReturnCode.objects.visible_to(by).get(pk=code.pk)
    code.messages.waiting().update(read_at=now, read_by=by)
    notify("messages")
    return code


@action(permissions.follow_cases, label=gettext_lazy("asked with the code, as the person said it"))
def use_spoken_code(code: ReturnCode, *, by: User, now: datetime) -> ReturnCode:
    """Log that staff used a code that its bearer told them by telephone, beside what the bearer then does."""
    return code


def open_return_code(acting: Actor) -> ReturnCode:
    """Return the code that the bearer acts with, and log it. Raises `Refused` if it opens nothing.

    Call it inside `acting_as(acting)`.
    """
    code = ReturnCode.objects.of_bearer(acting)
    if code is None:
        raise Refused(_("This code opens nothing. Compare the digits, or call us."))
    append("open_return_code", f"returncode {code.pk}", key=code.key_id)
    return code


label_verb("open_return_code", gettext_lazy("came back with it"))


def add_code_message(acting: Actor, text: str, *, now: datetime) -> ReturnCodeMessage:
    """Add a message of the bearer. The shift is notified at once."""
    text = text.strip()
    if not text:
        raise Refused(_("Write what you want to add."))
    if len(text) > LONGEST:
        raise Refused(_("That is too long to send at once. Send it in two parts."))
    with acting_as(acting):
        code = open_return_code(acting)
        word = ReturnCodeMessage.objects.create(code=code, key=code.key, from_bearer=True, text=text, at=now)
        append("add_code_message", f"word {word.pk}", key=code.key_id)
        notify("messages")
        return word


label_verb("add_code_message", gettext_lazy("added something"))
