"""A long list, one leaf at a time, and never counted: to count a million rows takes longer than to show any of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

PER_PAGE = 25
DEEPEST = 400  # leaves; beyond, a day or another filter leads there sooner


@dataclass(frozen=True)
class Page[Row]:
    rows: list[Row]
    number: int  # from 1
    has_more: bool

    @property
    def before(self) -> int | None:
        """None: this is the first."""
        return self.number - 1 or None

    @property
    def after(self) -> int | None:
        """None: this is the last that is shown."""
        return self.number + 1 if self.has_more and self.number < DEEPEST else None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paginate[M: models.Model](found: models.QuerySet[M], number: int = 1) -> Page[M]:
    """The leaf of this number of an ordered list; one row more is fetched, to know whether it goes on."""
    first = (number - 1) * PER_PAGE
    rows = list(found[first : first + PER_PAGE + 1])
    return Page(rows[:PER_PAGE], number, len(rows) > PER_PAGE)
