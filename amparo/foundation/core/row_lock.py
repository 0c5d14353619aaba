"""Lock a row against changes by others."""

import copy

from django.db.models import Model, QuerySet

from .actor import current_transaction


def lock_first[M: Model](rows: QuerySet[M], *, no_key: bool = False) -> M | None:
    """Lock and return the first of these rows, with its data key. None: no row matches, or it was removed meanwhile.

    If somebody else has locked the row, this waits for them and then queries again. The second query is needed: the
    statement that waited would still see a key that was withdrawn while it waited.
    """
    rows = rows.select_related("key")
    at_once = rows.select_for_update(of=("self",), skip_locked=True, no_key=no_key)
    waiting = rows.select_for_update(of=("self",), no_key=no_key)
    return _first(at_once) or (_first(waiting) and _first(at_once))


def hand_on(row: Model) -> None:
    """Let the first action of this transaction take this row, which was just locked, instead of reading it again."""
    row.__dict__["handed_on"] = current_transaction(), copy.copy(row)


def take_handed_on[M: Model](row: M) -> M | None:
    """Return the row as it was when the page locked it, in an object of the action's own.

    None: it must be read, because it was not locked in this transaction by this person, or an action took it before and
    may have changed it.
    """
    locked_in, as_locked = row.__dict__.pop("handed_on", (None, None))
    return as_locked if locked_in is not None and locked_in == current_transaction() else None


def _first[M: Model](rows: QuerySet[M]) -> M | None:
    """Return the first row, or None. Unlike `QuerySet.first`, it adds no order by key, which is slow to build."""
    return next(iter(rows[:1]), None)
