"""P16 for corrections: who keeps all editions of the same months, and subtracts any two of them."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amparo.figures.protection import rules as suppression
from amparo.figures.protection.rules import SafeTable, protect, protect_again
from amparo.foundation.core.small_counts import SMALLEST
from tests.repetitions import repeat

from .test_p16_no_cell_below_ten import DEPARTMENTS, all_counts, part_of, seen, small_scale

__all__ = ["small_scale"]  # a fixture


def beside_the_last_alone(earlier: list[SafeTable], counts: dict[str, int]) -> SafeTable:
    """What was done once: a correction is compared with the edition that it corrects, and with no earlier one."""
    return protect_again(earlier[-1:], counts)


def in_turn(again: Callable, counted: list[dict[str, int]]) -> list[SafeTable]:
    """All editions of the same months, each protected beside those before it."""
    published = [protect(counted[0])]
    for counts in counted[1:]:
        published.append(again(published, counts))
    return published


def small_differences(published: list[SafeTable]) -> list[int]:
    """By how much the same number differs in any two editions, if by one to nine."""
    pairs = itertools.combinations([table.parts for table in published if table.total is not None], 2)
    between = [abs(one[part] - other[part]) for one, other in pairs for part in one]
    return [difference for difference in between if 0 < difference < SMALLEST]


RECOUNTS = st.integers(2, 5).flatmap(
    lambda cells: st.lists(st.tuples(*[st.integers(0, 160)] * cells), min_size=2, max_size=6)
)


@given(RECOUNTS)
@example([(100, 100), (150, 160), (103, 120)])
def test_no_two_editions_of_the_same_months_differ_by_less_than_ten(recounts):
    counted = [dict(zip(DEPARTMENTS, counts, strict=False)) for counts in recounts]
    assert small_differences(in_turn(protect_again, counted)) == []


def test_the_control_a_correction_beside_the_last_edition_alone_differs_by_three_from_the_first():
    counted = [dict(zip(DEPARTMENTS, counts, strict=False)) for counts in ((100, 100), (150, 160), (103, 120))]
    assert small_differences(in_turn(beside_the_last_alone, counted)) == [3]


def recounts(cells: str, most: int) -> Iterator[list[dict[str, int]]]:
    """Two to four counts of the same months, at random."""
    for seed in range(repeat(100, 200)):
        chance = random.Random(seed)
        yield [{cell: chance.randint(0, most) for cell in cells} for _count in range(chance.randint(2, 4))]


def changes_worked_out(again: Callable, cells: str, most: int) -> list[tuple]:
    """What one more edition tells of a change below two to somebody who knows the rule and how many there are now."""
    found = []
    for counted in recounts(cells, most):
        published = in_turn(protect_again, counted)
        parts = published[0].parts
        if published[-1].total is None or len(parts) == 1:
            continue
        worlds = defaultdict(list)
        for now in all_counts(cells, 2 * most):
            worlds[seen(again(published, now)), sum(now.values())].append(now)
        for ((_, _, total), _size), possible in worlds.items():
            for part, edition in itertools.product(parts if total is not None else (), published):
                changes = {part_of(now, part, edition) - edition.parts[part] for now in possible}
                found += [(part, changes)] if min(map(abs, changes)) < 2 and not {-1, 0, 1} <= changes else []
    return found


SCALES = [("ab", 12), ("abc", 10), ("abcd", 6)]


@pytest.mark.parametrize(("cells", "most"), SCALES)
def test_whoever_tries_all_counts_of_one_more_correction_works_nothing_out(small_scale, cells, most):
    assert changes_worked_out(protect_again, cells, most) == []


@pytest.mark.parametrize(("cells", "most"), SCALES[:2])
def test_the_control_a_correction_beside_the_last_edition_alone_is_worked_out(small_scale, cells, most):
    assert changes_worked_out(beside_the_last_alone, cells, most)


def test_the_control_a_first_cell_that_looks_at_the_last_edition_alone_is_worked_out(small_scale, monkeypatch):
    of_all = suppression._may_make_up_for
    monkeypatch.setattr(
        suppression, "_may_make_up_for", lambda cell, absorber, change, all_: of_all(cell, absorber, change, all_[-1:])
    )
    assert changes_worked_out(protect_again, "abc", 10)
