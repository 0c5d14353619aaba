"""Pure functions on the answers to a screening: results and present indicators. Nothing is a score."""

from collections.abc import Mapping

from django.db import models

from amparo.care.people.picklists import Age

from . import indicators
from .determination import combine_answers, determine
from .indicators import Finding, Indicator, Profile, Strength
from .picklists import Act, Answer, Element, Means, Purpose, Result

ITEMS: dict[Element, type[models.TextChoices]] = {
    Element.ACT: Act, Element.MEANS: Means, Element.PURPOSE: Purpose
}  # fmt: skip
RULED_OUT = "ruled_out"  # last part of a key: the person expressly ruled out this element
STRONGEST_FIRST = (Strength.STRONG, Strength.MEDIUM, Strength.WEAK)

type Answers = Mapping[str, str]  # key of an item -> Answer; a missing key means not asked


def item_keys() -> frozenset[str]:
    """Return the keys of all items: "act.recruitment", "means.ruled_out", and those of the indicators."""
    legal = {f"{element}.{item}" for element, items in ITEMS.items() for item in (*items.values, RULED_OUT)}
    return frozenset(legal | indicators.indicators_by_key().keys())


def answer_to(answers: Answers, key: str) -> Answer:
    """Return the answer to one item."""
    return Answer(answers.get(key, Answer.NOT_ASKED))


def answer_to_element(answers: Answers, which: Element) -> Answer:
    """Return what the answers say about one element of the legal test."""
    items = {item: answer_to(answers, f"{which}.{item}") for item in ITEMS[which].values}
    return combine_answers(items, ruled_out=answer_to(answers, f"{which}.{RULED_OUT}") == Answer.YES)


def legal_result(answers: Answers, age: Age) -> Result:
    """Apply the legal test to the answers."""
    return determine({which: answer_to_element(answers, which) for which in Element}, age)


def present_indicators(answers: Answers, lists: str = indicators.VERSION) -> list[str]:
    """Return the keys of the indicators that were answered yes."""
    return [key for key in indicators.indicators_by_key(lists) if answer_to(answers, key) == Answer.YES]


def applicable_profile(answers: Answers, age: Age) -> Profile | None:
    """Return the ILO list that gives the weights; for an unknown age, the one for children.

    None: there is no list for this purpose of exploitation.
    """
    labour = (Purpose.FORCED_LABOUR, Purpose.LABOUR_EXPLOITATION, Purpose.SLAVERY, Purpose.SERVITUDE, Purpose.BEGGING)
    if not any(answer_to(answers, f"{Element.PURPOSE}.{purpose}") == Answer.YES for purpose in labour):
        return None
    return Profile.ADULT_LABOUR if age == Age.ADULT else Profile.CHILD_LABOUR


def combined_finding(answers: Answers, age: Age, lists: str = indicators.VERSION) -> Finding | None:
    """Return the finding that ILO's dimensions together lead to. None: no list applies."""
    weighed = applicable_profile(answers, age)
    return indicators.combine_dimensions(present_indicators(answers, lists), weighed, lists) if weighed else None


def results_disagree(outcome: Result, found: Finding | None) -> bool:
    """True if the legal test and the indicators contradict each other. Then the page asks for a supervisor."""
    if found is None or outcome == Result.INSUFFICIENT_INFORMATION:
        return False
    return (outcome == Result.POSSIBLE_VICTIM) != (found in (Finding.TRAFFICKING, Finding.FORCED_LABOUR))


def strongest_indicator(answers: Answers, age: Age) -> Indicator | None:
    """Return the present indicator with the highest weight, to show beside the result. None: there is none, or no list
    applies.
    """
    weighed = applicable_profile(answers, age)
    if weighed is None:
        return None
    found = [indicators.indicators_by_key()[key] for key in present_indicators(answers)]
    weighable = [sign for sign in found if weighed in sign.strength]  # not every indicator is in every list
    return min(weighable, key=lambda sign: STRONGEST_FIRST.index(sign.strength[weighed]), default=None)
