"""A statement is planned once for all (docs/decisions/0020); whoever asks it by that plan sees what is theirs alone."""

import uuid

import pytest
from django.db import connection
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import Actor, acting_as
from amparo.line.chat.models import ChatMessage
from amparo.line.chat.receipts import acting_with
from amparo.line.chat.rules import begin_chat
from amparo.line.contacts.rules import take_chat
from amparo.line.switchboard.models import Language

OFTEN = 10  # times: long after the statement is prepared, and after PostgreSQL took one plan for all values


@pytest.fixture
def people(db) -> list[Actor]:
    """Two who write from the public page, and the operator of each."""
    found, now = [], timezone.now()
    for name in ("ana", "rufino"):
        visitor, operator = acting_with(new_code()), User.objects.create(username=name, role=Role.OPERATOR)
        chat = begin_chat(visitor, name, pk=uuid.uuid4(), language=Language.SPANISH, behind=0, work=None, now=now)
        take_chat(chat, by=operator, now=now)
        found += [visitor, operator.acting()]
    return found


def all_that(acting: Actor) -> list[str]:
    """By the very same statement, without a condition of ours: the policies alone say what."""
    with acting_as(acting), connection.cursor() as cursor:
        cursor.execute("select c.begun_at is not null from chat_chat c join chat_chatmessage w on w.chat_id = c.id")
        assert len(cursor.fetchall()) == 1
        return [each.text for each in ChatMessage.objects.select_related("key").prefetch_related("key__grants")]


def test_one_plan_shows_everybody_what_is_theirs_alone(people):
    for _ in range(OFTEN):
        assert [all_that(acting) for acting in people] == [["ana"], ["ana"], ["rufino"], ["rufino"]]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%%chat_chatmessage%%'")
        assert cursor.fetchone()[0] >= 2  # the control: it was one statement, prepared
