"""Cohen's kappa and its interval against published examples."""

from math import sqrt

import pytest

from amparo.line.quality.agreement import cohens_kappa


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
