"""Two crossed breakdowns: who has every sum, and a solver, finds no count below ten."""

import itertools
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog

from amparo.figures.protection import crossing
from amparo.figures.protection.crossing import Counts, Mask, choose_pattern, hidden_cells, protect_crossing
from amparo.foundation.core.small_counts import SMALLEST

TABLES = 40


def invented(seed: int, height: int = 9, width: int = 6, parts: int = 2) -> list[Counts]:
    """Quarters of a table in which rows and columns differ much in size, and one person stands alone."""
    chance = np.random.default_rng(seed)
    rows, columns = chance.choice([20, 40, 80, 300], height), chance.choice([0.1, 0.4, 1, 2], width)
    rows[0], columns[0] = 400, 2
    tables = [chance.poisson(np.outer(rows, columns) / parts) for _part in range(parts)]
    r, c = chance.integers(height), chance.integers(width)
    for place, table in enumerate(tables):
        table[r, c] = place == 0
    return tables


def attack(
    parts: list[Counts], hidden: Mask, cell: tuple[int, int], small_ones: Mask | None = None
) -> tuple[float, float]:
    """Between what and what a hidden cell must lie, for somebody who knows all sums of each part and the shown cells.

    `told`: which of the hidden cells are below ten, for an attacker who was told that, too.
    """
    counts, shape = np.sum(parts, axis=0), hidden.shape
    size, number = hidden.size, len(parts)
    equal, known = [], []
    for place, part in enumerate(parts):
        for axis, of in ((1, shape[0]), (0, shape[1])):
            for line in range(of):
                row = np.zeros((number, *shape))
                row[(place, line) if axis == 1 else (place, slice(None), line)] = 1
                equal.append(row.ravel())
                known.append(part.sum(axis=axis)[line])
    per_cell = np.tile(np.eye(size), number)
    for at in np.flatnonzero(~hidden.ravel()):
        equal.append(per_cell[at])
        known.append(counts.ravel()[at])
    less, most = None, None
    if small_ones is not None:
        small, large = np.flatnonzero((hidden & small_ones).ravel()), np.flatnonzero((hidden & ~small_ones).ravel())
        less = np.vstack([per_cell[small], -per_cell[large]])
        most = np.concatenate([np.full(small.size, SMALLEST - 1), np.full(large.size, -SMALLEST)])
    aim = per_cell[np.ravel_multi_index(cell, shape)]
    ends = [linprog(sign * aim, less, most, np.array(equal), known) for sign in (1, -1)]
    assert all(end.success for end in ends)
    return round(ends[0].fun, 6), round(-ends[1].fun, 6)


def small_cells(parts: list[Counts], hidden: Mask) -> list[tuple[int, int]]:
    if hidden.all():
        return []  # nothing is shown
    return [(int(r), int(c)) for r, c in zip(*np.nonzero(np.sum(parts, axis=0) < SMALLEST), strict=True)]


def small_alone(parts: list[Counts]) -> Mask:
    """What is often done."""
    return np.sum(parts, axis=0) < SMALLEST


def recovered(protect: Callable[[list[Counts]], Mask], tables: int = TABLES) -> tuple[int, int]:
    """How many small cells a solver finds out exactly, and of how many."""
    found = tried = 0
    for seed in range(tables):
        parts = invented(seed)
        hidden = protect(parts)
        for cell in small_cells(parts, hidden):
            low, high = attack(parts, hidden, cell)
            tried += 1
            found += low == high
    return found, tried


def test_a_solver_recovers_none_of_the_small_counts():
    found, tried = recovered(hidden_cells)
    assert found == 0
    assert tried > 250


def test_the_control_small_cells_hidden_alone_are_recovered():
    found, tried = recovered(small_alone, tables=10)
    assert found > tried / 10


def test_each_small_count_may_be_anything_for_somebody_who_is_told_which_are_small():
    for seed in range(10):
        parts = invented(seed)
        hidden = hidden_cells(parts)
        for cell in small_cells(parts, hidden):
            assert attack(parts, hidden, cell, small_ones=small_alone(parts)) == (0, SMALLEST - 1)


# Who knows the rule, and tries all tables there are: on a scale where two are a crowd.


def all_tables(rows: tuple[int, ...], columns: tuple[int, ...]) -> list[Counts]:
    """All tables of whole numbers with these sums."""
    if len(rows) == 1:
        return [np.array([columns])]
    first = [row for row in itertools.product(*(range(n + 1) for n in columns)) if sum(row) == rows[0]]
    return [
        np.vstack([row, rest])
        for row in first
        for rest in all_tables(rows[1:], tuple(n - m for n, m in zip(columns, row, strict=True)))
    ]


def worked_out(protect: Callable[[list[Counts]], Mask], rows: tuple[int, ...], columns: tuple[int, ...]) -> list:
    """Cells of which somebody learns that a count below two is none, or one."""
    worlds = defaultdict(list)
    for table in all_tables(rows, columns):
        hidden = protect([table])
        worlds[hidden.tobytes(), np.where(hidden, -1, table).tobytes()].append((table, hidden))
    found = []
    for possible in worlds.values():
        for cell in zip(*np.nonzero(possible[0][1]), strict=True):
            values = {int(table[cell]) for table, _hidden in possible}
            found += [(cell, values)] if min(values) < 2 and not {0, 1} <= values else []
    return found


@pytest.fixture
def small_scale(monkeypatch):
    monkeypatch.setattr(crossing, "SMALLEST", 2)
    monkeypatch.setattr(crossing, "ROOMY", 4)


SUMS = [((4, 4, 4), (4, 4, 4)), ((6, 4, 3), (5, 4, 4)), ((5, 5), (4, 3, 3)), ((6, 6), (6, 6))]


@pytest.mark.parametrize(("rows", "columns"), SUMS)
def test_whoever_tries_all_tables_works_nothing_out(small_scale, rows, columns):
    assert worked_out(hidden_cells, rows, columns) == []


def without_a_trial(parts: list[Counts]) -> Mask:
    small = np.sum(parts, axis=0) < crossing.SMALLEST
    if not small.any():
        return small
    pattern = choose_pattern(small, np.sum(parts, axis=(0, 2)), np.sum(parts, axis=(0, 1)))
    return np.ones_like(small) if pattern is None else pattern


def alone_on_a_small_scale(parts: list[Counts]) -> Mask:
    return np.sum(parts, axis=0) < crossing.SMALLEST


@pytest.mark.parametrize("protect", [without_a_trial, alone_on_a_small_scale])
def test_the_control_a_pattern_that_is_not_tried_out_is_worked_out(small_scale, protect):
    assert worked_out(protect, *SUMS[1])


# What the choice depends on.


def test_the_choice_does_not_depend_on_how_small_or_how_large_counts_are():
    """Tables with the same sums and the same small cells hide the same, and so the choice is no hint."""
    table = np.array([[3, 60, 80, 70], [70, 4, 60, 90], [90, 70, 50, 60], [60, 50, 70, 80]])
    circle = np.zeros_like(table)
    circle[0, 0], circle[0, 1], circle[2, 1], circle[2, 0] = 1, -1, 1, -1
    for step in range(-3, 7):
        assert np.array_equal(hidden_cells([table + step * circle]), hidden_cells([table]))


def test_lines_that_are_too_small_are_added_up():
    table = np.array([[300, 200, 60], [200, 300, 50], [9, 8, 1], [60, 50, 10]])
    safe = protect_crossing([table], [True, True, True, False], [True, True, True])
    assert (safe.rows, safe.columns) == ((0, 1, None), (0, 1, 2))
    assert safe.counts.tolist()[2] == [69, 58, 11]


def test_which_lines_are_kept_says_nothing_of_the_lines_that_only_appear_together():
    """People are moved among the columns that the quarters hide; all that is public stays as it was."""
    rng, differing = np.random.default_rng(7), 0
    for _ in range(2000):
        table = rng.integers(0, 40, size=(3, 4))
        rows, columns = [True, True, False], [bool(rng.integers(2)), True, False, False]
        other = table.copy()
        moved = np.minimum(other[:, 3], rng.integers(0, 40, size=3))
        other[:, 3] -= moved
        other[:, 2] += moved
        one, two = (protect_crossing([each], rows, columns) for each in (table, other))
        assert (one.rows, one.columns) == (two.rows, two.columns)
        differing += one.rows != (0, 1, None)
    assert differing > 10, "control: some lines are added up"
