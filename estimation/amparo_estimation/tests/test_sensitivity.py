"""The estimate as a curve: over an odds ratio between lists, and over the share that no list could see."""

import numpy as np
import pytest

from amparo_estimation import Lists, data_set, estimate, words
from amparo_estimation.command import in_words
from amparo_estimation.models import main_effects, model_terms
from amparo_estimation.report import html_page
from amparo_estimation.sensitivity import RATIOS, over_odds_ratios, over_shares, people_at
from tests.repetitions import repeat

CHANCES = (0.15, 0.2, 0.12, 0.1)
PEOPLE = 2000
COUNTRIES = repeat(40, 400)


def country(ratio: float, chance: np.random.Generator) -> np.ndarray:
    """The lists of an invented country, each pair of which has this odds ratio."""
    on_list = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(float)
    odds = np.log(np.array(CHANCES) / (1 - np.array(CHANCES)))
    pairs = on_list.sum(axis=1) * (on_list.sum(axis=1) - 1) / 2
    weights = np.exp(on_list @ odds) * ratio**pairs
    table = np.bincount(chance.choice(16, PEOPLE, p=weights / weights.sum()), minlength=16).astype(float)
    table[0] = 0
    return table


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0, 4.0])
def test_at_the_true_ratio_the_interval_holds_the_truth_and_elsewhere_it_does_not(ratio: float):
    chance = np.random.default_rng([int(ratio * 10), 20261206])
    covered = dict.fromkeys(RATIOS, 0)
    for _country in range(COUNTRIES):
        for point in over_odds_ratios(country(ratio, chance), main_effects(4), 0.95):
            covered[point.at] += point.interval[0] <= PEOPLE <= point.interval[1]
    assert covered[ratio] / COUNTRIES >= 0.85  # 0.95 within three standard errors of forty
    far = 4.0 if ratio < 2 else 0.5
    assert covered[far] / COUNTRIES <= 0.1


@pytest.mark.parametrize("name", ["UKdat_4", "Korea", "Ned"])
def test_at_a_ratio_of_one_the_curve_goes_through_the_estimate(name: str):
    made = estimate(data_set(name), "stepwise", boot=0)
    assert people_at(made.over_odds_ratios, 1) == pytest.approx(made.results[0].point, rel=1e-6)
    assert people_at(made.over_shares, 0) == made.results[0].point


def test_the_more_the_lists_are_related_the_more_people_there_are():
    made = estimate(data_set("UKdat_4"), "stepwise", boot=0)
    people = [point.people for point in made.over_odds_ratios]
    assert people == sorted(people)
    assert people[0] < people[-1] / 4


def test_two_lists_have_the_formula_of_lincoln_and_petersen_times_the_ratio():
    table = np.array([0, 40, 60, 20.0])
    assert [point.people for point in over_odds_ratios(table, main_effects(2), 0.95)] == pytest.approx(
        [120 + 40 * 60 / 20 * ratio for ratio in RATIOS]
    )


def test_pairs_that_the_model_joins_have_a_ratio_of_their_own():
    """Whatever odds ratio two joined lists have, the third tells how many there are."""
    unrelated = np.array([0, 40, 60, 20, 30, 10, 15, 5.0])
    assert over_odds_ratios(unrelated, model_terms("[12,13,23]"), 0.95) == ()
    joined = over_odds_ratios(unrelated, model_terms("[12,3]"), 0.95)
    apart = over_odds_ratios(unrelated, main_effects(3), 0.95)
    assert people_at(joined, 1) == pytest.approx(people_at(apart, 1), rel=1e-6)
    assert people_at(joined, 4) < people_at(apart, 4)


def test_people_beyond_all_lists_raise_the_estimate_and_its_interval_by_their_share():
    points = over_shares(800.0, (600.0, 1200.0))
    assert people_at(points, 0.2) == 1000
    assert next(it.interval for it in points if it.at == 0.5) == (1200, 2400)
    assert over_shares(800.0, None)[0].interval is None


def test_the_command_and_the_report_say_what_would_be_if_lists_are_related_or_blind():
    made = estimate(data_set("UKdat_4"), "stepwise", boot=0)
    printed = in_words(made)
    assert (words.IF_RELATED % {"people": "19\u202f997"}) in printed
    assert (words.IF_UNSEEN % {"people": "13\u202f769"}) in printed
    page = html_page(made)
    assert page.count('class="curve"') == 2
    assert page.count(words.NO_POINT_IS_KNOWN) == 2
    assert "Si unas listas llevan a las personas a otras" in html_page(made, language="es")


def test_too_few_twice_have_no_curve():
    made = estimate(Lists(("police", "hotline"), np.array([0, 50, 50, 3.0])), "stepwise", boot=0)
    assert made.over_odds_ratios == made.over_shares == ()
    assert 'class="curve"' not in html_page(made)
