"""An open case always has a dated next task. The actions ensure it, and so does the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EntryKind, State, TaskKind
from amparo.care.cases.rules import (
    add_member,
    close_case,
    finish_task,
    follow_up,
    move_task,
    plan_task,
    reopen_case,
    write_note,
)  # fmt: skip
from amparo.foundation.core.refusal import Refused


def test_the_nearest_task_is_the_next_one(case, ana, now, fresh):
    soon = plan_task(case, TaskKind.ASK, now + timedelta(hours=2), words="invented words", by=ana, now=now)
    plan_task(case, TaskKind.VISIT, now + timedelta(days=200), by=ana, now=now)
    assert fresh().next_task == soon
    assert fresh().next_due == soon.due


def test_after_a_task_is_done_the_following_one_is_next(case, ana, now, tomorrow, fresh):
    soon = plan_task(case, TaskKind.ASK, tomorrow, by=ana, now=now)
    finish_task(soon, result="they will call", by=ana, now=now)
    assert fresh().next_task != soon
    assert case.entries.get(kind=EntryKind.DONE).words == "they will call"


def test_finishing_a_task_twice_adds_one_entry(case, ana, now, tomorrow):
    soon = plan_task(case, TaskKind.ASK, tomorrow, by=ana, now=now)
    for _ in range(2):
        finish_task(soon, by=ana, now=now)
    assert case.entries.filter(kind=EntryKind.DONE).count() == 1


def test_the_last_task_cannot_be_done_without_another(case, ana, now, fresh):
    with pytest.raises(Refused, match="always has a next task"):
        finish_task(case.next_task, by=ana, now=now)
    assert fresh().next_task.is_open


def test_the_last_task_can_be_done_with_a_following_task(case, ana, now, tomorrow, fresh):
    finish_task(case.next_task, then=TaskKind.REVIEW, due=tomorrow, by=ana, now=now)
    assert (fresh().next_task.kind, fresh().next_due) == (TaskKind.REVIEW, tomorrow)


def test_a_date_is_moved_for_a_reason(case, ana, now, tomorrow, fresh):
    with pytest.raises(Refused, match="Say why"):
        move_task(case.next_task, tomorrow, why=" ", by=ana, now=now)
    move_task(case.next_task, tomorrow, why="she asked for it", by=ana, now=now)
    assert fresh().next_due == tomorrow
    assert case.entries.get(kind=EntryKind.MOVED).words == "she asked for it"


@pytest.mark.parametrize("days", [-1, 400])
def test_a_date_that_nobody_will_look_at_is_refused(case, ana, now, days):
    with pytest.raises(Refused, match="within a year"):
        plan_task(case, TaskKind.CALL, now + timedelta(days=days), by=ana, now=now)


def test_only_the_team_is_given_a_task(case, ana, ines, now, tomorrow):
    with pytest.raises(Refused, match="in the team"):
        plan_task(case, TaskKind.CALL, tomorrow, assignee=ines, by=ana, now=now)
    add_member(case, ines, by=ana, now=now)
    assert plan_task(case, TaskKind.CALL, tomorrow, assignee=ines, by=ana, now=now).assignee == ines


def test_a_stranger_plans_nothing(case, stranger, now, tomorrow):
    with pytest.raises(Refused):
        plan_task(case, TaskKind.CALL, tomorrow, by=stranger, now=now)
    assert case.tasks.count() == 1


def test_closing_needs_a_reason_and_no_critical_task(case, ana, now, tomorrow, fresh):
    critical = plan_task(case, TaskKind.SHELTER, tomorrow, is_critical=True, by=ana, now=now)
    with pytest.raises(Refused, match="critical"):
        close_case(case, Closing.SAFE, by=ana, now=now)
    with pytest.raises(Refused, match="Say why"):
        close_case(case, "because", by=ana, now=now)
    finish_task(critical, by=ana, now=now)
    close_case(case, Closing.SAFE, words="invented words", by=ana, now=now)
    assert not fresh().is_open
    assert fresh().next_task is None
    assert not case.tasks.filter(is_open=True).exists()
    assert fresh().key.closed_at == now


def test_nothing_is_done_in_a_closed_case(case, ana, now, tomorrow):
    close_case(case, Closing.LOST, by=ana, now=now)
    with pytest.raises(Refused, match="closed"):
        plan_task(case, TaskKind.CALL, tomorrow, by=ana, now=now)


def test_it_is_opened_again_with_a_next_task(case, ana, now, tomorrow, fresh):
    close_case(case, Closing.LOST, by=ana, now=now)
    for _ in range(2):
        reopen_case(case, task=TaskKind.CALL, due=tomorrow, by=ana, now=now)
    assert fresh().is_open
    assert fresh().next_due == tomorrow
    assert fresh().key.closed_at is None
    assert case.tasks.filter(is_open=True).count() == 1


def at_once(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("set constraints all immediate")


@pytest.mark.parametrize(
    "wrong",
    [
        "update cases_case set next_task_id = null, next_due = null",
        "update cases_case set next_due = next_due + interval '1 day'",
        "update cases_task set is_open = false, done_at = now(), done_by_id = 1, was_done = true",
        "update cases_task set due = due + interval '1 day'",
        "update cases_case set state = 'closed'",
    ],
)
def test_the_database_says_so_too(case, wrong):
    with pytest.raises(IntegrityError):
        at_once(wrong)
    assert Case.objects.get(pk=case.pk).next_task.is_open


def test_a_case_is_new_until_something_is_done(case, ana, ines, now, tomorrow, fresh):
    add_member(case, ines, by=ana, now=now)
    plan_task(case, TaskKind.ASK, tomorrow, by=ana, now=now)
    assert fresh().state == State.NEW
    write_note(case, "invented words", by=ana, now=now)
    assert fresh().state == State.ACTIVE


def test_only_followed_up_it_still_has_a_next_task_and_is_worked_on_again(case, ana, now, tomorrow, fresh):
    critical = plan_task(case, TaskKind.ASK, tomorrow, is_critical=True, by=ana, now=now)
    with pytest.raises(Refused, match="critical"):
        follow_up(case, only=True, by=ana, now=now)
    finish_task(critical, by=ana, now=now)
    for _ in range(2):
        follow_up(case, only=True, by=ana, now=now)
    assert (fresh().state, fresh().is_open, fresh().next_task is not None) == (State.FOLLOW_UP, True, True)
    write_note(case, "invented words", by=ana, now=now)
    assert fresh().state == State.FOLLOW_UP
    follow_up(case, only=False, by=ana, now=now)
    assert fresh().state == State.ACTIVE
    assert case.entries.filter(kind__in=[EntryKind.FOLLOWED_UP, EntryKind.WORKED_ON]).count() == 2
