"""The quiz of a course: questions with choices, taken after the lesson and before the practice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

MOST_QUESTIONS, MOST_CHOICES = 20, 6


@dataclass(frozen=True)
class Question:
    askings: Mapping[str, str]  # by language, as all words of a course
    choice_lists: Mapping[str, Sequence[str]]
    right: frozenset[int]  # numbers of the right choices, from 0
    whys: Mapping[str, str]

    @property
    def asks(self) -> str:
        return in_language(self.askings)

    @property
    def choices(self) -> Sequence[str]:
        return in_language(self.choice_lists)

    @property
    def why(self) -> str:
        return in_language(self.whys)

    @property
    def has_several(self) -> bool:
        """Whether several choices are right."""
        return len(self.right) > 1


def in_language[T](texts: Mapping[str, T]) -> T:
    """Return the English or the Spanish one of these texts, by the reader's language."""
    return texts["en" if get_language() == "en" else "es"]


def questions_of(given: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return questions from dictionaries: `right`, and by language `asks`, `choices` and `why`. Raises `ValueError`."""
    found = []
    for each in given:
        texts, right = {language: each[language] for language in ("es", "en")}, frozenset(each["right"])
        askings, choices, whys = ({of: text[name] for of, text in texts.items()} for name in ("asks", "choices", "why"))
        if not right or any(len(several) < 2 or max(right) >= len(several) for several in choices.values()):
            raise ValueError("A question has two choices or more, and a right one.")
        found.append(Question(askings, choices, right, whys))
    return tuple(found)


def answered_right(questions: Sequence[Question], answers: Sequence[frozenset[int]]) -> list[bool]:
    """Return for each question whether the answer names exactly the right choices."""
    return [question.right == answer for question, answer in zip(questions, answers, strict=True)]


def percent_right(right: Sequence[bool]) -> int:
    """Return the percentage of right answers, rounded down: nobody passes by rounding."""
    return 100 * sum(right) // len(right)
