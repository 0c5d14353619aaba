"""No address and no word of an e-mail stands anywhere in clear: not in a table, a log or an error."""

import logging
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from amparo.line.channels import delivery
from amparo.line.channels.channel import TryLater
from amparo.line.channels.email.channel import Email
from amparo.line.channels.rules import answer_in_channel
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.contacts.rules import take_chat

from .conftest import HER, WORDS


def everything() -> str:
    """All rows of all tables as text; bytes as hexadecimal digits."""
    with connection.cursor() as cursor:
        cursor.execute("select schemaname || '.' || tablename from pg_tables where schemaname !~ '^(pg_|information)'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"select t::text from {table} t")
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def traces(text: str) -> list[str]:
    return [each for each in (HER, WORDS) if each in text or each.encode().hex() in text]


def test_no_address_is_in_a_table_or_a_log(write, minute, ana, mailbox, relay, now, caplog, capfd):
    """An e-mail is taken and answered; its provider refuses, takes nothing for a while, and takes the last answer."""
    caplog.set_level(logging.DEBUG)
    write()
    minute()
    chat = Chat.objects.get()
    take_chat(chat, by=ana, now=now)
    for verdict in (f"550 {HER} unknown", f"451 {HER} later", "250 OK"):
        relay.handler.answer = verdict
        answer_in_channel(chat, f"{WORDS} {verdict}", pk=uuid.uuid4(), by=ana, now=timezone.now())
        minute()
    mailbox.stop()
    minute()
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("amparo", "django")))
    assert "does not take messages" in ours
    assert "does not answer" in ours
    assert traces(everything()) == traces(ours) == traces(capfd.readouterr().out) == []


def test_control_an_address_in_clear_is_found(write, minute):
    """The control: the search finds what somebody forgot to seal."""
    write()
    minute()
    with connection.cursor() as cursor:
        cursor.execute("update chat_chat set envelope = %s", [HER.encode()])
    assert traces(everything()) == [HER]


def test_an_error_of_a_server_repeats_no_address(write, minute, relay):
    relay.handler.answer = f"451 {HER} later"
    write()
    minute()
    outgoing = delivery._decrypt_if_due(ChatMessage.objects.get(automatic=True).pk, timezone.now())
    with pytest.raises(TryLater) as later, Email().outbox() as send:
        send(outgoing)
    assert traces(f"{later.value!r} {outgoing!r} {later.value.__cause__!r}") == []
