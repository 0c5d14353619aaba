import psycopg
import pytest
from django.db import connection

from amparo.foundation.core import database
from amparo.foundation.core.database import refuse_unfit_database
from amparo.foundation.core.refusal import Misconfigured

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    """Signed in as an owner with all rights that Amparo needs, who is no superuser."""
    with connection.cursor() as cursor:
        cursor.execute("create role an_owner createrole")
        cursor.execute("grant an_owner to current_user with set true")
        cursor.execute(f"grant create on database {connection.settings_dict['NAME']} to an_owner")
        cursor.execute("grant create on schema public to an_owner")
        yield cursor
        cursor.execute("reset role")


def message(cursor):
    cursor.execute("set role an_owner")
    with pytest.raises(Misconfigured) as refused:
        refuse_unfit_database(cursor)
    return str(refused.value)


def test_an_owner_who_may_make_roles_and_tables_is_enough(owner):
    owner.execute("set role an_owner")
    assert refuse_unfit_database(owner) is None


def test_without_the_right_to_make_roles_the_error_says_what_to_type(owner):
    owner.execute("alter role an_owner nocreaterole")
    assert 'alter role "an_owner" createrole' in message(owner)


@pytest.mark.parametrize("what", ["database {}", "schema public"])
def test_without_the_right_to_make_tables_the_error_says_what_to_type(owner, what):
    owner.execute(f"revoke create on {what.format(connection.settings_dict['NAME'])} from an_owner")
    assert 'owner to "an_owner"' in message(owner)


def test_an_old_server_is_named(owner, monkeypatch):
    monkeypatch.setattr(database, "OLDEST", 99)
    assert "needs 99 or newer" in message(owner)


def test_for_a_database_without_unicode_the_error_says_how_to_make_one():
    """A cluster as Debian makes it where no language is set."""
    where = connection.get_connection_params()
    reach = {name: where[name] for name in ("host", "user", "password", "port") if where.get(name)}
    with psycopg.connect(dbname="postgres", autocommit=True, **reach) as server:
        server.execute("drop database if exists in_ascii")
        server.execute(
            "create database in_ascii encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0"
        )
        try:
            with (
                psycopg.connect(dbname="in_ascii", **reach) as link,
                pytest.raises(Misconfigured, match="encoding=UTF8"),
            ):
                refuse_unfit_database(link.cursor())
        finally:
            server.execute("drop database in_ascii")
