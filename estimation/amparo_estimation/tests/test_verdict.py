"""The verdict, from the facts that decide it: a table."""

from dataclasses import replace

import pytest

from amparo_estimation import Lists, data_set, estimate, words
from amparo_estimation.unequal import LowerBound, Unequal
from amparo_estimation.verdict import Facts, verdict

SOUND = Facts(
    lists=4, overlap=60, points=(1500, 1550), intervals=((1300, 1700), (1350, 1800)), near=(1450, 1600),
    bound=LowerBound(1520, (1280, 1800)), unequal=Unequal(1490, 0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, words.ESTIMATED),
        ({"near": None, "bound": None, "unequal": None}, words.ESTIMATED),
        ({"intervals": ()}, words.WITHHELD),
        ({"lists": 2}, words.TWO_LISTS_ONLY),
        ({"lists": 2, "overlap": 9}, words.TWO_LISTS_ONLY),
        ({"overlap": 29}, words.TOO_FEW_TWICE),
        ({"overlap": 30}, words.ESTIMATED),
        ({"overlap": 29, "points": (800, 1500)}, words.TOO_FEW_TWICE),
        ({"unequal": Unequal(2600, 1.2)}, words.LOWER_END),
        ({"unequal": Unequal(2600, 0.5)}, words.ESTIMATED),  # fits worse than the doubt of one in five allows
        ({"unequal": Unequal(1750, 1.2)}, words.ESTIMATED),  # within an interval
        ({"bound": LowerBound(1801, (1500, 2100))}, words.LOWER_END),
        ({"points": (1200, 1500)}, words.DISAGREE),
        ({"near": (900, 1600)}, words.DISAGREE),
        ({"points": (1200, 1500), "unequal": Unequal(2600, 1.2)}, words.LOWER_END),
    ],
)
def test_the_verdict_follows_from_the_facts(change: dict, expected: str):
    assert verdict(replace(SOUND, **change)) == expected


TWO = Lists(("A", "B"), data_set("UKdat_4").table[:4])


@pytest.mark.parametrize("lists", [TWO, data_set("NewOrl_5"), data_set("Western")], ids=["two", "13", "23 twice"])
def test_two_lists_or_few_people_on_two_are_never_published(lists: Lists):
    assert estimate(lists, "stepwise", boot=100).verdict.startswith("Do not publish it")


@pytest.mark.parametrize("name", ["UKdat_4", "UKdat_5", "NewOrl", "Artificial_3"])
def test_every_estimate_says_first_in_what_direction_it_errs(name: str):
    assert words.TOO_LOW in estimate(data_set(name), "stepwise", boot=0).warnings
