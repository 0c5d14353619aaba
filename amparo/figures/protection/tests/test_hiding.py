"""Which cells are hidden, and with which others."""

import pytest

from amparo.figures.protection.suppression import BASE, REST, protect, protect_again, rounded

ORDER = ("not said", "north", "south", "east", "west")


def table(*counts: int) -> dict[str, int]:
    return dict(zip(ORDER, counts, strict=True))


def test_a_table_without_small_cells_is_told_whole():
    told = protect(table(10, 20, 30, 40, 50))
    assert (told.shown, told.hidden, told.total) == (table(10, 20, 30, 40, 50), (), 150)


def test_a_small_cell_is_hidden_with_the_first_of_the_order():
    told = protect(table(40, 20, 3, 60, 50))
    assert told.hidden == ("not said", "south")
    assert (told.rest, told.total) == (43, 173)


def test_none_is_hidden_like_few():
    assert protect(table(40, 20, 0, 60, 50)).hidden == ("not said", "south")


def test_another_is_hidden_while_they_are_too_few_together():
    assert protect(table(10, 20, 3, 60, 50)).hidden == ("not said", "north", "south")


def test_many_small_ones_tell_their_total_alone():
    told = protect(table(4, 4, 4, 4, 4))
    assert (told.shown, told.total) == ({}, 20)


def test_of_very_few_nothing_is_told():
    told = protect(table(4, 4, 4, 4, 2))
    assert (told.shown, told.total) == ({}, None)


def test_a_small_change_is_not_told_and_the_earlier_number_stands():
    before = protect(table(100, 100, 100, 100, 100))
    again = protect_again(before, table(150, 101, 130, 100, 100))
    assert again.shown == table(100, 100, 130, 100, 100)  # the first one's change is held with the small ones


def test_a_correction_hides_what_was_hidden():
    before = protect(table(40, 20, 3, 60, 50))
    again = protect_again(before, table(90, 60, 33, 100, 90))
    assert again.hidden == before.hidden
    assert again.parts == {REST: 123, "north": 60, "east": 100, "west": 90}


def test_what_became_too_small_stands_as_it_was():
    before = protect(table(100, 100, 100, 100, 100))
    assert protect_again(before, table(200, 100, 4, 200, 200)).shown["south"] == 100


def test_what_fell_too_far_is_taken_back_for_good():
    before = protect(table(100, 20, 20, 20, 20))
    taken_back = protect_again(before, table(20, 20, 20, 20, 20))
    assert taken_back.total is None
    assert protect_again(taken_back, table(100, 20, 20, 20, 20)).total is None


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (0, 0)])
def test_a_number_is_shown_to_the_nearest_five(count, shown):
    assert rounded(count) == shown
    assert rounded(count) % BASE == 0
