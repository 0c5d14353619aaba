"""Savepoints are released with the next one or by the commit: a rollback undoes the same as in plain Django."""

import os
from contextlib import suppress
from socket import SHUT_RDWR, socket

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.postgresql.base import execute_simple

pytestmark = pytest.mark.django_db(transaction=True)


class Undo(Exception):
    pass


def add(name: str) -> None:
    Agency.objects.create(name=name, kind=Kind.NGO)


def names() -> list[str]:
    return sorted(Agency.objects.filter(name__startswith="Inventada ").values_list("name", flat=True))


def undone(*inner: str, name: str) -> None:
    """Within a block of its own: undone with all blocks inside it."""
    with suppress(Undo), transaction.atomic():
        add(name)
        for each in inner:
            with transaction.atomic():
                add(each)
        raise Undo


def go_on_where_it_failed() -> None:
    with transaction.atomic():
        add("Inventada B")
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("select 1 / 0")


@transaction.atomic
def lose_the_connection(has_begun: bool) -> None:
    """After the first statement of a transaction or before it; then continue."""
    if has_begun:
        add("Inventada A")
    connection.ensure_connection()
    with socket(fileno=os.dup(connection.connection.pgconn.socket)) as link:
        link.shutdown(SHUT_RDWR)
    with transaction.atomic():
        add("Inventada B")


def test_only_failed_blocks_are_rolled_back_in_any_order():
    with transaction.atomic():
        with transaction.atomic():
            add("Inventada A")
        undone("Inventada C", "Inventada D", name="Inventada B")
        with transaction.atomic():
            add("Inventada E")
        with transaction.atomic():
            add("Inventada F")
        undone(name="Inventada G")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select 1 / 0")
        with transaction.atomic():
            add("Inventada H")
    assert names() == ["Inventada A", "Inventada E", "Inventada F", "Inventada H"]


def test_a_successful_block_is_rolled_back_with_the_block_around_it():
    with transaction.atomic():
        with suppress(Undo), transaction.atomic():
            with transaction.atomic():
                add("Inventada A")
            raise Undo
        with transaction.atomic():
            add("Inventada B")
    assert names() == ["Inventada B"]


def test_a_savepoint_may_be_the_first_statement_of_a_transaction():
    with transaction.atomic():
        with suppress(Undo), transaction.atomic():
            raise Undo
        add("Inventada A")
    assert names() == ["Inventada A"]


def test_no_savepoint_of_one_transaction_is_released_in_the_next():
    for name in ("Inventada A", "Inventada B"):
        with transaction.atomic(), transaction.atomic():
            add(name)
    with suppress(Undo), transaction.atomic():
        with transaction.atomic():
            add("Inventada C")
        raise Undo
    with transaction.atomic(), transaction.atomic():
        add("Inventada D")
    assert names() == ["Inventada A", "Inventada B", "Inventada D"]


def test_at_most_one_savepoint_is_open():
    ended = []
    with transaction.atomic():
        for _ in range(3):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select pg_current_xact_id()")
            ended.append(connection._ended_savepoint)
        with connection.cursor() as cursor:
            cursor.execute(f"rollback to savepoint {ended[2]}")
            with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
                cursor.execute(f"rollback to savepoint {ended[1]}")


def test_what_was_released_with_what_is_around_it_is_not_released_again():
    with transaction.atomic():
        around = connection.savepoint()
        with transaction.atomic():
            add("Inventada A")
        connection.savepoint_rollback(around)
        with transaction.atomic():
            add("Inventada B")
    assert names() == ["Inventada B"]


def test_an_error_that_was_swallowed_is_raised_at_the_end_of_its_block():
    """Otherwise the commit would silently undo all of it."""
    with transaction.atomic():
        add("Inventada A")
        with pytest.raises(DatabaseError):
            go_on_where_it_failed()
    assert names() == ["Inventada A"]


def test_no_savepoint_of_a_connection_that_was_closed_is_released_in_the_next():
    with suppress(DatabaseError), transaction.atomic():
        with transaction.atomic():
            add("Inventada A")
        connection.close()
        add("Inventada B")
    with transaction.atomic(), transaction.atomic():
        add("Inventada C")
    assert names() == ["Inventada C"]


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_connection_that_died_is_reported_as_an_unreachable_database(has_begun):
    """Pages answer with a 503, and the journal of the calls writes again."""
    with pytest.raises(OperationalError):
        lose_the_connection(has_begun)
    connection.close()
    assert names() == []


def test_an_error_of_postgresql_is_raised():
    connection.ensure_connection()
    with pytest.raises(psycopg.errors.NoActiveSqlTransaction):
        execute_simple(connection.connection, "release savepoint of_nobody")
