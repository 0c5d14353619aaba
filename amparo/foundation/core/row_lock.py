"""Lock a row against changes by others."""

from django.db.models import Model, QuerySet


def lock_first[M: Model](rows: QuerySet[M], *, no_key: bool = False) -> M | None:
    """Lock the first of these rows, and select its key with it. None: there is none, or none any more.

    It waits for a lock that somebody else holds, and then queries again: a statement that waited still sees the copy
    of a key that was withdrawn meanwhile.
    """
    rows = rows.select_related("key")
    at_once = rows.select_for_update(of=("self",), skip_locked=True, no_key=no_key)
    waiting = rows.select_for_update(of=("self",), no_key=no_key)
    return at_once.first() or (waiting.first() and at_once.first())
