"""The conversations in writing of one operator, as tabs above the one that is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amparo.foundation.access.models import User
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact

from .queue import Chats

MOST = 6  # tabs; those that wait to be closed are in the queue, too


@dataclass(frozen=True)
class Talk:
    """One tab. Its chat has the columns of `queue.Chats.own`, unless it has ended."""

    chat: Any
    contact: Contact
    is_shown: bool

    @property
    def waits_since(self) -> datetime | None:
        """When the person wrote the words that nobody has answered yet. None: the last word is ours."""
        waits = self.chat.is_open and getattr(self.chat, "waits", False)
        return self.chat.last_at if waits else None


def talks_of(user: User, chats: Chats, shown: Chat | None) -> list[Talk]:
    """Return the conversations that go on, and those that wait to be closed, in the order in which they were taken."""
    going_on = {chat.pk: chat for chat in chats.own if not chat.is_expected or (shown and chat.pk == shown.pk)}
    to_close = [contact.chat_id for contact in chats.to_close[::-1] if contact.chat_id]
    pks = [*going_on, *to_close][:MOST]
    if shown and shown.pk not in pks:
        pks.append(shown.pk)
    if not pks:
        return []
    contacts = Contact.objects.visible_to(user).filter(chat__in=pks).select_related("chat")
    found = {contact.chat.pk: contact for contact in contacts if contact.chat}
    tabs = [
        Talk(going_on.get(pk) or found[pk].chat, found[pk], shown is not None and pk == shown.pk)
        for pk in pks
        if pk in found
    ]
    return sorted(tabs, key=lambda talk: talk.chat.taken_at or talk.chat.begun_at)
