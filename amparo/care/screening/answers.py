"""Pure functions on the answers to a screening: results, present indicators, the next question. Nothing is a score."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age

from . import indicators
from .determination import Act, Element, Known, Means, Purpose, Result, determine, element_of, elements_for
from .indicators import Dimension, Finding, Indicator, Profile, Strength

ITEMS: dict[Element, type[models.TextChoices]] = {
    Element.ACT: Act, Element.MEANS: Means, Element.PURPOSE: Purpose
}  # fmt: skip
RULED_OUT = "ruled_out"  # last part of a key: the person expressly ruled out this element
QUESTIONS: dict[Element | None, Promise] = {
    None: _("How old were you when it began?"),
    Element.ACT: _("How did you come to that place? Did somebody bring you, or keep you there?"),
    Element.MEANS: _("What were you told beforehand, and what would happen if you wanted to leave?"),
    Element.PURPOSE: _("What do they ask you to do in that place?"),
}
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
    """Return the present indicator with the highest weight, to show beside the result. None: there is none."""
    found = [indicators.by_key()[key] for key in present(answers)]
    weighed = profile(answers, age) or Profile.ADULT_LABOUR
    weighable = [sign for sign in found if weighed in sign.strength]  # not every indicator is in every list
    return min(weighable, key=lambda sign: STRONGEST_FIRST.index(sign.strength[weighed]), default=None)


@dataclass(frozen=True)
class Question:
    """The next question to ask."""

    words: str
    about: str  # the element or indicator that the answer informs


def next_question(answers: Answers, age: Age, *, age_was_asked: bool = False) -> Question | None:
    """Return the next question: first what the legal test needs, then the strongest indicator not asked yet.

    An element that has any answer is not asked again, even if the answer is "no" or "does not know". None: everything
    was asked.
    """
    if age == Age.UNKNOWN and not age_was_asked:
        return Question(str(QUESTIONS[None]), str(_("age")))
    for which in elements_for(age):
        if not _was_asked(answers, which):
            return Question(str(QUESTIONS[which]), str(which.label))
    sign = _unasked(answers, profile(answers, age) or Profile.ADULT_LABOUR)
    return Question(sign[1].local_label, sign[0].local_label) if sign else None


def _was_asked(answers: Answers, which: Element) -> bool:
    """True if at least one item of this element was answered."""
    keys = [*ITEMS[which].values, RULED_OUT]
    return any(known(answers, f"{which}.{item}") != Known.NOT_ASKED for item in keys)


def _unasked(answers: Answers, weighed: Profile) -> tuple[Dimension, Indicator] | None:
    """Return the strongest indicator not asked yet, with its dimension. Skips dimensions that are already positive."""
    positive = indicators.positive_dimensions(present(answers), weighed)
    candidates = [
        (dimension, sign)
        for dimension in indicators.dimensions()
        if dimension.key not in positive
        for sign in dimension.indicators
        if known(answers, sign.key) == Known.NOT_ASKED and weighed in sign.strength
    ]
    return min(candidates, key=lambda pair: STRONGEST_FIRST.index(pair[1].strength[weighed]), default=None)
