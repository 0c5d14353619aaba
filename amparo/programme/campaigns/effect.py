"""Did a campaign or an event change how many contacts came? An interrupted time series of daily counts, with doubts.

log E[contacts of a day] = level + trend + day of the week + time of the year + effect during the campaign. Fitted as a
Poisson regression by iteratively reweighted least squares. The variance is widened by the dispersion of the Pearson
residuals and, because a day resembles the day before, by (1 + r) / (1 - r), where r is their autocorrelation at lag 1.
After Bernal, Cummins and Gasparrini, International Journal of Epidemiology 2017; 46: 348-355. statsmodels has this
model too, but would load SciPy and pandas into each web process.

Placebo dates: the same model at starts that never were, within the days before the campaign. If many of them show as
much as the true one, there is nothing to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil, exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amparo.foundation.core.small_counts import SMALLEST, rounded

from .chart import Series, Week, series

LEAST_BEFORE, LEAST_AFTER = 84, 14  # days; with fewer, the model says nothing
MOST_DOUBT = 10  # an interval whose upper end is more times its lower end says nothing
A_YEAR = 365.25
PLACEBOS = 40
Z = 1.96  # of a 95 % interval
ERROR_STEP = 0.01  # an exact standard error gives single contacts away, by the interval and its picture
WEEK = 7
STEPS, CLOSE = 50, 1e-9

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    log_ratio: float
    error: float  # standard error of the log ratio, rounded up to a step
    expected: Floats  # contacts of each day without the campaign

    @property
    def says_something(self) -> bool:
        """False if there are so few contacts that nearly any effect would fit them."""
        return 2 * Z * self.error <= log(MOST_DOUBT)

    @property
    def shows_an_effect(self) -> bool:
        return abs(self.log_ratio) > Z * self.error


class TooFew(StrEnum):
    """What is too little for an estimate: days before the campaign, or contacts."""

    DAYS = "days"
    CONTACTS = "contacts"


@dataclass(frozen=True)
class Effect:
    """The estimated effect of a campaign on contacts, as the page shows it, from rounded counts."""

    contacts: int  # during the campaign
    expected: int  # without it
    error: float  # standard error of the log ratio
    start: date
    days: int  # of the campaign so far
    placebos: int
    as_large: int  # of the placebo dates, how many show at least as much
    weeks: tuple[Week, ...]  # empty: in one of them fewer than ten came or were expected

    @property
    def ratio(self) -> float:
        """Contacts as a multiple of what was expected."""
        return self.contacts / self.expected

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
    def picture(self) -> Series | None:
        return series(self.weeks, self.start, self.interval) if self.weeks else None


def estimate(counts: Sequence[int], first_day: date, start: date) -> Effect | TooFew:
    """Estimate the effect of a campaign that began on `start`, from daily counts since `first_day`."""
    contacts, begins = np.asarray(counts, dtype=float), (start - first_day).days
    during = contacts[begins:]
    if begins < LEAST_BEFORE or len(during) < LEAST_AFTER:
        return TooFew.DAYS
    if min(during.sum(), contacts[:begins].sum()) < SMALLEST:
        return TooFew.CONTACTS
    found = fit(contacts, first_day, begins, has_season=begins >= A_YEAR)
    expected = found.expected[begins:].sum()
    if expected < SMALLEST or not found.says_something:
        return TooFew.CONTACTS
    placebos = placebos_of(contacts[:begins], first_day, len(during))
    as_large = sum(abs(each.log_ratio) >= abs(found.log_ratio) for each in placebos)
    # the model's ratio is the quotient of these two sums, so an exact one would give them away
    return Effect(
        rounded(during.sum()), rounded(expected), found.error, start, len(during), len(placebos), as_large,
        _weeks(contacts, found.expected, first_day),
    )  # fmt: skip


def fit(contacts: Floats, first_day: date, begins: int, *, has_season: bool) -> Fit:
    """Fit the model; the campaign is on from day `begins`.

    With less than a year before, the time of the year is not told from the campaign: then the model has no season.
    """
    design = _design(len(contacts), first_day, begins, has_season)
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
    spread = float(residuals @ residuals)
    dispersion = max(1.0, spread / (len(contacts) - design.shape[1]))
    # counts that the model meets exactly leave rounding errors alone, and those say nothing of the next day
    autocorrelation = float(residuals[1:] @ residuals[:-1]) / spread if spread > CLOSE else 0.0
    autocorrelation = min(max(autocorrelation + 1 / len(contacts), 0.0), 0.9)  # the estimate is too small by about 1/n
    covariance = np.linalg.inv(design.T @ (design * mean[:, None]))
    variance = covariance[-1, -1] * dispersion * (1 + autocorrelation) / (1 - autocorrelation)
    error = ERROR_STEP * ceil(float(np.sqrt(variance)) / ERROR_STEP)
    return Fit(float(coefficients[-1]), error, np.exp(design[:, :-1] @ coefficients[:-1]))


def _design(days: int, first_day: date, begins: int, has_season: bool) -> Floats:
    """One row for each day; the last column is 1 during the campaign."""
    day = np.arange(days, dtype=float)
    weekday = (day + first_day.weekday()) % WEEK
    columns: list[Any] = [np.ones(days), day / days, *((weekday == each).astype(float) for each in range(1, WEEK))]
    if has_season:
        columns += [np.sin(2 * np.pi * day / A_YEAR), np.cos(2 * np.pi * day / A_YEAR)]
    columns.append((day >= begins).astype(float))
    return np.column_stack(columns)


def placebos_of(before: Floats, first_day: date, length: int) -> list[Fit]:
    """Fit the same model at placebo dates, spread evenly over the days before the campaign."""
    earliest, latest = LEAST_BEFORE, len(before) - length
    if latest <= earliest:
        return []
    starts = sorted({int(each) for each in np.linspace(earliest, latest, PLACEBOS)})
    has_season = (
        len(before) >= A_YEAR
    )  # as at the true start: otherwise each turn of the year would look like an effect
    found = [fit(before[: start + length], first_day, start, has_season=has_season) for start in starts]
    return [each for each in found if each.says_something]


def _weeks(contacts: Floats, expected: Floats, first_day: date) -> tuple[Week, ...]:
    """Weeks that end with the newest day: contacts, and what was expected without the campaign.

    Both are rounded before they are drawn: the expected ones of all days before add up to the contacts of these days.
    """
    skip = len(contacts) % WEEK
    weeks, expected = (each[skip:].reshape(-1, WEEK).sum(axis=1) for each in (contacts, expected))
    if min(weeks.min(), expected.min()) < SMALLEST:
        return ()
    days = [first_day + timedelta(days=skip + WEEK * number) for number in range(len(weeks))]
    return tuple(Week(day, rounded(n), rounded(e)) for day, n, e in zip(days, weeks, expected, strict=True))
