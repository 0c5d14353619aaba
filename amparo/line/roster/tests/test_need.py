"""How many people each hour needs, and what a plan costs the callers."""

import itertools
import random

import numpy as np
import pytest
from django.test import Client

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import week_of
from amparo.line.roster.demand import rate_bands, record_demand
from amparo.line.roster.erlang import erlang_a
from amparo.line.roster.models import ExpectedCalls, StaffingRules
from amparo.line.roster.need import Demand
from amparo.line.roster.plan_rules import set_staffing_rules
from amparo.line.roster.shift_rules import plan_shift

from .week import MONDAY, NOW, at

WEEKS = 12


@pytest.fixture
def counted(marta) -> ExpectedCalls:
    """A line whose evenings are busy: two calls an hour, and one by day."""
    calls = np.full((7, 24), 1.0 * WEEKS)
    calls[:, 18:23] = 3.0 * WEEKS
    return record_demand(calls, WEEKS, answered=100, talked=60_000, abandoned=50, waited=4_500, by=marta, now=NOW)


@pytest.fixture
def demand(counted, marta) -> Demand:
    with acting_as(marta.acting()):
        return Demand.current()


def test_it_keeps_how_long_calls_last_and_how_long_people_wait(counted):
    assert (counted.talk_seconds, counted.patience_seconds) == (600, 90)


def test_the_band_of_each_hour_holds_the_true_rate_nine_times_in_ten():
    """Of 50 invented lines whose true rates are known. Twice as many weeks make it narrower: the control."""
    chance = np.random.default_rng(3)
    inside, widths = [], {6: 0.0, 12: 0.0}
    for _ in range(50):
        true = np.outer(chance.gamma(8, 1 / 8, 7), chance.gamma(3, 1 / 3, 24)) * chance.gamma(20, 1 / 20, (7, 24))
        for weeks in widths:
            low, high = rate_bands(chance.poisson(true * weeks).astype(float), weeks)
            inside.append(((low <= true) & (true <= high)).mean())
            widths[weeks] += (high - low).mean()
    assert 0.85 < np.mean(inside) < 0.95
    assert widths[12] < widths[6]


def test_from_a_few_calls_no_mean_is_taken(marta):
    row = record_demand(np.ones((7, 24)), 1, answered=3, talked=9_000, abandoned=2, waited=2_000, by=marta, now=NOW)
    assert (row.talk_seconds, row.patience_seconds) == (600, 90)


def test_each_hour_needs_the_fewest_who_meet_the_rules(demand):
    day, evening = demand.seats[10], demand.seats[20]
    assert evening > day >= 2
    enough, fewer = (erlang_a(demand.rates[20], demand.handling, 90, seats, 20) for seats in (evening, evening - 1))
    assert enough.answered_in_time >= 0.8
    assert enough.gives_up <= 0.05
    assert fewer.answered_in_time < 0.8 or fewer.gives_up > 0.05


def test_no_other_division_of_the_same_hours_loses_fewer_calls(demand):
    best = demand.best_outcomes()
    assert [each.hours for each in best] == [168, 252, 336, 420, 504, 672]
    assert all(one.gives_up > other.gives_up for one, other in itertools.pairwise(best))
    chance = random.Random(5)
    for _ in range(20):
        seats = [1] * 168
        for hour in chance.sample(range(168), 84):
            seats[hour] += 1
        assert demand.outcome(seats).gives_up >= best[1].gives_up


def test_without_anybody_every_call_is_lost(demand):
    nobody = demand.outcome([0] * 168)
    assert (nobody.gives_up, nobody.answered_in_time) == (1, 0)


def test_the_page_is_red_where_people_are_fewer_than_needed(counted, ana, rufino, marta):
    for person in (ana, rufino):
        plan_shift(person, at(1, 14), at(1, 22), by=marta)
    with acting_as(marta.acting()):
        seats = Demand.current().seats
    cells = week_of(MONDAY, seats=seats).cover[1]
    assert (cells[15].cover, cells[20].cover, cells[23].cover) == ("enough", "short", "none")
    client = Client()
    client.force_login(marta)
    page = client.get("/roster?day=2026-11-24").content.decode()
    assert f'<td data-cover="short">2<small>/{seats[24 + 20]}</small></td>' in page
    assert '<rect class="people" data-cover="short"' in page


def test_the_page_of_staffing_shows_the_trade_and_its_table(counted, marta):
    client = Client()
    client.force_login(marta)
    page = client.get("/shifts/staffing?day=2026-11-24").content.decode()
    assert page.count('<svg class="chart curve"') == 3
    assert page.count('<path class="band"') == 1
    assert page.count('class="band-numbers"') == 168
    assert '<td class="n">168</td>' in page
    assert "Este plan" in page


def test_a_supervisor_sets_what_the_line_wants(marta, ana):
    values = {name: getattr(StaffingRules(), name) for name in StaffingRules.BOUNDS}
    set_staffing_rules(values | {"percent": 90}, by=marta)
    with acting_as(ana.acting()):
        assert StaffingRules.current().percent == 90
    for wrong in ({"percent": 100}, {"hours_a_week": 61}, {"rest_hours": 2}):
        with pytest.raises(Refused):
            set_staffing_rules(values | wrong, by=marta)
    with pytest.raises(Refused):
        set_staffing_rules(values, by=ana)


def test_a_wrong_number_is_refused_in_one_sentence(marta):
    client = Client()
    client.force_login(marta)
    answer = client.post("/shifts/staffing/rules", {"percent": "200"})
    assert answer.status_code == 422
