"""Practice chats: an invented person writes to one trainee, on the real pages. PostgreSQL shows them to nobody else."""

import uuid
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.switchboard.models import Language

from .models import Chat
from .rules import store_message


@action(permissions.take_calls, label=gettext_lazy("began a practice"))
def begin_practice_chat(text: str, *, language: Language, by: User, now: datetime) -> Chat:
    """Begin a practice chat with the first words of the invented person. It waits in the queue of `by` alone."""
    key = DataKey.objects.make(by.acting().holders[0], agency=by.agency.pk, kind="practice")
    chat = Chat.objects.create(
        key=key, language=language, begun_at=now, turn_at=now, entered_at=now, seen_at=now, practice_of=by
    )
    say_in_practice(chat, text, by=by, now=now)
    return chat


def say_in_practice(chat: Chat, text: str, *, by: User, now: datetime) -> None:
    """Write a line of the invented person. Raises `Refused` for a chat that is not practice of `by`."""
    if chat.practice_of_id != by.pk:
        raise Refused(_("This is no practice of yours."))
    store_message(chat, text, uuid.uuid4(), now, from_bearer=True)
