"""Choose a model: forward stepwise, or the smallest BIC among all hierarchical models."""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from .existence import EXISTS, Existence
from .lists import Table
from .loglinear import CHOSEN, REFUSED, Terms, continue_stepwise, fit, fit_each, superset_sums
from .models import hierarchical_models, main_effects, pair_terms

NEAR, FAR = 2.0, 6.0  # differences of BIC: hardly worse than the best model, and clearly worse
THRESHOLD = 0.02  # p-value below which a pair enters the model (Chan, Silverman and Vincent 2021)


@dataclass(frozen=True)
class Fit:
    """A model with its estimate of all people, observed and hidden, and its BIC."""

    terms: Terms
    people: float
    bic: float
    start: NDArray[np.float64]  # coefficients, to begin other fits with

    def sparse_terms(self, table: Table) -> int:
        """Return how many terms have a margin of zero, so that their estimate is minus infinity."""
        margins = superset_sums(table)
        return sum(margins[term] == 0 for term in self.terms)


def fit_model(table: Table, terms: Terms) -> Fit:
    """Fit one model, without checking that its estimate exists."""
    hidden, loglik, _, _, beta = fit(table, superset_sums(table), terms, np.zeros(1), False)
    return Fit(terms, table.sum() + hidden, bic(table, len(terms), loglik), beta)


def bic(table: Table, size: int, loglik: float) -> float:
    """Return the BIC. As in the R package, terms at minus infinity count too, and the likelihood includes log(y!)."""
    return float(size * log(table.sum()) - 2 * (loglik - gammaln(table[1:] + 1).sum()))


def stepwise_model(table: Table, existence: Existence, threshold: float = THRESHOLD) -> Terms:
    """Return the model that forward stepwise selection of pairs of lists finds. It has all main effects."""
    k = len(table).bit_length() - 1
    candidates = pair_terms(k)
    states = np.zeros(len(candidates), np.int64)
    terms = main_effects(k)
    while True:
        _, terms, pending = continue_stepwise(table, terms, candidates, states, threshold)
        if pending < 0:
            return terms
        larger = np.append(terms, candidates[pending])
        if existence.check(table, larger) == EXISTS:
            terms = larger
            states[states == REFUSED] = 0
            states[pending] = CHOSEN
        else:
            states[pending] = REFUSED


def best_models(table: Table, order: int, existence: Existence, most: int | None = None) -> list[Fit]:
    """Return all hierarchical models up to `order` that have an estimate, smallest BIC first.

    With `most`, only that many, and further ones whose BIC is within `FAR` of the best. Raises `TooManyModels` if
    they cannot all be tried.
    """
    k = len(table).bit_length() - 1
    models = hierarchical_models(k, order)
    flat, offsets = concatenated_terms(models)
    hidden, loglik, is_proved = fit_each(table[None], flat, offsets, np.full(len(flat), -np.inf))
    scores = [bic(table, len(terms), ll) for terms, ll in zip(models, loglik[:, 0], strict=True)]
    found: list[Fit] = []
    for m in np.argsort(scores, kind="stable"):
        if most is not None and len(found) >= most and scores[m] - found[0].bic >= FAR:
            break
        if is_proved[m, 0] or existence.check(table, models[m]) == EXISTS:
            fitted = fit(table, superset_sums(table), models[m], np.zeros(1), False)
            found.append(Fit(models[m], table.sum() + hidden[m, 0], scores[m], fitted[4]))
    return found


def concatenated_terms(models: tuple[Terms, ...] | list[Terms]) -> tuple[Terms, NDArray[np.int64]]:
    """Return the terms of all models in one array, and the offset at which each model begins, and the end."""
    return np.concatenate(models), np.cumsum([0, *map(len, models)])


def model_range(fits: list[Fit], within: float) -> tuple[float, float]:
    """Return the smallest and the largest estimate of the models whose BIC is less than `within` above the best."""
    people = [it.people for it in fits if it.bic - fits[0].bic < within]
    return min(people), max(people)
