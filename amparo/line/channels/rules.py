"""Takes in what people write through the channels of this line, and answers them."""

import functools
import itertools
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as, role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import RateLimited
from amparo.foundation.line_settings.hours import is_open
from amparo.foundation.line_settings.rules import current
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat, ChatMessage, Delivery, OptOut, State
from amparo.line.chat.rules import UNANSWERED, answer_chat
from amparo.line.switchboard.models import Language

from .addresses import digest_in_channel
from .channel import Arrival, Channel, WrittenChannel
from .channel import all_channels as all_channels
from .channel import written_channel as written_channel
from .channel import written_channels as written_channels
from .delivery import deliver_soon
from .language import language_of
from .parts import PARTS, Parts, begin_parts, join_part, joined_text, parts_of
from .safe_hours import outside_hours as outside_hours

TURN_AFTER = timedelta(minutes=5)  # somebody who waits at an open page is answered before a letter that came just then
FIRST_ANSWER_EVERY = timedelta(days=1)  # so that two machines never answer each other
OPT_OUT = {"baja", "stop", "alto"}
ENOUGH = 20_000  # characters to recognise a language
OLDEST = timedelta(days=14)  # providers keep what we did not take for a week
LONGEST = 50_000  # characters of one message; an operator has to read them


def channel_of(conversation: Chat) -> Channel:
    """Return the channel of this conversation. Raises `KeyError` if it was removed from the setting `CHANNELS`."""
    return {channel.name: channel for channel in all_channels()}[conversation.channel]


def queues() -> list[QuerySet[Any]]:
    """Return one query for each queue: the people who wait in it."""
    return list({channel.shift_note: channel.waiting() for channel in all_channels()}.values())


def take_in(channel: WrittenChannel, arrival: Arrival, *, now: datetime) -> Callable[[], None]:
    """Keep a message, sealed, in the open conversation of its address, or in a new one that waits.

    The same message again changes nothing. The first one is answered at once by a text that says who reads it. A
    message of one word, such as BAJA, opts out. Raises `RateLimited` while too many messages of the address wait for an
    answer: the provider keeps the rest.

    Returns a function that the channel calls once it has told the provider that we have the message.
    """
    if not now - OLDEST <= arrival.at <= now:  # a clock that is wrong: it must not decide the place in the queue
        arrival = replace(arrival, at=now)
    with acting_as(WORKER):
        # What is forged has a conversation of its own: it takes no place, and no first answer, from the person.
        sender = digest_in_channel(channel.name, f"forged|{arrival.address}" if arrival.is_forged else arrival.address)
        with connection.cursor() as cursor:  # two messages of one address at once: one conversation
            cursor.execute("select pg_advisory_xact_lock('chat_optout'::regclass::int, hashtext(%s))", [sender.hex()])
        pk = _message_id(channel, arrival)
        if not _is_known(pk, sender, arrival):
            _store_arrival(channel, sender, pk, arrival, now)
    return functools.partial(_mark_acknowledged, pk) if not arrival.id else lambda: None


def _is_known(pk: uuid.UUID, sender: bytes, arrival: Arrival) -> bool:
    """Whether this message came before, and was stored or was taken as a request not to write any more."""
    if ChatMessage.objects.filter(pk=pk).exists():
        return True
    opt_outs = OptOut.objects.filter(pk=sender, message=pk)
    return (opt_outs if arrival.id else opt_outs.filter(lifted_at=None)).exists()


def _store_arrival(channel: WrittenChannel, sender: bytes, pk: uuid.UUID, arrival: Arrival, now: datetime) -> None:
    chat = _find_open_chat(channel, sender)
    if arrival.is_forged:  # it decides nothing for the person whose address it bears
        pass
    elif _is_opt_out(arrival):
        _opt_out(channel, sender, pk, chat, now)
        if chat is None:
            return
    else:
        OptOut.objects.filter(pk=sender, lifted_at=None).update(lifted_at=now)
    is_new = chat is None
    chat = chat or _begin_chat(channel, sender, arrival, now)
    envelope = json.loads(chat.envelope or "{}")
    parts = parts_of(envelope, now)
    if arrival.part is None or not _join_part(chat, parts, arrival):
        _store_message(chat, pk, arrival, now)
        if arrival.part is not None:
            begin_parts(parts, arrival, pk, now)
    if not arrival.is_forged:
        chat.envelope = json.dumps({**arrival.envelope, PARTS: parts})
        chat.seen_at = max(chat.seen_at, min(arrival.at, now))
    chat.save(update_fields=["envelope", "seen_at"])
    append("write_in_chat", f"chat {chat.pk}", key=chat.key_id)
    if is_new and not arrival.is_forged:
        _send_first_answer(channel, chat, now)
    notify("chats")
    notify("chat", chat.pk)


def _join_part(chat: Chat, parts: Parts, arrival: Arrival) -> bool:
    """Put a part of a long message into the message of its other parts. False: it is the first that arrived."""
    if (joined := join_part(parts, arrival)) is None:
        return False
    pk, text = joined
    message = ChatMessage(pk=pk, chat=chat, key=chat.key, text=text)
    message.save(update_fields=["text"], force_update=True)
    return True


def _mark_acknowledged(pk: uuid.UUID) -> None:
    """Record that the provider knows that we have this message. From now on the same words are another message."""
    with acting_as(WORKER):
        ChatMessage.objects.filter(pk=pk, delivery=Delivery.UNACKNOWLEDGED).update(delivery=Delivery.NONE)


label_verb("opt_out", gettext_lazy("asked us not to write"))


def answer_in_channel(chat: Chat, text: str, *, pk: uuid.UUID, by: User, now: datetime) -> Chat:
    """Answer in a conversation of any written channel. An answer that has to be sent leaves after the commit."""
    chat = answer_chat(chat, text, pk=pk, by=by, now=now)
    if not chat.is_on_page:
        deliver_soon(chat.channel)
    return chat


def _find_open_chat(channel: WrittenChannel, sender: bytes) -> Chat | None:
    mine = Chat.objects.filter(channel=channel.name, sender=sender).exclude(state=State.ENDED)
    return mine.select_for_update(of=("self",)).select_related("key").first()


def _begin_chat(channel: WrittenChannel, sender: bytes, arrival: Arrival, now: datetime) -> Chat:
    at = min(arrival.at, now)
    holders = role_holder(HOTLINE, Role.SUPERVISOR), WORKER.holders[1]
    chat = Chat(
        key=DataKey.objects.make(*holders, agency=HOTLINE, kind="chat"), channel=channel.name, sender=sender,
        claimed_sender=digest_in_channel(channel.name, arrival.address) if arrival.is_forged else None,
        language=language_of((arrival.own_words or arrival.text)[:ENOUGH]) or Language.SPANISH,
        envelope=json.dumps(arrival.envelope), begun_at=at, turn_at=at + TURN_AFTER, entered_at=at, seen_at=at,
    )  # fmt: skip
    chat.save(force_insert=True)
    append("begin_chat", f"chat {chat.pk}", key=chat.key_id)
    return chat


def _store_message(chat: Chat, pk: uuid.UUID, arrival: Arrival, now: datetime) -> None:
    ours = chat.messages.filter(from_bearer=False, automatic=False)
    last = ours.order_by("-at").values_list("at", flat=True).first()
    theirs = chat.messages.filter(from_bearer=True)
    unanswered = theirs.filter(at__gt=last) if last else theirs
    if unanswered.count() >= UNANSWERED and not _is_opt_out(arrival):
        raise RateLimited(_("We have all that you wrote. Wait until a person answers, then go on."))
    at = min(arrival.at, now)
    text = arrival.text if arrival.part is None else joined_text({arrival.part[1]: arrival.text}, arrival.part[2])
    if len(text) > LONGEST:
        lost = len(text) - LONGEST
        more = ngettext(
            "[%(number)s character more was not kept: ask for the rest in a second message.]",
            "[%(number)s characters more were not kept: ask for the rest in a second message.]",
            lost,
        )
        text = f"{text[:LONGEST]}\n{more % {'number': lost}}"
    message = ChatMessage(pk=pk, chat=chat, key=chat.key, from_bearer=True, text=text)
    message.at = now if last and at <= last else at  # never above an answer that did not know it yet
    while chat.messages.filter(at=message.at).exists():  # what one look into the mailbox finds keeps its order
        message.at += timedelta(microseconds=1)
    message.delivery = Delivery.NONE if arrival.id or arrival.part else Delivery.UNACKNOWLEDGED
    message.save(force_insert=True)


def _send_first_answer(channel: WrittenChannel, chat: Chat, now: datetime) -> None:
    lately = ChatMessage.objects.filter(chat__sender=chat.sender, automatic=True, at__gt=now - FIRST_ANSWER_EVERY)
    if lately.exists():
        return
    with translation.override(chat.language):
        text = channel.first_answer(is_open(current(), now))
    latest = chat.messages.order_by("-at").values_list("at", flat=True)[0]
    ChatMessage(
        pk=uuid.uuid4(), chat=chat, key=chat.key, from_bearer=False, automatic=True, text=text,
        at=max(now, latest + timedelta(microseconds=1)), delivery=Delivery.PENDING,
    ).save(force_insert=True)  # fmt: skip


def _is_opt_out(arrival: Arrival) -> bool:
    return (arrival.own_words or arrival.text).strip(" \t\r\n.!¡\"'").casefold() in OPT_OUT


def _opt_out(channel: WrittenChannel, sender: bytes, pk: uuid.UUID, chat: Chat | None, now: datetime) -> None:
    """Record that this address asked us not to write, and cancel what was not sent yet. We do not even confirm it.

    What the person wrote before is read all the same.
    """
    row = {"channel": channel.name, "message": pk, "at": now, "lifted_at": None}
    OptOut.objects.update_or_create(pk=sender, defaults=row)
    unsent = ChatMessage.objects.filter(chat__sender=sender, delivery=Delivery.PENDING)  # also of what has ended
    unsent.update(delivery=Delivery.CANCELLED)
    if chat is not None:
        append("opt_out", f"chat {chat.pk}", key=chat.key_id)


def _message_id(channel: Channel, arrival: Arrival) -> uuid.UUID:
    """Return our id of a message, derived from the provider's id and the address.

    Without a provider's id, equal words of an address are the same message until we have acknowledged them: the
    provider sends again what nobody acknowledged.
    """
    if arrival.id:
        # With the id of a message of hers, a forgery would otherwise take that message's place.
        sender = f"forged|{arrival.address}" if arrival.is_forged else arrival.address
        return uuid.UUID(bytes=digest_in_channel(channel.name, f"{sender}|{arrival.id}"))
    for number in itertools.count():
        pk = uuid.UUID(
            bytes=digest_in_channel(channel.name, f"{arrival.address}|{arrival.text}|{arrival.part}|{number}")
        )
        found = ChatMessage.objects.filter(pk=pk).values_list("delivery", flat=True).first()
        if found in (None, Delivery.UNACKNOWLEDGED):
            return pk
    raise AssertionError("numbers do not end")
