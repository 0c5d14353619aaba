"""A second opinion: people fall into hidden classes, and within a class the lists are independent.

Bayesian latent classes with a truncated stick-breaking prior (Manrique-Vallier 2016, Biometrics 72:1246), sampled by
Gibbs. The prior of the number of people N is 1/N; of the chance to be on a list, uniform; of the concentration,
Gamma(.25, .25). Chains may stay in one of several modes, so one chain is never a result: several must agree.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .lists import Table

CLASSES = 10
SHAPE, RATE = 0.25, 0.25  # of the prior of the concentration
CHAINS = 4
BURN_IN, DRAWS, THINNING = 10_000, 2_000, 20
AGREES = 1.05  # largest R-hat at which the chains tell the same


@dataclass(frozen=True)
class Posterior:
    people: NDArray[np.float64]  # chains by draws
    r_hat: float

    @property
    def has_converged(self) -> bool:
        return self.r_hat < AGREES

    @property
    def halves(self) -> NDArray[np.float64]:
        """The draws of the first half of each chain, then of the second halves. R-hat compares them."""
        return _halves(self.people)


def sample_posterior(table: Table, seed: int, chains: int = CHAINS) -> Posterior:
    """Sample the number of people, observed and hidden, in several chains. The same seed gives the same draws."""
    cells = np.flatnonzero(table > 0)
    generators = np.random.default_rng(seed).spawn(chains)
    lists = len(table).bit_length() - 1
    with ThreadPoolExecutor(chains) as pool:
        work = [pool.submit(_sample_chain, cells, table[cells].astype(np.int64), lists, each) for each in generators]
        people = np.array([it.result() for it in work]) + table.sum()
    return Posterior(people, r_hat(np.log(people)))


def r_hat(draws: NDArray[np.float64]) -> float:
    """Return split R-hat, which compares the spread between half chains with the spread within. 1: the chains agree."""
    halves = _halves(draws)
    half = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean()
    between = half * halves.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((half - 1) / half * within + between / half) / within)) if within > 0 else float("inf")


def _halves(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, half : 2 * half]])


@njit(cache=True, nogil=True)
def _sample_chain(cells, counts, lists, generator):  # type: ignore[no-untyped-def]
    chances = generator.random((CLASSES, lists))
    shares = np.ones(CLASSES) / CLASSES
    concentration = 0.2
    hidden = np.empty(DRAWS)
    for i in range(BURN_IN + DRAWS * THINNING):
        now, concentration = gibbs_sweep(cells, counts, chances, shares, concentration, SHAPE, RATE, generator)
        if i >= BURN_IN and (i - BURN_IN + 1) % THINNING == 0:
            hidden[(i - BURN_IN) // THINNING] = now
    return hidden


@njit(cache=True, nogil=True)
def gibbs_sweep(cells, counts, chances, shares, concentration, shape, rate, generator):  # type: ignore[no-untyped-def]
    """Make one Gibbs step: draw each unknown given the others. Changes `chances` (classes by lists) and `shares`.

    Returns the number of hidden people and the concentration.
    """
    classes, lists = chances.shape
    members = np.zeros(classes)
    seen = np.zeros((classes, lists))
    weights = np.empty(classes)
    people = 0
    for i in range(len(cells)):
        people += counts[i]
        for h in range(classes):
            weights[h] = shares[h]
            for j in range(lists):
                weights[h] *= chances[h, j] if (cells[i] >> j) & 1 else 1 - chances[h, j]
        _divide_among_classes(counts[i], weights, cells[i], members, seen, generator)
    for h in range(classes):
        weights[h] = shares[h]
        for j in range(lists):
            weights[h] *= 1 - chances[h, j]
    unseen = min(weights.sum(), 1 - 1e-12)
    # with the prior 1/N, the hidden people are negative binomial: a Poisson number with a gamma mean
    hidden = generator.poisson(generator.gamma(people, unseen / (1 - unseen)))
    _divide_among_classes(hidden, weights, 0, members, seen, generator)
    for h in range(classes):
        for j in range(lists):
            chance = generator.beta(1 + seen[h, j], 1 + members[h] - seen[h, j])
            chances[h, j] = min(max(chance, 1e-12), 1 - 1e-12)
    after, rest, logs = members.sum(), 1.0, 0.0
    for h in range(classes - 1):
        after -= members[h]
        part = min(max(generator.beta(1 + members[h], concentration + after), 1e-12), 1 - 1e-9)
        shares[h] = rest * part
        rest *= 1 - part
        logs += log(1 - part)
    shares[classes - 1] = rest
    return hidden, generator.gamma(shape + classes - 1, 1 / (rate - logs))


@njit(cache=True, nogil=True)
def _divide_among_classes(people, weights, cell, members, seen, generator):  # type: ignore[no-untyped-def]
    """Divide people of one history at random among the classes. Adds them to `members` and `seen`."""
    left, rest = people, weights.sum()
    for h in range(len(weights)):
        if left == 0:
            break
        if h == len(weights) - 1:
            here = left
        else:
            here = generator.binomial(left, min(max(weights[h] / rest, 0.0), 1.0)) if rest > 0 else 0
        rest -= weights[h]
        left -= here
        members[h] += here
        for j in range(seen.shape[1]):
            if (cell >> j) & 1:
                seen[h, j] += here
