"""The base of every list of code words that a model stores."""

from django.db import models


class Picklist(models.TextChoices):
    """A list of code words with labels. Models name `choices=Words.options`, so that a new word needs no migration."""

    @classmethod
    def options(cls) -> list[tuple[str, str]]:
        """The choices of a model's field; Django calls it when it needs them."""
        return list(cls.choices)
