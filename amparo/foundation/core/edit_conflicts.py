"""Merge edits of a row that several people write: nobody overwrites a field that somebody else changed unseen.

The row has a `version`, which grows with every change, and `edits`: field -> its last edit, {version, by, at}. An entry
of a column of JSON is a field of its own: `step.start`.

A verb that changes such a row has an argument `based_on`: the version that the person saw, by default that of the row
which the verb is given. It raises `EditConflict`, and saves nothing, if somebody else has changed the same field since.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from .refusal import Refused


class EditConflict(Refused):
    """Somebody else changed the same field meanwhile. Their value stays, and both can be compared."""

    def __init__(self, field: str, theirs: Any, editor: str, at: datetime) -> None:
        words = {"who": editor, "at": f"{timezone.localtime(at):%H:%M}"}
        super().__init__(_("%(who)s changed this at %(at)s. Compare, and save again to keep yours.") % words)
        self.field, self.theirs = field, theirs


def merge_edits(row: Any, changes: dict[str, Any], *, based_on: int, by: Any, now: datetime) -> list[str]:
    """Set those fields of `row` that differ from `changes`; return the columns to save, empty if nothing differs.

    Raises `EditConflict`, and sets nothing, if one of these fields changed since version `based_on`.
    """
    different = {
        field: value for field, value in changes.items() if _blank_as_none(getattr(row, field)) != _blank_as_none(value)
    }
    for field in different:
        _refuse_unseen(row, field, based_on, getattr(row, field))
    if not different:
        return []
    row.version += 1
    for field, value in different.items():
        setattr(row, field, value)
        row.edits[field] = {"version": row.version, "by": by.pk, "at": now.isoformat()}
    return [*different, "version", "edits"]


def merge_entry(
    row: Any, column: str, key: str, value: Any | None, *, based_on: int, by: Any, now: datetime
) -> list[str]:
    """Set one entry of a JSON column that maps names to values; None removes it.

    Returns the columns to save, empty if nothing differs. Raises `EditConflict`, and sets nothing, if somebody changed
    this entry since version `based_on`.
    """
    entries = getattr(row, column)
    if entries.get(key) == value:
        return []
    changed = mark_edited(row, f"{column}.{key}", entries.get(key), based_on=based_on, by=by, now=now)
    others = {name: entry for name, entry in entries.items() if name != key}
    setattr(row, column, others if value is None else {**entries, key: value})
    return [column, *changed]


def mark_edited(row: Any, field: str, theirs: Any, *, based_on: int, by: Any, now: datetime) -> list[str]:
    """Record that `field` was edited, without setting it; return the columns to save.

    The field may be in another table. Raises `EditConflict` with `theirs`, the field's present value, and records
    nothing, if the field changed since version `based_on`.
    """
    _refuse_unseen(row, field, based_on, theirs)
    row.version += 1
    row.edits[field] = {"version": row.version, "by": by.pk, "at": now.isoformat()}
    return ["version", "edits"]


def _blank_as_none(value: Any) -> Any:
    """Return None for a blank value: both mean that the field is empty."""
    return None if value == "" else value


def _refuse_unseen(row: Any, field: str, based_on: int, theirs: Any) -> None:
    last = row.edits.get(field)
    if last and last["version"] > based_on:
        who = get_user_model().objects.filter(pk=last["by"]).first()
        raise EditConflict(field, theirs, str(who or ""), datetime.fromisoformat(last["at"]))
