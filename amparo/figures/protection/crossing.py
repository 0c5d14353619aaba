"""Decide which counts of two crossed breakdowns may be published (docs/decisions/0035).

A table has rows and columns whose sums are public, for each part (quarter) of its period. Only the sum of the parts is
published, cell by cell.

1. Rows and columns with a sum that is too small are added up to one (`_merge_lines`).
2. Every cell below ten is hidden, and so is zero.
3. More cells are hidden with them, so that no sum gives one away. An integer programme chooses the fewest
   (`choose_pattern`). It is told which cells are small, and the sums; it is told no count.
4. The choice is tried out (`_is_unknowable`). If a small cell could not be anything from 0 to 9, nothing is shown.

Why these rules do not help to compute a small count: suppose that an attacker knows all sums of each part, which
hidden cells are small, and how the shown cells divide over the parts. Step 4 has found other whole
counts that fit all of this, in which the small cell is 0, and others in which it is 9. The same cells are small in
them, and the sums are the same. So the rules choose the same pattern, try out the same programme, and publish
the same table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from highspy import Highs, HighsLp, HighsVarType, MatrixFormat, SolutionStatus
from numpy.typing import NDArray

from amparo.foundation.core.small_counts import SMALLEST

ROOMY = 4 * SMALLEST  # expected people in a cell that can make up for a small one
MOST_NODES = 500  # of a search; a machine that is slow or busy must not change what is published

type Counts = NDArray[np.int64]  # rows by columns
type Mask = NDArray[np.bool_]
type Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class SafeCrossing:
    """The publishable part of a crossed table. Counts are exact; they are rounded before anybody reads them."""

    rows: tuple[int | None, ...]  # places in the given table; None: all others together
    columns: tuple[int | None, ...]
    counts: Counts  # of these rows and columns
    hidden: Mask

    @property
    def shows_nothing(self) -> bool:
        return bool(self.hidden.all())


def protect_crossing(parts: Sequence[Counts], rows: Sequence[bool], columns: Sequence[bool]) -> SafeCrossing:
    """Protect the sum of these tables. Rows and columns that are False are only shown merged with others."""
    counts = np.sum(parts, axis=0)
    by_row, by_column = counts.sum(axis=1), counts.sum(axis=0)
    some, alone_rows, alone_columns = max(int(counts.sum()), 1), np.array(rows), np.array(columns)
    kept_rows = _lines_to_keep(by_row, alone_rows, _largest_line_sum(by_column, alone_columns) / some)
    kept_columns = _lines_to_keep(by_column, alone_columns, _largest_line_sum(by_row, alone_rows) / some)
    merged = [_merge_lines(_merge_lines(part, kept_rows).T, kept_columns).T for part in parts]
    return SafeCrossing(
        _line_places(by_row, kept_rows),
        _line_places(by_column, kept_columns),
        np.sum(merged, axis=0),
        hidden_cells(merged),
    )


def _largest_line_sum(sums: Counts, alone: Mask) -> int:
    """Return the largest published total of these lines (rows or columns). Merged lines count as one."""
    return int(max(sums[alone].max(initial=0), sums[~alone].sum()))


def _lines_to_keep(sums: Counts, alone: Mask, share: float) -> Mask:
    """Return which rows (or columns) stay separate: at least `ROOMY` people are expected in their largest cell.

    `share`: the share of all people that the largest column (or row) has.
    """
    kept = alone & (sums * share >= ROOMY)
    while kept.any() and 0 < sums[~kept].sum() * share < ROOMY:
        kept[np.flatnonzero(kept)[np.argmin(sums[kept])]] = False
    return kept


def _merge_lines(table: Counts, kept: Mask) -> Counts:
    """Return the kept rows of a table, and all others added up as one last row."""
    return table if kept.all() else np.vstack([table[kept], table[~kept].sum(axis=0)])


def _line_places(sums: Counts, kept: Mask) -> tuple[int | None, ...]:
    places = tuple(int(place) for place in np.flatnonzero(kept))
    return places if kept.all() else (*places, None)


def hidden_cells(parts: Sequence[Counts]) -> Mask:
    """Return which cells of the sum of these parts are hidden. All of them: nothing can be shown."""
    counts = np.sum(parts, axis=0)
    small = counts < SMALLEST
    if not small.any() or small.all():
        return small
    hidden = choose_pattern(small, counts.sum(axis=1), counts.sum(axis=0))
    if hidden is None or not _is_unknowable(parts, small, hidden):
        return np.ones_like(small)
    return hidden


def choose_pattern(small: Mask, rows: Counts, columns: Counts) -> Mask | None:
    """Return the small cells with the fewest others, such that each small one lies on a circle of hidden cells.

    A circle goes by hidden cells from row to column until it is back at the small cell. Its other cells are not small,
    so that they can make up for any count of the small one. Cells in which many are expected (row sum times column
    sum) are preferred. None: there is no such pattern.

    The pattern is a Steiner tree: the chosen cells join all rows and columns that have a small cell. From one of them,
    each of the others is sent one unit of flow along chosen cells (Wong 1984).
    """
    r, c = np.nonzero(~small)
    ends = np.concatenate([[r, c + len(small)], [c + len(small), r]], axis=1)  # each cell in both directions
    first, *others = np.flatnonzero(np.concatenate([small.any(axis=1), small.any(axis=0)]))
    arcs, nodes, flows = ends.shape[1], sum(small.shape), len(others)
    if not arcs:
        return None
    sent = np.zeros((flows, nodes))
    sent[:, first] = 1
    sent[np.arange(flows), others] = -1
    expected = np.outer(rows, columns)[r, c] / max(int(rows.sum()), 1)
    cost = np.tile(1 + np.maximum(ROOMY - expected, 0) + np.arange(r.size) / r.size / 100, 2)
    # Variables: whether each arc is chosen, then how much of each flow it carries. Conditions: the balance of each flow
    # at each node, then that only a chosen arc carries it.
    flow, carries = np.arange(flows)[:, np.newaxis], np.arange(flows * arcs)
    found = _solution(_integer_programme(
        cost=np.concatenate([cost, np.zeros(flows * arcs)]), upper=1, integral=np.arange(flows * arcs + arcs) < arcs,
        rows=[flow * nodes + ends[0], flow * nodes + ends[1], flows * nodes + carries, flows * nodes + carries],
        columns=[arcs + carries, arcs + carries, np.tile(np.arange(arcs), flows), arcs + carries],
        values=[1, -1, 1, -1],
        low=np.concatenate([sent.ravel(), np.zeros(flows * arcs)]),
        high=np.concatenate([sent.ravel(), np.full(flows * arcs, np.inf)]),
    ))  # fmt: skip
    if found is None:
        return None
    hidden = small.copy()
    chosen = found[:arcs].reshape(2, -1).max(axis=0) > 0.5
    hidden[r[chosen], c[chosen]] = True
    return hidden


def _is_unknowable(parts: Sequence[Counts], small: Mask, hidden: Mask) -> bool:
    """Whether each small cell can be 0 and can be 9, for an attacker who knows everything else that the rules use."""
    for limit in (SMALLEST - 1, 0):
        left = set(range(int(small[hidden].sum())))
        search = _PossibleCounts(parts, small, hidden)
        while left:
            reached = {cell for cell, count in search.extreme_counts(left, high=limit > 0).items() if count == limit}
            if not reached:
                one = {min(left)}
                reached = {cell for cell, count in search.extreme_counts(one, high=limit > 0).items() if count == limit}
            if not reached:
                return False
            left -= reached
    return True


class _PossibleCounts:
    """An integer programme whose solutions are the counts of hidden cells, part by part, that fit what is public."""

    def __init__(self, parts: Sequence[Counts], small: Mask, hidden: Mask) -> None:
        r, c = np.nonzero(hidden)
        cells, lines, height = r.size, sum(hidden.shape), len(hidden)
        self.parts, self.small = len(parts), np.flatnonzero(small[hidden])
        sums = [np.concatenate([np.where(hidden, part, 0).sum(axis=axis) for axis in (1, 0)]) for part in parts]
        is_small = small[hidden]
        part = np.arange(self.parts)[:, np.newaxis]
        place = part * cells + np.arange(cells)
        # Conditions: the sums of each part's rows and columns, then what each cell of all parts together may be.
        self.programme = _integer_programme(
            cost=np.zeros(place.size), upper=np.inf, integral=np.zeros(place.size, dtype=bool),
            rows=[part * lines + r, part * lines + height + c, self.parts * lines + place % cells],
            columns=[place, place, place], values=[1, 1, 1],
            low=np.concatenate([*sums, np.where(is_small, 0, SMALLEST)]),
            high=np.concatenate([*sums, np.where(is_small, SMALLEST - 1, np.inf)]),
        )  # fmt: skip

    def extreme_counts(self, cells: set[int], *, high: bool) -> dict[int, int]:
        """Make these small cells together as large or as small as can be, and return the count of each.

        A cell is its place among all small cells. Empty: the search found no solution.
        """
        aim: NDArray[np.float64] = np.zeros((self.parts, self.programme.num_col_ // self.parts))
        aim[:, self.small[sorted(cells)]] = -1 if high else 1
        self.programme.col_cost_ = aim.ravel()
        for kind in (HighsVarType.kContinuous, HighsVarType.kInteger):  # the first is much faster, and often whole
            self.programme.integrality_ = [kind] * aim.size
            found = _solution(self.programme)
            if found is None:
                return {}
            counts = np.rint(found)
            if np.allclose(found, counts, atol=1e-6):
                break
        sums = counts.reshape(self.parts, -1).sum(axis=0)
        return {cell: int(sums[self.small[cell]]) for cell in cells}


def _integer_programme(
    *, cost: Numbers, upper: float, integral: Mask, rows: Sequence[Counts], columns: Sequence[Counts],
    values: Sequence[float], low: Numbers, high: Numbers,
) -> HighsLp:  # fmt: skip
    """Return a programme whose variables lie between 0 and `upper`, and whose rows lie between `low` and `high`.

    `rows` and `columns` are the places of the coefficients that are not zero, in groups; `values` has the
    coefficient of each group.
    """
    row, column = (np.concatenate([group.ravel() for group in groups]) for groups in (rows, columns))
    value = np.repeat(np.array(values, dtype=float), [group.size for group in rows])
    order = np.lexsort((column, row))
    programme = HighsLp()
    programme.num_col_, programme.num_row_ = cost.size, low.size
    programme.col_cost_, programme.row_lower_, programme.row_upper_ = cost, low, high
    programme.col_lower_, programme.col_upper_ = np.zeros(cost.size), np.full(cost.size, upper)
    programme.integrality_ = [HighsVarType.kInteger if each else HighsVarType.kContinuous for each in integral]
    matrix = programme.a_matrix_
    matrix.format_ = MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = cost.size, low.size
    matrix.start_ = np.searchsorted(row[order], np.arange(low.size + 1))
    matrix.index_, matrix.value_ = column[order], value[order]
    return programme


def _solution(programme: HighsLp) -> Numbers | None:
    """Return the best values of all variables, or the best found within `MOST_NODES` nodes. None: none were found."""
    highs = Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    for option, value in {"mip_max_nodes": MOST_NODES, "threads": 1, "random_seed": 1}.items():
        highs.setOptionValue(option, value)
    highs.passModel(programme)
    highs.run()
    if highs.getInfo().primal_solution_status != SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(highs.getSolution().col_value)
