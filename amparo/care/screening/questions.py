"""The conversation of a screening: what to ask next, in words that people use, and why it is asked.

A question informs one item, and its answer is yes, no, "does not know" or not asked. The order is a proposal: the
operator may leave a question for later, change an answer, or tick the items in any order.
"""

import functools
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age

from . import indicators
from .answers import (
    ITEMS,
    STRONGEST_FIRST,
    Answers,
    answer_to,
    answer_to_element,
    applicable_profile,
    present_indicators,
)
from .determination import required_elements
from .indicators import DATA, Dimension, Indicator, Profile, Strength
from .picklists import Answer, Element

AGE = "age"  # the key of the one question that is no item: the legal test depends on it
SETTLED = (Answer.YES, Answer.NO)  # states of an element that needs no further question
OPENINGS: dict[Element, Promise] = {
    Element.ACT: _("How did you come to that place? Did somebody bring you, or keep you there?"),
    Element.MEANS: _("What were you told beforehand, and what would happen if you wanted to leave?"),
    Element.PURPOSE: _("What do they ask you to do in that place?"),
}
LAW: dict[Element | None, Promise] = {
    None: _("Under 18 it does not matter how the person was won over, nor whether they agreed: no means is "
            "needed."),
    Element.ACT: _("Recruiting, transporting, moving, lodging, receiving or holding back a person: one is enough. "
                   "Holding back is in Peruvian law alone."),
    Element.MEANS: _("Force, threats, deceit, abuse of power or of vulnerability, or payments to whoever controls"
                     " the person: one is enough, and then their consent does not count. Under 18 no means is "
                     "needed."),
    Element.PURPOSE: _("What the person is wanted for: sexual exploitation, forced labour, servitude, begging and"
                       " the like. It counts even if it has not happened yet."),
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One question, and what its answer informs."""

    key: str  # of the item, or AGE
    words: str
    element: Element | None = None  # None: the age
    dimension: Dimension | None = None  # None: not a sign of ILO's lists
    strength: Strength | None = None  # None: no list applies, or not a sign

    @property
    def opening(self) -> str:
        """An open question to begin with; blank for the age and for signs."""
        return str(OPENINGS[self.element]) if self.element and not self.dimension else ""

    @property
    def about(self) -> str:
        """The subject of the question, as a text."""
        if self.dimension:
            return self.dimension.local_label
        return str(self.element.label if self.element else _("age"))

    @property
    def law(self) -> str:
        """What the law says about the subject of the question."""
        return str(LAW[self.element])


@functools.cache
def _question_texts() -> dict[str, dict[str, str]]:
    """Return the words of every question: key of the item -> language -> words."""
    found = json.loads((DATA / "questions.json").read_text())
    return {key: dict(zip(("es", "en"), words, strict=True)) for key, words in found.items()}


def question_text(key: str) -> str:
    """Return the question for an item in the reader's language, or in Spanish if it is not translated."""
    if key == AGE:
        return str(_("How old were you when it began?"))
    words = _question_texts()[key]
    return words.get((get_language() or "es")[:2], words["es"])


def has_question(key: str) -> bool:
    """Whether the item has a question. "Ruled out" has none: it is ticked in the list of all signs."""
    return key == AGE or key in _question_texts()


def question_for(key: str, answers: Answers, age: Age) -> Question:
    """Return the question for one item."""
    if key == AGE:
        return Question(AGE, question_text(AGE))
    for group in indicators.dimensions():
        for sign in group.indicators:
            if sign.key == key:
                list_in_use = applicable_profile(answers, age)
                strength = sign.strength.get(list_in_use) if list_in_use else None
                return Question(key, question_text(key), Element(group.element), group, strength)
    return Question(key, question_text(key), Element(key.split(".")[0]))


def next_question(
    answers: Answers, age: Age, *, age_was_asked: bool = False, later: Collection[str] = ()
) -> Question | None:
    """Return the next question: first what the legal test needs, then the strongest sign that was not asked yet.

    `later` holds the keys that were left for later. None: everything was asked or left.
    """
    if age == Age.UNKNOWN and not age_was_asked and AGE not in later:
        return question_for(AGE, answers, age)
    for which in required_elements(age):
        if answer_to_element(answers, which) in SETTLED:
            continue
        for item in ITEMS[which].values:
            key = f"{which}.{item}"
            if answer_to(answers, key) == Answer.NOT_ASKED and key not in later:
                return question_for(key, answers, age)
    sign = _strongest_unasked_sign(answers, applicable_profile(answers, age) or Profile.ADULT_LABOUR, later)
    return question_for(sign.key, answers, age) if sign else None


def _strongest_unasked_sign(answers: Answers, weighed: Profile, later: Collection[str]) -> Indicator | None:
    """Return the strongest sign not asked yet. Skips dimensions that are already positive."""
    positive = indicators.positive_dimensions(present_indicators(answers), weighed)
    candidates = [
        sign
        for dimension in indicators.dimensions()
        if dimension.key not in positive
        for sign in dimension.indicators
        if answer_to(answers, sign.key) == Answer.NOT_ASKED and sign.key not in later and weighed in sign.strength
    ]
    return min(candidates, key=lambda sign: STRONGEST_FIRST.index(sign.strength[weighed]), default=None)
