"""Pure functions on the answers to a screening: results and present indicators. Nothing is a score."""

from collections.abc import Mapping

from django.db import models

from amparo.care.people.picklists import Age

from . import indicators
from .determination import determine, element_of
from .indicators import Finding, Indicator, Profile, Strength
from .picklists import Act, Element, Known, Means, Purpose, Result

ITEMS: dict[Element, type[models.TextChoices]] = {
    Element.ACT: Act, Element.MEANS: Means, Element.PURPOSE: Purpose
}  # fmt: skip
RULED_OUT = "ruled_out"  # last part of a key: the person expressly ruled out this element
STRONGEST_FIRST = (Strength.STRONG, Strength.MEDIUM, Strength.WEAK)

type Answers = Mapping[str, str]  # key of an item -> Known; a missing key means not asked


def every_item() -> frozenset[str]:
    """Return the keys of all items: "act.recruitment", "means.ruled_out", and those of the indicators."""
    legal = {f"{element}.{item}" for element, items in ITEMS.items() for item in (*items.values, RULED_OUT)}
    return frozenset(legal | indicators.by_key().keys())


def known(answers: Answers, key: str) -> Known:
    """Return the answer to one item."""
    return Known(answers.get(key, Known.NOT_ASKED))


def element(answers: Answers, which: Element) -> Known:
    """Return what the answers say about one element of the legal test."""
    items = {item: known(answers, f"{which}.{item}") for item in ITEMS[which].values}
    return element_of(items, ruled_out=known(answers, f"{which}.{RULED_OUT}") == Known.YES)


def result(answers: Answers, age: Age) -> Result:
    """Apply the legal test to the answers."""
    return determine({which: element(answers, which) for which in Element}, age)


def present(answers: Answers, lists: str = indicators.VERSION) -> list[str]:
    """Return the keys of the indicators that were answered yes."""
    return [key for key in indicators.by_key(lists) if known(answers, key) == Known.YES]


def profile(answers: Answers, age: Age) -> Profile | None:
    """Return the ILO list that gives the weights. None: there is no list for this purpose of exploitation."""
    labour = (Purpose.FORCED_LABOUR, Purpose.LABOUR_EXPLOITATION, Purpose.SLAVERY, Purpose.SERVITUDE, Purpose.BEGGING)
    if not any(known(answers, f"{Element.PURPOSE}.{purpose}") == Known.YES for purpose in labour):
        return None
    return Profile.ADULT_LABOUR if age == Age.ADULT else Profile.CHILD_LABOUR


def finding(answers: Answers, age: Age, lists: str = indicators.VERSION) -> Finding | None:
    """Return the combined finding of ILO's dimensions. None: no list applies."""
    weighed = profile(answers, age)
    return indicators.find(present(answers, lists), weighed, lists) if weighed else None


def disagree(outcome: Result, found: Finding | None) -> bool:
    """True if the legal test and the indicators contradict each other. Then the page asks for a supervisor."""
    if found is None or outcome == Result.INSUFFICIENT_INFORMATION:
        return False
    return (outcome == Result.POSSIBLE_VICTIM) != (found in (Finding.TRAFFICKING, Finding.FORCED_LABOUR))


def strongest(answers: Answers, age: Age) -> Indicator | None:
    """Return the present indicator with the highest weight, to show beside the result. None: there is none, or no list
    applies.
    """
    weighed = profile(answers, age)
    if weighed is None:
        return None
    found = [indicators.by_key()[key] for key in present(answers)]
    weighable = [sign for sign in found if weighed in sign.strength]  # not every indicator is in every list
    return min(weighable, key=lambda sign: STRONGEST_FIRST.index(sign.strength[weighed]), default=None)
