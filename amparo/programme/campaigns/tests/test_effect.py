"""The effect of a campaign is found as large as it is, and none where there is none: 200 years of the demonstration's
generator. `test_effect_among_others.py` has years that are harder.
"""

from datetime import date

import numpy as np
import pytest

from amparo.demo.history.days import counts_by_day
from amparo.foundation.core.small_counts import rounded_or_hidden
from amparo.programme.campaigns.effect import (
    LEAST_BEFORE,
    MOST_DOUBT,
    WEEK,
    Effect,
    TooFew,
    design_of,
    estimate_effect,
    fit_model,
    fits_at_placebo_dates,
)
from tests.repetitions import repeat

START, BEFORE, DURING = date(2026, 8, 31), 52, 8  # a Monday; weeks
RUNS = repeat(60, 200)
LIFT = 1.15


def year(seed: int, lift: float, rate: float = 33.0) -> list[int | None]:
    """Counts of whole weeks as the pages show them, of a line that grows a little; its calls as the demonstration
    invents them.
    """
    chance = np.random.default_rng(seed)
    first, a_day = START - BEFORE * WEEK, (rate, 1.22 * rate)
    days = counts_by_day(first, 7 * (BEFORE + DURING), a_day, chance, since=START, lift=lift)
    return [rounded_or_hidden(sum(days[day : day + 7])) for day in range(0, len(days), 7)]


def estimated(counts: list[int | None], before: int = BEFORE) -> Effect | TooFew:
    return estimate_effect(counts[:before], counts[before:], START, START)


def results(lift: float) -> list:
    return [estimated(year(seed, lift)) for seed in range(RUNS)]


def test_a_lift_of_fifteen_percent_is_reported_with_an_honest_interval(capsys):
    found = results(LIFT)
    mean = np.mean([each.ratio for each in found])
    covered = np.mean([each.interval[0] <= LIFT <= each.interval[1] for each in found])
    with capsys.disabled():
        print(
            f"\nmean lift {100 * (mean - 1):.1f} % of 15 %; the 95 % interval holds it in {100 * covered:.1f} % of runs"
        )
    assert mean == pytest.approx(LIFT, abs=repeat(0.03, 0.01))
    assert 0.90 <= covered <= repeat(1.0, 0.98)


def test_without_an_effect_none_is_shown(capsys):
    found = results(1.0)
    shown = np.mean([each.shows_an_effect for each in found])
    with capsys.disabled():
        print(f"\nwithout an effect, one is shown in {100 * shown:.1f} % of runs")
    assert shown <= 0.07


def test_dates_on_which_nothing_began_hardly_ever_show_an_effect(capsys):
    rejected = []
    for seed in range(RUNS):
        contacts = np.asarray(year(seed, 1.0)[:BEFORE], dtype=float)
        week = np.arange(BEFORE, dtype=float)
        noises = fit_model(contacts, week, design_of(week, BEFORE - DURING, (), has_season=True)).likely
        placebos = fits_at_placebo_dates(contacts, DURING, (), noises)
        rejected += [each.shows_an_effect for each in placebos]
    with capsys.disabled():
        print(f"\nof {len(rejected)} placebo dates {100 * np.mean(rejected):.1f} % show an effect")
    assert len(rejected) > 30 * RUNS
    assert np.mean(rejected) <= 0.07


def test_the_true_date_stands_out_from_dates_on_which_nothing_began():
    found = estimated(year(1, 1.5))
    assert found.placebos == 33
    assert found.as_large == 0
    assert found.more == pytest.approx(33 * 56 * 0.5, rel=0.3)


def test_the_picture_has_each_week_and_the_band_those_of_the_campaign():
    shown = estimated(year(1, LIFT)).picture
    assert len(shown.weeks) == BEFORE + DURING
    assert len(shown.band.split()) == 2 * DURING


def test_a_campaign_that_begins_within_a_week_leaves_this_week_out():
    counts = year(1, LIFT)
    found = estimate_effect(counts[:BEFORE], counts[BEFORE + 1 :], START, START + WEEK)
    assert [each.begins for each in found.weeks[BEFORE - 1 : BEFORE + 1]] == [START - WEEK, START + WEEK]
    assert 1 < found.interval[0] < LIFT < found.interval[1]


@pytest.mark.parametrize(
    ("before", "during"),
    [
        ([60] * (LEAST_BEFORE - 1), [60] * 8), ([60] * LEAST_BEFORE, [60]), ([None] * BEFORE, [15] * 8),
        ([None] * 41 + [15] * 11, [15] * 8),
    ],
)  # fmt: skip
def test_too_few_weeks_say_nothing(before, during):
    assert estimate_effect(before, during, START, START) == TooFew.DAYS


@pytest.mark.parametrize("silent", [30, 59])
def test_a_week_with_too_few_contacts_says_nothing(silent):
    assert estimated([None if week == silent else 15 for week in range(60)]) == TooFew.CONTACTS


def test_a_younger_line_is_compared_with_the_weeks_that_it_has():
    assert isinstance(estimated([None] * 30 + [60] * 30), Effect)


def test_no_number_without_a_meaning_comes_out_of_any_counts():
    chance = np.random.default_rng(7)
    found = []
    for _run in range(300):
        before, during = int(chance.integers(LEAST_BEFORE, BEFORE)), int(chance.integers(2, 9))
        rates = np.repeat(10 ** chance.uniform(0.9, 3, 2), (before, during))
        spread = chance.uniform(0.01, 2)
        counts = chance.poisson(rates * chance.lognormal(0, spread, before + during))
        found.append(estimated([rounded_or_hidden(int(each)) for each in counts], before))
    effects = [each for each in found if isinstance(each, Effect)]
    assert 50 < len(effects) < 250
    for each in effects:
        low, high = each.interval
        assert 0 < low <= each.ratio <= high <= MOST_DOUBT * low


def test_weeks_that_the_model_meets_exactly_give_the_ratio_alone():
    """Rounding errors alone are left, and those of one week say nothing of the next."""
    low, high = estimated([15] * 20 + [30] * 4, 20).interval
    assert 1 < low < 2 < high
