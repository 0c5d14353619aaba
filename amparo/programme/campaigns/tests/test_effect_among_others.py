"""Years with other campaigns, seasons and slow changes: an effect of zero is not told, one of 15 % is measured well.

The years are invented here, by another arithmetic than the model's. `make soak` tries each of them 200 times.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from amparo.foundation.core.small_counts import rounded_or_hidden
from amparo.programme.campaigns.effect import Effect, TooFew, estimate_effect
from amparo.programme.campaigns.other_causes import ALONE, Causes
from tests.repetitions import repeat

START, WEEK, DAY = date(2026, 8, 31), timedelta(weeks=1), timedelta(days=1)
BEFORE, DURING = 52, 8
RUNS = repeat(20, 200)
A_WEEK, GROWTH = 230, 0.2  # contacts; a year
OTHER = 1.3  # what another campaign multiplies contacts by


def ran(first: int, last: int) -> Causes:
    """Another campaign, from the first week to the end of the last one; week 0 is the first of ours."""
    return Causes((("another", START + first * WEEK, START + (last + 1) * WEEK - DAY),))


def a_year(seed: int, lift: float, kind: str) -> list[int | None]:
    """Contacts of 52 weeks and 8 more, week by week: each week starts from the mood of the one before."""
    chance = np.random.default_rng([seed, 20261201])
    memory, shock = {"resembling": (0.6, 0.08), "much alike": (0.8, 0.08), "wandering": (0.95, 0.05)}.get(
        kind, (0, 0.05)
    )
    mood, counts = chance.normal() * shock / (1 - memory**2) ** 0.5, []
    for week in range(-BEFORE, DURING):
        mood = memory * mood + chance.normal() * shock
        mean = A_WEEK * (1 + GROWTH) ** (week / 52) * np.exp(mood) * (1 + 0.1 * np.sin(2 * np.pi * week / 52))
        if kind == "two seasons":
            mean *= 1 + 0.1 * np.sin(4 * np.pi * (week + 13) / 52)
        if kind == "another before" and -10 <= week < -2:
            mean *= OTHER
        if kind == "another last year" and week < -44:
            mean *= OTHER
        if kind == "another at once" and -4 <= week < 4:
            mean *= OTHER
        if kind == "overdispersed":
            mean = chance.gamma(50, mean / 50)
        counts.append(rounded_or_hidden(int(chance.poisson(mean * (lift if week >= 0 else 1)))))
    return counts


OTHERS = {"another before": ran(-10, -3), "another last year": ran(-52, -45), "another at once": ran(-4, 3)}
KINDS = ("overdispersed", "resembling", "much alike", "wandering", "two seasons", *OTHERS)


def found(kind: str, lift: float, others: Causes | None = None) -> list[Effect]:
    known = OTHERS.get(kind, ALONE) if others is None else others
    years = [a_year(seed, lift, kind) for seed in range(RUNS)]
    effects = [estimate_effect(each[:BEFORE], each[BEFORE:], START, START, known) for each in years]
    assert all(isinstance(each, Effect) for each in effects)
    return effects


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_happened_an_effect_is_seldom_told(kind: str):
    effects = found(kind, 1.0)
    shown = np.mean([each.shows_an_effect for each in effects])
    assert shown <= repeat(0.16, 0.07)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["two seasons", *OTHERS])
def test_beside_others_a_lift_is_found_as_large_as_it_is(kind: str):
    effects = found(kind, 1.15)
    mean = np.exp(np.mean([each.log_ratio for each in effects]))
    covered = np.mean([each.interval[0] <= 1.15 <= each.interval[1] for each in effects])
    assert mean == pytest.approx(1.15, abs=repeat(0.06, 0.03))
    assert covered >= repeat(0.8, 0.9)


def test_the_control_a_campaign_that_nobody_wrote_down_leaves_more_doubt():
    unknown, known = found("another before", 1.0, others=ALONE), found("another before", 1.0)
    assert np.mean([each.error for each in unknown]) > 1.2 * np.mean([each.error for each in known])
    assert np.mean([each.log_ratio for each in unknown]) < np.mean([each.log_ratio for each in known]) - 0.01


def steady(*changes: tuple[int, int, float]) -> list[int]:
    """Contacts around 200 a week, the same each time; a change: first week, last week, factor."""
    chance = np.random.default_rng(3)
    means = np.full(BEFORE + DURING, 200.0)
    for first, last, factor in changes:
        means[BEFORE + first : BEFORE + last + 1] *= factor
    return [5 * round(int(chance.poisson(mean)) / 5) for mean in means]


def of(counts: list[int], others: Causes = ALONE) -> Effect:
    return estimate_effect(counts[:BEFORE], counts[BEFORE:], START, START, others)


def test_more_than_one_placebo_date_in_twenty_forbids_the_headline():
    """A jump as clear as the campaign's, on a date on which nothing that is known began."""
    alone, beside = of(steady((0, 7, 1.5))), of(steady((0, 7, 1.5), (-30, -23, 1.5), (-18, -13, 0.6)))
    assert alone.shows_an_effect
    assert alone.as_large * 20 <= alone.placebos
    assert beside.as_large * 20 > beside.placebos
    assert not beside.shows_an_effect


@pytest.mark.parametrize("weeks", [16, 28, 40, 51])
def test_with_less_than_a_year_before_it_no_effect_is_told(weeks):
    """In simulated years without any effect, up to one in four of such lines would tell one: a turn of the year."""
    counts = steady((0, 7, 1.5))
    younger, older = (
        estimate_effect(counts[BEFORE - n : BEFORE], counts[BEFORE:], START, START) for n in (weeks, BEFORE)
    )
    assert younger.interval[0] > 1
    assert (younger.has_season, younger.shows_an_effect) == (False, False)
    assert (older.has_season, older.shows_an_effect) == (True, True), "the control"


def test_without_a_placebo_date_no_effect_is_told():
    effect = of(steady((0, 7, 1.5)))
    assert effect.shows_an_effect
    assert not replace(effect, placebos=0, as_large=0).shows_an_effect


def test_two_campaigns_of_the_same_weeks_are_told_as_one():
    together = of(steady((0, 7, 1.5)), ran(0, 7))
    assert together.joint == ("another",)
    assert together.known == ()
    assert together.interval[0] < 1.5 < together.interval[1]
    apart = of(steady((0, 7, 1.5), (-20, -13, 1.3)), ran(-20, -13))  # the control
    assert (apart.joint, apart.known) == ((), ("another",))


def test_two_others_that_cover_the_campaign_between_them_are_told_as_one():
    halves = Causes((*ran(0, 3).campaigns, ("the second", START + 4 * WEEK, START + 8 * WEEK - DAY)))
    assert of(steady((0, 7, 1.5)), halves).joint == ("another", "the second")


def test_events_have_one_column_together_and_are_counted():
    known = Causes(events=tuple(START - ago * WEEK for ago in (5, 20, 35, 400)))
    busy = [(-5, -4, 1.4), (-20, -19, 1.4), (-35, -34, 1.4), (0, 7, 1.25)]
    assert of(steady(*busy), known).events == 3
    assert of(steady(*busy), known).error < of(steady(*busy)).error


def test_more_other_campaigns_than_weeks_say_nothing():
    crowd = Causes(tuple((str(n), START - n * WEEK, START - n * WEEK + 6 * DAY) for n in range(1, 9)))
    counts = steady()[-14:]
    assert estimate_effect(counts[:12], counts[12:], START, START, crowd) == TooFew.OTHERS
