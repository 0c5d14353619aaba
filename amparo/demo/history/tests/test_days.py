"""How many people call on each invented day follows its rate, the week and a campaign."""

from datetime import date

import numpy as np

from ..days import WEEK, counts_by_day

MONDAY = date(2026, 1, 5)
YEARS = 364 * 4  # whole weeks


def counts(**what) -> np.ndarray:
    return np.array(counts_by_day(MONDAY, YEARS, (400, 400), np.random.default_rng(7), **what))


def test_the_mean_is_the_rate():
    assert abs(counts().mean() / (400 * np.mean(WEEK)) - 1) < 0.05


def test_each_day_of_the_week_has_its_share():
    by_weekday = counts().reshape(-1, 7).mean(axis=0)
    assert np.abs(by_weekday / by_weekday.mean() - np.array(WEEK) / np.mean(WEEK)).max() < 0.05


def test_a_campaign_lifts_the_days_from_its_first_on():
    """The same chance draws nearly the same days."""
    plain, lifted = counts(), counts(since=date(2028, 1, 3), lift=1.5)
    before = (date(2028, 1, 3) - MONDAY).days
    assert (lifted[:before] == plain[:before]).all()
    assert 1.3 < lifted[before:].mean() / plain[before:].mean() < 1.7


def test_a_growing_line_ends_at_its_second_rate():
    found = counts_by_day(MONDAY, YEARS, (100, 400), np.random.default_rng(7))
    assert np.mean(found[:364]) * 2 < np.mean(found[-364:])


def test_no_day_is_no_list_of_one():
    assert counts_by_day(MONDAY, 0, (400, 400), np.random.default_rng(7)) == []
