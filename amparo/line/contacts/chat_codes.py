"""A caller goes on in writing: the operator reads a chat code to them, and the chat joins the contact of the call."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.chat.rules import open_for_caller, withdraw_chat
from amparo.line.roster.models import Queue
from amparo.line.roster.ringing import refuse_uncertified, refused_without_certificate

from .models import Contact
from .practice import refuse_practice

AFTER_THE_CALL = timedelta(hours=24)  # in which a caller who hung up still hears a code, in a return call


@action(permissions.take_calls, label=gettext_lazy("gave a chat code in the call"))
def give_chat_code(contact: Contact, *, by: User, now: datetime) -> str:
    """Return a chat code to read to the caller of this contact at once. It is stored nowhere and never shown again.

    The caller types it on the public page and writes with this operator. A new code ends an earlier one that nobody
    used.
    """
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    refuse_practice(contact)
    if contact.operator_id != by.pk or not contact.is_open or contact.call is None:
        raise Refused(_("Only an open contact of your own call goes on in writing."))
    if contact.call.ended_at and now - contact.call.ended_at > AFTER_THE_CALL:
        raise Refused(_("This call ended more than 24 hours ago: no chat code is given for it any more."))
    refuse_uncertified(Queue.CHATS, by.pk, now)
    end_expected_chat(contact, now=now)
    if contact.chat and not contact.chat.is_expected:
        raise Refused(_("This contact has a chat already."))
    code = new_code()
    with refused_without_certificate():
        contact.chat = open_for_caller(code, contact.call.language, by=by, now=now)
    contact.save(update_fields=["chat"])
    notify("contact", contact.pk)
    return code


def end_expected_chat(contact: Contact, *, now: datetime) -> None:
    """End the chat of a contact if its caller has not come yet, and remove it from the contact.

    A colleague in the call holds no key of this chat. Somebody who types its code reads that the chat has ended;
    after an hour, that the code opens nothing.
    """
    if contact.chat and contact.chat.is_expected:
        contact.chat = withdraw_chat(contact.chat, now=now)
        if contact.chat.is_expected:
            contact.chat = None
            contact.save(update_fields=["chat"])
