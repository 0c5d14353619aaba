"""What may be done in a chat: by whoever has its receipt, and by the operator who answers it."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import HOTLINE, User
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.switchboard.fair_queue import WITHOUT_WORK
from amparo.line.switchboard.models import Language

from .models import LASTS, Chat, ChatMessage, State

LONGEST = 2000  # characters at a time
A_MINUTE = 20  # of hers; as fast as anybody writes short answers
UNANSWERED = 20  # of hers, before one of us has written: a person reads them all


def begin(
    acting: Actor, text: str, *, pk: uuid.UUID, language: Language, behind: float, work: str | None, now: datetime
) -> Chat:
    """She writes for the first time, and waits. Who brings no new work stands behind who does; `behind` in seconds."""
    text = _cleaned(text)
    with acting_as(acting):
        key = DataKey.objects.drawn(agency=HOTLINE, kind="chat")
        with connection.cursor() as cursor:
            cursor.execute("select chat_make_key(%s, %s, %s, %s)", [key.pk, now + LASTS, *key.wrapped_for(HOTLINE)])
        chat = _enqueue(Chat(key=key, language=language, begun_at=now, entered_at=now, seen_at=now), now, behind, work)
        append("begin_chat", f"chat {chat.pk}", key=key.pk)
        _write(chat, text, pk, now, from_bearer=True)
    return chat


def come_in(chat: Chat, *, now: datetime) -> Chat:
    """By the receipt, on a new page: nothing older is shown there, and her operator sees it."""
    with connection.cursor() as cursor:
        cursor.execute("select chat_reenter(%s, %s)", [chat.pk, now])
    append("come_into_chat", f"chat {chat.pk}", key=chat.key_id)
    _notify(chat)
    chat.refresh_from_db(fields=["entered_at", "entries", "seen_at"])
    return chat


def look(chat: Chat, *, now: datetime) -> None:
    """Her page is open. Told when it was not seen for a while."""
    with connection.cursor() as cursor:
        cursor.execute("select chat_mark_seen(%s, %s)", [chat.pk, now])
    if not chat.reads(now):
        _notify(chat)


def write(chat: Chat, text: str, *, pk: uuid.UUID, now: datetime) -> None:
    """She writes. The same words under one `pk` are kept once."""
    text = _cleaned(text)
    if not chat.is_open:
        raise Refused(_("This chat has ended. Begin another one, or call us."))
    hers = chat.messages.filter(from_bearer=True)
    if hers.filter(at__gt=now - timedelta(minutes=1)).count() >= A_MINUTE:
        raise RateLimited(_("Too many requests. Wait a minute, then go on."))
    if chat.state == State.WAITING and hers.count() >= UNANSWERED:
        raise RateLimited(_("We have all that you wrote. Wait until a person answers, then go on."))
    append("write_in_chat", f"chat {chat.pk}", key=chat.key_id)
    _write(chat, text, pk, now, from_bearer=True)


@action(permissions.take_calls)
def answer_chat(chat: Chat, text: str, *, pk: uuid.UUID, by: User, now: datetime) -> Chat:
    """Write to her; the same words under one `pk` are kept once."""
    text = _cleaned(text)
    chat = _lock_own(chat, by)
    _write(chat, text, pk, now, from_bearer=False, by=by)
    return chat


@action(permissions.take_calls)
def hand_back(chat: Chat, *, by: User, now: datetime) -> Chat:
    """It waits again, in its old place, for a colleague. A supervisor may do it for who cannot."""
    chat = _lock(chat, by)
    chat.move(State.WAITING, operator=None)
    _notify(chat)
    return chat


@action(permissions.take_calls)
def end_chat(chat: Chat, *, by: User, now: datetime) -> Chat:
    """It is over, and her page says so. Ending it twice changes nothing."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.is_open:
        chat = _lock(chat, by)
        chat.move(State.ENDED, ended_at=now)
        _notify(chat)
    return chat


def _enqueue(chat: Chat, now: datetime, behind: float, work: str | None) -> Chat:
    """A work serves once: with one that was used before she stands where she would without any."""
    chat.work, chat.turn_at = work, now + timedelta(seconds=behind + (WITHOUT_WORK if work is None else 0))
    try:
        with transaction.atomic():
            chat.save(force_insert=True)
    except IntegrityError:
        if work is None:
            raise
        return _enqueue(chat, now, behind, None)
    return chat


def _write(chat: Chat, text: str, pk: uuid.UUID, now: datetime, *, from_bearer: bool, by: User | None = None) -> None:
    pk = uuid.uuid5(pk, text)  # other words of the same page are no second sending
    with suppress(IntegrityError), transaction.atomic():
        ChatMessage(pk=pk, chat=chat, key=chat.key, from_bearer=from_bearer, text=text, at=now, by=by).save(
            force_insert=True
        )
    _notify(chat)


def _cleaned(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()  # a form sends \r\n, a script \n
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("That is too long to send at once. Send it in two parts."))
    return text


def _lock_own(chat: Chat, by: User) -> Chat:
    """The chat as it stands, of this operator."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if not chat.is_open:
        raise Refused(_("This chat has ended."))
    if chat.operator_id != by.pk:
        raise Refused(_("This chat is not yours: take it first, or it was handed back."))
    return chat


def _lock(chat: Chat, by: User) -> Chat:
    """Likewise; of anybody for their supervisor."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("key").get(pk=chat.pk)
    if chat.state == State.TALKING and permissions.supervise(by):
        return chat
    return _lock_own(chat, by)


def _notify(chat: Chat) -> None:
    notify("chats")
    notify("chat", chat.pk)
