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
from .loglinear import fit_each, step_each
from .models import main_effects, pairs
from .selection import THRESHOLD, Fit, fit_model, flattened, stepwise

CELLS_AT_A_TIME = 1_000_000  # models by tables that are in memory together
TABLES_AT_A_TIME = 100
LOOKED_AT = 20  # best models of a resample; the rest are looked at only if none of these has an estimate

MOST = 0.5  # share of the resamples that must have an estimate

type Estimates = NDArray[np.float64]  # all people, by resample; NaN: no model has an estimate
type Progress = Callable[[int, int], None]  # done, of how many
type Choice = Callable[[NDArray[np.float64], Progress], Estimates]  # for many tables: choose, fit, and estimate


def no_progress(done: int, of: int) -> None:
    pass


def resample(table: Table, many: int, seed: int) -> NDArray[np.float64]:
    people = int(table.sum())
    return np.random.default_rng(seed).multinomial(people, table / people, size=many).astype(float)


def interval(
    table: Table, point: float, choose: Choice, many: int, seed: int, level: float, progress: Progress = no_progress
) -> tuple[tuple[float, float] | None, Estimates]:
    """Return the BCa interval and the estimates of the resamples. None: most resamples have no estimate."""
    histories = np.flatnonzero(table)
    one_less = np.repeat(table[None], len(histories), axis=0)
    one_less[np.arange(len(histories)), histories] -= 1
    found = choose(np.vstack([resample(table, many, seed), one_less]), progress)
    if np.isfinite(found[:many]).mean() < MOST:
        return None, found[:many]
    acceleration = _acceleration(found[many:], table[histories])
    return bca(found[:many], point, acceleration, level), found[:many]


def bca(estimates: Estimates, point: float, acceleration: float, level: float) -> tuple[float, float]:
    known = estimates[np.isfinite(estimates)]
    share = np.clip(np.mean(known < point), 0.5 / len(known), 1 - 0.5 / len(known))
    shift = ndtri(share)
    ends = shift + ndtri([(1 - level) / 2, (1 + level) / 2])
    low, high = np.quantile(known, ndtr(shift + ends / (1 - acceleration * ends)), method="median_unbiased")
    return float(low), float(high)


def _acceleration(left_out: Estimates, counts: Table) -> float:
    is_known = np.isfinite(left_out)
    left_out, counts = left_out[is_known], counts[is_known]
    difference = (left_out * counts).sum() / counts.sum() - left_out
    spread = (counts * difference**2).sum()
    return float((counts * difference**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0


def stepwise_choice(existence: Existence) -> Choice:
    def choose(tables: NDArray[np.float64], progress: Progress) -> Estimates:
        k = tables.shape[1].bit_length() - 1
        found: list[Estimates] = []
        work = _on_all_cores(
            lambda part: step_each(part, main_effects(k), pairs(k), THRESHOLD), tables, TABLES_AT_A_TIME
        )
        for part, (hidden, is_pending) in work:
            for r in np.flatnonzero(is_pending):
                terms = stepwise(part[r], existence)
                is_estimable = existence.of(part[r], terms) == EXISTS
                hidden[r] = fit_model(part[r], terms).people - part[r].sum() if is_estimable else np.nan
            found.append(hidden + part.sum(axis=1))
            progress(sum(map(len, found)), len(tables))
        return np.concatenate(found)

    return choose


def bic_choice(models: list[Fit], existence: Existence) -> Choice:
    """Choose among these models by BIC. Only the model that wins is asked whether its estimate exists."""

    def choose(tables: NDArray[np.float64], progress: Progress) -> Estimates:
        terms, offsets = flattened([it.terms for it in models])
        starts = np.concatenate([it.start for it in models])
        at_a_time = max(1, min(TABLES_AT_A_TIME, CELLS_AT_A_TIME // len(models)))
        found: list[Estimates] = []
        work = _on_all_cores(lambda part: fit_each(part, terms, offsets, starts), tables, at_a_time)
        for part, (hidden, loglik, is_proved) in work:
            penalty = np.diff(offsets)[:, None] * np.log(part.sum(axis=1))[None]
            scores = penalty - 2 * (loglik - gammaln(part[:, 1:] + 1).sum(axis=1)[None])
            winners = np.array(
                [_winner(part[r], models, scores[:, r], is_proved[:, r], existence) for r in range(len(part))]
            )
            people = hidden[winners, np.arange(len(part))] + part.sum(axis=1)
            found.append(np.where(winners < 0, np.nan, people))
            progress(sum(map(len, found)), len(tables))
        return np.concatenate(found)

    return choose


def _winner(table: Table, models: list[Fit], scores: Table, is_proved: NDArray[np.bool_], existence: Existence) -> int:
    """The model with the smallest BIC that has an estimate; -1: none has."""
    best = np.argpartition(scores, LOOKED_AT)[:LOOKED_AT] if len(scores) > LOOKED_AT else np.arange(len(scores))
    for some in (best, np.arange(len(scores))):
        for m in some[np.argsort(scores[some], kind="stable")]:
            if is_proved[m] or existence.of(table, models[m].terms) == EXISTS:
                return int(m)
    return -1


def _on_all_cores[T](
    work: Callable[[NDArray[np.float64]], T], tables: NDArray[np.float64], at_a_time: int
) -> Iterator[tuple[NDArray[np.float64], T]]:
    """Yield each part of the tables with what `work` made of it, in order; the result does not depend on the cores."""
    parts = [tables[start : start + at_a_time] for start in range(0, len(tables), at_a_time)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(cores) as pool:
        yield from zip(parts, pool.map(work, parts), strict=True)
