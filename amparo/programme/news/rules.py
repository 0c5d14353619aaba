"""What may be done with notes: draft, change, publish, withdraw."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from . import public
from .figures import Citation, markers_in, unknown_marker
from .models import Note, free_slug


@action(permissions.write_news, label=gettext_lazy("drafted a note for the press"))
def draft_note(*, by: User, now: datetime, **columns: Any) -> Note:
    """Draft a note. Its public address is made from the Spanish title, and never changes."""
    note: Note = Note.objects.create(slug=free_slug(columns["title_es"]), drafted_at=now, drafted_by=by, **columns)
    return note


@action(permissions.write_news, label=gettext_lazy("changed a note for the press"))
def change_note(note: Note, *, based_on: int | None = None, by: User, now: datetime, **columns: Any) -> Note:
    """Change a draft. The last editor counts as its author, so another person must publish it.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = note.version if based_on is None else based_on
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if note.is_published:
        raise Refused(_("It is published, and stays as it is. Write another note to correct it."))
    if changed := edit_conflicts.merge_edits(note, columns, based_on=seen, by=by, now=now):
        note.drafted_by = by
        note.save(update_fields=[*changed, "drafted_by"])
    return note


@action(permissions.publish, label=gettext_lazy("published a note for the press"))
def publish_note(note: Note, *, citations: Mapping[str, Citation], by: User, now: datetime) -> Note:
    """Publish a colleague's note. `citations`: by marker, the published figure that replaces it.

    Raises `Refused` if a marker in its title, lead or text has none.
    """
    note = Note.objects.select_for_update(of=("self",)).select_related("testimony").get(pk=note.pk)
    if note.is_published:
        return note
    if note.drafted_by_id == by.pk:
        raise Refused(_("Another person publishes what you wrote."))
    if reason := why_not_publishable(note, citations):
        raise Refused(reason)
    note.document = public.note_document(
        note, {marker: citations[marker] for marker in markers_in(note.texts_with_markers())}, now
    )
    note.published_at, note.published_by = now, by
    note.save(update_fields=["document", "published_at", "published_by"])
    _write_on_commit(note, by)
    return note


@action(permissions.publish, label=gettext_lazy("withdrew a note for the press"))
def withdraw_note(note: Note, *, by: User, now: datetime) -> Note:
    """Withdraw a published note, for good. One publisher suffices.

    It leaves every page, list and feed at once, before the commit. Its page then says that it was withdrawn, and when.
    """
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if not note.is_published:
        raise Refused(_("It is a draft, which nobody outside can read."))
    if note.is_withdrawn:
        return note
    note.withdrawn_at, note.withdrawn_by = now, by
    note.save(update_fields=["withdrawn_at", "withdrawn_by"])
    public.withdraw_note(note)
    return note


def why_not_publishable(note: Note, citations: Iterable[str]) -> str:
    """Return why a note cannot be published: a marker in its text names no published figure. Blank: it can."""
    unknown = unknown_marker(note.texts_with_markers(), citations)
    if not unknown:
        return ""
    return _("%(marker)s is not the marker of a published figure. See the list beside.") % {"marker": unknown}


def _write_on_commit(note: Note, by: User) -> None:
    """Write the public file after the commit, from the row as it is then, locked again: so a withdrawal wins."""

    def write() -> None:
        with acting_as(by.acting()):
            public.write_note(Note.objects.select_for_update(of=("self",)).get(pk=note.pk))

    transaction.on_commit(write)
