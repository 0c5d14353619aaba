"""Estimate how many people there are, seen or not, and say how far the answer can be trusted.

The answer is never one number. Each method gives a point estimate, an interval that includes the doubt of choosing a
model, and flags. The estimate adds the range of the models that fit almost as well, a verdict and warnings.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from . import words
from .bootstrap import Choice, Estimates, bic_choice, bootstrap_interval, no_progress, stepwise_choice
from .existence import EXISTS, Existence
from .latent import CLASSES, Posterior, sample_posterior
from .lists import Lists
from .models import TooManyModels, main_effects, model_name
from .selection import FAR, NEAR, Fit, best_models, fit_model, model_range, stepwise_model
from .sensitivity import CurvePoint, over_odds_ratios, over_shares
from .unequal import LowerBound, estimate_unequal, lower_bound
from .verdict import GOOD_OVERLAP, Facts, verdict

STEPWISE, BIC, LATENT, ALL = "stepwise", "bic", "latent", "all"
METHODS = (STEPWISE, BIC, LATENT)
BOOT, LEVEL = 5000, 0.95
ENOUGH_OVERLAP = 7  # fewer recaptures: biased (Robson and Regier 1964)
MOST_LISTS_OF_BIC = 6
MOST_MODELS_RESAMPLED = 200  # with six lists

type Progress = Callable[[str, int, int], None]  # method, done, of how many


class Unsupported(ValueError):
    """A method cannot estimate with these lists or options. The message is one sentence."""


@dataclass(frozen=True)
class Result:
    method: str
    model: str
    point: float
    interval: tuple[float, float] | None  # None: no resamples were asked for, or most have no estimate
    level: float
    bic: float | None  # None: the method has none
    boot: int  # resamples; of the method latent, draws
    seed: int
    flags: tuple[str, ...]
    resampled: Estimates = field(repr=False, compare=False)  # people, by resample or draw

    def as_json(self) -> dict[str, Any]:
        return {
            "method": self.method, "model": self.model, "point": round(self.point, 4),
            "interval": None if self.interval is None else [round(end, 1) for end in self.interval],
            "level": self.level, "bic": self.bic and round(self.bic, 4), "boot": self.boot, "seed": self.seed,
            "flags": list(self.flags),
        }  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    lists: Lists
    results: tuple[Result, ...]  # empty: not enough data
    near: tuple[float, float] | None  # range of models whose BIC is less than 2 above the best; None: too many models
    far: tuple[float, float] | None  # the same for less than 6
    models: tuple[tuple[str, float, float], ...]  # name, BIC, people; best first, as far as `far`
    one_left_out: tuple[tuple[str, float | None], ...]  # list, stepwise point without it; None: no estimate
    bound: LowerBound | None  # None: there is none
    verdict: str
    warnings: tuple[str, ...]
    over_odds_ratios: tuple[CurvePoint, ...] = ()  # of the first result's model
    over_shares: tuple[CurvePoint, ...] = ()  # of the first result
    posterior: Posterior | None = field(
        default=None, repr=False, compare=False
    )  # of the method latent, if it was tried

    @property
    def lowest(self) -> float | None:
        """The lowest end of all intervals, that of the lower bound too. None: there is no interval."""
        ends = [it.interval for it in self.results if it.interval] + ([self.bound.interval] if self.bound else [])
        return min(low for low, _ in ends) if ends else None

    def as_json(self) -> dict[str, Any]:
        bound = self.bound and (self.bound.interval[0], self.bound.people, self.bound.interval[1])
        shown = {"dbic2": self.near, "dbic6": self.far, "at_least": bound}
        rounded = {key: ends and [round(it, 4) for it in ends] for key, ends in shown.items()}
        return {
            "observed": self.lists.observed, "lists": list(self.lists.names),
            "results": [it.as_json() for it in self.results],
            "range": rounded,
            "over_odds_ratios": [it.as_json() for it in self.over_odds_ratios],
            "over_shares": [it.as_json() for it in self.over_shares],
            "verdict": self.verdict, "warnings": list(self.warnings),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the report in a frame, because it has its own style sheet."""
        from .report import TITLE, html_page

        page = escape(html_page(self))
        return f'<iframe title="{TITLE}" srcdoc="{page}" style="width:100%;height:50rem;border:0"></iframe>'


def estimate(
    lists: Lists, method: str = ALL, order: int | None = None, boot: int = BOOT, seed: int = 1, level: float = LEVEL,
    progress: Progress | None = None,
) -> Estimate:  # fmt: skip
    """Estimate how many people there are, by the method `stepwise`, `bic`, `latent`, or by all of them.

    `order` is the highest number of lists that a term of a BIC model joins; None: every order up to four lists, else 2.
    `boot` is the number of resamples; the same seed gives the same result. Raises `Unsupported`.
    """
    k = len(lists.names)
    if order is None:
        order = max(k - 1, 1) if k <= 4 else 2
    wanted, warnings = _methods_to_run(method, k, order)
    existence = Existence()
    warnings = [words.TOO_LOW, *warnings, words.NEVER_SEEN, words.AGREEMENT, words.SAME_PERSON]
    warnings += [words.EMPTY_LIST] if lists.left_out else []
    reason = _why_not_enough(lists, existence)
    if reason:
        return Estimate(lists, (), None, None, (), (), None, words.NOT_ENOUGH, (reason, *warnings))
    fits = _ranked_models(lists, order, existence)
    posterior = sample_posterior(lists.table, seed) if LATENT in wanted else None
    tried = [
        _latent_result(posterior, lists, seed, level)
        if it == LATENT and posterior
        else _resampled_result(it, lists, fits, existence, boot, seed, level, progress)
        for it in wanted
    ]
    results = tuple(it for it in tried if it)
    if None in tried:
        warnings.append(words.NOT_CONVERGED)
    near, far = (model_range(fits, within) if fits else None for within in (NEAR, FAR))
    left_out = _points_without_one_list(lists) if k > 2 else ()
    if lists.overlap < GOOD_OVERLAP:
        warnings.insert(1, words.FEW_OVERLAP)
    if any(it.interval and _is_any_outside(left_out, it.interval) for it in results):
        warnings.append(words.LIST_DECIDES)
    models = tuple((model_name(it.terms, k), it.bic, it.people) for it in fits if it.bic - fits[0].bic < FAR)
    terms = fits[0].terms if wanted[0] == BIC and fits else stepwise_model(lists.table, existence)
    bound = lower_bound(lists.table, terms)
    intervals = [it.interval for it in results if it.interval]
    facts = Facts(
        k, lists.overlap, [it.point for it in results], intervals, near, bound, estimate_unequal(lists.table, terms)
    )
    ratios = over_odds_ratios(lists.table, terms, level) if wanted[0] != LATENT else ()
    shares = over_shares(results[0].point, results[0].interval) if results else ()
    return Estimate(
        lists, results, near, far, models, left_out, bound, verdict(facts), tuple(warnings), ratios, shares, posterior
    )


def _methods_to_run(method: str, k: int, order: int) -> tuple[list[str], list[str]]:
    """Return the methods to run, and warnings about those that are left out. Raises `Unsupported`."""
    if order < 1:
        raise Unsupported(f"Order {order} cannot be tried: give 1 or more.")
    if order > 2 and k > 5:
        raise Unsupported(f"Order {order} cannot be tried with {k} lists: use --order 2 with six lists or more.")
    if method == BIC and k > MOST_LISTS_OF_BIC:
        raise Unsupported(f"The method bic tries all models, which is too many for {k} lists: use stepwise.")
    if method != ALL:
        return [method], []
    if k > MOST_LISTS_OF_BIC:
        return [STEPWISE, LATENT], [words.BIC_LEFT_OUT]
    return list(METHODS), []


def _why_not_enough(lists: Lists, existence: Existence) -> str | None:
    """Return the sentence that says why there is not enough data. None: there is."""
    if len(lists.names) < 2 or lists.overlap < ENOUGH_OVERLAP:
        return words.NO_OVERLAP
    is_estimable = existence.check(lists.table, main_effects(len(lists.names))) == EXISTS
    return None if is_estimable else words.NO_MODEL


def _ranked_models(lists: Lists, order: int, existence: Existence) -> list[Fit]:
    """Return all models that have an estimate, smallest BIC first. Empty: there are too many to try."""
    six = len(lists.names) == MOST_LISTS_OF_BIC
    try:
        return best_models(lists.table, order, existence, MOST_MODELS_RESAMPLED if six else None)
    except TooManyModels:
        return []


def _resampled_result(
    method: str, lists: Lists, fits: list[Fit], existence: Existence, boot: int, seed: int, level: float,
    progress: Progress | None,
) -> Result:  # fmt: skip
    choose: Choice
    if method == STEPWISE:
        chosen, choose = fit_model(lists.table, stepwise_model(lists.table, existence)), stepwise_choice(existence)
    else:
        chosen, choose = fits[0], bic_choice(fits, existence)
    ends, resampled = None, np.array([])
    if boot:
        report = (lambda done, of: progress(method, done, of)) if progress else no_progress
        ends, resampled = bootstrap_interval(lists.table, chosen.people, choose, boot, seed, level, report)
    flags = _flags_of_result(method, chosen, ends, resampled, lists, fits)
    name = model_name(chosen.terms, len(lists.names))
    return Result(method, name, float(chosen.people), ends, level, chosen.bic, boot, seed, flags, resampled)


def _latent_result(posterior: Posterior, lists: Lists, seed: int, level: float) -> Result | None:
    """Return the result of the latent classes: median and interval of all draws. None: the chains do not agree."""
    if not posterior.has_converged:
        return None
    draws = posterior.people.ravel()
    low, point, high = (float(it) for it in np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2]))
    flags = _flags_of_interval((low, high), lists)
    return Result(LATENT, f"{CLASSES} classes", point, (low, high), level, None, len(draws), seed, flags, draws)


def _flags_of_interval(ends: tuple[float, float] | None, lists: Lists) -> tuple[str, ...]:
    raised = {
        words.TWO_LISTS: len(lists.names) == 2,
        words.NO_INTERVAL: ends is None,
        words.AT_OBSERVED: ends is not None and ends[0] < 1.02 * lists.observed,
        words.WIDE: ends is not None and ends[1] > 3 * ends[0],
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)


def _flags_of_result(
    method: str, chosen: Fit, ends: tuple[float, float] | None, resampled: Estimates, lists: Lists, fits: list[Fit]
) -> tuple[str, ...]:
    low, high = model_range(fits, NEAR) if fits else (chosen.people, chosen.people)
    raised = {
        words.SPARSE: chosen.sparse_terms(lists.table) > 0,
        words.NEAR_MODELS_DIFFER: low < chosen.people / 2 or high > chosen.people * 2,
        words.NO_ESTIMATE: bool(np.isnan(resampled).any()),
        words.BEST_MODELS_ONLY: method == BIC and len(lists.names) == MOST_LISTS_OF_BIC and ends is not None,
    }
    return _flags_of_interval(ends, lists) + tuple(flag for flag, is_raised in raised.items() if is_raised)


def _points_without_one_list(lists: Lists) -> tuple[tuple[str, float | None], ...]:
    """Return (list, stepwise estimate from the other lists) for each list in turn. None: these have no estimate."""
    found: list[tuple[str, float | None]] = []
    for index, name in enumerate(lists.names):
        fewer, existence = lists.without_list(index), Existence()
        people = None
        if not _why_not_enough(fewer, existence):
            people = float(fit_model(fewer.table, stepwise_model(fewer.table, existence)).people)
        found.append((name, people))
    return tuple(found)


def _is_any_outside(left_out: tuple[tuple[str, float | None], ...], ends: tuple[float, float]) -> bool:
    return any(people is not None and not ends[0] <= people <= ends[1] for _, people in left_out)
