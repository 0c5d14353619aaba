"""A user's list of cases is always ordered by next due date, however the dates have changed."""

from datetime import timedelta

import pytest
from django.db import connection

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, TaskKind
from amparo.care.cases.rules import (
    add_member,
    close_case,
    finish_task,
    move_task,
    open_case,
    remove_member,
    reopen_case,
)

from .test_what_the_work_costs import another


@pytest.fixture
def three(ana, now):
    """Due in three, two and one days."""
    due = [now + timedelta(days=days) for days in (3, 2, 1)]
    return [open_case(another(ana, now), due=each, by=ana, now=now) for each in due]


def mine(user) -> list[Case]:
    return list(Case.objects.open_by_due_date(user))


def test_what_is_due_first_stands_first(three, ana):
    assert mine(ana) == three[::-1]


def test_a_date_that_is_moved_moves_the_case(three, ana, now):
    move_task(three[0].next_task, now + timedelta(hours=1), why="invented", by=ana, now=now)
    assert mine(ana) == [three[0], three[2], three[1]]


def test_what_comes_next_decides_after_a_task_is_done(three, ana, now):
    task = three[2].next_task
    finish_task(task, then=TaskKind.VISIT, due=now + timedelta(days=9), by=ana, now=now)
    assert mine(ana) == [three[1], three[0], three[2]]


def test_a_closed_case_is_not_there_and_comes_back_when_it_is_reopened(three, ana, now):
    close_case(three[2], Closing.SAFE, by=ana, now=now)
    assert mine(ana) == [three[1], three[0]]
    reopen_case(three[2], task=TaskKind.CALL, due=now + timedelta(hours=1), by=ana, now=now)
    assert mine(ana) == [three[2], three[1], three[0]]


def test_who_joins_has_it_and_who_leaves_has_not(three, ana, ines, now):
    add_member(three[1], ines, by=ana, now=now)
    assert mine(ines) == [three[1]]
    remove_member(three[1], ines, by=ana, now=now)
    assert mine(ines) == []


def test_without_the_trigger_the_order_would_be_wrong(three, ana, now):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table cases_case disable trigger a_team_knows_what_comes_next")
        cursor.execute("set constraints all deferred")
    move_task(three[0].next_task, now + timedelta(hours=1), why="invented", by=ana, now=now)
    assert mine(ana) == three[::-1]
