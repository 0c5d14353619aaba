"""Poisson regression, for models that have more than terms of lists: an offset, or a column of numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lists import Table
from .loglinear import Terms, superset_sums

STEPS, CLOSE = 60, 1e-9
LIMITS = (-30.0, 25.0)  # of a logarithm of people


@dataclass(frozen=True)
class Regression:
    coefficients: Table
    covariance: Table  # of the coefficients
    deviance: float


@dataclass(frozen=True)
class Design:
    """A log-linear model as a matrix: a row for each cell, and a column of 0 and 1 for each term."""

    cells: NDArray[np.int64]  # histories; without those that have no finite estimate
    matrix: Table

    @property
    def lists(self) -> NDArray[np.int64]:
        """On how many lists somebody of each cell is."""
        return np.array([int(cell).bit_count() for cell in self.cells])


def design_of(table: Table, terms: Terms) -> Design:
    """Return the design of the model `terms`, without terms that nobody has and without the cells within them."""
    margins = superset_sums(table)
    empty = [term for term in terms if margins[term] == 0]
    cells = np.array([cell for cell in range(1, len(table)) if not any(cell & term == term for term in empty)])
    used = np.array([term for term in terms if margins[term] > 0])
    return Design(cells, ((cells[:, None] & used) == used).astype(float))


def is_identifiable(matrix: Table) -> bool:
    return bool(np.linalg.matrix_rank(matrix) == matrix.shape[1])


def poisson_regression(design: Table, counts: Table, offset: Table | float = 0.0) -> Regression | None:
    """Fit the logarithms of the expected counts by Newton's method. None: it does not converge.

    `offset` is added to each logarithm: the value of a term that is known and not estimated.
    """
    logs = np.log(counts + 0.5)
    for _step in range(STEPS):
        mean = np.exp(logs)
        weighted = design * mean[:, None]
        try:
            covariance = np.linalg.inv(design.T @ weighted)
        except np.linalg.LinAlgError:
            return None
        coefficients = covariance @ (weighted.T @ (logs - offset + (counts - mean) / mean))
        after = np.clip(design @ coefficients + offset, *LIMITS)
        if np.max(np.abs(after - logs)) < CLOSE:
            mean, some = np.exp(after), counts > 0
            deviance = 2 * (np.sum(counts[some] * np.log(counts[some] / mean[some])) - counts.sum() + mean.sum())
            return Regression(coefficients, covariance, float(deviance))
        logs = after
    return None
