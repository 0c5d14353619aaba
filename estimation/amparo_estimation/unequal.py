"""People whom the lists see unequally: a lower bound, and a model that lets some people be harder to see than others.

All other models of this package take two people to be as visible as each other. Where they are not, those models find
too few people, and agree with each other on it.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from .lists import Table
from .loglinear import Terms
from .regression import design_of, is_identifiable, poisson_regression

LEVEL = 0.95
DOUBT = 0.2  # a one-sided test at one in five, not in twenty: a false alarm costs less than a number that is too low
GAIN = float(ndtri(1 - DOUBT)) ** 2  # deviance


@dataclass(frozen=True)
class LowerBound:
    """At least about how many people there are, with the interval of this number."""

    people: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Unequal:
    """The estimate of a model that lets people differ in how visible they are."""

    people: float
    gain: float  # how much smaller its deviance is than that of the model without; 0 where people look too equal

    @property
    def fits_no_worse(self) -> bool:
        return self.gain > GAIN


def lower_bound(table: Table, terms: Terms) -> LowerBound | None:
    """Return Chao's lower bound for lists of different sizes. None: the model `terms` joins all lists in pairs.

    Of two lists i and j that are unrelated, n_i * n_j / n_ij people are on none, if n_i are on one list alone and n_ij
    on these two alone. Where people differ in visibility there are more (Cauchy and Schwarz). Numerators and
    denominators are added up over the pairs of lists that the model does not join.

    If all lists have one size, this is the bound of Chao (1987, Biometrics 43:783) for t lists:
    (t - 1) / t * f1 ** 2 / (2 * f2), of f1 people on one list and f2 on two. For lists of different sizes that would be
    too high (model Mth of Rivest and Baillargeon 2007, Biometrics 63:999). One is added to the denominator against the
    bias of small counts. The interval takes the logarithm of the hidden people to be normal (Chao 1987).
    """
    k = len(table).bit_length() - 1
    pairs = [(i, j) for i, j in combinations(range(k), 2) if (1 << i | 1 << j) not in terms]
    if not pairs:
        return None
    alone = [table[1 << i] for i in range(k)]
    products = sum(alone[i] * alone[j] for i, j in pairs)
    joint = sum(table[1 << i | 1 << j] for i, j in pairs)
    hidden, observed = products / (joint + 1), table.sum()
    if not hidden:
        return LowerBound(float(observed), (float(observed), float(observed)))
    slopes = [sum(alone[j if i == at else i] for i, j in pairs if at in (i, j)) for at in range(k)]
    variance = sum(n * slope**2 for n, slope in zip(alone, slopes, strict=True)) / products**2 + 1 / (joint + 1)
    ratio = np.exp(ndtri((1 + LEVEL) / 2) * np.sqrt(variance))
    return LowerBound(float(observed + hidden), (float(observed + hidden / ratio), float(observed + hidden * ratio)))


def estimate_unequal(table: Table, terms: Terms) -> Unequal | None:
    """Return what the model `terms` estimates with Darroch's column. None: these lists cannot tell.

    The column has the square of the number of lists that a person is on, halved: as if visibility varied normally among
    people (Darroch, Fienberg, Glonek and Junker 1993, JASA 88:1137).
    """
    design = design_of(table, terms)
    with_column = np.column_stack([design.matrix, design.lists**2 / 2])
    if not is_identifiable(with_column):
        return None
    before, found = (poisson_regression(it, table[design.cells]) for it in (design.matrix, with_column))
    if before is None or found is None:
        return None
    gain = before.deviance - found.deviance if found.coefficients[-1] > 0 else 0.0
    return Unequal(float(table.sum() + np.exp(found.coefficients[0])), gain)
