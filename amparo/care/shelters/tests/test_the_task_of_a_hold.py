"""Whoever holds a bed is reminded before the hold expires, and not once they are in the house."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from amparo.care.cases.models import Task
from amparo.care.cases.requests_sent import requests_sent
from amparo.care.cases.tasks_planning import finish_task, plan_task
from amparo.care.shelters.rules import (
    ARRIVES_WITHIN,
    approve_placement,
    arrive,
    decline_placement,
    release_bed,
    take_back_arrival,
)
from amparo.foundation.core.actor import acting_as

from .conftest import otherwise


def task_of(placement) -> Task:
    return Task.objects.get(pk=placement.pk)


def comes_next_in(case) -> Task:
    case.refresh_from_db()
    assert (case.next_due, case.next_task_id) == (case.next_task.due, case.tasks.open().first().pk)
    return case.next_task


def test_it_is_done_when_they_are_in_the_house(approved, case, luz, now):
    assert comes_next_in(case) == task_of(approved)
    arrive(approved, by=luz, now=now)  # by the house, which may not read the case
    done = task_of(approved)
    assert (done.is_open, done.was_done, done.done_by) == (False, True, luz)
    assert comes_next_in(case) != done


def test_it_is_due_when_the_hold_runs_out_also_where_that_is_later(requested, case, olga, now):
    before = task_of(requested).due
    approve_placement(requested, by=olga, now=now)
    [stay] = requested.stays.all()
    assert before < task_of(requested).due == stay.reserved.upper == now + ARRIVES_WITHIN
    assert comes_next_in(case).due <= task_of(requested).due


def test_released_she_needs_none(reserved, case, ana, now):
    release_bed(reserved, by=ana, now=now)
    assert (task_of(reserved).is_open, task_of(reserved).was_done) == (False, False)
    assert comes_next_in(case).is_open


def test_declined_she_needs_one_still(requested, case, olga, now):
    decline_placement(requested, reason="invented", by=olga, now=now)
    assert task_of(requested).is_open


def test_an_open_case_is_not_left_without_one(reserved, case, ana, now):
    for other in case.tasks.open().exclude(pk=reserved.pk):
        finish_task(other, was_done=True, by=ana, now=now)
    release_bed(reserved, by=ana, now=now)
    assert comes_next_in(case) == task_of(reserved)


def test_it_is_nobodys_to_settle_who_holds_no_placement(approved, stranger):
    with pytest.raises(DatabaseError, match="only who holds a placement settles it"), acting_as(stranger.acting()):
        connection.cursor().execute("select shelters_update_task(%s)", [approved.pk])


def test_what_was_planned_by_hand_stays(approved, case, ana, luz, now):
    by_hand = plan_task(case, "shelter", now + timedelta(days=1), by=ana, now=now)
    arrive(approved, by=luz, now=now)
    by_hand.refresh_from_db()
    assert by_hand.is_open


def test_the_control_were_its_kind_asked_for_it_would_not_stay(approved, case, ana, luz, now):
    by_kind = "t.case_id = it.case_id and t.kind = 'shelter' and t.is_open and exists"
    otherwise("shelters_update_task", "t.id = it.id and t.is_open and exists", by_kind)
    with pytest.raises(AssertionError, match="is_open"):
        test_what_was_planned_by_hand_stays(approved, case, ana, luz, now)


def test_the_case_draws_the_hold_as_a_clock(approved, case, ana, luz, now):
    def steps(at):
        with acting_as(ana.acting()):
            [sent] = requests_sent(case, at)
        assert sent.name == "Casa Tucán: 1"
        return [(str(step.label), step.state) for step in sent.steps]

    before = [("Held", "done"), ("Approved", "done")]
    assert steps(now + timedelta(hours=1)) == [*before, ("Arrived", "running")]
    assert steps(now + timedelta(days=1)) == [*before, ("Arrived", "late")]
    arrive(approved, by=luz, now=now)
    assert steps(now + timedelta(days=1)) == [*before, ("Arrived", "done")]
    take_back_arrival(approved, by=luz, now=now)
    assert steps(now + timedelta(hours=1)) == [*before, ("Arrived", "running")]
    release_bed(approved, by=ana, now=now)
    assert steps(now + timedelta(days=1)) == [("Held", "done"), ("Released", "done")]
