"""A failed transaction leaves no actor and no live notification to the code that continues."""

from contextlib import suppress

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DataError

from amparo.foundation.core.actor import acting_as, current_actor, current_transaction
from amparo.foundation.core.live import CHANNEL, conninfo, notify, pending_notifications
from amparo.foundation.core.refusal import Refused

from .. import permissions
from ..action import action
from ..models import User
from .conftest import person

CONTEXT = """select current_user, coalesce(current_setting('amparo.acting', true), ''),
    current_setting('synchronous_commit')"""

pytestmark = pytest.mark.django_db(transaction=True)


@action(permissions.take_calls, label="invented")
def note_and_refuse(*, by: User) -> None:
    notify("refused")
    raise Refused("invented")


@action(permissions.take_calls, label="invented")
def go_on_after_it(*, by: User) -> None:
    notify("before")
    with suppress(Refused), transaction.atomic():
        note_and_refuse(by=by)
    notify("after")


@pytest.fixture
def bruno(db: None) -> User:
    return person("bruno")


def delivered() -> tuple[str, str, str]:
    """The actor that the database sees."""
    with connection.cursor() as cursor:
        cursor.execute(CONTEXT)
        return cursor.fetchone()


def fail(bruno: User, savepoint: bool) -> None:
    with suppress(ValueError), transaction.atomic(), acting_as(bruno.acting("care"), savepoint=savepoint):
        raise ValueError


def break_it(bruno: User) -> None:
    with suppress(DataError), acting_as(bruno.acting()), connection.cursor() as cursor:
        cursor.execute("select 1 / 0")


def test_whoever_acted_before_a_failure_acts_after_it(rosa, bruno):
    nobody = delivered()
    with acting_as(rosa.acting()):
        before = delivered(), current_actor(), current_transaction()
        for failure in (lambda: fail(bruno, True), lambda: fail(bruno, False), lambda: break_it(bruno)):
            failure()
            assert (delivered(), current_actor(), current_transaction()) == before
    assert (delivered(), current_actor(), current_transaction()) == (nobody, None, None)


def test_after_a_failed_block_there_is_no_actor(rosa):
    nobody = delivered()
    with suppress(ValueError), acting_as(rosa.acting(), asynchronous_commit=True):
        raise ValueError
    assert (delivered(), current_actor()) == (nobody, None)


def test_no_note_of_a_verb_that_was_refused_is_sent_and_none_waits_on(rosa):
    with psycopg.connect(conninfo(), autocommit=True) as link:
        link.execute(f"listen {CHANNEL}")
        with acting_as(rosa.acting()):
            with suppress(Refused):
                note_and_refuse(by=rosa)
            assert pending_notifications() is None
            go_on_after_it(by=rosa)
            notify("page")
        heard = [note.payload for note in link.notifies(timeout=10, stop_after=3)]
    assert heard == ["before", "after", "page"]
