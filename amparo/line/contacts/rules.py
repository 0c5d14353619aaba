"""Actions on a contact. Writing into its fields is in drafts.py."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import record_access_reason
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.roster.models import Queue
from amparo.line.roster.ringing import refuse_uncertified, refused_without_certificate
from amparo.line.switchboard.models import Call, Direction, Message

from . import summaries
from .callbacks import (
    assign_callback,
    assign_message,
    card_for,
    count_attempt,
    finish_message,
    give_up_calling,
    number_of_message,
    record_reached,
    request_callback,
    safe_number,
    sound_of_message,
)
from .chat_codes import end_expected_chat, give_chat_code
from .citing import cite_article, take_back_citation
from .drafts import Conflict, Saved, changed_since, save_draft
from .models import Contact
from .picklists import BY_HAND, Channel, HardCall, State, Type
from .rights import answer_request, close_records, hold, lift_hold, receive_request, search_number
from .wellbeing import (
    acknowledge_hard_call,
    decline_debrief,
    load_charts,
    offer_debrief_and_rest,
    take_debrief,
    withdraw_debrief,
)

EARLIEST = timedelta(days=365)  # how long ago a conversation may be that is entered by hand

__all__ = [
    "Conflict",
    "Saved",
    "acknowledge_hard_call",
    "answer_request",
    "assign_callback",
    "assign_message",
    "changed_since",
    "cite_article",
    "decline_debrief",
    "enter_contact",
    "finish_message",
    "give_chat_code",
    "give_up_calling",
    "hold",
    "lift_hold",
    "link",
    "load_charts",
    "number_of_message",
    "open_contact",
    "open_contact_of_return_call",
    "receive_request",
    "record_reached",
    "reopen",
    "request_callback",
    "safe_number",
    "save_draft",
    "search_number",
    "sound_of_message",
    "start_callback",
    "take_back_citation",
    "take_chat",
    "take_debrief",
    "take_message",
    "wrap_up",
]  # fmt: skip


@action(permissions.take_calls, label=gettext_lazy("opened it"))
def open_contact(call: Call, *, by: User, now: datetime) -> Contact:
    """Open the contact of this call, and create it if there is none. A colleague in the call gets access to it.

    A call from a chat belongs to the contact of this chat. If the chat still waits, the operator takes it, too.
    """
    contact = _open_contact_of_call(call, by, now)
    written = contact.call.chat if contact.call else None
    waiting = Chat.objects.filter(pk=written, state=ChatState.WAITING).first() if written else None
    if waiting and contact.chat_id in (None, waiting.pk):
        # Without a certificate for chats it waits for a colleague; the savepoint lets the rest of the verb go on.
        with suppress(Refused), transaction.atomic():
            return take_chat(waiting, into=None if contact.chat_id else contact.pk, by=by, now=now)
    return contact


@action(permissions.take_calls, label=gettext_lazy("wrapped it up"))
def wrap_up(contact: Contact, *, type: str, key: uuid.UUID, hard_call: str = "", by: User, now: datetime) -> Contact:
    """Close a contact. Only its type is required.

    `key` is made by the page and makes the action idempotent: the same key closes the contact once.
    """
    contact = _lock(contact, by)
    if contact.wrap_key == key:
        return contact
    if type not in Type.values or hard_call not in (*HardCall.values, ""):
        raise Refused(_("Say what it was: choose one of the list."))
    if not contact.is_open and contact.type != type:
        raise Refused(_("It is already closed. Open it again to change what it was."))
    end_expected_chat(contact, now=now)
    if contact.chat and contact.chat.is_open:
        raise Refused(_("The chat goes on. End it first."))
    ended = contact.ended or _end_of_conversation(contact, now)
    hard_call = hard_call or contact.hard_call
    closing = {"ended": max(ended, contact.started), "wrapped_at": contact.wrapped_at or now}
    _update(contact, state=State.WRAPPED, type=type, hard_call=hard_call, wrap_key=key, **closing)
    close_records(contact, now)
    if hard_call == HardCall.NO:
        withdraw_debrief(contact, by=by)
    elif hard_call:
        offer_debrief_and_rest(contact, by=by, now=now)
        notify("messages")  # supervisors see hard calls in their list
    return contact


@action(permissions.take_calls, label=gettext_lazy("opened it again"))
def reopen(contact: Contact, *, by: User, now: datetime) -> Contact:
    """Reopen a closed contact. Doing it twice changes nothing."""
    contact = _lock(contact, by)
    if not contact.is_open:
        _update(contact, state=State.OPEN)
        close_records(contact, None)
    return contact


@action(permissions.take_calls, label=gettext_lazy("linked it to an earlier one"))
def link(contact: Contact, number: int, *, by: User, now: datetime) -> Contact:
    """Record that a contact follows the earlier one with this number. Raises `Refused` for a cycle or no such one."""
    contact = _lock(contact, by)
    earlier = summaries.linkable_contact(number, contact)
    if earlier is None:
        raise Refused(_("There is no such contact for you. A code reads like C-2031."))
    if earlier.comes_after:
        raise Refused(_("A contact cannot follow itself."))
    _update(contact, follows_id=earlier.pk)
    return contact


@action(permissions.take_calls, label=gettext_lazy("took up calling back"))
def start_callback(pk: uuid.UUID, *, by: User, now: datetime) -> Contact:
    """Give `by` access to the contact `pk`, whose person waits for a return call. Raises `Refused` if nobody waits.

    The access reason is recorded here, so that nobody is asked for one during the call.
    """
    _grant_keys(pk)
    contact = Contact.objects.visible_to(by).get_locked(pk)
    # A supervisor holds every key. Without this check they could read any contact without giving a reason.
    if not (contact.card and contact.card.call_wanted):
        raise Refused(_("Nobody waits for a return call here: none was asked for, or it was made already."))
    record_access_reason(contact, Purpose.CARE, by=by, now=now)
    return contact


@action(permissions.take_calls, label=gettext_lazy("called back"))
def open_contact_of_return_call(contact: Contact, call: Call, *, by: User, now: datetime) -> Contact:
    """Return the contact of a return call, a new one. It follows `contact`, which `by` may read from now on.

    The call is an attempt. The person stays on the list until somebody records that they were reached, or gives up.
    If the person still writes with this operator, the call joins `contact`, that of their chat, and none is created.
    """
    card_for(contact, by)
    if _goes_on_by_voice(contact, call, by):
        if contact.call_id == call.pk:
            return contact
        with suppress(IntegrityError), transaction.atomic():  # the console may have opened the contact of this call
            count_attempt(contact, now)
            _update(contact, call=call)
            return contact
        contact.refresh_from_db(fields=["call"])
    again = _open_contact_of_call(call, by, now)
    if again.follows_id != contact.pk:
        _update(again, follows=contact)
        _grant_keys(contact.pk)
        count_attempt(contact, now)
    return again


@action(permissions.take_calls, label=gettext_lazy("took the message"))
def take_message(message: Message, *, by: User, now: datetime) -> Contact:
    """Take a message that a caller left, so that nobody else can. Returns the contact of its call, new if need be."""
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.taken_by_id not in (None, by.pk):
        raise Refused(_("A colleague has taken this message."))
    if message.done_at:
        raise Refused(_("This message was answered."))
    message.taken_by = by
    message.save(update_fields=["taken_by"])
    notify("messages")
    contact = _open_contact_of_call(message.call, by, now)
    if contact.ended is None:
        _update(contact, ended=max(contact.started, message.call.ended_at or message.left_at))
    return contact


@action(permissions.take_calls, label=gettext_lazy("took the chat"))
def take_chat(chat: Chat, *, into: uuid.UUID | None = None, by: User, now: datetime) -> Contact:
    """Take a waiting chat, so that nobody else can. Returns its contact: a new one, or the one with the id `into`.

    `into` is the operator's own open contact of a call, whose caller goes on in writing.
    """
    called = _goes_on_in_writing(into, chat, by, now) if into else None
    chat = Chat.objects.select_for_update(of=("self",)).get(pk=chat.pk)
    if not chat.is_open:
        raise Refused(_("This chat has ended."))
    if chat.operator_id not in (None, by.pk):
        raise Refused(_("A colleague has taken this chat."))
    if chat.operator_id is None:
        if chat.practice_of_id is None:
            refuse_uncertified(Queue.CHATS, by.pk, now)
        with refused_without_certificate():
            chat.move(ChatState.TALKING, operator=by, taken_at=chat.taken_at or now)
        chat.grant_key_to_operator()
        notify("chats")
        notify("chat", chat.pk)
    _grant_keys(chat.pk)
    if contact := Contact.objects.visible_to(by).filter(chat=chat).first():
        return contact
    if called:
        _update(called, chat=chat)
        return called
    columns = {"chat": chat, "channel": Channel(chat.channel), "started": now, "language": chat.language}
    return _create_contact(by, **columns, practice_of=chat.practice_of)


@action(permissions.take_calls, label=gettext_lazy("entered it by hand"))
def enter_contact(
    channel: Channel, started: datetime, ended: datetime, language: str, *, by: User, now: datetime
) -> Contact:
    """Enter a conversation that no switchboard recorded: a walk-in, an e-mail, a sheet from a night without power.

    It is marked as a late entry, with its own time and the time at which it was entered.
    """
    if channel not in BY_HAND:
        raise Refused(_("Calls and chats of this system have their contact already. Choose another channel."))
    if not now - EARLIEST < started <= ended <= now:
        raise Refused(_("It began and ended in the past year, in this order. Correct the times."))
    return _create_contact(by, channel=channel, started=started, ended=ended, language=language, entered_late_at=now)


def _open_contact_of_call(call: Call, by: User, now: datetime) -> Contact:
    """Open or create the contact of a call. Of two operators at once, one creates it and the other gets access."""
    call = Call.objects.get(pk=call.pk)
    if call.chat:
        _join_chat(call)
    _grant_keys(call.pk)
    if contact := Contact.objects.visible_to(by).filter(call=call).first():
        return contact
    is_in_it = by.pk in (*call.operators, *call.invited) or call.messages.filter(taken_by=by).exists()
    if not (is_in_it or permissions.supervise(by) or call in summaries.calls_without_contact(by, now)):
        raise Refused(_("Only who is in the call may open its contact."))
    with suppress(IntegrityError), transaction.atomic():
        channel = Channel.OUTGOING if call.direction == Direction.OUTGOING else Channel.CALL
        before = Contact.objects.visible_to(by).filter(chat=call.chat).first() if call.chat else None
        return _create_contact(
            by, call=call, channel=channel, started=call.answered_at or now, language=call.language, follows=before,
            practice_of=call.practice_of,
        )  # fmt: skip
    _grant_keys(call.pk)
    if contact := Contact.objects.visible_to(by).filter(call=call).first():
        return contact
    raise Refused(_("A colleague has the page of this call."))


def _create_contact(by: User, **columns: object) -> Contact:
    holders = [by.acting().holders[0]]
    is_practice = bool(columns.get("practice_of"))
    if not is_practice:
        holders.append(role_holder(by.agency.pk, Role.SUPERVISOR))
    kind = "practice" if is_practice else "contact"
    key = DataKey.objects.make(*holders, agency=by.agency.pk, kind=kind)
    contact: Contact = Contact.objects.create(operator=by, key=key, **columns)
    notify("contact", contact.pk)
    return contact


def _grant_keys(pk: uuid.UUID) -> None:
    """Grant the actor the keys of a contact (`pk`: its id, or that of its call or chat), if the database allows it."""
    with connection.cursor() as cursor:
        cursor.execute("select contacts_grant_keys(%s)", [pk])
        if (joined := cursor.fetchone()[0]) is not None:
            notify("contact", joined)


def _join_chat(call: Call) -> None:
    """Add the call to the open contact of its chat, if the actor is in the call and the contact has no answered one."""
    with connection.cursor() as cursor:
        cursor.execute("select contacts_join_chat(%s)", [call.pk])


def _goes_on_by_voice(contact: Contact, call: Call, by: User) -> bool:
    """Whether the person of this open contact still writes with `by`, and no other call of it was answered."""
    if not (contact.chat and contact.chat.is_open and contact.chat.operator_id == by.pk and contact.is_open):
        return False
    return contact.call is None or contact.call_id == call.pk or contact.call.answered_at is None


def _goes_on_in_writing(pk: uuid.UUID, chat: Chat, by: User, now: datetime) -> Contact:
    """Lock and return the contact `pk`, of the operator's own call, which this chat may continue; else `Refused`."""
    contact = Contact.objects.visible_to(by).get_locked(pk)
    is_own = contact.operator_id == by.pk and contact.is_open and contact.call_id and not contact.practice_of_id
    if is_own and contact.chat_id != chat.pk:
        end_expected_chat(contact, now=now)
    is_free = contact.chat is None or contact.chat.is_expected or contact.chat_id == chat.pk
    if not is_own or chat.practice_of_id or not is_free:
        raise Refused(_("Only an open contact of your own call goes on in writing."))
    return contact


def _end_of_conversation(contact: Contact, now: datetime) -> datetime:
    """Return when the last part of the conversation, call or chat, ended. While one goes on: now."""
    chat = None if contact.chat and contact.chat.is_expected else contact.chat
    ends = [part.ended_at for part in (contact.call, chat) if part]
    return max((at for at in ends if at), default=now) if None not in ends else now


def _lock(contact: Contact, by: User) -> Contact:
    return Contact.objects.visible_to(by).lock(contact)


def _update(contact: Contact, **columns: object) -> None:
    for column, value in columns.items():
        setattr(contact, column, value)
    contact.save(update_fields=list(columns))
    notify("contact", contact.pk)
