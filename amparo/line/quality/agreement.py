"""How far two reviewers agree: Cohen's kappa with its interval."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

FEWEST = 10  # pairs; from fewer, the interval says nothing


@dataclass(frozen=True)
class Kappa:
    value: float
    error: float  # standard error
    pairs: int
    low: float
    high: float


def cohens_kappa(pairs: Iterable[tuple[str, str]], level: float = 0.95) -> Kappa | None:
    """Kappa of pairs of marks, with the large-sample interval of Fleiss, Cohen and Everitt (1969, Psychological
    Bulletin 72:323), cut at -1 and 1.

    None: fewer than ten pairs, or all marks are the same word, so that chance alone explains them.
    """
    counted = Counter(pairs)
    total = counted.total()
    if total < FEWEST:
        return None
    words = sorted({word for pair in counted for word in pair})
    of_first = {word: sum(n for (one, _other), n in counted.items() if one == word) / total for word in words}
    of_second = {word: sum(n for (_one, other), n in counted.items() if other == word) / total for word in words}
    observed = sum(counted[word, word] for word in words) / total
    by_chance = sum(of_first[word] * of_second[word] for word in words)
    if by_chance == 1:
        return None
    kappa = (observed - by_chance) / (1 - by_chance)
    agreeing = sum(
        counted[word, word] / total * (1 - (of_first[word] + of_second[word]) * (1 - kappa)) ** 2 for word in words
    )
    differing = (1 - kappa) ** 2 * sum(
        n / total * (of_second[one] + of_first[other]) ** 2 for (one, other), n in counted.items() if one != other
    )
    variance = agreeing + differing - (kappa - by_chance * (1 - kappa)) ** 2
    error = sqrt(max(variance, 0) / total) / (1 - by_chance)
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    return Kappa(kappa, error, total, max(-1.0, kappa - reach), min(1.0, kappa + reach))
