"""Entries come only from one function, in the name of the current actor, and contain only names of things."""

import contextlib
import uuid

import psycopg
import pytest
from django.db import connection, transaction

from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Unreachable

from .conftest import acting

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_which_row_and_why():
    file = uuid.uuid4()
    with acting(user=7, role="hotline/operator", purpose="call"):
        append("look", f"contact {file}", ["first_name", "notes"], key=file)
    entry = Entry.objects.get()
    assert (entry.user_id, entry.role, entry.purpose) == (7, "hotline/operator", "call")
    assert (entry.what, entry.about, entry.fields) == ("look", f"contact {file}", ["first_name", "notes"])
    assert (entry.key, entry.number) == (file, None)


def test_one_of_our_own_processes_has_a_role_and_no_name():
    with acting_as(WORKER):
        append("forget_old_contacts", "contact")
    entry = Entry.objects.get()
    assert (entry.user_id, entry.agency_id, entry.role) == (0, 0, "system/worker")


def test_an_entry_without_an_actor_is_refused():
    with pytest.raises(Unreachable), transaction.atomic():
        append("look", "contact 1")
    assert not Entry.objects.exists()


def test_an_action_that_cannot_be_logged_is_rolled_back():
    """The rest of the transaction is undone with it."""
    with acting(), contextlib.suppress(Unreachable), transaction.atomic():
        append("wrap_up", "contact 1")
        append("look", "María Quispe")
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        {"about": "María Quispe"},
        {"about": "contact 987654321"},
        {"about": "contact +51 987 654 321"},
        {"about": "contact 192.0.2.1"},
        {"about": "contact\nMaría"},
        {"fields": ["notes=she fled"]},
        {"fields": ["notes", "987654321"]},
        {"what": "she called"},
    ],
)
def test_a_value_is_refused_and_not_repeated(words, caplog):
    with pytest.raises(Unreachable) as refusal, acting():
        append(**{"what": "look", "about": "contact 1", **words})
    text = f"{refusal.value} {refusal.value.__cause__} {caplog.text}"
    assert not any(word in text for word in ("María", "987", "192.0", "fled"))
    assert not Entry.objects.exists()


FORBIDDEN = [
    "select * from audit_entry",
    "select count(*) from audit_entry",
    "insert into audit_entry (at, user_id, role, purpose, what, about, fields)"
    " values (now(), 8, 'police/investigator', '', 'look', 'contact 1', '{}')",
    "update audit_entry set user_id = 8",
    "delete from audit_entry",
    "truncate audit_entry",
    "alter table audit_entry drop constraint an_entry_says_who",
    "alter table audit_entry disable row level security",
    "alter table audit_entry disable trigger all",
    "drop table audit_entry",
    "drop function audit.append",
    "drop policy owner_appends on audit_entry",
    "create or replace function audit.may_open(file uuid) returns boolean language sql as 'select true'",
    "create or replace function audit.is_auditor() returns boolean language sql as 'select true'",
    "create function audit.mine() returns int language sql as 'select 1'",
    "copy audit_entry to stdout",
    "lock table audit_entry",
    "insert into audit_sealerstatus (id, seen_at, trouble) values (1, now(), '{}')",
    "update audit_sealerstatus set trouble = '{}'",
    "set session_replication_role = replica",
    "select * from acting.secret",
    "delete from acting.secret",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_can_append_and_nothing_else(statement):
    with acting():
        append("look", "contact 1")
        before = _sees_nothing(statement)
    assert before
    assert Entry.objects.count() == 1


def _sees_nothing(statement: str) -> bool:
    """The server refuses it; it is not just without effect."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except Exception as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def test_control_an_allowed_statement_is_noticed():
    with acting():
        assert not _sees_nothing("select 1")


def test_the_sealer_can_number_an_entry_once_and_change_nothing(sealer):
    with acting():
        append("look", "contact 1")
    assert sealer.seal() == 1
    for column in ("user_id = 8", "at = now()", "what = 'glance'", "about = 'contact 2'", "role = 'a/b'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sealer.connection.execute(f"update audit_entry set {column}")
    assert sealer.connection.execute("update audit_entry set number = 5, hash = 'x'").rowcount == 0
    for statement in ("delete from audit_entry", "truncate audit_entry", "drop table audit_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sealer.connection.execute(statement)
    assert Entry.objects.get().number == 1
