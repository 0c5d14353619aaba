"""Show a long list page by page, and never count it: counting a million rows takes longer than showing any of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

PER_PAGE = 25
DEEPEST = 400  # pages; to go further back, a date or another filter is quicker


@dataclass(frozen=True)
class Page[Row]:
    rows: list[Row]
    number: int  # from 1
    has_more: bool

    @property
    def before(self) -> int | None:
        """Number of the previous page; None: this is the first."""
        return self.number - 1 or None

    @property
    def after(self) -> int | None:
        """Number of the next page; None: this is the last that is shown."""
        return self.number + 1 if self.has_more and self.number < DEEPEST else None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paginate[M: models.Model](found: models.QuerySet[M], number: int = 1) -> Page[M]:
    """Return page `number` of an ordered query. It reads one row more, to know whether there is a next page."""
    first = (number - 1) * PER_PAGE
    rows = list(found[first : first + PER_PAGE + 1])
    return Page(rows[:PER_PAGE], number, len(rows) > PER_PAGE)
