"""A row that nobody else changes meanwhile; and one that a page holds, which its verb need not ask for again."""

import copy
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from .actor import current_transaction
from .compiled_query import CompiledQuery


class LockedQuery[M: Model]:
    """A question for a row that nobody else changes meanwhile; what somebody else holds is waited for.

    Who had to wait asks anew: a statement that waited still sees the copy of a key that was taken meanwhile.
    """

    def __init__(self, rows: Callable[[], QuerySet[M]]) -> None:
        self._at_once = CompiledQuery(lambda: rows().select_for_update(of=("self",), skip_locked=True))
        self._waiting = CompiledQuery(lambda: rows().select_for_update(of=("self",)))

    def first(self, **given: Any) -> M | None:
        return self._at_once.first(**given) or (self._waiting.first(**given) and self._at_once.first(**given))


def lock_first[M: Model](rows: QuerySet[M], *, no_key: bool = False) -> M | None:
    """The first of these likewise, and with its key; None: there is none, or none any more."""
    rows = rows.select_related("key")
    at_once = rows.select_for_update(of=("self",), skip_locked=True, no_key=no_key)
    waiting = rows.select_for_update(of=("self",), no_key=no_key)
    return at_once.first() or (waiting.first() and at_once.first())


def mark_locked[M: Model](row: M) -> M:
    """Mark a row that was read for update as who acts, in the transaction that is open."""
    row.__dict__["held_in"] = current_transaction()
    return row


def take_locked[M: Model](row: M) -> M | None:
    """The row for a verb of the same person in the same transaction, once: the next verb reads what it has become.

    None: it is not held, and has to be. A verb writes into a row of its own, for its page may show what was read.
    """
    turn = row.__dict__.pop("held_in", None)
    return copy.copy(row) if turn is not None and turn == current_transaction() else None
