"""What was written in one conversation, as the operator who answers it sees it."""

import uuid
from datetime import datetime
from typing import Any

from amparo.foundation.access.models import User
from amparo.line.channels.rules import channel_of, outside_hours
from amparo.line.chat.models import Chat
from amparo.line.chat.rules import LONGEST
from amparo.line.switchboard.models import Call, DangerAlert

from .queue import sentence_about_chat


def chat_context(chat: Chat, user: User, now: datetime) -> dict[str, Any]:
    """The context of desk/_thread.html and desk/_chat.html. Reading it is entered in the ledger."""
    return {
        "chat": chat, "calls": Call.objects.waiting().filter(chat=chat.pk).exists(),
        "channel": channel_of(chat), "written": chat.read(), "reads": chat.is_page_open(now),
        "is_in_danger": DangerAlert.objects.filter(chat=chat.pk).exists(),
        "has_opted_out": chat.has_opted_out, "outside": None if chat.is_on_page else outside_hours(chat, now),
        "word": sentence_about_chat(chat, user), "name": uuid.uuid4(), "longest": LONGEST, "now": now,
    }  # fmt: skip
