"""P16 for quarters that withheld a table, so that not even their total is known: what their year says of them."""

import itertools
from collections import defaultdict

import pytest

from amparo.figures.protection import rules as suppression
from amparo.figures.protection.rules import protect, protect_year

from .test_p16_no_cell_below_ten import all_counts, seen, small_scale

__all__ = ["small_scale"]  # a fixture


def withheld_worked_out(cells: str, quarters: int, most: int) -> tuple[list, int]:
    """Counts and totals below two of quarters that tell nothing, for somebody who knows no total but those published.

    And how many years add up such quarters.
    """
    worlds, found = defaultdict(list), []
    quarter = [(counts, seen(protect(counts))) for counts in all_counts(cells, most)]
    for year_of_quarters in itertools.product(quarter, repeat=quarters):
        counted, released = zip(*year_of_quarters, strict=True)
        year = protect_year(counted)
        worlds[released, seen(year.table), year.without].append(counted)
    withheld = [
        (possible, place, without)
        for (released, _year, without), possible in worlds.items()
        for place, (_shown, _hidden, total) in enumerate(released)
        if total is None
    ]
    for possible, place, _without in withheld:
        for cell in (*cells, None):  # None: the total
            values = {world[place][cell] if cell else sum(world[place].values()) for world in possible}
            found += [(cell, values)] if min(values) < 2 and not {0, 1} <= values else []
    return found, sum(place not in without for _possible, place, without in withheld)


WITHHELD = [("ab", 3, 5), ("abc", 3, 4)]


@pytest.mark.parametrize(("cells", "quarters", "most"), WITHHELD)
def test_whoever_tries_all_years_learns_nothing_of_a_quarter_that_tells_nothing(small_scale, cells, quarters, most):
    found, added_up = withheld_worked_out(cells, quarters, most)
    assert found == []
    assert added_up


@pytest.mark.parametrize(("cells", "quarters", "most"), WITHHELD)
def test_the_control_a_year_that_adds_up_any_such_quarters_narrows_them(
    small_scale, monkeypatch, cells, quarters, most
):
    monkeypatch.setattr(suppression, "_leaves_each_quarter_open", lambda together, quarters: together is not None)
    assert withheld_worked_out(cells, quarters, most)[0]


def test_four_quarters_of_thirteen_are_added_up_and_four_of_fifteen_are_not():
    """Sixty in all would say that none of them has fewer than six."""
    thirteen, fifteen = {"a": 8, "b": 5}, {"a": 10, "b": 5}
    assert protect_year([thirteen] * 4).table.total == 52
    assert (protect_year([fifteen] * 4).table.total, protect_year([fifteen] * 4).without) == (None, (0, 1, 2, 3))
