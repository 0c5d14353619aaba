"""Fit hierarchical Poisson log-linear models to a table of histories, by extended maximum likelihood.

A model is a list of terms; a term is a set of lists as a bitmask, 0 is the intercept. The margin of a term is the
number of people on all of its lists. A term whose margin is zero has the estimate minus infinity: it is dropped, and
with it every cell that contains it (Chan, Silverman and Vincent 2021, JASA 116:1297). The number of people whom no list
saw is exp(intercept).

The functions are compiled by numba and release the interpreter's lock, so that threads share the work.
"""

from math import exp, lgamma, log

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .lists import Table

type Terms = NDArray[np.int64]
type Proved = NDArray[np.bool_]

MOST_STEPS = 60
SMALLEST_FIT = 1e-5  # of a cell, to count as positive: 1e-7 accepted two models of UKdat_4 without an estimate


@njit(cache=True, nogil=True)
def superset_sums(table: Table) -> Table:
    """Return how many people are on all lists of each set of lists (on others too)."""
    sums = table.copy()
    size = len(sums)
    half = 1
    while half < size:
        for start in range(0, size, 2 * half):
            for i in range(start, start + half):
                sums[i] += sums[i + half]
        half *= 2
    return sums


@njit(cache=True, nogil=True)
def fit(
    table: Table, margins: Table, terms: Terms, start: Table, is_warm: bool
) -> tuple[float, float, bool, Table, Table]:
    """Fit one model by Newton's method.

    Returns the hidden people, the log-likelihood without its constant, whether it converged, the fitted table (cell 0
    and dropped cells are 0) and the coefficients (minus infinity for a dropped term). `start` are coefficients to begin
    with, if `is_warm`.
    """
    size = len(table)
    kept = np.ones(size, np.bool_)
    kept[0] = False
    active = np.empty(len(terms), np.int64)
    p = 0
    for t in range(len(terms)):
        if margins[terms[t]] > 0:
            active[p] = t
            p += 1
        else:
            for cell in range(size):
                if (cell & terms[t]) == terms[t]:
                    kept[cell] = False
    cells = np.flatnonzero(kept)
    c = len(cells)
    design = np.zeros((c, p), np.bool_)
    eta = np.empty(c)
    mu = np.empty(c)
    beta = np.zeros(p)
    for j in range(p):
        if is_warm:
            beta[j] = start[active[j]]
        for i in range(c):
            design[i, j] = (cells[i] & terms[active[j]]) == terms[active[j]]
    for i in range(c):
        if is_warm:
            eta[i] = 0.0
            for j in range(p):
                if design[i, j]:
                    eta[i] += beta[j]
            mu[i] = exp(eta[i])
        else:
            mu[i] = table[cells[i]] + 0.1
            eta[i] = log(mu[i])
    hessian = np.empty((p, p))
    right = np.empty(p)
    before = 1e300
    loglik = 0.0
    converged = False
    for _ in range(MOST_STEPS):
        hessian[:] = 0.0
        right[:] = 0.0
        for i in range(c):
            weighted = mu[i] * eta[i] + table[cells[i]] - mu[i]
            for a in range(p):
                if design[i, a]:
                    right[a] += weighted
                    for b in range(a + 1):
                        if design[i, b]:
                            hessian[a, b] += mu[i]
        is_regular = _solve(hessian, right, beta)
        loglik = 0.0
        for i in range(c):
            e = 0.0
            for j in range(p):
                if design[i, j]:
                    e += beta[j]
            eta[i] = min(max(e, -60.0), 30.0)
            mu[i] = exp(eta[i])
            loglik += table[cells[i]] * eta[i] - mu[i]
        if abs(loglik - before) < 1e-10 * (abs(loglik) + 0.1):
            converged = is_regular
            break
        before = loglik
    fitted = np.zeros(size)
    for i in range(c):
        fitted[cells[i]] = mu[i]
    coefficients = np.full(len(terms), -np.inf)
    for j in range(p):
        coefficients[active[j]] = beta[j]
    return exp(min(beta[0], 50.0)), loglik, converged, fitted, coefficients


@njit(cache=True, nogil=True)
def _solve(hessian: Table, right: Table, beta: Table) -> bool:
    """Solve by Cholesky decomposition, in place. Returns whether the matrix is positive definite."""
    p = len(right)
    is_regular = True
    for a in range(p):
        for b in range(a + 1):
            s = hessian[a, b]
            for m in range(b):
                s -= hessian[a, m] * hessian[b, m]
            if a > b:
                hessian[a, b] = s / hessian[b, b]
            else:
                if s <= 1e-13:
                    is_regular = False
                    s = 1e-13
                hessian[a, a] = s**0.5
    for a in range(p):
        s = right[a]
        for m in range(a):
            s -= hessian[a, m] * beta[m]
        beta[a] = s / hessian[a, a]
    for a in range(p - 1, -1, -1):
        s = beta[a]
        for m in range(a + 1, p):
            s -= hessian[m, a] * beta[m]
        beta[a] = s / hessian[a, a]
    return is_regular


@njit(cache=True, nogil=True)
def proves_existence(margins: Table, terms: Terms, fitted: Table, converged: bool, coefficients: Table) -> bool:
    """Whether a fit proves that there is one estimate: it is identifiable, has the margins of the table, and no fitted
    cell is empty.

    This saves the linear programme of `existence.py`, which takes a hundred times longer. False means "not proved".
    """
    if not converged or margins[0] == 0:
        return False
    sums = superset_sums(fitted)
    for t in range(len(terms)):
        if margins[terms[t]] > 0:
            if abs(sums[terms[t]] - margins[terms[t]]) > 1e-6 * max(1.0, margins[terms[t]]):
                return False
            if abs(coefficients[t]) > 25:
                return False
    for cell in range(1, len(fitted)):
        if fitted[cell] < SMALLEST_FIT:
            is_dropped = False
            for term in terms:
                if margins[term] == 0 and (cell & term) == term:
                    is_dropped = True
            if not is_dropped:
                return False
    return _is_identifiable(margins, terms)


@njit(cache=True, nogil=True)
def _is_identifiable(margins: Table, terms: Terms) -> bool:
    """Whether the kept cells determine all coefficients. Only a model that lost a term can fail."""
    active = terms[margins[terms] > 0]
    if len(active) == len(terms):
        return True
    design = np.zeros((len(margins), len(active)))
    for cell in range(1, len(margins)):
        is_kept = True
        for term in terms:
            if margins[term] == 0 and (cell & term) == term:
                is_kept = False
        if is_kept:
            for t in range(len(active)):
                design[cell, t] = (cell & active[t]) == active[t]
    return bool(np.linalg.matrix_rank(design) == len(active))


@njit(cache=True, nogil=True)
def smaller_poisson_tail(count: int, mean: float) -> float:
    """Return the smaller of P(X <= count) and P(X >= count), for a Poisson variable X with this mean."""
    if mean <= 0.0:
        return 1.0 if count <= 0 else 0.0
    here = exp(count * log(mean) - mean - lgamma(count + 1.0))
    lower = 0.0
    term = here
    i = count
    while i >= 0 and term > 1e-18 * max(lower, 1e-300):
        lower += term
        term *= i / mean
        i -= 1
    upper = 0.0
    term = here
    i = count
    while (term > 1e-18 * max(upper, 1e-300) or i < mean) and i <= count + 100000:
        upper += term
        i += 1
        term *= mean / i
    return min(lower, upper, 1.0)


CANDIDATE, CHOSEN, REFUSED = 0, 1, 2


@njit(cache=True, nogil=True)
def continue_stepwise(
    table: Table, terms: Terms, pairs: Terms, states: Terms, threshold: float
) -> tuple[float, Terms, int]:
    """Go on with forward stepwise selection from the model `terms`, while each larger model proves its estimate.

    `states` says of each pair whether it is a candidate, chosen, or refused in this step, and is changed. Each round
    takes the pair whose observed margin is least likely under the fitted model. Returns the hidden people, the model,
    and the index of the pair that needs the linear programme; -1: none, the selection has ended.
    """
    margins = superset_sums(table)
    model = np.empty(len(terms) + len(pairs), np.int64)
    p = len(terms)
    model[:p] = terms
    nowhere = np.zeros(1)
    hidden, _, _, fitted, _ = fit(table, margins, model[:p], nowhere, False)
    while True:
        expected = superset_sums(fitted)
        best = -1
        smallest = threshold
        for j in range(len(pairs)):
            if states[j] == CANDIDATE:
                tail = smaller_poisson_tail(round(margins[pairs[j]]), expected[pairs[j]])
                if tail < smallest:
                    smallest = tail
                    best = j
        if best < 0:
            return hidden, model[:p].copy(), -1
        model[p] = pairs[best]
        more, _, converged, fitted_more, coefficients = fit(table, margins, model[: p + 1], nowhere, False)
        if not proves_existence(margins, model[: p + 1], fitted_more, converged, coefficients):
            return hidden, model[:p].copy(), best
        states[best] = CHOSEN
        for j in range(len(pairs)):
            if states[j] == REFUSED:
                states[j] = CANDIDATE
        p += 1
        hidden = more
        fitted = fitted_more


@njit(cache=True, nogil=True)
def stepwise_each(tables: Table, terms: Terms, pairs: Terms, threshold: float) -> tuple[Table, Proved]:
    """Run the stepwise selection for each table, from the model `terms` on.

    Returns the hidden people, and which tables need the linear programme.
    """
    hidden = np.empty(len(tables))
    is_pending = np.zeros(len(tables), np.bool_)
    for r in range(len(tables)):
        states = np.zeros(len(pairs), np.int64)
        hidden[r], _, pending = continue_stepwise(tables[r], terms, pairs, states, threshold)
        is_pending[r] = pending >= 0
    return hidden, is_pending


@njit(cache=True, nogil=True)
def fit_each(tables: Table, terms: Terms, offsets: Terms, starts: Table) -> tuple[Table, Table, Proved]:
    """Fit every model to every table. Model m has the terms from offsets[m] to offsets[m + 1]; `starts` go with them.

    Returns the hidden people, the log-likelihoods and whether each fit proves itself, as arrays of models by tables.
    """
    m_all, r_all = len(offsets) - 1, len(tables)
    hidden = np.empty((m_all, r_all))
    loglik = np.empty((m_all, r_all))
    is_proved = np.empty((m_all, r_all), np.bool_)
    for r in range(r_all):
        margins = superset_sums(tables[r])
        for m in range(m_all):
            model = terms[offsets[m] : offsets[m + 1]]
            start = starts[offsets[m] : offsets[m + 1]]
            is_warm = True
            for j in range(len(model)):
                if not np.isfinite(start[j]) and margins[model[j]] > 0:
                    is_warm = False
            n, ll, converged, fitted, beta = fit(tables[r], margins, model, start, is_warm)
            if is_warm and not converged:
                n, ll, converged, fitted, beta = fit(tables[r], margins, model, start, False)
            hidden[m, r], loglik[m, r] = n, ll
            is_proved[m, r] = proves_existence(margins, model, fitted, converged, beta)
    return hidden, loglik, is_proved
