"""P16 for tables in which one person may be in several cells, such as means and purposes."""

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator

import pytest

from amparo.figures.protection import rules as suppression
from amparo.figures.protection.rules import protect, protect_again, protect_year
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.tables import Table

from .test_p16_no_cell_below_ten import (
    DEPARTMENTS,
    UNIQUES,
    differences_found,
    found_by_subtracting,
    recovered,
    seen,
    small_ones_alone,
    small_scale,
    sum_of_quarters,
    worked_out_of_years,
)

__all__ = ["small_scale"]  # a fixture
OTHERS, CELL = DEPARTMENTS[:2]
PURPOSES = Table.PERSONS_BY_PURPOSE


def one_has_it(chance: random.Random) -> dict[str, int]:
    return {OTHERS: chance.randint(0, 300), CELL: 1}


def many_have_it(chance: random.Random) -> dict[str, int]:
    return {OTHERS: chance.randint(10, 300), CELL: chance.randint(10, 300)}


def test_of_a_thousand_planted_uniques_none_is_recovered():
    tables = [one_has_it(random.Random(seed)) for seed in range(UNIQUES)]
    assert sum(recovered(protect(counts), counts) for counts in tables) == 0
    control = sum(recovered(small_ones_alone(counts), counts) for counts in tables)
    assert control > 0.9 * UNIQUES


def snapshots() -> Iterator[Snapshot]:
    """A thousand of some persons each, with any purposes. One person alone is for organs."""
    for seed in range(UNIQUES):
        chance = random.Random(seed)
        likely = {purpose: chance.choice((0.02, 0.2, 0.6)) for purpose in PURPOSES.cells}
        persons = chance.randint(20, 200)
        counts = {it: sum(chance.random() < likely[it] for _ in range(persons)) for it in PURPOSES.cells}
        ages = {"child": persons // 3, "adult": persons - persons // 3}
        yield Snapshot(counts={Table.PERSONS_BY_AGE: ages, PURPOSES: {**counts, "organs": 1}})


def test_of_a_thousand_snapshots_the_one_is_not_recovered_and_others_are_shown():
    shown = 0
    for snapshot in snapshots():
        safe = {cell: protect(snapshot.partition_counts(PURPOSES, cell)) for cell in PURPOSES.partitions}
        assert {it.total for it in safe.values()} == {sum(snapshot.counts_of(Table.PERSONS_BY_AGE).values())}
        assert safe["organs"].shown == {}
        shown += sum(cell in it.shown for cell, it in safe.items())
        for cell, it in safe.items():
            assert all(number >= suppression.SMALLEST for number in it.shown.values()), cell
    assert shown > UNIQUES


def test_of_a_thousand_small_changes_none_is_recovered_by_subtracting():
    assert differences_found(protect_again, many_have_it) == 0
    assert differences_found(lambda earlier, later: protect(later), many_have_it) > UNIQUES / 2  # the control


# Who knows the rule, and tries all people there are: on a scale where two are a crowd.


def worked_out_together(persons: int, *, tells_none: bool) -> list[tuple[str, set[int]]]:
    """What two cells of several and a division by age, told together, give away of counts below two."""
    kinds = list(itertools.product((False, True), repeat=3))  # has the first, has the second, is a child
    worlds = defaultdict(list)
    for places in itertools.combinations(range(persons + len(kinds) - 1), len(kinds) - 1):  # stars and bars
        ends = (-1, *places, persons + len(kinds) - 1)
        people = dict(zip(kinds, (b - a - 1 for a, b in itertools.pairwise(ends)), strict=True))
        cells = {
            name: sum(many for kind, many in people.items() if kind[place])
            for place, name in enumerate(("first", "second", "child"))
        }
        if tells_none:
            cells["none"] = sum(many for kind, many in people.items() if not (kind[0] or kind[1]))
        tables = {name: {"others": persons - many, name: many} for name, many in cells.items()}
        worlds[tuple(seen(protect(table)) for table in tables.values())].append(tables)
    found = []
    for possible in worlds.values():
        for name, table in possible[0].items():
            for cell in protect(table).hidden if persons >= suppression.ENOUGH else ():
                values = {world[name][cell] for world in possible}
                found += [(cell, values)] if min(values) < 2 and not {0, 1} <= values else []
    return found


@pytest.mark.parametrize("persons", [4, 6, 7])
def test_whoever_tries_all_people_works_nothing_out_of_all_cells_together(small_scale, persons):
    assert worked_out_together(persons, tells_none=False) == []


def test_the_control_a_cell_of_those_who_have_none_gives_others_away(small_scale):
    assert worked_out_together(6, tells_none=True)


# Who subtracts the quarters of a year from the year.


YEARS = [
    (4, 4, 4), (4, 6, 9), (2, 5, 5, 5), (5, 5, 5, 5), (9, 4, 5, 4), (2, 2, 6), (2, 2, 3, 3), (2, 2, 7, 4), (1, 2, 2, 4),
    (2, 2, 2, 2, 7), (2, 2, 2, 2, 5, 3),
]  # fmt: skip


@pytest.mark.parametrize("totals", YEARS)
def test_whoever_tries_all_years_works_nothing_out(small_scale, totals):
    found, unlocked = worked_out_of_years(protect_year, "ab", totals)
    assert found == []
    assert unlocked  # the year does show what a quarter hides


@pytest.mark.parametrize(
    ("control", "totals"),
    [
        (lambda count, totals, withheld: count >= suppression.SMALLEST, (4, 4, 4)),  # without rule a or b
        (lambda count, totals, withheld: 2 <= count <= len(totals) - 1 + withheld, (2, 2, 6)),  # without rule b
    ],
)
def test_the_control_a_year_of_two_cells_without_the_rule_is_worked_out(small_scale, monkeypatch, control, totals):
    monkeypatch.setattr(suppression, "_may_show_cell_of_two", control)
    assert worked_out_of_years(protect_year, "ab", totals)[0]


def four_quarters(chance: random.Random) -> list[dict[str, int]]:
    """Few have it in each quarter, and one in the second."""
    most = chance.choice((8, 16, 60))
    counts = [{OTHERS: chance.randint(20, 200), CELL: chance.randint(0, most)} for _quarter in range(4)]
    return [{**each, CELL: 1} if number == 1 else each for number, each in enumerate(counts)]


def test_of_a_thousand_planted_uniques_none_is_recovered_from_a_year():
    years = [four_quarters(random.Random(seed)) for seed in range(UNIQUES)]
    released = [protect_year(quarters).table for quarters in years]
    assert sum(found_by_subtracting(quarters, year) for quarters, year in zip(years, released, strict=True)) == 0
    assert sum(CELL in year.shown for year in released) > UNIQUES / 20  # some years do show it
    control = [sum_of_quarters(quarters).table for quarters in years]
    assert sum(found_by_subtracting(quarters, year) for quarters, year in zip(years, control, strict=True)) > 0
