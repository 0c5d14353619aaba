"""Find out whether a model has an estimate, and only one (Fienberg and Rinaldo 2012, Ann. Stat. 40:996).

The answers depend only on which cells of the table are empty, so they are remembered. A model that has an estimate has
one also when fewer cells are empty.
"""

import numpy as np
from scipy.optimize import linprog

from .lists import Table
from .loglinear import Terms, superset_sums
from .models import ordered_terms

EXISTS, NO_ESTIMATE, NOT_IDENTIFIABLE = 0, 1, 2  # 3: both faults


class Existence:
    """Checks whether models have an estimate, and remembers each answer."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, bytes], int] = {}
        self.exists_from: dict[tuple[bytes, bytes], list[int]] = {}  # supports with an estimate
        self.programmes = 0  # linear programmes solved

    def check(self, table: Table, terms: Terms) -> int:
        """Return 0: there is one estimate; 1: none exists; 2: the model is not identifiable; 3: both faults."""
        terms = ordered_terms(terms.tolist())
        filled = table > 0
        filled[0] = False
        support = sum(1 << int(cell) for cell in np.flatnonzero(filled))
        key = support, terms.tobytes()
        if key not in self.known:
            self.known[key] = self._check_uncached(filled, support, terms)
        return self.known[key]

    def _check_uncached(self, filled: np.ndarray, support: int, terms: Terms) -> int:
        if not support:
            return NO_ESTIMATE + NOT_IDENTIFIABLE
        margins = superset_sums(filled.astype(float))
        dead = [int(term) for term in terms if margins[term] == 0]
        active = np.array([term for term in terms if margins[term] > 0])
        cells = np.array([cell for cell in range(1, len(filled)) if not any(cell & term == term for term in dead)])
        design = ((cells[None, :] & active[:, None]) == active[:, None]).astype(float)
        answer = EXISTS
        if np.linalg.matrix_rank(design) < len(active):
            answer += NOT_IDENTIFIABLE
        if filled[cells].all():
            return answer
        earlier = self.exists_from.setdefault((terms.tobytes(), np.array(dead).tobytes()), [])
        if any(support & other == other for other in earlier):
            return answer
        self.programmes += 1
        if _has_positive_point(design, design @ filled[cells]):
            earlier.append(support)
            return answer
        return answer + NO_ESTIMATE


def _has_positive_point(design: np.ndarray, margins: np.ndarray) -> bool:
    """Whether a table that is positive in every cell has these margins. It maximises the smallest cell."""
    cells = design.shape[1]
    equal = np.hstack([design, design.sum(1, keepdims=True)])
    found = linprog(np.r_[np.zeros(cells), -1.0], A_eq=equal, b_eq=margins, bounds=(0, None), method="highs")
    return bool(found.status == 0 and -found.fun > 1e-9)
