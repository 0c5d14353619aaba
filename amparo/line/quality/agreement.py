"""How far two reviewers agree: Cohen's kappa, plain or weighted, with its interval."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

FEWEST = 10  # pairs; from fewer, the interval says nothing

type Weight = Callable[[str, str], float]


@dataclass(frozen=True)
class Kappa:
    value: float
    error: float  # standard error
    pairs: int
    low: float
    high: float


def cohens_kappa(pairs: Iterable[tuple[str, str]], level: float = 0.95) -> Kappa | None:
    """Return Cohen's kappa of pairs of marks. Two marks agree only if they are the same. `level`: of the interval.

    None: fewer than ten pairs, or all marks are the same word, so that chance alone explains them.
    """
    return _kappa(pairs, lambda one, other: float(one == other), level)


def weighted_kappa(pairs: Iterable[tuple[str, str]], steps: Sequence[str], level: float = 0.95) -> Kappa | None:
    """Kappa that counts marks near each other as partly the same, by linear weights (Cicchetti and Allison 1971,
    American Journal of EEG Technology 11:101): of four steps, one apart counts two thirds, two apart one third.

    `steps`: the marks in their order. Pairs with a mark that is no step are left out. None: as for `cohens_kappa`.
    """
    place = {mark: number for number, mark in enumerate(steps)}
    kept = [pair for pair in pairs if place.keys() >= set(pair)]
    return _kappa(kept, lambda one, other: 1 - abs(place[one] - place[other]) / (len(steps) - 1), level)


def _kappa(pairs: Iterable[tuple[str, str]], weight: Weight, level: float) -> Kappa | None:
    """Return kappa with its interval, cut at -1 and 1.

    The interval is the large-sample one of Fleiss, Cohen and Everitt (1969, Psychological Bulletin 72:323), for any
    weights.
    """
    counted = Counter(pairs)
    total = counted.total()
    if total < FEWEST:
        return None
    words = sorted({word for pair in counted for word in pair})
    of_first = {word: sum(n for (one, _other), n in counted.items() if one == word) / total for word in words}
    of_second = {word: sum(n for (_one, other), n in counted.items() if other == word) / total for word in words}
    observed = sum(n / total * weight(*pair) for pair, n in counted.items())
    by_chance = sum(of_first[one] * of_second[other] * weight(one, other) for one in words for other in words)
    if by_chance >= 1:
        return None
    kappa = (observed - by_chance) / (1 - by_chance)
    row = {one: sum(of_second[other] * weight(one, other) for other in words) for one in words}
    column = {other: sum(of_first[one] * weight(one, other) for one in words) for other in words}
    spread = sum(
        n / total * (weight(one, other) - (row[one] + column[other]) * (1 - kappa)) ** 2
        for (one, other), n in counted.items()
    )
    variance = spread - (kappa - by_chance * (1 - kappa)) ** 2
    error = sqrt(max(variance, 0) / total) / (1 - by_chance)
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    return Kappa(kappa, error, total, max(-1.0, kappa - reach), min(1.0, kappa + reach))
