"""Actions in a chat, of the visitor who has its receipt and of the operator who answers."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import HOTLINE, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey
from amparo.line.roster.models import Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import may_take
from amparo.line.switchboard.fair_queue import WITHOUT_WORK
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.rules import alert_in_chat, forget_sentence_on_chat

from .models import LASTS, Chat, ChatMessage, Delivery, State
from .receipts import acting_with

LONGEST = 2000  # characters in one message
A_MINUTE = 20  # messages of a visitor; as fast as anybody writes short answers
UNANSWERED = 20  # messages of a visitor before an operator answers, who has to read them all


def begin_chat(
    acting: Actor, text: str, *, pk: uuid.UUID, language: Language, behind: float, work: str | None, now: datetime
) -> Chat:
    """Begin a chat with its first message, and put it into the queue.

    `behind`: how many seconds later than now its place in the queue is. `work`: the name of a proof of work; without
    one, or with one that was used before, the chat is placed further behind.
    """
    text = _cleaned_text(text)
    with acting_as(acting):
        key = DataKey.objects.drawn(agency=HOTLINE, kind="chat")
        with connection.cursor() as cursor:
            cursor.execute("select chat_make_key(%s, %s, %s, %s)", [key.pk, now + LASTS, *key.wrapped_for(HOTLINE)])
        chat = _enqueue(Chat(key=key, language=language, begun_at=now, entered_at=now, seen_at=now), now, behind, work)
        append("begin_chat", f"chat {chat.pk}", key=key.pk)
        store_message(chat, text, pk, now, from_bearer=True)
    return chat


label_verb("begin_chat", gettext_lazy("began to write"))


def open_for_caller(receipt: str, language: str, *, by: User, now: datetime) -> Chat:
    """Open an empty chat of the operator `by`, for the caller who gets this receipt. Call it in an action of `by`."""
    chat, key = Chat(), DataKey.objects.drawn(agency=HOTLINE, kind="chat")
    values = (chat.pk, key.pk, acting_with(receipt).holders[1], language, now, now + LASTS, *key.wrapped_for(HOTLINE))
    with connection.cursor() as cursor:
        cursor.execute("select chat_open_for_caller(%s, %s, %s, %s, %s, %s, %s, %s)", values)
    _notify(chat)
    return Chat.objects.get(pk=chat.pk)


def come_in(chat: Chat, *, now: datetime) -> Chat:
    """Record that the visitor came with the receipt: back, or for the first time if it was given to them in a call.

    Their page shows nothing older, and the operator sees that they came. Raises `Refused` if the chat has ended.
    """
    with connection.cursor() as cursor:
        cursor.execute("select chat_reenter(%s, %s)", [chat.pk, now])
    chat.refresh_from_db(fields=["state", "entered_at", "entries", "seen_at"])
    if not chat.is_open:
        raise Refused(_("This chat has ended. Begin another one, or call us."))
    append("come_into_chat", f"chat {chat.pk}", key=chat.key_id)
    _notify(chat)
    return chat


label_verb("come_into_chat", gettext_lazy("came back to the chat"))


def record_page_open(chat: Chat, *, now: datetime) -> None:
    """Record that the visitor's page is open. Notifies if it counted as closed until now."""
    with connection.cursor() as cursor:
        cursor.execute("select chat_mark_seen(%s, %s)", [chat.pk, now])
    if not chat.is_page_open(now):
        _notify(chat)


def write_as_visitor(chat: Chat, text: str, *, pk: uuid.UUID, now: datetime) -> None:
    """Store a message of the visitor. The same text under the same `pk` is stored once.

    Raises `Refused` if the chat has ended, and `RateLimited` for too many messages.
    """
    text = _cleaned_text(text)
    if not chat.is_open:
        raise Refused(_("This chat has ended. Begin another one, or call us."))
    received = chat.messages.filter(from_bearer=True)
    if received.filter(at__gt=now - timedelta(minutes=1)).count() >= A_MINUTE:
        raise RateLimited(_("Too many requests. Wait a minute, then go on."))
    if chat.state == State.WAITING and received.count() >= UNANSWERED:
        raise RateLimited(_("We have all that you wrote. Wait until a person answers, then go on."))
    append("write_in_chat", f"chat {chat.pk}", key=chat.key_id)
    store_message(chat, text, pk, now, from_bearer=True)


label_verb("write_in_chat", gettext_lazy("wrote to us"))


def call_from_chat(chat: Chat) -> None:
    """Record that the visitor calls from their chat."""
    append("call_from_chat", f"chat {chat.pk}", key=chat.key_id)


def operator_of(chat: Chat) -> int | None:
    """Return, to the chat's visitor, the user id of its operator. None: it waits. Raises `Refused` if it has ended."""
    if not chat.is_open:
        raise Refused(_("This chat has ended. Begin another one, or call us."))
    with connection.cursor() as cursor:
        cursor.execute("select chat_operator(%s)", [chat.pk])
        operator: int | None = cursor.fetchone()[0]
        return operator


label_verb("call_from_chat", gettext_lazy("called us from the chat"))


@action(permissions.take_calls, label=gettext_lazy("wrote in the chat"))
def answer_chat(chat: Chat, text: str, *, pk: uuid.UUID, by: User, now: datetime) -> Chat:
    """Store a message of the operator. The same text under the same `pk` is stored once.

    In a channel with addresses, the worker sends it (line/channels). Raises `Refused` if its address opted out.
    """
    text = _cleaned_text(text)
    chat = _lock_own(chat, by)
    if chat.has_opted_out:
        raise Refused(_("This person asked us not to write. Nothing is sent; when they write again, you can answer."))
    store_message(chat, text, pk, now, from_bearer=False, by=by)
    return chat


@action(permissions.take_calls, label=gettext_lazy("took back an answer that was not sent yet"))
def take_back(chat: Chat, message: uuid.UUID, *, by: User, now: datetime) -> Chat:
    """Cancel an answer that waits to be sent, also after the conversation has ended. Twice changes nothing.

    The operator who has the chat, or had it when it ended, may do so; in a chat that nobody has, a supervisor. Raises
    `Refused` for anybody else, and once a provider may have taken the answer.
    """
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.operator_id != by.pk:
        if not permissions.supervise(by):
            raise Refused(_("This chat is not yours: take it first, or it was handed back."))
        if reason := why_left_to_colleague(chat):
            raise Refused(reason)
    with connection.cursor() as cursor:
        cursor.execute("select chat_take_back(%s, %s)", [chat.pk, message])
    if not chat.messages.filter(pk=message, delivery=Delivery.TAKEN_BACK).exists():
        raise Refused(_("It is too late to take it back: it was sent, or may have been."))
    _notify(chat)
    return chat


def why_left_to_colleague(chat: Chat) -> str:
    """Return why a supervisor cannot take back what waits in a chat, as a sentence. Blank: they can."""
    if chat.operator is None:
        return ""
    return _("%(person)s has this conversation, and can take back what waits.") % {"person": chat.operator}


@action(permissions.take_calls, label=gettext_lazy("handed the chat back"))
def hand_back(chat: Chat, *, by: User, now: datetime) -> Chat:
    """Put the chat back into the queue, in its old place. A supervisor may do it for an operator who cannot."""
    chat = _lock(chat, by)
    if chat.is_expected:
        raise Refused(_("The caller has not come yet: nobody waits here."))
    _forget_sentence(chat)
    chat.move(State.WAITING, operator=None, passed_to=None)
    _notify(chat)
    return chat


@action(permissions.supervise, label=gettext_lazy("passed the chat on to a colleague"))
def pass_chat_to(chat: Chat, colleague: User, *, instead_of: int | None = None, by: User, now: datetime) -> Chat:
    """Ask this operator to take a chat that waits. It keeps its place, and anybody may take it all the same.

    `instead_of`: the id of the operator to whom it was passed on when `by` looked. Raises `Refused` if that changed
    meanwhile, or if the colleague's console is closed, or they are on a break or not certified.
    """
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.state != State.WAITING:
        raise Refused(_("A colleague has taken this chat, or it has ended."))
    if chat.passed_to_id not in (None, instead_of):
        raise Refused(_("Somebody has passed this on meanwhile. See to whom, and pass it on again if need be."))
    if not Seat.objects.on_shift(now).filter(pk=colleague.pk).exclude(state=SeatState.BREAK).exists():
        raise Refused(_("This person's console is closed, or they are on a break. Choose somebody else."))
    if not may_take(Queue.CHATS, colleague.pk, now):
        raise Refused(_("This person's certificate is missing or has expired. Choose somebody else."))
    chat.passed_to = colleague
    chat.save(update_fields=["passed_to"])
    _notify(chat)
    return chat


@action(permissions.take_calls, label=gettext_lazy("ended the chat"))
def end_chat(chat: Chat, *, by: User, now: datetime) -> Chat:
    """End the chat. The visitor's page shows it. Doing it twice changes nothing."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.is_open:
        chat = _lock(chat, by)
        _forget_sentence(chat)
        chat.move(State.ENDED, ended_at=now)
        _notify(chat)
    return chat


def withdraw_chat(chat: Chat, *, now: datetime) -> Chat:
    """End a chat that was opened for a caller who has not come. Any other chat stays open.

    The actor needs the key of the chat's contact, but not that of the chat. Call it inside an action.
    """
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.is_expected and chat.is_open:
        chat.move(State.ENDED, ended_at=now)
        append("end_chat", f"chat {chat.pk}", key=chat.key_id)
        _notify(chat)
    return chat


@action(permissions.take_calls, label=gettext_lazy("raised a danger alert in the chat"))
def raise_danger_in_chat(chat: Chat, *, by: User, now: datetime) -> Chat:
    """Alert every supervisor on duty, unless an alert of this chat still waits. Works after the chat has ended, too.

    Raises `Refused` in practice, and unless `by` took the chat once, which gave them its key, or is a supervisor.
    """
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if not (permissions.supervise(by) or Chat.objects.filter(has_key(by.acting()), pk=chat.pk).exists()):
        raise Refused(_("This chat is not yours: take it first, or it was handed back."))
    if chat.practice_of_id is not None:
        raise Refused(_("This is practice: nobody was alerted. In a real conversation every supervisor would be."))
    alert_in_chat(chat.pk, now, by.pk)
    _notify(chat)
    return chat


def _enqueue(chat: Chat, now: datetime, behind: float, work: str | None) -> Chat:
    """Save the new chat with its place in the queue. A proof of work that was used before counts as none."""
    chat.work, chat.turn_at = work, now + timedelta(seconds=behind + (WITHOUT_WORK if work is None else 0))
    try:
        with transaction.atomic():
            chat.save(force_insert=True)
    except IntegrityError:
        if work is None:
            raise
        return _enqueue(chat, now, behind, None)
    return chat


def store_message(
    chat: Chat, text: str, pk: uuid.UUID, now: datetime, *, from_bearer: bool, by: User | None = None
) -> None:
    """Store a message of the visitor or of `by`, to be sent if the channel needs it. It checks no right.

    The same text under the same `pk` again changes nothing.
    """
    pk = uuid.uuid5(pk, text)  # another text from the same page is another message
    with suppress(IntegrityError), transaction.atomic():
        delivery = Delivery.NONE if from_bearer or chat.is_on_page else Delivery.PENDING
        ChatMessage(
            pk=pk, chat=chat, key=chat.key, from_bearer=from_bearer, text=text, at=now, by=by, delivery=delivery
        ).save(force_insert=True)
    _notify(chat)


def _cleaned_text(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()  # a form sends \r\n, a script \n
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("That is too long to send at once. Send it in two parts."))
    return text


def _lock_own(chat: Chat, by: User) -> Chat:
    """Lock and return a chat of this operator. Raises `Refused` if it has ended or is not theirs."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if not chat.is_open:
        raise Refused(_("This chat has ended."))
    if chat.operator_id != by.pk:
        raise Refused(_("This chat is not yours: take it first, or it was handed back."))
    return chat


def _lock(chat: Chat, by: User) -> Chat:
    """Lock and return a chat of this operator, or of anybody if `by` is a supervisor."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.state == State.TALKING and permissions.supervise(by):
        return chat
    return _lock_own(chat, by)


def _forget_sentence(chat: Chat) -> None:
    """Delete the sentence that a supervisor wrote about this chat for an operator, after the transaction commits."""
    if chat.passed_to_id is not None:
        transaction.on_commit(lambda: forget_sentence_on_chat(chat.pk))


def _notify(chat: Chat) -> None:
    notify("chats")
    notify("chat", chat.pk)
