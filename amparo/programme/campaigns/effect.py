"""Did a campaign or an event change how many contacts came? An interrupted time series of weekly counts, with doubts.

log contacts of a week = level + trend + time of the year + other campaigns and events + effect during the campaign.

A week varies by chance and by rounding, as is known from its size; and by much else, which resembles the week before:
an autoregressive process, whose size and memory nobody knows. So the regression is fitted for many sizes and memories,
and averaged by how well each explains the counts (restricted likelihood; Harville 1977, JASA 72: 320-338). After
Bernal, Cummins and Gasparrini, International Journal of Epidemiology 2017; 46: 348-355. statsmodels has such models
too, but would load SciPy and pandas into each web process.

The counts are of whole weeks, from Monday on, each to the nearest five. The estimate uses nothing else of contacts. So
nobody learns more than these counts by changing a campaign's days again and again (docs/decisions/0048).

Placebo dates: the same model is fitted with false starts, in the weeks before the campaign. If more than one in twenty
of them shows as much as the true start, no effect is told, whatever its interval says (docs/decisions/0065). Nor is one
with less than a year before it: a turn of the year would look like an effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from .chart import Series, Week, week_series
from .other_causes import ALONE, Causes

LEAST_BEFORE, LEAST_AFTER = 12, 2  # weeks; with fewer, the model says nothing
LEAST_LEFT = 6  # weeks more than the model has columns
MOST_DOUBT = 10  # the most times that an interval's upper end may be its lower end
A_YEAR = 365.25 / 7  # weeks
SEASONS = 52  # weeks before the campaign that are needed to tell its effect from the season
PLACEBOS, PLACEBOS_FOR_ONE = 40, 20  # one of twenty may show as much by chance
APART = 0.3  # share of a campaign's weeks, as a variance, that no other campaign may explain
INDEPENDENT = 0.05  # the same of any other column
Z = 1.96  # of a 95 % interval
SIZES = (0, 0.03, 0.06, 0.1, 0.15, 0.22, 0.35, 0.6)  # standard deviation of a logarithm
MEMORIES = (0, 0.3, 0.6, 0.8, 0.95)  # correlation of two weeks in a row
NOISES = tuple((size, memory) for size in SIZES for memory in (MEMORIES if size else (0,)))
LIKELY = 0.01  # noises that are less likely are left out at placebo dates
ROUNDING = 25 / 12  # variance of a count to the nearest five
STEPS = 8
WEEK = timedelta(weeks=1)

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    log_ratio: float
    error: float  # standard error of the log ratio, with the doubt about size and memory of the variation
    expected: Floats  # contacts of each week without the campaign
    likely: Floats  # weight of each of the noises that were tried

    @property
    def is_informative(self) -> bool:
        """Whether the interval is narrow enough to say something. With few contacts, nearly any effect would fit."""
        return 2 * Z * self.error <= log(MOST_DOUBT)

    @property
    def clarity(self) -> float:
        """The effect, in its own standard errors."""
        return abs(self.log_ratio) / self.error

    @property
    def shows_an_effect(self) -> bool:
        return self.clarity > Z


class TooFew(StrEnum):
    """Why there is no estimate: too few weeks before or during, too few contacts, or too many other campaigns."""

    DAYS = "days"
    CONTACTS = "contacts"
    OTHERS = "others"


@dataclass(frozen=True)
class Effect:
    """The estimated effect of a campaign on contacts."""

    contacts: int  # in the whole weeks of the campaign
    log_ratio: float  # log(contacts / expected)
    error: float  # its standard error
    start: date  # a Monday
    number: int  # whole weeks of the campaign so far
    placebos: int
    as_large: int  # how many placebo dates show at least as large an effect, each measured by its own error
    weeks: tuple[Week, ...]
    has_season: bool  # whether a year of weeks stands before it
    known: tuple[str, ...] = ()  # other campaigns that the model takes into account
    joint: tuple[str, ...] = ()  # other campaigns of nearly the same weeks: the effect is of all of them together
    events: int = 0  # other events in these weeks

    @property
    def ratio(self) -> float:
        """Contacts as a multiple of what was expected."""
        return exp(self.log_ratio)

    @property
    def expected(self) -> int:
        """Contacts in these weeks without the campaign."""
        return round(self.contacts / self.ratio)

    @property
    def interval(self) -> tuple[float, float]:
        return self.ratio * exp(-Z * self.error), self.ratio * exp(Z * self.error)

    @property
    def passes_the_placebos(self) -> bool:
        """Whether hardly any placebo date shows as much. Without a placebo date nobody knows, so no effect is told."""
        return self.placebos > 0 and self.as_large * PLACEBOS_FOR_ONE <= self.placebos

    @property
    def shows_an_effect(self) -> bool:
        low, high = self.interval
        return not low <= 1 <= high and self.has_season and self.passes_the_placebos

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
    before: Sequence[int | None], during: Sequence[int | None], until: date, start: date, others: Causes = ALONE
) -> Effect | TooFew:
    """Estimate the effect from the contacts of whole weeks; None: fewer than ten.

    `until`: the Monday after the weeks before. `start`: the first Monday of the campaign; if it began on another day, a
    week lies between these two, and counts for neither. `others`: other campaigns and events.
    """
    known = next((number for number, count in enumerate(before) if count is not None), len(before))
    before = before[known:]  # a line may be younger than a year
    if len(before) < LEAST_BEFORE or len(during) < LEAST_AFTER:
        return TooFew.DAYS
    if None in (*before, *during):
        return TooFew.CONTACTS
    contacts, begins = np.asarray([*before, *during], dtype=float), len(before)
    mondays = [*(until - WEEK * ago for ago in range(begins, 0, -1)), *(start + WEEK * n for n in range(len(during)))]
    week = np.array([(each - mondays[0]) // WEEK for each in mondays], dtype=float)
    campaigns = [(name, np.array(column)) for name, column in others.campaigns_by_week(mondays)]
    columns, joint = separate(campaigns, begins)
    if others.events:
        columns.append(np.array(others.events_by_week(mondays)))
    design = design_of(week, begins, columns, has_season=begins >= SEASONS)
    if len(contacts) - design.shape[1] < LEAST_LEFT:
        return TooFew.OTHERS
    found = fit_model(contacts, week, design)
    if not found.is_informative:
        return TooFew.CONTACTS
    placebos = fits_at_placebo_dates(contacts[:begins], len(during), [each[:begins] for each in columns], found.likely)
    as_large = sum(each.clarity >= found.clarity for each in placebos)
    weeks = tuple(Week(*each) for each in zip(mondays, contacts.astype(int), map(round, found.expected), strict=True))
    return Effect(
        int(sum(contacts[begins:])), found.log_ratio, found.error, start, len(during), len(placebos), as_large, weeks,
        begins >= SEASONS, tuple(name for name, _ in campaigns if name not in joint), joint,
        others.events_within(mondays),
    )  # fmt: skip


def separate(campaigns: Sequence[tuple[str, Floats]], begins: int) -> tuple[list[Floats], tuple[str, ...]]:
    """Return the columns of other campaigns, and the names of those that cannot be told apart from this one.

    The effect is then of all of them together, so their columns keep the weeks before it alone.
    """
    columns = [column for _, column in campaigns]
    is_during = np.arange(len(columns[0]) if columns else 0) >= begins
    if not columns or share_left(is_during.astype(float), [np.ones(len(is_during)), *columns]) >= APART:
        return columns, ()
    joint = tuple(name for name, column in campaigns if column[begins:].any())
    return [np.where(is_during, 0, column) if column[begins:].any() else column for column in columns], joint


def share_left(column: Floats, others: Sequence[Floats]) -> float:
    """Return the share of a column's variance that no combination of the others explains. 0: it does not vary."""
    spread = float(((column - column.mean()) ** 2).sum())
    if spread == 0:
        return 0.0
    known = np.column_stack(others)
    rest = column - known @ np.linalg.lstsq(known, column, rcond=None)[0]
    return float((rest**2).sum()) / spread


def design_of(week: Floats, begins: int, others: Sequence[Floats], *, has_season: bool) -> Floats:
    """Return the design matrix of the regression: a row for each week. Its last column is 1 during the campaign.

    `week`: the number of each row's week; the campaign runs from row `begins` on. Pass `has_season=False` if there is
    less than a year before the campaign: the effects of season and campaign could not be separated. Columns that the
    first ones explain are left out.
    """
    columns = [np.ones(len(week)), week / len(week)]
    for waves in (1, 2) if has_season else ():  # a year may have two seasons
        angle = 2 * np.pi * waves * week / A_YEAR
        columns += [np.sin(angle), np.cos(angle)]
    during = (np.arange(len(week)) >= begins).astype(float)
    for column in others:
        if share_left(column, [*columns, during]) >= INDEPENDENT:
            columns.append(column)
    return np.column_stack([*columns, during])


def fit_model(contacts: Floats, week: Floats, design: Floats, noises: Floats | None = None) -> Fit:
    """Fit the model of this module. `noises`: the weight of each of `NOISES`; None: as these contacts suggest."""
    mean = _smooth_mean(contacts, design)
    chance = np.diag(1 / mean + ROUNDING / mean**2)
    apart, logs = np.abs(week[:, None] - week), np.log(contacts)
    tried = np.arange(len(NOISES)) if noises is None else np.flatnonzero(noises >= LIKELY)
    fits = []
    for size, memory in (NOISES[each] for each in tried):
        root = np.linalg.cholesky(chance + size**2 * memory**apart)
        white, white_logs = np.linalg.solve(root, design), np.linalg.solve(root, logs)
        precision = white.T @ white
        coefficients = np.linalg.solve(precision, white.T @ white_logs)
        rest = white_logs - white @ coefficients
        likelihood = -np.log(np.diag(root)).sum() - np.linalg.slogdet(precision)[1] / 2 - rest @ rest / 2
        fits.append((likelihood, coefficients, np.linalg.inv(precision)[-1, -1]))
    likelihoods, coefficients, variances = (np.array(each) for each in zip(*fits, strict=True))
    weights = np.exp(likelihoods - likelihoods.max()) if noises is None else noises[tried]
    weights = weights / weights.sum()
    middle = weights @ coefficients
    variance = weights @ (variances + (coefficients[:, -1] - middle[-1]) ** 2)
    return Fit(float(middle[-1]), float(np.sqrt(variance)), np.exp(design[:, :-1] @ middle[:-1]), weights)


def _smooth_mean(contacts: Floats, design: Floats) -> Floats:
    """Return the mean of each week by a Poisson regression, from which follows how much it varies by chance."""
    logs = np.log(contacts + 0.5)
    for _step in range(STEPS):
        mean = np.exp(logs)
        weighted = design * mean[:, None]
        coefficients = np.linalg.solve(design.T @ weighted, weighted.T @ (logs + (contacts - mean) / mean))
        logs = np.clip(design @ coefficients, -20, 20)
    return np.exp(logs)


def fits_at_placebo_dates(before: Floats, length: int, others: Sequence[Floats], noises: Floats) -> list[Fit]:
    """Fit the same model at placebo dates, spread evenly over the weeks before the campaign.

    `length`: weeks of the campaign. `others`: columns for these weeks. `noises`: weights, as at the true start. Dates
    that are not informative are left out, and those at which another campaign began.
    """
    earliest, latest = LEAST_BEFORE, len(before) - length
    if latest <= earliest:
        return []
    starts = sorted({int(each) for each in np.linspace(earliest, latest, PLACEBOS)})
    # as at the true start: otherwise each turn of the year would look like an effect
    has_season = len(before) >= SEASONS
    week = np.arange(len(before), dtype=float)
    found = []
    for start in starts:
        end = start + length
        design = design_of(week[:end], start, [each[:end] for each in others], has_season=has_season)
        if share_left(design[:, -1], [np.ones(end), *(each[:end] for each in others)]) >= APART:
            found.append(fit_model(before[:end], week[:end], design, noises))
    return [each for each in found if each.is_informative]
