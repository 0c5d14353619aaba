"""A stay beyond its planned end is listed first and says so, and its case has a task for that day."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from amparo.care.cases.models import Task
from amparo.care.cases.picklists import Closing, EntryKind, TaskKind
from amparo.care.cases.rules import add_person_to_case, close_case, reopen_case
from amparo.care.cases.tasks_planning import finish_task
from amparo.care.people.picklists import Part
from amparo.care.shelters import board
from amparo.care.shelters.models import Placement
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    hold_bed,
    leave_house,
    plan_stay,
    request_placement,
)
from amparo.foundation.audit.models import Entry as InLedger
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .conftest import at_risk
from .test_pages import at, read


@pytest.fixture
def there(approved, luz, now) -> Placement:
    return arrive(approved, by=luz, now=now)


def task_of(case) -> Task | None:
    return case.tasks.filter(kind=TaskKind.STAY).first()


def day_of(task) -> int:
    """Return in how many days the task is due; it is due at nine in the morning."""
    due = timezone.localtime(task.due)
    assert due.hour == 9
    return (due.date() - timezone.localdate()).days


def place(case, person, house, ana, olga, luz, now, days: int = 30, **more) -> Placement:
    placement = hold_bed(case, [person], house, by=ana, now=now, **more)
    day = timezone.localdate(now) + timedelta(days=days)
    request_placement(placement, planned_to=day, escort="invented", by=ana, now=now)
    return arrive(approve_placement(placement, by=olga, now=now), by=luz, now=now)


def test_who_arrives_has_a_task_in_her_case_for_the_day_it_is_planned_to(approved, case, luz, now):
    assert task_of(case) is None
    arrive(approved, by=luz, now=now)  # by the house, which may not read the case
    assert (day_of(task_of(case)), task_of(case).is_critical) == (30, False)
    case.refresh_from_db()
    assert case.next_due == min(case.tasks.open().values_list("due", flat=True))


@pytest.mark.parametrize("who", ["ana", "olga"])
def test_it_is_prolonged_by_the_line_and_the_task_moves_with_it(there, case, who, request, now):
    by, day = request.getfixturevalue(who), timezone.localdate(now) + timedelta(days=60)
    for _ in range(2):
        plan_stay(there, day, by=by, now=now)
    assert (Placement.objects.get().planned_to, day_of(task_of(case))) == (day, 60)
    [entry] = case.entries.filter(kind=EntryKind.STAY_PLANNED)
    assert (entry.by, "Casa Tucán, until" in (entry.words or "")) == (by, who == "ana")
    assert InLedger.objects.filter(what="plan_stay", about=f"placement {there.pk}", user_id=by.pk).exists()


def test_it_is_not_prolonged_by_the_house_a_stranger_or_to_no_day(there, luz, stranger, ana, now):
    today = timezone.localdate(now)
    for who, message in ((luz, "not for your role"), (stranger, "no access")):
        with pytest.raises(Refused, match=message):
            plan_stay(there, today + timedelta(days=40), by=who, now=now)
    for day in (today - timedelta(days=1), today + timedelta(days=400)):
        with pytest.raises(Refused, match="from today on"):
            plan_stay(there, day, by=ana, now=now)


def test_before_she_came_what_two_approved_stands(approved, ana, now):
    with pytest.raises(Refused, match="It is past that"):
        plan_stay(approved, timezone.localdate(now) + timedelta(days=40), by=ana, now=now)


def test_of_two_houses_the_first_day_counts_and_when_all_left_the_task_is_not_needed(
    case, person, child, make_house, ana, olga, luz, now
):
    long = place(case, person, make_house(), ana, olga, luz, now)
    soon = place(case, child(15), make_house("Casa Queñual"), ana, olga, luz, now, days=9, why_apart="invented")
    assert day_of(task_of(case)) == 9
    leave_house(soon.ordered_stays[0], by=luz, now=now)
    assert (day_of(task_of(case)), case.tasks.filter(kind=TaskKind.STAY).count()) == (30, 1)
    leave_house(long.ordered_stays[0], by=luz, now=now)
    assert (task_of(case).is_open, task_of(case).was_done, task_of(case).done_by) == (False, False, luz)
    case.refresh_from_db()
    assert case.next_due == min(case.tasks.open().values_list("due", flat=True))


def test_where_nothing_else_is_planned_it_stays_for_the_team_to_say_what_comes_next(there, case, ana, luz, now):
    for task in case.tasks.open().exclude(kind=TaskKind.STAY):
        finish_task(task, by=ana, now=now)
    leave_house(there.ordered_stays[0], by=luz, now=now)
    case.refresh_from_db()
    assert case.next_task == task_of(case)


def test_only_who_holds_a_placement_plans_its_end(there, stranger):
    with pytest.raises(DatabaseError, match="only who holds"), acting_as(stranger.acting()):
        connection.cursor().execute("select shelters_plan_end(%s, 'UTC')", [there.pk])


def test_beyond_its_plan_it_is_first_wherever_stays_are_listed(make_house, make_case, ana, olga, luz, now):
    """Of three: one who came first, one who is beyond the plan, and one who is on the way."""
    house, cases = make_house(beds=3), [make_case(ana) for _ in range(3)]
    planned = place(cases[0], at_risk(cases[0]), house, ana, olga, luz, now)
    over = place(cases[1], at_risk(cases[1]), house, ana, olga, luz, now, days=0)
    coming = hold_bed(cases[2], [at_risk(cases[2])], house, by=ana, now=now)
    lines = board.placement_rows(ana, now)
    # on the planned day itself it is not
    assert (lines[0].placement, any(it.is_beyond for it in lines)) == (coming, False)
    Placement.objects.filter(pk=over.pk).update(planned_to=timezone.localdate(now) - timedelta(days=1))
    lines = board.placement_rows(ana, now)
    assert [(it.placement, it.is_beyond) for it in lines] == [(over, True), (coming, False), (planned, False)]
    name = at_risk(cases[1]).code_name
    for who, page in ((ana, "/beds"), (olga, "/beds"), (olga, f"/houses/{house.pk}"), (luz, "/house")):
        shown = read(at(who).get(page))
        assert shown.count("beyond the plan") == 1, (who, page)
        assert shown.rindex(name) < shown.rindex(at_risk(cases[0]).code_name), (who, page)
    assert "beyond the plan" in read(at(olga).get(f"/beds/placements/{over.pk}"))


def test_on_the_page_of_the_placement_another_day_is_kept(there, olga, now):
    page, day = f"/beds/placements/{there.pk}", timezone.localdate(now) + timedelta(days=60)
    wrong = at(olga).post(f"{page}/plan", {"planned_to": "2020-01-01"})
    assert (wrong.status_code, "from today on" in read(wrong), 'value="2020-01-01"' in read(wrong)) == (
        422, True, True,
    )  # fmt: skip
    assert at(olga).post(f"{page}/plan", {"planned_to": str(day)}).status_code == 302
    assert Placement.objects.get().planned_to == day


def test_a_family_has_one_task(case, person, make_house, ana, olga, luz, now):
    known = {"age_at_events": 9, "age_certainty": "sure", "gender": "feminine"}
    girl = add_person_to_case(case, Part.AT_RISK, by=ana, now=now, **known)
    placement = hold_bed(case, [person, girl], make_house(takes_families=True), by=ana, now=now)
    day = timezone.localdate(now) + timedelta(days=3)
    request_placement(placement, planned_to=day, escort="invented", by=ana, now=now)
    arrive(approve_placement(placement, by=olga, now=now), by=luz, now=now)
    leave_house(placement.ordered_stays[0], by=luz, now=now)
    assert case.tasks.open().filter(kind=TaskKind.STAY).count() == 1


def test_a_case_that_is_opened_again_while_she_is_there_has_it_again(there, case, ana, now):
    for task in case.tasks.open().filter(is_critical=True):
        finish_task(task, by=ana, now=now)
    close_case(case, Closing.SAFE, by=ana, now=now)
    assert not case.tasks.open().exists()
    reopen_case(case, task=TaskKind.CALL, due=now + timedelta(days=90), by=ana, now=now)
    again = case.tasks.open().get(kind=TaskKind.STAY)
    case.refresh_from_db()
    assert (day_of(again), case.next_task) == (30, again)
