"""One list of all waiting calls and chats, from which a supervisor passes one on to an operator."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse

from amparo.foundation.access.models import User
from amparo.line.channels.rules import channel_of
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.models import Call, DangerAlert
from amparo.screens.desk.queue import contacts_before

SHOWN = 60  # rows; in a flood a thousand may wait


@dataclass(frozen=True)
class Waiting:
    """A waiting call or chat, with what is known of its caller."""

    pk: str
    channel: str
    language: str
    since: datetime
    is_in_danger: bool
    is_silent: bool
    earlier: int  # contacts of the same caller before
    came_back: bool  # by the code of a chat
    unsent: int  # answers of an operator who no longer has the chat; a supervisor can take them back
    rings_for: User | None
    passed_to: User | None
    address: str  # where it is passed on


def waiting_conversations() -> tuple[list[Waiting], int]:
    """Return the waiting calls and chats, danger first, then the longest wait; and how many wait. No practice."""
    calls = Call.objects.real().waiting()
    chats = Chat.objects.waiting_in_order().filter(practice_of=None)
    number = calls.count() + chats.count()
    by_phone = calls.select_related("ringing_for", "passed_to").order_by("-danger", "waiting_since", "pk")
    first = list(by_phone[:SHOWN])
    earlier = contacts_before(first)
    alerted = chats.annotate(in_danger=Exists(DangerAlert.objects.filter(chat=OuterRef("pk"))))
    written = list(alerted.select_related("passed_to").order_by("-in_danger", "begun_at", "pk")[:SHOWN])
    unsent = _unsent_in(written)
    found = [_waiting_call(call, earlier.get(call.pk, 0)) for call in first]
    found += [_waiting_chat(chat, chat.in_danger, unsent[chat.pk]) for chat in written]  # type: ignore[attr-defined]  # annotated
    return sorted(found, key=lambda each: (not each.is_in_danger, each.since, each.pk))[:SHOWN], number


def _unsent_in(chats: Iterable[Chat]) -> Counter[UUID]:
    """Count the operators' messages that wait to be sent in each of these chats, by the id of the chat."""
    return Counter(ChatMessage.objects.unsent().filter(chat__in=chats).values_list("chat", flat=True))


def _waiting_call(call: Call, earlier: int) -> Waiting:
    return Waiting(
        str(call.pk), str(Channel.CALL.label), call.language, call.waiting_since or call.arrived_at, call.danger,
        call.silent, earlier, False, 0, call.ringing_for, call.passed_to,
        reverse("pass-call-to", args=[call.pk]),
    )  # fmt: skip


def _waiting_chat(chat: Chat, is_in_danger: bool, unsent: int) -> Waiting:
    return Waiting(
        str(chat.pk), str(channel_of(chat).label), chat.language, chat.begun_at, is_in_danger,
        False, 0, chat.came_back, unsent, None, chat.passed_to, reverse("pass-chat-to", args=[chat.pk]),
    )  # fmt: skip
