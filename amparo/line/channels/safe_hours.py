"""Decide when what we write may be sent: within the person's safe hours, or while they write to us themselves.

The safe hours stand on the safe-contact card, in a later room. Its SQL function `contacts_safe_hours` returns them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from amparo.foundation.core.daily_hours import DailyHours
from amparo.line.chat.models import Chat, Delivery

ANSWER_WINDOW = timedelta(minutes=15)  # after a message of theirs: so long they have the telephone in hand, and wait


@dataclass(frozen=True)
class OutsideHours:
    """Says that it is now outside the safe hours of the person in a conversation, and what follows from that."""

    hours: DailyHours
    opens_at: datetime | None  # when the next ones begin; None: never
    window_ends_at: datetime | None  # an answer leaves at once until then; None: it waits
    has_pending: bool  # whether something that was written waits


def outside_hours(chat: Chat, now: datetime) -> OutsideHours | None:
    """Return what the console shows before an answer is written. None: within safe hours, or there are none."""
    hours = safe_hours_of([chat.pk]).get(chat.pk)
    if hours is None or hours.include(now):
        return None
    has_pending = chat.has_unsent and must_wait(chat, hours, now)
    window_ends_at = chat.seen_at + ANSWER_WINDOW if _is_in_window(chat, now) else None
    return OutsideHours(hours, hours.next_from(now), window_ends_at, has_pending)


def safe_hours_of(chats: Iterable[UUID]) -> dict[UUID, DailyHours]:
    """Return the safe hours of the person in each of these conversations. Those without safe hours are left out."""
    with connection.cursor() as cursor:
        cursor.execute("select chat, hours_from, hours_to from contacts_safe_hours(%s::uuid[])", [list(chats)])
        return {chat: DailyHours(start, end) for chat, start, end in cursor.fetchall()}


def must_wait(chat: Chat, hours: DailyHours | None, now: datetime) -> bool:
    """Whether what we wrote in this conversation may not leave now.

    Outside the hours it leaves only if the person wrote less than `ANSWER_WINDOW` ago, and our last answer was written
    less than `ANSWER_WINDOW` after a message of theirs, which the operator had read: it may ask us not to write.
    """
    if hours is None or hours.include(now):
        return False
    return not (_is_in_window(chat, now) and _was_answered_in_window(chat))


def _is_in_window(chat: Chat, now: datetime) -> bool:
    """Whether they wrote just now. Who wrote under a forged address has not its owner's telephone in hand."""
    return not chat.is_forged and now - chat.seen_at < ANSWER_WINDOW


def _was_answered_in_window(chat: Chat) -> bool:
    """Whether our last answer was written soon after a message of the person."""
    written = chat.messages.filter(from_bearer=False, automatic=False).exclude(delivery=Delivery.TAKEN_BACK)
    ours = written.values_list("at", flat=True).last()
    if ours is None:
        return False
    theirs = chat.messages.filter(from_bearer=True, at__lte=ours).values_list("at", flat=True).last()
    return theirs is not None and ours - theirs < ANSWER_WINDOW
