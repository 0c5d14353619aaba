"""The queries of the console touch the same number of blocks however many calls there were."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.roster.rules import take_seat
from amparo.screens.desk import queue
from amparo.screens.desk.console import console_of
from bench.access import blocks, load

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
    """Run all queries of one console: main part, queue, shift, counts."""
    now = timezone.now()
    console = console_of(user, now)
    print(
        console.hard,
        console.answered,
        queue.waiting_calls(user),
        queue.people_to_call_back(now),
        queue.colleagues_on_shift(now),
        queue.chats_for(user),
    )


def dear(user: User, ask: Callable[[User], None]) -> list[str]:
    """The queries that touch more blocks than allowed."""
    with acting_as(user.acting()):
        with CaptureQueriesContext(connection) as queries:
            ask(user)
        link = connection.cursor().connection
        found = {q["sql"]: blocks(link, q["sql"]) for q in queries if q["sql"].startswith("SELECT ")}
    assert len(found) > 5
    return [f"{count} blocks: {sql[-120:]}" for sql, count in found.items() if count > AT_MOST]


def test_no_query_of_the_console_grows_with_the_number_of_calls(many):
    assert dear(many, show) == []


def test_control_a_query_without_its_index_is_detected(many):
    for index in ("calls_live", "contacts_open", "events_of_somebody_lately"):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"drop index {index}")
            found = dear(many, show)
            transaction.set_rollback(True)
        assert found != [], index
