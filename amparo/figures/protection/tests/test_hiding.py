"""Which cells are hidden, and which others with them."""

import pytest

from amparo.figures.protection.rules import REST, protect, protect_again, protect_year, revise_year
from amparo.foundation.core.small_counts import BASE, round_to_five

ORDER = ("not said", "north", "south", "east", "west")


def table(*counts: int) -> dict[str, int]:
    return dict(zip(ORDER, counts, strict=True))


def test_a_table_without_small_cells_is_fully_published():
    safe = protect(table(10, 20, 30, 40, 50))
    assert (safe.shown, safe.hidden, safe.total) == (table(10, 20, 30, 40, 50), (), 150)


def test_a_small_cell_is_hidden_with_the_first_of_the_order():
    safe = protect(table(40, 20, 3, 60, 50))
    assert safe.hidden == ("not said", "south")
    assert (safe.rest, safe.total) == (43, 173)


def test_zero_is_hidden_like_small_counts():
    assert protect(table(40, 20, 0, 60, 50)).hidden == ("not said", "south")


def test_more_cells_are_hidden_until_their_sum_is_large_enough():
    assert protect(table(10, 20, 3, 60, 50)).hidden == ("not said", "north", "south")


def test_many_small_cells_publish_only_their_total():
    safe = protect(table(4, 4, 4, 4, 4))
    assert (safe.shown, safe.total) == ({}, 20)


def test_very_small_totals_publish_nothing():
    safe = protect(table(4, 4, 4, 4, 2))
    assert (safe.shown, safe.total) == ({}, None)


def test_a_small_change_is_hidden_and_the_earlier_number_stands():
    before = protect(table(100, 100, 100, 100, 100))
    again = protect_again([before], table(150, 101, 130, 100, 100))
    assert again.shown == table(100, 100, 130, 100, 100)  # the change of the first cell is hidden with the small ones


def test_a_correction_hides_the_same_cells():
    before = protect(table(40, 20, 3, 60, 50))
    again = protect_again([before], table(90, 60, 33, 100, 90))
    assert again.hidden == before.hidden
    assert again.parts == {REST: 123, "north": 60, "east": 100, "west": 90}


def test_a_count_that_became_too_small_keeps_its_earlier_number():
    before = protect(table(100, 100, 100, 100, 100))
    assert protect_again([before], table(200, 100, 4, 200, 200)).shown["south"] == 100


def test_a_table_that_fell_too_far_is_withdrawn_for_good():
    before = protect(table(100, 20, 20, 20, 20))
    taken_back = protect_again([before], table(20, 20, 20, 20, 20))
    assert taken_back.total is None
    assert protect_again([taken_back], table(100, 20, 20, 20, 20)).total is None


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (0, 0)])
def test_a_number_is_shown_to_the_nearest_five(count, shown):
    assert round_to_five(count) == shown
    assert round_to_five(count) % BASE == 0


# A corrected quarter and its year.

QUARTERS = [table(40, 50, 60, 30, 20), table(50, 40, 30, 20, 40), table(30, 30, 30, 30, 30), table(60, 20, 40, 50, 30)]
RECOUNTED = table(100, 51, 120, 30, 20)  # one more from the north, and many more from elsewhere


def test_a_corrected_quarter_changes_its_year_by_what_it_publishes():
    year = protect_year(QUARTERS)
    quarters = [(safe, safe) for safe in map(protect, QUARTERS)]
    quarters[0] = (quarters[0][0], protect_again([quarters[0][0]], RECOUNTED))
    revised = revise_year(year, quarters).table
    assert revised.shown["south"] == year.table.shown["south"] + 60
    assert revised.shown["north"] == year.table.shown["north"]  # one more person is not shown
    assert (revised.total, year.table.total) == (790, 730)


def test_the_control_a_year_counted_again_gives_the_one_away():
    year, again = protect_year(QUARTERS), protect_year([RECOUNTED, *QUARTERS[1:]])
    assert again.table.shown["north"] - year.table.shown["north"] == 1


def test_a_withdrawn_quarter_withdraws_its_year():
    quarters = [table(100, 20, 20, 20, 20), *QUARTERS[1:]]
    pairs = [(safe, safe) for safe in map(protect, quarters)]
    pairs[0] = (pairs[0][0], protect_again([pairs[0][0]], table(20, 20, 20, 20, 20)))
    assert revise_year(protect_year(quarters), pairs).table.total is None
