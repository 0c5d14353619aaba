"""A row that a page has read and holds: its verb need not ask for it again."""

import copy

from django.db.models import Model

from .acting import this_turn


def hold[M: Model](row: M) -> M:
    """Mark a row that was read for update as who acts, in the transaction that is open."""
    row.__dict__["held_in"] = this_turn()
    return row


def as_held[M: Model](row: M) -> M | None:
    """The row for a verb of the same person in the same transaction, once: the next verb reads what it has become.

    None: it is not held, and has to be. A verb writes into a row of its own, for its page may show what was read.
    """
    turn = row.__dict__.pop("held_in", None)
    return copy.copy(row) if turn is not None and turn == this_turn() else None
