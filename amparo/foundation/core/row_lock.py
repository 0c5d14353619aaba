"""Lock a row against changes by others, and pass the locked row from a page to its action without a second query."""

import copy
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from .actor import current_transaction
from .compiled_query import CompiledQuery


class LockedQuery[M: Model]:
    """A query for one row that it locks; it waits for a lock that somebody else holds.

    After waiting it queries again: a statement that waited still sees the copy of a key that was withdrawn meanwhile.
    """

    def __init__(self, rows: Callable[[], QuerySet[M]]) -> None:
        self._at_once = CompiledQuery(lambda: rows().select_for_update(of=("self",), skip_locked=True))
        self._waiting = CompiledQuery(lambda: rows().select_for_update(of=("self",)))

    def first(self, **given: Any) -> M | None:
        return self._at_once.first(**given) or (self._waiting.first(**given) and self._at_once.first(**given))


def lock_first[M: Model](rows: QuerySet[M], *, no_key: bool = False) -> M | None:
    """Lock the first of these rows, and select its key with it. None: there is none, or none any more."""
    rows = rows.select_related("key")
    at_once = rows.select_for_update(of=("self",), skip_locked=True, no_key=no_key)
    waiting = rows.select_for_update(of=("self",), no_key=no_key)
    return at_once.first() or (waiting.first() and at_once.first())


def mark_locked[M: Model](row: M) -> M:
    """Mark a row as locked by the current actor in the open transaction."""
    row.__dict__["held_in"] = current_transaction()
    return row


def take_locked[M: Model](row: M) -> M | None:
    """Return a locked row to an action of the same person in the same transaction, once: the next action reads it anew.

    None: the row is not locked, and must be. The action gets a copy, because its page may show what was read before.
    """
    turn = row.__dict__.pop("held_in", None)
    return copy.copy(row) if turn is not None and turn == current_transaction() else None
