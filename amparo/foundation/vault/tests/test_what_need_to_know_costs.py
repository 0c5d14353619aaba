"""A policy that makes a page slow at a hundred thousand records fails here: it counts blocks, never time.

The queries and the bad policy are those of `python -m bench.access`: the same query as the web's role and as the owner
of the tables, who has no policies. The policies check row by row, by an index, the rows that the rest of a query left:
they may touch this many more blocks.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from bench.access import BAD, LISTED_AT_MOST, OPERATORS, QUESTIONS, Question, blocks, load, words_of
from tests.emptying import empty

CONTACTS = 100_000
NEW, OPERATOR, SUPERVISOR = 1, 7, OPERATORS + 1  # an operator with few contacts, one with many, somebody who sees all
BLOCKS_A_ROW = 5  # blocks, where the gate is asked of one row: down the index of the copies of its key, and the copy
A_DAY = 24 * 60 // 3  # contacts: `load` makes one every three minutes


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once for this file, vacuumed and analysed, like a table after a year. Each test takes its changes back."""
    with django_db_blocker.unblock():
        try:
            with connection.cursor() as cursor:
                load(cursor, CONTACTS)
                cursor.execute("vacuum analyze")
            yield
        finally:
            empty()


def limit(question: Question, bare: int) -> float:
    if not question.name.startswith("list"):
        return question.limit * bare
    left = A_DAY if "day" in question.name else LISTED_AT_MOST + 1  # one more, to know that the list is full
    return question.limit * bare + BLOCKS_A_ROW * left


def over(pk: int) -> list[str]:
    """This person's queries that cost more under row security than allowed."""
    user, found = User.objects.get(pk=pk), []
    link = connection.cursor().connection
    words = words_of(user, link)
    for question in QUESTIONS:
        sql = question.sql.format(**words)
        bare = blocks(link, sql)
        with acting_as(user.acting()):
            link.execute(sql)  # the first time on a connection also reads what the functions of the gate are
            gated = blocks(link, sql)
        print(
            f"{pk}, {question.name}: {bare} blocks without a policy, {gated} with, at most {limit(question, bare):.0f}"
        )
        if gated > limit(question, bare):
            found.append(question.name)
    return found


@pytest.mark.django_db
def test_lists_and_look_ups_stay_within_their_bounds(many):
    assert [over(pk) for pk in (NEW, OPERATOR, SUPERVISOR)] == [[], [], []]


@pytest.mark.django_db
def test_control_a_bad_policy_exceeds_the_bounds(many):
    with connection.cursor() as cursor:
        cursor.execute(BAD)
    assert over(SUPERVISOR) != []
