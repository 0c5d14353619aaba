"""Write the invented chats of the past, as a visitor of the public page and an operator would."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.chat.rules import answer_chat, begin_chat, end_chat, write_as_visitor
from amparo.line.contacts import rules
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.models import Language

from .conversations import date_back_key, operator_at
from .recipe import PastChat

FIRST = "Mensaje inventado: ¿puedo preguntar algo por aquí?"
ANSWER = "Respuesta inventada: sí. ¿Puede escribir ahora sin peligro?"
SECOND = "Mensaje inventado: sí, nadie me ve."
FOLLOWS = timedelta(seconds=50)  # one message after another
LASTS = timedelta(minutes=14)


def write_chats(past: list[PastChat], people: dict[str, User], now: datetime) -> None:
    """Write all these chats in one transaction, so that no console ever shows one as waiting.

    Write none if earlier chats exist, or if the line asks for certificates: invented people may then take no chat.
    """
    with acting_as(people["marta"].acting()):
        if Contact.objects.filter(channel=Channel.CHAT, started__lt=now).exists():
            return
    with suppress(Refused), transaction.atomic():
        for chat in past:
            _write_chat(chat, people)


def _begin_chat_at(visitor: Actor, then: datetime) -> Chat:
    """Begin a chat now, and date it back to `then`: a chat begun so long ago would be closed to its visitor."""
    chat = begin_chat(
        visitor, FIRST, pk=uuid.uuid4(), language=Language.SPANISH, behind=0, work=uuid.uuid4().hex[:16],
        now=timezone.now(),
    )  # fmt: skip
    with connection.cursor() as cursor:
        times = "begun_at = %(then)s, turn_at = %(then)s, entered_at = %(then)s, seen_at = %(then)s"
        cursor.execute(f"update chat_chat set {times} where id = %(chat)s", {"then": then, "chat": chat.pk})
        cursor.execute("update chat_chatmessage set at = %s where chat_id = %s", [then, chat.pk])
    with acting_as(visitor):
        chat.refresh_from_db(fields=["begun_at", "turn_at", "entered_at", "seen_at"])
    return chat


def _write_chat(past: PastChat, people: dict[str, User]) -> None:
    visitor, by = acting_with(new_code()), operator_at(past.begun, people)
    taken = past.begun + timedelta(seconds=past.wait)
    chat = _begin_chat_at(visitor, past.begun)
    contact = rules.take_chat(chat, by=by, now=taken)
    chat = answer_chat(chat, ANSWER, pk=uuid.uuid4(), by=by, now=taken + FOLLOWS)
    with acting_as(visitor):
        write_as_visitor(chat, SECOND, pk=uuid.uuid4(), now=taken + 2 * FOLLOWS)
    ended = taken + LASTS
    end_chat(chat, by=by, now=ended)
    key, fields = uuid.uuid4(), dict(past.contact.fields)
    fields["place"] = places.place_label(fields["place"])
    rules.save_draft(contact, key=key, revision=1, based_on=contact.version, changes=fields, by=by, now=ended)
    contact = rules.wrap_up(contact, type=past.contact.type, key=key, by=by, now=ended + timedelta(minutes=2))
    date_back_key(contact)
