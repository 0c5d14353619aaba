"""Did a campaign or an event change how many contacts came? An interrupted time series of weekly counts, with doubts.

log E[contacts of a week] = level + trend + time of the year + effect during the campaign. Fitted as a Poisson
regression by iteratively reweighted least squares. The variance is widened by the dispersion of the Pearson residuals
and, because a week resembles the week before, by (1 + r) / (1 - r), where r is their autocorrelation at lag 1. After
Bernal, Cummins and Gasparrini, International Journal of Epidemiology 2017; 46: 348-355. statsmodels has this model too,
but would load SciPy and pandas into each web process.

The counts are of whole weeks, from Monday on, each to the nearest five. The estimate uses nothing else. So nobody
learns more than these counts by changing a campaign's days again and again (docs/decisions/0048).

Placebo dates: the same model is fitted with false starts, in the weeks before the campaign. If many of them show as
large an effect as the true start, the effect means nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chart import Series, Week, week_series

LEAST_BEFORE, LEAST_AFTER = 12, 2  # weeks; with fewer, the model says nothing
MOST_DOUBT = 10  # the most times that an interval's upper end may be its lower end
A_YEAR = 365.25 / 7  # weeks
SEASONS = 52  # weeks before the campaign that are needed to tell its effect from the season
PLACEBOS = 40
Z = 1.96  # of a 95 % interval
STEPS, CLOSE = 50, 1e-9
WEEK = timedelta(weeks=1)

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    log_ratio: float
    error: float  # standard error of the log ratio, widened for the few weeks that it is estimated from
    expected: Floats  # contacts of each week without the campaign

    @property
    def is_informative(self) -> bool:
        """Whether the interval is narrow enough to say something. With few contacts, nearly any effect would fit."""
        return 2 * Z * self.error <= log(MOST_DOUBT)

    @property
    def shows_an_effect(self) -> bool:
        return abs(self.log_ratio) > Z * self.error


class TooFew(StrEnum):
    """Why there is no estimate: too few weeks before or during the campaign, or too few contacts."""

    DAYS = "days"
    CONTACTS = "contacts"


@dataclass(frozen=True)
class Effect:
    """The estimated effect of a campaign on contacts."""

    contacts: int  # in the whole weeks of the campaign
    expected: int  # in these weeks without the campaign
    log_ratio: float  # log(contacts / expected)
    error: float  # its standard error
    start: date  # a Monday
    number: int  # whole weeks of the campaign so far
    placebos: int
    as_large: int  # how many placebo dates show at least as large an effect
    weeks: tuple[Week, ...]

    @property
    def ratio(self) -> float:
        """Contacts as a multiple of what was expected."""
        return exp(self.log_ratio)

    @property
    def interval(self) -> tuple[float, float]:
        return self.ratio * exp(-Z * self.error), self.ratio * exp(Z * self.error)

    @property
    def shows_an_effect(self) -> bool:
        low, high = self.interval
        return not low <= 1 <= high

    @property
    def more(self) -> int:
        return self.contacts - self.expected

    @property
    def fewer(self) -> int:
        return self.expected - self.contacts

    @property
    def picture(self) -> Series:
        return week_series(self.weeks, self.start, self.interval)


def estimate_effect(
    before: Sequence[int | None], during: Sequence[int | None], until: date, start: date
) -> Effect | TooFew:
    """Estimate the effect from the contacts of whole weeks; None: fewer than ten.

    `until`: the Monday after the weeks before. `start`: the first Monday of the campaign; if it began on another day, a
    week lies between these two, and counts for neither.
    """
    known = next((number for number, count in enumerate(before) if count is not None), len(before))
    before = before[known:]  # a line may be younger than a year
    if len(before) < LEAST_BEFORE or len(during) < LEAST_AFTER:
        return TooFew.DAYS
    if None in (*before, *during):
        return TooFew.CONTACTS
    contacts, begins = np.asarray([*before, *during], dtype=float), len(before)
    mondays = [*(until - WEEK * ago for ago in range(begins, 0, -1)), *(start + WEEK * n for n in range(len(during)))]
    found = fit_model(contacts, _week_numbers(mondays), begins, has_season=begins >= SEASONS)
    if not found.is_informative:
        return TooFew.CONTACTS
    placebos = fits_at_placebo_dates(contacts[:begins], len(during))
    as_large = sum(abs(each.log_ratio) >= abs(found.log_ratio) for each in placebos)
    weeks = tuple(Week(*each) for each in zip(mondays, contacts.astype(int), map(round, found.expected), strict=True))
    return Effect(
        int(sum(contacts[begins:])), round(sum(found.expected[begins:])), found.log_ratio, found.error, start,
        len(during), len(placebos), as_large, weeks,
    )  # fmt: skip


def fit_model(contacts: Floats, week: Floats, begins: int, *, has_season: bool) -> Fit:
    """Fit the model of this module. `week`: the number of each row's week; the campaign runs from row `begins` on.

    Pass `has_season=False` if there is less than a year before the campaign: the effects of season and
    campaign could not be separated, so the model leaves the season out.
    """
    design = _design(week, begins, has_season)
    log_mean, coefficients = np.log(contacts + 0.5), np.zeros(design.shape[1])
    for _step in range(STEPS):
        mean = np.exp(log_mean)
        weighted = design * mean[:, None]
        after = np.linalg.solve(design.T @ weighted, weighted.T @ (log_mean + (contacts - mean) / mean))
        has_settled = np.max(np.abs(after - coefficients)) < CLOSE
        coefficients, log_mean = after, np.clip(design @ after, -20, 20)
        if has_settled:
            break
    mean = np.exp(log_mean)
    residuals = (contacts - mean) / np.sqrt(mean)
    spread, left = float(residuals @ residuals), len(contacts) - design.shape[1]
    dispersion = max(1.0, spread / left)
    # counts that the model meets exactly leave rounding errors alone, and those say nothing of the next week
    autocorrelation = float(residuals[1:] @ residuals[:-1]) / spread if spread > CLOSE else 0.0
    autocorrelation = min(max(autocorrelation + 1 / len(contacts), 0.0), 0.9)  # the estimate is too small by about 1/n
    covariance = np.linalg.inv(design.T @ (design * mean[:, None]))
    variance = covariance[-1, -1] * dispersion * (1 + autocorrelation) / (1 - autocorrelation)
    few = 1 + (Z**2 + 1) / (4 * left)  # Student's t over the normal quantile, to the first order in 1 / left
    return Fit(float(coefficients[-1]), few * float(np.sqrt(variance)), np.exp(design[:, :-1] @ coefficients[:-1]))


def _design(week: Floats, begins: int, has_season: bool) -> Floats:
    """Return the design matrix of the regression: a row for each week. Its last column is 1 during the campaign."""
    columns: list[Any] = [np.ones(len(week)), week / len(week)]
    if has_season:
        columns += [np.sin(2 * np.pi * week / A_YEAR), np.cos(2 * np.pi * week / A_YEAR)]
    columns.append((np.arange(len(week)) >= begins).astype(float))
    return np.column_stack(columns)


def _week_numbers(mondays: Sequence[date]) -> Floats:
    return np.array([(each - mondays[0]) // WEEK for each in mondays], dtype=float)


def fits_at_placebo_dates(before: Floats, length: int) -> list[Fit]:
    """Fit the same model at placebo dates, spread evenly over the weeks before the campaign.

    `length`: weeks of the campaign. Fits that are not informative are left out.
    """
    earliest, latest = LEAST_BEFORE, len(before) - length
    if latest <= earliest:
        return []
    starts = sorted({int(each) for each in np.linspace(earliest, latest, PLACEBOS)})
    # as at the true start: otherwise each turn of the year would look like an effect
    has_season = len(before) >= SEASONS
    week = np.arange(len(before), dtype=float)
    found = [
        fit_model(before[: start + length], week[: start + length], start, has_season=has_season) for start in starts
    ]
    return [each for each in found if each.is_informative]
