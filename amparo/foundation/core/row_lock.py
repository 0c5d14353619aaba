"""Lock a row against changes by others."""

from django.db.models import Model, QuerySet


def lock_first[M: Model](rows: QuerySet[M], *, no_key: bool = False) -> M | None:
    """Lock and return the first of these rows, with its data key. None: no row matches, or it was removed meanwhile.

    If somebody else has locked the row, this waits for them and then queries again. The second query is needed: the
    statement that waited would still see a key that was withdrawn while it waited.
    """
    rows = rows.select_related("key")
    at_once = rows.select_for_update(of=("self",), skip_locked=True, no_key=no_key)
    waiting = rows.select_for_update(of=("self",), no_key=no_key)
    return _first(at_once) or (_first(waiting) and _first(at_once))


def _first[M: Model](rows: QuerySet[M]) -> M | None:
    """Return the first row, or None. Unlike `QuerySet.first`, it adds no order by key, which is slow to build."""
    return next(iter(rows[:1]), None)
