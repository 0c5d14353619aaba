from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.roster.cover import local_hour, week_of
from amparo.line.roster.models import Exceeding, Queue
from amparo.line.roster.shift_rules import issue_certificate, plan_shift, set_ringing_rules

from .week import MONDAY, NOW, at


@pytest.fixture
def all_week(ana, marta):
    """Ana holds the line from the first to the last minute of the week."""
    for day in range(7):
        for hour in (0, 12):
            plan_shift(ana, at(day, hour), at(day, hour + 12), exceeding=Exceeding.EMERGENCY, by=marta)


def test_a_full_week_has_no_gap(all_week):
    week = week_of(MONDAY)
    assert week.gaps == []
    assert {cell.cover for cells in week.cover for cell in cells} == {"one"}


@pytest.mark.parametrize("lost", [{"is_active": False}, {"role": Role.PUBLISHER}])
def test_who_takes_no_calls_any_more_covers_nothing_to_come(ana, rufino, marta, lost):
    week = timedelta(days=7)
    monday = monday_of(timezone.localdate())
    for start in (local_hour(monday - week), local_hour(monday + week)):
        plan_shift(ana, start, start + timedelta(hours=8), by=marta)
    gaps = [week_of(monday + shifted).gaps[0].start for shifted in (-week, week)]
    User.objects.filter(pk=ana.pk).update(**lost)
    before, after = (week_of(monday + shifted).gaps[0].start for shifted in (-week, week))
    assert before == gaps[0]  # what she worked stays
    assert after == local_hour(monday + week) < gaps[1]
    with acting_as(rufino.acting()), connection.cursor() as cursor:
        cursor.execute("select roster_people_by_hour(%s, 168)", [local_hour(monday + week)])
        assert set(cursor.fetchone()[0]) == {0}


def test_an_empty_week_is_one_gap(ana):
    (gap,) = week_of(MONDAY).gaps
    assert (gap.start, gap.end) == (at(0, 0), at(7, 0))


def test_one_minute_without_anybody_makes_its_hour_red(ana, rufino, marta):
    plan_shift(ana, at(1, 6, 30), at(1, 14, 29), by=marta)
    plan_shift(rufino, at(1, 14, 30), at(1, 22), by=marta)
    week = week_of(MONDAY)
    assert week.cover[1][14].cover == "none"
    assert (at(1, 14, 29), at(1, 14, 30)) in {(gap.start, gap.end) for gap in week.gaps}
    assert {week.cover[1][hour].people for hour in (7, 13, 15, 21)} == {1}


def test_an_expired_certificate_no_longer_counts(all_week, ana, rufino, marta):
    plan_shift(rufino, at(3, 4), at(3, 12), by=marta)  # never certified
    issue_certificate(ana, Queue.CALLS, at(3, 9, 30), by=marta, now=at(0, 0))
    assert week_of(MONDAY).gaps == []  # the rule is off
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    (gap,) = week_of(MONDAY).gaps
    assert (gap.start, gap.end) == (at(3, 9, 30), at(7, 0))
    assert week_of(MONDAY).cover[3][9].cover == "none"
    assert week_of(MONDAY).cover[3][8].people == 1


def test_two_certificates_of_one_person_count_once(all_week, ana, marta):
    for days in (30, 60):
        issue_certificate(ana, Queue.CALLS, NOW + timedelta(days=days), by=marta, now=at(0, 0))
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    assert {cell.people for cells in week_of(MONDAY).cover for cell in cells} == {1}


def test_a_night_shift_that_runs_on_stands_in_both_weeks(ana, marta):
    plan_shift(ana, at(6, 22), at(7, 6), by=marta)
    assert week_of(MONDAY).cover[6][23].people == 1
    following = week_of(MONDAY + timedelta(days=7))
    assert following.cover[0][5].people == 1
    assert [len(shifts) for shifts in following.people[0][1]] == [1, 0, 0, 0, 0, 0, 0]


def test_the_page_marks_the_hour_in_red_and_says_it_in_words(ana, marta):
    plan_shift(ana, at(1, 6), at(1, 14), by=marta)
    client = Client()
    client.force_login(marta)
    page = client.get("/roster?day=2026-11-24").content.decode()
    assert 'data-cover="none"' in page
    assert "martes 24, 14:00" in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1899-01-01"])
def test_a_day_beyond_every_calendar_shows_this_week(marta, day):
    client = Client()
    client.force_login(marta)
    today = client.get("/roster").content.decode()
    for address in ("/roster", "/shifts/staffing"):
        assert client.get(f"{address}?day={day}").status_code == 200
    assert client.get(f"/roster?day={day}").content.decode().count("<svg") == today.count("<svg")
    assert client.post("/shifts/suggest", {"day": day}).status_code in (409, 422)
    assert client.post("/roster/wishes", {"day": day, "kind": "cannot"}).status_code == 422
    person = {"user": marta.pk, "day": day, "start": "22:00", "end": "06:00", "queue": "calls", "last_day": day}
    assert client.post("/shifts/plan", person).status_code in (302, 422)
    assert client.post("/certificates/issue", person).status_code == 422
