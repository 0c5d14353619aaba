"""Before a campaign begins, its page says in which hours the planned people cannot take the calls that are expected."""

import itertools
from datetime import timedelta

import numpy as np
import pytest
from django.db import DataError, ProgrammingError, connection
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.roster.cover import local_hour, week_of
from amparo.line.roster.demand import record_demand
from amparo.line.roster.models import Exceeding, Queue, Shift
from amparo.line.roster.need import people_by_hour
from amparo.line.roster.shift_rules import issue_certificate, plan_shift, set_ringing_rules
from amparo.line.roster.wave import check_wave
from amparo.programme.campaigns.rules import add_campaign

WEEKS = 12


@pytest.fixture
def marta(db) -> User:
    return User.objects.create(username="marta", first_name="Marta", role=Role.SUPERVISOR)


@pytest.fixture
def team(marta, ana) -> list[User]:
    others = [
        User.objects.create(username=f"operator{n}", first_name=f"Operator {n}", role=Role.OPERATOR) for n in (1, 2)
    ]
    return [ana, *others]


@pytest.fixture
def monday(now):
    return monday_of(timezone.localdate(now)) + timedelta(days=7)


@pytest.fixture
def campaign(carla, monday):
    return add_campaign(name="x", goal="x", starts=monday, ends=monday + timedelta(days=2), by=carla)


@pytest.fixture
def counted(marta, now):
    calls = np.full((7, 24), 2.0 * WEEKS)
    return record_demand(calls, WEEKS, answered=100, talked=60_000, abandoned=50, waited=4_500, by=marta, now=now)


@pytest.fixture
def planned(team, marta, monday):
    """Three people at every hour of two days, of whom one is away from 14:00 to 14:30 on the first."""
    for person in team:
        for day in (0, 1):
            midnight = local_hour(monday + timedelta(days=day))
            edges = [0, 14, 24] if (person, day) != (team[2], 0) else [0, 14, 14.5, 24]
            for start, end in itertools.pairwise(edges):
                if (start, end) != (14, 14.5):
                    begins, ends = (midnight + timedelta(hours=hour) for hour in (start, end))
                    plan_shift(person, begins, ends, exceeding=Exceeding.EMERGENCY, by=marta)


def wave(carla, campaign, percent):
    with acting_as(carla.acting()):
        return check_wave(campaign.starts, campaign.ends, percent)


def test_only_the_hours_that_lack_somebody_are_named(counted, planned, carla, campaign, monday):
    found = wave(carla, campaign, 0)
    [short] = found.short
    assert (short.start, short.end) == (local_hour(monday, 14), local_hour(monday, 15))
    assert (short.planned, short.needed, short.lack) == (2, 3, 1)
    assert (found.short_hours, found.hours, found.unplanned_from) == (1, 48, monday + timedelta(days=2))


def test_more_calls_need_more_people(counted, planned, carla, campaign):
    assert wave(carla, campaign, 0).short_hours < wave(carla, campaign, 100).short_hours == 48


def test_a_plan_with_enough_people_is_met(counted, planned, carla, campaign, monday):
    with acting_as(carla.acting()):
        found = check_wave(monday + timedelta(days=1), monday + timedelta(days=1), 0)
    assert (found.is_met, found.hours) == (True, 24)


@pytest.mark.parametrize("by_certificate", [False, True])
def test_the_database_counts_people_as_the_roster_does(planned, team, marta, carla, monday, now, by_certificate):
    issue_certificate(team[0], Queue.CALLS, local_hour(monday, 9) + timedelta(minutes=20), by=marta, now=now)
    issue_certificate(team[1], Queue.CALLS, local_hour(monday, 40), by=marta, now=now)
    issue_certificate(team[1], Queue.CALLS, local_hour(monday, 30), by=marta, now=now)
    set_ringing_rules(by_shift=False, by_certificate=by_certificate, by=marta)
    with acting_as(marta.acting()):
        expected = people_by_hour(week_of(monday).cover)
    with acting_as(carla.acting()), connection.cursor() as cursor:
        cursor.execute("select roster_people_by_hour(%s, 168)", [local_hour(monday)])
        assert cursor.fetchone()[0] == expected
    assert set(expected) == ({0, 1, 2} if by_certificate else {0, 2, 3})


def test_the_officer_reads_no_shift_and_others_count_nobody(planned, carla, pilar, monday):
    with acting_as(carla.acting()):
        assert not Shift.objects.exists()
    for user, hours, error in ((pilar, 24, ProgrammingError), (carla, 24 * 63, DataError)):
        with pytest.raises(error), acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select roster_people_by_hour(%s, %s)", [local_hour(monday), hours])


def test_the_page_warns_before_the_campaign_begins(counted, planned, carla, campaign, at):
    client, page = at(carla), f"/campaigns/{campaign.pk}?language=en"
    assert "cannot take the calls" not in client.get(page).content.decode()
    assert client.post(f"/campaigns/{campaign.pk}/lift", {"percent": "0"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "The planned people cannot take the calls that you expect." in shown
    assert "1 of 48 planned hours lack somebody." in shown
    assert '<td>14:00 – 15:00</td><td class="n">2</td><td class="n">3</td><td class="n">1</td>' in shown


def test_without_counted_calls_the_page_says_that_it_is_not_known(carla, campaign, at):
    at(carla).post(f"/campaigns/{campaign.pk}/lift", {"percent": "15"})
    assert "It is not known." in at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()


@pytest.mark.parametrize("percent", ["-1", "901", "x", ""])
def test_a_wrong_lift_is_refused(carla, campaign, at, percent):
    assert at(carla).post(f"/campaigns/{campaign.pk}/lift", {"percent": percent}).status_code == 422
