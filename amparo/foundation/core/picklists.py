"""The base of every list of code words that a model stores."""

import functools

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language


class Picklist(models.TextChoices):
    """A list of code words with labels. Models name `choices=Words.options`, so that a new word needs no migration."""

    @classmethod
    def options(cls) -> list[tuple[str, str]]:
        """The choices of a model's field in the current language; Django calls it whenever it shows a value."""
        return _options_in(cls, get_language())

    @property
    def literal(self) -> RawSQL:
        """The code word as part of the statement, for a column with a partial index on it.

        PostgreSQL plans a repeated statement for any values, and such a plan cannot use an index on one value.
        """
        return RawSQL(f"'{self.value}'", ())


@functools.cache
def _options_in(words: type[Picklist], _language: str | None) -> list[tuple[str, str]]:
    """Return the code words with their labels as `str`, once for each language, which is only a key of the cache.

    Django hashes all choices to show one, and a lazy label would be translated each time.
    """
    return [(value, str(label)) for value, label in words.choices]
