"""The queries of the console touch the same number of blocks however many calls there were."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from psycopg import ClientCursor

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.roster.rules import take_seat
from amparo.screens.desk import queue
from amparo.screens.desk.console import console_of
from amparo.screens.desk.other_work import other_work
from amparo.screens.home.navigation import count_waiting
from bench.access import OPERATORS, load

CALLS = 50_000  # four years of a thousand per month; one in a thousand is not wrapped up
BUSY = 7  # an operator with a 200th of them
AT_MOST = 400  # blocks of 8 kB; a table of these calls has 1,500


@pytest.fixture
def many(transactional_db: None) -> User:
    """Many calls, vacuumed and analysed as a table of years is, and a user at the console."""
    with connection.cursor() as cursor:
        load(cursor, CALLS)
        cursor.execute("vacuum analyze")
    user = User.objects.get(pk=BUSY)
    take_seat(by=user, now=timezone.now())
    return user


def show(user: User) -> None:
    """Run all queries of one console: bar, main part, queue, shift, counts."""
    now = timezone.now()
    count_waiting(user, now)
    console = console_of(user, now)
    print(
        console.hard,
        console.answered,
        queue.waiting_calls(user),
        queue.people_to_call_back(now),
        queue.colleagues_on_shift(now),
        queue.chats_for(user),
        other_work(user, now),
    )


def dear(user: User, ask: Callable[[User], None]) -> list[str]:
    """The queries that touch more blocks than allowed, with a plan for these values or one for any values."""
    queries: list[tuple[str, tuple[Any, ...]]] = []

    def keep(execute, sql, params, many, context):
        queries.append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    with acting_as(user.acting()):
        with connection.execute_wrapper(keep):
            ask(user)
        found = [
            (count, sql)
            for sql, params in queries
            if sql.lower().startswith("select ")
            for count in (blocks(sql, params, "force_custom_plan"), blocks(sql, params, "force_generic_plan"))
        ]
    assert found
    return [f"{count} blocks: {sql[-120:]}" for count, sql in found if count > AT_MOST]


def blocks(sql: str, params: tuple[Any, ...], mode: str) -> int:
    """How many blocks a prepared statement touches. PostgreSQL chooses between the two modes by itself."""
    numbers = itertools.count(1)
    statement = re.sub("%s", lambda _: f"${next(numbers)}", sql)
    with connection.cursor() as cursor:
        cursor = ClientCursor(cursor.connection)
        cursor.execute(f"set local plan_cache_mode = {mode}")
        cursor.execute(f"prepare asked as {statement}")
        values = f"({cursor.mogrify(', '.join(['%s'] * len(params)), params)})" if params else ""
        cursor.execute(f"explain (analyze, buffers, format json) execute asked{values}")
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("deallocate asked")
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_no_query_of_the_console_grows_with_the_number_of_calls(many):
    assert dear(many, show) == []


def test_no_number_of_the_bar_grows_with_the_number_of_calls(many):
    assert dear(User.objects.get(pk=OPERATORS + 1), lambda supervisor: count_waiting(supervisor, timezone.now())) == []


def test_control_a_query_without_its_index_is_detected(many):
    for index in ("calls_live", "contacts_open", "events_of_somebody_lately"):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"drop index {index}")
            found = dear(many, show)
            transaction.set_rollback(True)
        assert found != [], index
