"""The estimate over two things that lists cannot measure: how related they are, and how many people are beyond them.

Each curve gives the estimate for several values. The lists cannot say which value is true; somebody who knows how the
agencies work can say which are likely.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from .drawing import Curve
from .lists import Table
from .loglinear import Terms
from .regression import design_of, is_identifiable, poisson_regression

RATIOS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class CurvePoint:
    at: float  # the odds ratio, or the share
    people: float
    interval: tuple[float, float] | None

    def as_json(self) -> dict[str, Any]:
        ends = None if self.interval is None else [round(end, 1) for end in self.interval]
        return {"at": self.at, "people": round(self.people, 4), "interval": ends}


def over_odds_ratios(table: Table, terms: Terms, level: float) -> tuple[CurvePoint, ...]:
    """Return what the model `terms` estimates if each pair of lists that it does not join had one of `RATIOS`.

    Above 1 a person on one list is likelier to be on the other. At 1 this is the model's own estimate. The ratio is an
    offset of the regression; pairs that the model joins have their own (Gerritse, van der Heijden and Bakker 2015,
    Journal of Official Statistics 31:357). The interval takes the logarithm of the hidden people to be normal; it holds
    neither the choice of the model nor the doubt about the ratio. Empty: the model joins all pairs, or has no estimate.
    """
    k = len(table).bit_length() - 1
    if all((1 << i | 1 << j) in terms for i in range(k) for j in range(i)):
        return ()
    design = design_of(table, terms)
    if not is_identifiable(design.matrix):
        return ()
    pairs = design.lists * (design.lists - 1) / 2
    found = []
    for ratio in RATIOS:
        fitted = poisson_regression(design.matrix, table[design.cells], pairs * np.log(ratio))
        if fitted is None:
            return ()
        hidden = np.exp(fitted.coefficients[0])
        factor = np.exp(ndtri((1 + level) / 2) * np.sqrt(fitted.covariance[0, 0]))
        ends = float(table.sum() + hidden / factor), float(table.sum() + hidden * factor)
        found.append(CurvePoint(ratio, float(table.sum() + hidden), ends))
    return tuple(found)


def over_shares(people: float, interval: tuple[float, float] | None) -> tuple[CurvePoint, ...]:
    """Return how many people there would be if no list could ever see one of `SHARES` of them.

    The lists then tell of the others alone: the estimate, and each end of its interval, is divided by their share.
    """
    return tuple(
        CurvePoint(share, people / (1 - share), interval and (interval[0] / (1 - share), interval[1] / (1 - share)))
        for share in SHARES
    )


def curve_of_ratios(points: tuple[CurvePoint, ...]) -> Curve:
    """Return what `curve_plot` draws: a ratio and its inverse lie as far from 1."""
    return [(float(np.log2(it.at)), f"{it.at:g}", *_ends(it)) for it in points]


def curve_of_shares(points: tuple[CurvePoint, ...]) -> Curve:
    """Return what `curve_plot` draws."""
    return [(it.at, f"{it.at:.0%}", *_ends(it)) for it in points]


def people_at(points: tuple[CurvePoint, ...], place: float) -> float | None:
    """Return how many people a curve has at an odds ratio or a share. None: it has no such point."""
    return next((it.people for it in points if it.at == place), None)


def _ends(point: CurvePoint) -> tuple[float, float, float]:
    low, high = point.interval or (point.people, point.people)
    return low, point.people, high
