"""Cohen's kappa, plain and weighted, and its interval against published examples."""

import random
from math import sqrt

import pytest

from amparo.line.quality.agreement import cohens_kappa, weighted_kappa


def pairs(*rows: tuple[int, ...]) -> list[tuple[str, str]]:
    """A table of two reviewers as pairs of words."""
    return [(str(one), str(other)) for one, row in enumerate(rows) for other, n in enumerate(row) for _ in range(n)]


def test_the_example_of_fleiss_cohen_and_everitt():
    """Psychological Bulletin 72:323 (1969): kappa .429, variance .002885."""
    found = cohens_kappa(pairs((106, 10, 4), (22, 28, 10), (2, 12, 6)))
    assert found.value == pytest.approx(0.429, abs=5e-4)
    assert found.error**2 == pytest.approx(0.002885, abs=5e-7)
    assert (found.low, found.high) == pytest.approx(
        (0.429 - 1.96 * sqrt(0.002885), 0.429 + 1.96 * sqrt(0.002885)), abs=1e-3
    )


def test_the_example_of_cohen():
    """Educational and Psychological Measurement 20:37 (1960): kappa .492."""
    assert cohens_kappa(pairs((88, 14, 18), (10, 40, 10), (2, 6, 12))).value == pytest.approx(0.492, abs=5e-4)


def test_who_always_agrees_has_one_and_who_guesses_zero():
    assert cohens_kappa(pairs((10, 0), (0, 10))).value == 1
    assert cohens_kappa(pairs((10, 10), (10, 10))).value == 0


@pytest.mark.parametrize("rows", [((9,),), ((40,),), ()])
def test_too_few_pairs_or_one_word_alone_say_nothing(rows):
    assert cohens_kappa(pairs(*rows)) is None


SKIN = ((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13))  # two dermatologists, four grades, 88 patients


def test_the_example_of_sas_with_linear_weights():
    """SAS/STAT User's Guide, FREQ, agreement study: plain .3449 (.0724), weighted .5082 (.0655)."""
    plain, weighted = cohens_kappa(pairs(*SKIN)), weighted_kappa(pairs(*SKIN), "0123")
    assert (plain.value, plain.error) == pytest.approx((0.3449, 0.0724), abs=5e-5)
    assert (weighted.value, weighted.error) == pytest.approx((0.5082, 0.0655), abs=5e-5)


def test_the_error_is_that_of_drawing_the_patients_again():
    """Another way to the same number: the spread of 1,500 resamples."""
    chance, all_of_them = random.Random(5), pairs(*SKIN)
    for kappa in (cohens_kappa, lambda some: weighted_kappa(some, "0123")):
        again = [kappa(chance.choices(all_of_them, k=len(all_of_them))).value for _ in range(1500)]
        mean = sum(again) / len(again)
        spread = sqrt(sum((each - mean) ** 2 for each in again) / (len(again) - 1))
        assert kappa(all_of_them).error == pytest.approx(spread, rel=0.1)


def test_of_two_marks_the_weighted_kappa_is_the_plain_one():
    two = pairs((12, 3), (4, 9))
    assert weighted_kappa(two, "01") == cohens_kappa(two)


def test_a_step_apart_is_better_than_three():
    near = weighted_kappa(pairs((9, 3, 0, 0), (0, 9, 0, 0), (0, 0, 9, 0), (0, 0, 0, 9)), "0123")
    far = weighted_kappa(pairs((9, 0, 0, 3), (0, 9, 0, 0), (0, 0, 9, 0), (0, 0, 0, 9)), "0123")
    assert near.value > far.value


def test_a_pair_with_a_mark_that_does_not_apply_is_left_out():
    both = pairs(*SKIN)
    assert weighted_kappa([*both, ("", "3"), ("", "")], "0123") == weighted_kappa(both, "0123")
    assert weighted_kappa([("", "3")] * 20, "0123") is None
