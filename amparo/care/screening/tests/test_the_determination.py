"""The worked example cases, and properties that hold for every combination of answers."""

import itertools
import json

import pytest
from django.utils.translation import override

from amparo.care.people.picklists import Age
from amparo.care.screening import indicators
from amparo.care.screening.determination import combine_answers, determine, required_elements
from amparo.care.screening.indicators import (
    Profile,
    Strength,
    combine_dimensions,
    is_dimension_positive,
    positive_dimensions,
)
from amparo.care.screening.picklists import Act, Answer, Element, Result

CASES = json.loads((indicators.DATA / "determination_cases.json").read_text())
EVERY = [
    (dict(zip(Element, answers, strict=True)), age)
    for answers in itertools.product(Answer, repeat=3) for age in Age
]  # fmt: skip


@pytest.mark.parametrize("case", CASES["palermo"], ids=lambda case: case["id"])
def test_a_worked_case_of_the_legal_test(case):
    elements = {element: Answer(case[element]) for element in Element}
    assert determine(elements, Age(case["age"])) == case["expected"]


@pytest.mark.parametrize("case", CASES["ilo"], ids=lambda case: case["id"])
def test_a_worked_case_of_the_indicators(case):
    profile = Profile(case["profile"])
    assert positive_dimensions(case["indicators"], profile) == frozenset(case["positive_dimensions"])
    assert combine_dimensions(case["indicators"], profile) == case["expected"]


def test_every_row_of_the_dimension_table():
    for row in CASES["ilo_dimension_table"]:
        strengths = [it for it in Strength for _ in range(row[it])]
        assert is_dimension_positive(strengths) is row["positive"], row
    assert len(CASES["ilo_dimension_table"]) == 36


def test_the_shipped_list_is_complete():
    data = json.loads(indicators.data_file(indicators.VERSION).read_text())
    for profile in Profile:
        known = [sum(profile in it.strength for it in dimension.indicators) for dimension in indicators.dimensions()]
        assert known == data["counts"][profile]


def test_an_empty_form_is_never_not_a_victim():
    for age in Age:
        assert determine({}, age) == Result.INSUFFICIENT_INFORMATION


def test_no_answer_makes_an_actual_victim():
    assert {determine(*it) for it in EVERY} == set(Result)
    assert not [result for result in Result if "actual" in result]


def test_the_means_never_matter_for_a_child_nor_while_the_age_is_not_known():
    for elements, age in EVERY:
        if age != Age.ADULT:
            without = {key: answer for key, answer in elements.items() if key != Element.MEANS}
            assert determine(elements, age) == determine(without, age)


def test_who_may_be_a_child_is_protected_as_one():
    for elements, _age in EVERY:
        assert determine(elements, Age.UNKNOWN) == determine(elements, Age.CHILD)


def test_more_yes_answers_never_weaken_the_result():
    worse = {Result.NOT_INDICATED: 0, Result.INSUFFICIENT_INFORMATION: 1, Result.POSSIBLE_VICTIM: 2}
    for elements, age in EVERY:
        for element in required_elements(age):
            assert worse[determine({**elements, element: Answer.YES}, age)] >= worse[determine(elements, age)]


@pytest.mark.parametrize(
    ("answers", "ruled_out", "expected"),
    [
        ({}, False, Answer.NOT_ASKED),
        ({"force": Answer.NO, "threat": Answer.NO}, False, Answer.NOT_ASKED),
        ({"force": Answer.NO, "threat": Answer.UNKNOWN}, False, Answer.UNKNOWN),
        ({"force": Answer.NO}, True, Answer.NO),
        ({"force": Answer.NO, "threat": Answer.YES}, False, Answer.YES),
        ({"force": Answer.YES}, True, Answer.YES),
    ],
)
def test_an_element_is_no_only_when_it_was_ruled_out(answers, ruled_out, expected):
    assert combine_answers(answers, ruled_out) == expected


def test_receiving_a_person_is_named_as_in_the_law():
    """Palermo Protocol art. 3 and Penal Code art. 129-A: not the receipt of a chat."""
    with override("es"):
        assert str(Act.RECEIPT.label) == "recepción"
