"""A question of the conversation, declared once as a column: its label, its choices and its part of the page."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise

from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedField

PARTS = ("safety", "notes", "facts", "privacy", "heard")  # of the page, in the order of the conversation


@dataclass(frozen=True)
class Question:
    part: str
    label: str | Promise
    words: type[Picklist] | None  # the choices; None: free text


def choice_column(
    part: str, label: str | Promise, words: type[Picklist], max_length: int = 20
) -> "models.CharField[str, str]":
    """Return the column of a question with a list of choices. Blank: not discussed yet.

    Blank is also the default in the database, for rows that SQL makes.
    """
    column: models.CharField[str, str] = models.CharField(
        max_length=max_length, choices=words.options, blank=True, default="", db_default=""
    )
    return _with_question(column, Question(part, label, words))


def sealed_text_column(part: str, label: str | Promise, seal: str) -> SealedField:
    """Return the column of a question that is answered in a line of free text, which is sealed.

    `seal` is the label of the sealed field, such as "contact.notes". The stored value None means: nothing written.
    """
    return _with_question(SealedField(seal, null=True), Question(part, label, None))


def _with_question[Column: models.Field](column: Column, question: Question) -> Column:  # type: ignore[type-arg]
    if question.part not in PARTS:
        raise ValueError(f"The page of a conversation has no part {question.part!r}: it has {', '.join(PARTS)}.")
    column.question = question  # type: ignore[attr-defined]
    return column


def questions_of(model: type[models.Model]) -> dict[str, Question]:
    """Return the questions of a model by name of the column, in the order of the model."""
    return {field.name: field.question for field in model._meta.get_fields() if hasattr(field, "question")}
