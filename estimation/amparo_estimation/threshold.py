"""Choose from the encoded lists themselves how alike two records must be, to be taken for one person.

The histogram of how alike pairs are has two humps: pairs of strangers, and pairs that are one person. Two beta
distributions are fitted to them by expectation maximisation, each step by moments (a mixture, as Belin and Rubin 1995).
Of the pairs that compete for a person only the most alike can be right, so the others are known to be strangers. The
threshold is where a pair is as likely strangers as one person.

The shapes are assumptions: a threshold from pairs that somebody has checked is better. Without two humps there is none.
"""

from collections.abc import Sequence
from itertools import combinations
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from .linkage import EncodedList, candidate_pairs, one_to_one_links

EDGES = np.linspace(0, 1, 201)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
STARTS = (0.6, 0.7, 0.8)  # cuts between the humps from which the fit starts; the likeliest result counts
STEPS = 1000
FEWEST = 20  # pairs in a hump
SAME = 0.75  # the least mean of the hump of the same person; above the strangers of every list tried
APART = 2.0  # Ashman's D: two humps are seen as two

type Histogram = NDArray[np.float64]


def choose_threshold(lists: Sequence[EncodedList]) -> float | None:
    """Return the threshold for linking these lists, to two decimals; None if the pairs do not fall into two humps."""
    best, displaced = _histograms(lists)
    fits = [fit for start in STARTS if (fit := _fit_two_humps(best, displaced, start))]
    if not fits:
        return None
    _likelihood, same = max(fits, key=lambda fit: fit[0])
    (mean, deviation), (other_mean, other_deviation) = _moments(best * same), _moments(best * (1 - same) + displaced)
    apart = 2**0.5 * (mean - other_mean) / np.hypot(deviation, other_deviation)
    if mean < SAME or apart < APART:
        return None
    return round(float(MIDDLES[np.argmax((same >= 0.5) & (other_mean < MIDDLES))]), 2)


def _histograms(lists: Sequence[EncodedList]) -> tuple[Histogram, Histogram]:
    """Return two histograms of how alike pairs are: pairs that one-to-one linkage keeps, and pairs that it drops."""
    kept, dropped = np.zeros(len(MIDDLES)), np.zeros(len(MIDDLES))
    for one, other in combinations(lists, 2):
        pairs, alike = candidate_pairs(one, other)
        links = one_to_one_links(pairs, alike, 0)
        size = max(len(other), 1)
        is_kept = np.isin(pairs @ [size, 1], links @ [size, 1])
        kept += np.histogram(alike[is_kept], EDGES)[0]
        dropped += np.histogram(alike[~is_kept], EDGES)[0]
    return kept, dropped


def _fit_two_humps(best: Histogram, displaced: Histogram, start: float) -> tuple[float, NDArray[np.float64]] | None:
    """Fit two humps from the cut `start`. Returns the likelihood, and by bin the chance that a pair is one person.

    None: a hump has too few pairs.
    """
    same = np.where(start <= MIDDLES, 0.99, 0.01)
    likelihood = 0.0
    for _step in range(STEPS):
        twice, strangers = best * same, best * (1 - same) + displaced
        if min(twice.sum(), strangers.sum()) < FEWEST:
            return None
        share = min(twice.sum() / best.sum(), 1 - 1e-9)
        log_same = np.log(share) + _log_density(twice)
        strangers_density = _log_density(strangers)
        log_other = np.log1p(-share) + strangers_density
        likelihood = float((best * np.logaddexp(log_same, log_other)).sum() + (displaced * strangers_density).sum())
        before, same = same, 1 / (1 + np.exp(np.clip(log_other - log_same, -50, 50)))
        if np.abs(same - before).max() < 1e-6:
            break
    return likelihood, same


def _moments(counts: Histogram) -> tuple[float, float]:
    """Return the mean and the standard deviation of a histogram."""
    mean = float((counts * MIDDLES).sum() / counts.sum())
    return mean, max(float((counts * (MIDDLES - mean) ** 2).sum() / counts.sum()), 1e-4) ** 0.5


def _log_density(counts: Histogram) -> NDArray[np.float64]:
    """Return the log density, by bin, of the beta distribution with the mean and variance of a histogram."""
    mean, deviation = _moments(counts)
    size = max(mean * (1 - mean) / deviation**2 - 1, 1.0)
    a, b = mean * size, (1 - mean) * size
    density: NDArray[np.float64] = (a - 1) * np.log(MIDDLES) + (b - 1) * np.log1p(-MIDDLES)
    return density + (lgamma(a + b) - lgamma(a) - lgamma(b))
