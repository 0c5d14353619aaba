"""What was answered so far, item by item, in any order; and what to ask next. Nothing here is a score."""

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
RULED_OUT = "ruled_out"  # the last part of a key: this element was expressly ruled out
QUESTIONS: dict[Element | None, Promise] = {
    None: _("How old were you when it began?"),
    Element.ACT: _("How did you come to that place? Did somebody bring you, or keep you there?"),
    Element.MEANS: _("What were you told beforehand, and what would happen if you wanted to leave?"),
    Element.PURPOSE: _("What do they ask you to do in that place?"),
}
STRONGEST_FIRST = (Strength.STRONG, Strength.MEDIUM, Strength.WEAK)

type Answers = Mapping[str, str]  # key of an item -> Known; a key that is missing was not asked


def every_item() -> frozenset[str]:
    """Of every item: "act.recruitment", "means.ruled_out", and the keys of the indicators."""
    legal = {f"{element}.{item}" for element, items in ITEMS.items() for item in (*items.values, RULED_OUT)}
    return frozenset(legal | indicators.by_key().keys())


def known(answers: Answers, key: str) -> Known:
    return Known(answers.get(key, Known.NOT_ASKED))


def element(answers: Answers, which: Element) -> Known:
    items = {item: known(answers, f"{which}.{item}") for item in ITEMS[which].values}
    return element_of(items, ruled_out=known(answers, f"{which}.{RULED_OUT}") == Known.YES)


def result(answers: Answers, age: Age) -> Result:
    """The legal test, of what was answered."""
    return determine({which: element(answers, which) for which in Element}, age)


def present(answers: Answers, lists: str = indicators.VERSION) -> list[str]:
    """The indicators that are there."""
    return [key for key in indicators.by_key(lists) if known(answers, key) == Known.YES]


def profile(answers: Answers, age: Age) -> Profile | None:
    """Which list of indicators weighs them; None: there is none for this purpose."""
    labour = (Purpose.FORCED_LABOUR, Purpose.LABOUR_EXPLOITATION, Purpose.SLAVERY, Purpose.SERVITUDE, Purpose.BEGGING)
    if not any(known(answers, f"{Element.PURPOSE}.{it}") == Known.YES for it in labour):
        return None
    return Profile.ADULT_LABOUR if age == Age.ADULT else Profile.CHILD_LABOUR


def finding(answers: Answers, age: Age, lists: str = indicators.VERSION) -> Finding | None:
    """What ILO's dimensions say together; None: they say nothing of this."""
    weighed = profile(answers, age)
    return indicators.find(present(answers, lists), weighed, lists) if weighed else None


def disagree(said: Result, found: Finding | None) -> bool:
    """Whether the legal test and the indicators point in different directions: then a supervisor is asked."""
    if found is None or said == Result.INSUFFICIENT_INFORMATION:
        return False
    return (said == Result.POSSIBLE_VICTIM) != (found in (Finding.TRAFFICKING, Finding.FORCED_LABOUR))


def strongest(answers: Answers, age: Age) -> Indicator | None:
    """The sign that weighs most, to be named beside the result."""
    there = [indicators.by_key()[key] for key in present(answers)]
    weighed = profile(answers, age) or Profile.ADULT_LABOUR
    heard = [it for it in there if weighed in it.strength]  # a list that does not know a sign cannot weigh it
    return min(heard, key=lambda it: STRONGEST_FIRST.index(it.strength[weighed]), default=None)


@dataclass(frozen=True)
class Question:
    """The next best thing to ask: in words, and what it would tell."""

    words: str
    about: str


def next_question(answers: Answers, age: Age, *, age_was_asked: bool = False) -> Question | None:
    """First what the legal test still needs; then the strongest sign that nobody asked about. None: all was asked.

    What was answered with "does not know", or with no to all that was asked, is not asked a second time.
    """
    if age == Age.UNKNOWN and not age_was_asked:
        return Question(str(QUESTIONS[None]), str(_("age")))
    for which in elements_for(age):
        if not _was_asked(answers, which):
            return Question(str(QUESTIONS[which]), str(which.label))
    sign = _unasked(answers, profile(answers, age) or Profile.ADULT_LABOUR)
    return Question(sign[1].said, sign[0].said) if sign else None


def _was_asked(answers: Answers, which: Element) -> bool:
    """Something of this element was answered, whatever it was."""
    keys = [*ITEMS[which].values, RULED_OUT]
    return any(known(answers, f"{which}.{item}") != Known.NOT_ASKED for item in keys)


def _unasked(answers: Answers, weighed: Profile) -> tuple[Dimension, Indicator] | None:
    positive = indicators.positive_dimensions(present(answers), weighed)
    open_ones = [
        (dimension, it)
        for dimension in indicators.dimensions()
        if dimension.key not in positive
        for it in dimension.indicators
        if known(answers, it.key) == Known.NOT_ASKED and weighed in it.strength
    ]
    return min(open_ones, key=lambda pair: STRONGEST_FIRST.index(pair[1].strength[weighed]), default=None)
