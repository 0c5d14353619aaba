"""Send what we wrote. A message leaves after its commit; while the provider is away, it is tried again each minute.

Outside the safe hours of a person it waits (safe_hours.py).
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import job
from amparo.foundation.core.live import notify
from amparo.line.chat.models import Chat, ChatMessage, Delivery, State

from .channel import (
    AnswerLost,
    MaybeTaken,
    Outgoing,
    ProviderAway,
    Receipt,
    TryLater,
    Undeliverable,
    WrittenChannel,
    written_channel,
)
from .safe_hours import must_wait, safe_hours_of

log = logging.getLogger(__name__)

AT_ONCE = 500  # messages in one run

# Pauses before we send again what a provider may have taken. Its receipts come in minutes; an outage may last an hour.
PAUSES = (timedelta(minutes=3), timedelta(hours=1))
COUNTED = 1000  # attempts; a provider that recognises ids may be asked for ever

# What a receipt says -> the states of a message that it changes. In any other state it says nothing new.
NEWS_AFTER = {
    Delivery.SENT: [Delivery.PENDING, Delivery.UNCLEAR],
    Delivery.REFUSED: [Delivery.PENDING, Delivery.UNCLEAR, Delivery.SENT],
    Delivery.ARRIVED: [Delivery.PENDING, Delivery.UNCLEAR, Delivery.SENT, Delivery.REFUSED],
}


def deliver_soon(channel: str) -> None:
    """Let the worker deliver at once after the commit. If the job is lost, the next minute delivers."""
    deliver_one.configure(lock=f"channels.deliver.{channel}").defer(channel=channel)


@job
def deliver_one(channel: str) -> None:
    if found := written_channel(channel):
        deliver(found, timezone.now())


def deliver(channel: WrittenChannel, now: datetime) -> None:
    """Send what waits in a channel. Only jobs with the lock of the channel call it: two never send at once."""
    try:
        _deliver(channel, now)
    except ProviderAway:
        log.warning("The provider of the channel %s does not take messages now; again in a minute.", channel.name)
    finally:
        _return_keys(channel)


def _deliver(channel: WrittenChannel, now: datetime) -> None:
    """Send what waits in this channel, oldest first. If a message cannot leave, those after it in its chat wait too."""
    with acting_as(WORKER):
        waiting = ChatMessage.objects.filter(delivery=Delivery.PENDING.literal, chat__channel=channel.name)
        waiting = waiting.exclude(chat__in=_outside_their_hours(waiting, now))
        if not channel.recognises_ids:
            # What may have arrived holds up the answers after it for minutes, not for an hour.
            waiting = waiting.exclude(attempts__gt=1, last_attempt_at__gt=now - PAUSES[1])
        found = list(waiting.order_by("at", "pk").values_list("pk", "chat")[:AT_ONCE])
    if not found:
        return
    began = time.monotonic()
    postponed: set[UUID] = set()  # conversations
    with channel.outbox() as send:
        for pk, chat in found:
            if chat not in postponed and not _deliver_one(channel, send, pk, _current_time(now, began)):
                postponed.add(chat)
    if postponed:
        sentence = "The provider of the channel %s does not take messages of %d conversations now; again in a minute."
        log.warning(sentence, channel.name, len(postponed))


def _deliver_one(channel: WrittenChannel, send: Callable[[Outgoing], None], pk: UUID, now: datetime) -> bool:
    """Send one message. False: it has to wait, and so have those after it in its conversation. True: go on."""
    if (outgoing := _decrypt_if_due(pk, now)) is None:
        return True
    if (may := _record_attempt(channel, pk, now)) is not True:
        return may is None
    try:
        send(outgoing)
    except AnswerLost:
        raise
    except ProviderAway:
        _undo_attempt(pk)
        raise
    except MaybeTaken:
        return False
    except TryLater:
        _undo_attempt(pk)
        return False
    except Undeliverable:
        _record_answer(pk, Delivery.REFUSED, None)
    else:
        _record_answer(pk, Delivery.SENT, now)
    return True


def _outside_their_hours(waiting: QuerySet[ChatMessage], now: datetime) -> list[UUID]:
    """Return the conversations of these messages in which nothing may be sent now, because of safe hours."""
    chats = list(Chat.objects.filter(pk__in=waiting.order_by().values("chat")))
    hours = safe_hours_of(chat.pk for chat in chats)
    return [chat.pk for chat in chats if must_wait(chat, hours.get(chat.pk), now)]


def _current_time(now: datetime, began: float) -> datetime:
    """Return the time in a run that began at `now`: safe hours may end while a slow provider takes earlier messages."""
    return now + timedelta(seconds=time.monotonic() - began)


def _decrypt_if_due(pk: UUID, now: datetime) -> Outgoing | None:
    """Decrypt a message to send it. None: it must not be sent, or not now."""
    with acting_as(WORKER):
        message = ChatMessage.objects.filter(pk=pk, delivery=Delivery.PENDING).select_related("chat", "key").first()
        if message is None:
            return None
        chat = message.chat
        if chat.has_opted_out:
            ChatMessage.objects.filter(pk=pk).update(delivery=Delivery.CANCELLED)
            return None
        if must_wait(chat, safe_hours_of([chat.pk]).get(chat.pk), now):
            return None
        chat.key = message.key
        return Outgoing(pk, json.loads(chat.envelope or "{}"), message.text, message.automatic, chat.language)


def _record_attempt(channel: WrittenChannel, pk: UUID, now: datetime) -> bool | None:
    """Record an attempt before it is made, and return whether to make it.

    Otherwise nobody would know after a crash whether the provider may have the message. False: the last attempt was too
    recent, or there were too many; then the message is marked as unclear. None: it does not wait any more, for example
    because it was taken back.
    """
    with acting_as(WORKER):
        columns = "attempts", "last_attempt_at", "chat_id", "delivery"
        message = ChatMessage.objects.select_for_update(of=("self",)).only(*columns).get(pk=pk)
        if message.delivery != Delivery.PENDING:
            return None
        if channel.recognises_ids:
            attempts = min(message.attempts + 1, COUNTED)
            ChatMessage.objects.filter(pk=pk).update(attempts=attempts, last_attempt_at=now)
            return True
        if message.attempts > len(PAUSES):
            ChatMessage.objects.filter(pk=pk).update(delivery=Delivery.UNCLEAR)
            notify("chat", message.chat_id)
            return False
        if message.last_attempt_at and now - message.last_attempt_at < PAUSES[message.attempts - 1]:
            return False
        ChatMessage.objects.filter(pk=pk).update(attempts=message.attempts + 1, last_attempt_at=now)
        return True


def _undo_attempt(pk: UUID) -> None:
    """Undo `_record_attempt`: the provider did not take the message."""
    with acting_as(WORKER):
        row = ChatMessage.objects.filter(pk=pk, attempts__gt=0)
        row.update(attempts=F("attempts") - 1, last_attempt_at=None)


def _record_answer(pk: UUID, delivery: Delivery, at: datetime | None) -> None:
    """Record whether the provider took the message (at `at`) or refused it, unless a receipt has come already."""
    _update_delivery(ChatMessage.objects.filter(pk=pk, delivery=Delivery.PENDING), delivery, at)


def record_receipt(channel: WrittenChannel, receipt: Receipt, now: datetime) -> None:
    """Record what the provider reports of a message of ours, some time after accepting it.

    Receipts may come twice, in any order, late, and before the provider's answer: "arrived" is true whatever else was
    said.
    """
    ours = ChatMessage.objects.filter(pk=receipt.id, chat__channel=channel.name, from_bearer=False)
    known = ours.filter(delivery__in=NEWS_AFTER[receipt.says])
    _update_delivery(known, receipt.says, None if receipt.says == Delivery.REFUSED else now)


def _update_delivery(message: QuerySet[ChatMessage], delivery: Delivery, at: datetime | None) -> None:
    with acting_as(WORKER):
        chat = message.values_list("chat", flat=True).first()
        if chat is not None and message.update(delivery=delivery, delivered_at=at):
            notify("chat", chat)


def _return_keys(channel: WrittenChannel) -> None:
    """Revoke the worker's keys of conversations that have ended and in which no answer waits to be sent."""
    with acting_as(WORKER):
        mine = Chat.objects.filter(state=State.ENDED, channel=channel.name, key__grants__holder=WORKER.holders[1])
        for chat in mine.exclude(messages__delivery=Delivery.PENDING).select_related("key")[:AT_ONCE]:
            chat.key.take(WORKER.holders[1])
