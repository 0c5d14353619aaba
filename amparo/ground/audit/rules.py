"""What may be done with the ledger: add to it, and read what is said of a file."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection
from django.utils.translation import gettext as _

from amparo.ground.core.live import CHANNEL
from amparo.ground.core.refusal import Unreachable

from .models import WELL_WITHIN, Entry

log = logging.getLogger(__name__)

SHOWN = 200  # entries on a page
APPEND = "select audit.append(%s, %s, %s, %s)"
AND_NOTES = f"{APPEND}, (select count(*) from unnest(%s::text[]) as text, pg_notify(%s, text))"


def append(
    what: str, about: str, fields: Iterable[str] = (), key: UUID | None = None, notes: Iterable[str] = ()
) -> None:
    """Write who (from the context) did `what` about which row, in this transaction; if it cannot be, neither can that.

    `about` is a noun with an id ("contact 7f3c..."), `fields` are names of columns, `key` is the data key of the file,
    `notes` are live notes that leave with it.
    """
    told = [what, about, list(fields), key]
    if texts := list(notes):
        _write(what, AND_NOTES, [*told, texts, CHANNEL])
    else:
        _write(what, APPEND, told)


def append_each(what: str, noun: str, rows: Iterable[tuple[UUID, UUID]], fields: Iterable[str] = ()) -> None:
    """One entry for each of these rows, given as its id and its file's key: the same as `append`, in one statement."""
    told = [(f"{noun} {pk}", key) for pk, key in rows]
    abouts, keys = [about for about, _key in told], [key for _about, key in told]
    _write(what, "select audit.append_each(%s, %s::text[], %s, %s::uuid[])", [what, abouts, list(fields), keys])


def _write(what: str, statement: str, told: list[Any]) -> None:
    with written(what), connection.cursor() as cursor:
        cursor.execute(statement, told)


@contextmanager
def written(what: str) -> Iterator[None]:
    """A statement that writes an entry of this verb; the refusal of the ledger becomes a sentence."""
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        log.error("the ledger refuses %s: %s", what, getattr(error.__cause__, "sqlstate", ""))
        raise Unreachable(_("The ledger cannot be written, and nothing is shown or done without it.")) from None


def entries_about(keys: Iterable[UUID]) -> list[Entry]:
    """Who did or looked at what in these files, newest first; empty for whoever may not open them."""
    return list(Entry.objects.raw("select * from audit.entries_about(%s::uuid[], %s)", [list(keys), SHOWN]))


def entries_before(entry: int = 2**62, how_many: int = SHOWN) -> list[Entry]:
    """All entries, newest first, a page at a time; empty for whoever is no auditor."""
    return list(Entry.objects.raw("select * from audit.entries_before(%s, %s)", [entry, how_many]))


def openings_of(user: int, before: int = 2**62, how_many: int = SHOWN) -> list[Entry]:
    """The files that this person opened which were not their current work, likewise."""
    return list(Entry.objects.raw("select * from audit.openings_of(%s, %s, %s)", [user, before, how_many]))


@dataclass(frozen=True)
class Standing:
    """Whether what is appended is also being sealed. If not, the hotline goes on, and says so."""

    behind: timedelta  # since when an entry waits to be sealed, or since when the sealer gave no sign of life
    trouble: tuple[str, ...] = ()  # "witness 2 away"

    @property
    def is_well(self) -> bool:
        return self.behind <= WELL_WITHIN and not self.trouble

    def __str__(self) -> str:
        late = f"{self.behind.total_seconds():.0f} s behind" if self.behind > WELL_WITHIN else ""
        return "ok" if self.is_well else ", ".join(filter(None, [late, *self.trouble]))


def how_it_stands() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute("select waiting_for, silent_for, trouble from audit.how_it_stands()")
        waiting, silent, trouble = cursor.fetchone()
    if silent is None:
        return Standing(waiting or timedelta(), ("sealer never seen",))
    return Standing(max(waiting or timedelta(), silent), tuple(trouble))
