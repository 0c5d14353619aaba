"""Ranges for exclusion constraints."""

from django.db import models


def as_range(column: str) -> models.Func:
    """Return the SQL expression of a range that contains only the number in `column`.

    Two such ranges overlap if the numbers are equal, so that an exclusion constraint can combine it with a period
    without an extension.
    """
    return models.Func(models.F(column), models.F(column), models.Value("[]"), function="int8range")
