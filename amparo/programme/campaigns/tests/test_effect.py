"""The effect of a campaign is found as large as it is, and none where there is none: 200 years of the demonstration's
generator.
"""

from datetime import date, timedelta

import numpy as np
import pytest

from amparo.demo.history.days import counts_by_day
from amparo.programme.campaigns.effect import LEAST_BEFORE, MOST_DOUBT, Effect, TooFew, estimate, placebos_of

START, BEFORE, DURING, RUNS = date(2026, 9, 1), 366, 60, 200
LIFT = 1.15


def year(seed: int, lift: float, a_day: float = 33.0) -> list[int]:
    """Daily counts as the demonstration invents its calls, of a line that grows a little."""
    first, chance = START - timedelta(days=BEFORE), np.random.default_rng(seed)
    return counts_by_day(first, BEFORE + DURING, (a_day, 1.22 * a_day), chance, since=START, lift=lift)


def results(lift: float) -> list:
    first = START - timedelta(days=BEFORE)
    return [estimate(year(seed, lift), first, START) for seed in range(RUNS)]


def test_a_lift_of_fifteen_percent_is_reported_with_an_honest_interval(capsys):
    found = results(LIFT)
    mean = np.mean([each.ratio for each in found])
    covered = np.mean([each.interval[0] <= LIFT <= each.interval[1] for each in found])
    with capsys.disabled():
        print(
            f"\nmean lift {100 * (mean - 1):.1f} % of 15 %; the 95 % interval holds it in {100 * covered:.1f} % of runs"
        )
    assert 1.14 <= mean <= 1.16
    assert 0.90 <= covered <= 0.98


def test_without_an_effect_none_is_shown(capsys):
    found = results(1.0)
    shown = np.mean([each.shows_an_effect for each in found])
    with capsys.disabled():
        print(f"\nwithout an effect, one is shown in {100 * shown:.1f} % of runs")
    assert shown <= 0.07


def test_dates_on_which_nothing_began_hardly_ever_show_an_effect(capsys):
    first, rejected = START - timedelta(days=BEFORE), []
    for seed in range(RUNS):
        placebos = placebos_of(np.asarray(year(seed, 1.0)[:BEFORE], dtype=float), first, DURING)
        rejected += [each.shows_an_effect for each in placebos]
    with capsys.disabled():
        print(f"\nof {len(rejected)} placebo dates {100 * np.mean(rejected):.1f} % show an effect")
    assert len(rejected) > 30 * RUNS
    assert np.mean(rejected) <= 0.07


def test_the_true_date_stands_out_from_dates_on_which_nothing_began():
    found = estimate(year(1, 1.5), START - timedelta(days=BEFORE), START)
    assert found.placebos == 40
    assert found.as_large == 0
    assert found.more == pytest.approx(33 * 60 * 0.5, rel=0.3)


def test_the_picture_hides_itself_when_a_week_has_fewer_than_ten():
    first = START - timedelta(days=BEFORE)
    shown = estimate(year(1, LIFT), first, START).picture
    assert len(shown.weeks) == 60
    assert len(shown.band.split()) == 2 * len([week for week in shown.weeks if week.begins >= START])
    assert estimate(year(1, LIFT, a_day=1.5), first, START).picture is None


def test_the_picture_hides_itself_when_fewer_than_ten_were_expected_in_a_week():
    before = [round(12 * 6 ** (-day / 200)) for day in range(200)]  # twelve a day, fewer and fewer, at last two
    found = estimate(before + [2] * DURING, START - timedelta(days=len(before)), START)
    assert isinstance(found, Effect)
    assert found.picture is None


@pytest.mark.parametrize("days", [(LEAST_BEFORE - 1, 60), (LEAST_BEFORE, 13)])
def test_too_few_days_say_nothing(days):
    before, during = days
    assert estimate([9] * (before + during), START - timedelta(days=before), START) == TooFew.DAYS


@pytest.mark.parametrize(
    ("before", "during"),
    [
        ([0] * BEFORE, [0] * DURING), ([0] * BEFORE, [2] * DURING), ([1] * 9 + [0] * (BEFORE - 9), [2] * DURING),
        ([2] * BEFORE, [1] * 9 + [0] * (DURING - 9)),
        ([1] * 12 + [0] * 90, [1] * 14),  # long ago: nearly nothing is expected
    ],
)  # fmt: skip
def test_too_few_contacts_say_nothing(before, during):
    assert estimate(before + during, START - timedelta(days=len(before)), START) == TooFew.CONTACTS


def test_no_number_without_a_meaning_comes_out_of_any_counts():
    chance = np.random.default_rng(7)
    found = []
    for _run in range(300):
        before, during = int(chance.integers(LEAST_BEFORE, BEFORE)), int(chance.integers(14, DURING))
        rates = np.repeat(10 ** chance.uniform(-2, 1.5, 2), (before, during))
        days = np.isin(np.arange(before + during) % 7, chance.choice(7, chance.integers(1, 8), replace=False))
        counts = list(chance.poisson(rates) * days)
        found.append(estimate(counts, START - timedelta(days=before), START))
    estimated = [each for each in found if isinstance(each, Effect)]
    assert 50 < len(estimated) < 250
    for each in estimated:
        low, high = each.interval
        assert 0 < low <= each.ratio <= high <= MOST_DOUBT * low


@pytest.mark.parametrize(("a_day", "contacts"), [(1, 60), (33, 1980)])
def test_the_estimate_comes_from_rounded_counts(a_day, contacts):
    """The quotient of exact sums, to two digits, gives a count of sixty days away."""
    counts = [a_day] * (BEFORE + DURING)
    for more in range(3):
        counts[-1] = a_day + more
        found = estimate(counts, START - timedelta(days=BEFORE), START)
        assert (found.contacts, found.expected, found.ratio, found.more) == (contacts, contacts, 1.0, 0)


def test_the_interval_and_the_picture_tell_hardly_more_than_the_rounded_counts():
    """One day has 0 to 9 contacts, in twenty invented years. An exact standard error drew each of the ten otherwise."""
    numbers, drawn = 0, 0
    for seed in range(20):
        counts, found = year(seed, 1.0, a_day=4), []
        for counts[-20] in range(10):
            found.append(estimate(counts, START - timedelta(days=BEFORE), START))
        numbers += len({(each.contacts, each.expected, each.weeks) for each in found})
        drawn += len({(each.contacts, each.expected, each.weeks, each.interval, each.picture.band) for each in found})
    assert drawn <= 1.1 * numbers < 120


def test_counts_that_the_model_meets_exactly_get_the_same_interval_on_each_day_of_the_week():
    """Rounding errors alone are left, and those of one day say nothing of the next."""
    counts = [2] * 100 + [4] * 20
    found = {
        tuple(round(bound, 6) for bound in estimate(counts, first, first + timedelta(days=100)).interval)
        for first in (date(2026, 8, 1) + timedelta(days=each) for each in range(7))
    }
    [(low, high)] = found
    assert 1 < low < 2 < high
