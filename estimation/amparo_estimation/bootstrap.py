"""Repeat the whole choice of a model on resampled people, so that the interval holds the doubt of that choice.

BCa intervals (Efron 1987, JASA 82:171), with the acceleration from leaving out one person of each history.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, ndtri

from .existence import EXISTS, Existence
from .lists import Table
from .loglinear import fit_each, stepwise_each
from .models import main_effects, pair_terms
from .selection import THRESHOLD, Fit, concatenated_terms, fit_model, stepwise_model

CELLS_AT_A_TIME = 1_000_000  # models by tables that are in memory together
TABLES_AT_A_TIME = 100
LOOKED_AT = 20  # best models of a resample; the rest are looked at only if none of these has an estimate

MOST = 0.5  # share of the resamples that must have an estimate

type Estimates = NDArray[np.float64]  # all people, by resample; NaN: no model has an estimate
type Progress = Callable[[int, int], None]  # done, of how many
type Choice = Callable[[NDArray[np.float64], Progress], Estimates]  # for many tables: choose, fit, and estimate


def no_progress(done: int, of: int) -> None:
    pass


def resampled_tables(table: Table, many: int, seed: int) -> NDArray[np.float64]:
    """Return `many` tables of the same number of people, drawn with replacement."""
    people = int(table.sum())
    return np.random.default_rng(seed).multinomial(people, table / people, size=many).astype(float)


def bootstrap_interval(
    table: Table, point: float, choose: Choice, many: int, seed: int, level: float, progress: Progress = no_progress
) -> tuple[tuple[float, float] | None, Estimates]:
    """Return the BCa interval and the estimates of the resamples. The interval is None if most have no estimate."""
    histories = np.flatnonzero(table)
    one_less = np.repeat(table[None], len(histories), axis=0)
    one_less[np.arange(len(histories)), histories] -= 1
    found = choose(np.vstack([resampled_tables(table, many, seed), one_less]), progress)
    if np.isfinite(found[:many]).mean() < MOST:
        return None, found[:many]
    acceleration = _acceleration(found[many:], table[histories])
    return bca_interval(found[:many], point, acceleration, level), found[:many]


def bca_interval(estimates: Estimates, point: float, acceleration: float, level: float) -> tuple[float, float]:
    """Return the bias-corrected and accelerated (BCa) interval. Resamples without an estimate are left out."""
    known = estimates[np.isfinite(estimates)]
    share = np.clip(np.mean(known < point), 0.5 / len(known), 1 - 0.5 / len(known))
    shift = ndtri(share)
    ends = shift + ndtri([(1 - level) / 2, (1 + level) / 2])
    low, high = np.quantile(known, ndtr(shift + ends / (1 - acceleration * ends)), method="median_unbiased")
    return float(low), float(high)


def _acceleration(left_out: Estimates, counts: Table) -> float:
    """Return the acceleration from the estimates that leave out one person of each history, and its counts."""
    is_known = np.isfinite(left_out)
    left_out, counts = left_out[is_known], counts[is_known]
    difference = (left_out * counts).sum() / counts.sum() - left_out
    spread = (counts * difference**2).sum()
    return float((counts * difference**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0


def stepwise_choice(existence: Existence) -> Choice:
    """Return a function that repeats the stepwise choice on each table, and returns the estimates of all people."""

    def choose(tables: NDArray[np.float64], progress: Progress) -> Estimates:
        k = tables.shape[1].bit_length() - 1
        found: list[Estimates] = []
        work = _on_all_cores(
            lambda part: stepwise_each(part, main_effects(k), pair_terms(k), THRESHOLD), tables, TABLES_AT_A_TIME
        )
        for part, (hidden, is_pending) in work:
            for r in np.flatnonzero(is_pending):
                terms = stepwise_model(part[r], existence)
                is_estimable = existence.check(part[r], terms) == EXISTS
                hidden[r] = fit_model(part[r], terms).people - part[r].sum() if is_estimable else np.nan
            found.append(hidden + part.sum(axis=1))
            progress(sum(map(len, found)), len(tables))
        return np.concatenate(found)

    return choose


def bic_choice(models: list[Fit], existence: Existence) -> Choice:
    """Return a function that chooses among these models by BIC for each table, and estimates all people by the choice.

    Models are checked for an estimate from the smallest BIC on, until one has it.
    """

    def choose(tables: NDArray[np.float64], progress: Progress) -> Estimates:
        terms, offsets = concatenated_terms([it.terms for it in models])
        starts = np.concatenate([it.start for it in models])
        at_a_time = max(1, min(TABLES_AT_A_TIME, CELLS_AT_A_TIME // len(models)))
        found: list[Estimates] = []
        work = _on_all_cores(lambda part: fit_each(part, terms, offsets, starts), tables, at_a_time)
        for part, (hidden, loglik, is_proved) in work:
            penalty = np.diff(offsets)[:, None] * np.log(part.sum(axis=1))[None]
            scores = penalty - 2 * (loglik - gammaln(part[:, 1:] + 1).sum(axis=1)[None])
            winners = np.array(
                [_best_model(part[r], models, scores[:, r], is_proved[:, r], existence) for r in range(len(part))]
            )
            people = hidden[winners, np.arange(len(part))] + part.sum(axis=1)
            found.append(np.where(winners < 0, np.nan, people))
            progress(sum(map(len, found)), len(tables))
        return np.concatenate(found)

    return choose


def _best_model(
    table: Table, models: list[Fit], scores: Table, is_proved: NDArray[np.bool_], existence: Existence
) -> int:
    """Return the index of the model with the smallest BIC that has an estimate. -1: none has."""
    best = np.argpartition(scores, LOOKED_AT)[:LOOKED_AT] if len(scores) > LOOKED_AT else np.arange(len(scores))
    for some in (best, np.arange(len(scores))):
        for m in some[np.argsort(scores[some], kind="stable")]:
            if is_proved[m] or existence.check(table, models[m].terms) == EXISTS:
                return int(m)
    return -1


def _on_all_cores[T](
    work: Callable[[NDArray[np.float64]], T], tables: NDArray[np.float64], at_a_time: int
) -> Iterator[tuple[NDArray[np.float64], T]]:
    """Yield each part of the tables with the result of `work` for it, in order, whatever the number of cores."""
    parts = [tables[start : start + at_a_time] for start in range(0, len(tables), at_a_time)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(cores) as pool:
        yield from zip(parts, pool.map(work, parts), strict=True)
