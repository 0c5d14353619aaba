"""What may be done with the ledger: add to it, and read what is said of a file."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection
from django.utils.translation import gettext as _

from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.live import CHANNEL
from amparo.foundation.core.refusal import Unreachable

from .models import WELL_WITHIN, Entry

log = logging.getLogger(__name__)

SHOWN = 200  # entries on a page
AT_ONCE = 100  # entries in one statement
APPEND = "audit.append(%s, %s, %s, %s)"
NOTES = "(select count(*) from unnest(%s::text[]) as text, pg_notify(%s, text))"
LOOK = "look"

type Unwritten = tuple[str, str, list[str], UUID | None]  # verb, row, names of columns, data key of the file


def append(
    what: str, about: str, fields: Iterable[str] = (), key: UUID | None = None, *, with_verb: bool = False
) -> None:
    """Write who (from the context) did `what` about which row, in this transaction; if it cannot be, neither can that.

    `about` is a noun with an id ("contact 7f3c..."), `fields` are names of columns, `key` is the data key of the file.
    `with_verb`: in the statement of the verb that is being done, which fails with it; at once, where none is.
    """
    told: Unwritten = (what, about, list(fields), key)
    if with_verb and (waiting := _waiting()) is not None:
        waiting += [told] if told not in waiting else []
    else:
        _append_all(what, [told], [])


@contextmanager
def hold_entries(waiting: list[Unwritten]) -> Iterator[None]:
    """Within a verb, until they are written in one statement with its own entry (`append_verb`)."""
    before = _waiting()
    connection.entries = waiting  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.entries = before  # type: ignore[attr-defined]


@contextmanager
def keep_reads_on_failure(acting: Actor) -> Iterator[list[Unwritten]]:
    """What a verb opened is told where it fails too: its page goes on, and may show it. Around its transaction."""
    waiting = list[Unwritten]()
    try:
        yield waiting
    except Exception:
        _tell_looks([told for told in waiting if told[0] == LOOK], acting)
        raise


def _tell_looks(looks: list[Unwritten], acting: Actor) -> None:
    """With the verb around the one that failed; else by themselves, unless what is around is undone as well."""
    if (around := _waiting()) is not None:
        around += [look for look in looks if look not in around]
    elif looks and not connection.needs_rollback:
        with acting_as(acting):
            _append_all(LOOK, looks, [])


def append_verb(what: str, about: str, key: UUID | None, *, waiting: list[Unwritten], notes: list[str]) -> None:
    """The entry of a verb with what waited for it, and its live notes. What it opened of its own file stands in it."""
    opened = [told for told in waiting if told[0] == LOOK and key is not None and told[3] == key]
    fields = sorted({name for look in opened for name in _columns(look, about)})
    own: Unwritten = (what, about, fields, key)
    _append_all(what, [*(told for told in waiting if told not in opened), own], notes)


def _append_all(what: str, entries: list[Unwritten], notes: list[str]) -> None:
    """In one statement, unless they are very many; the notes go with the last."""
    batches = list(batched(entries, AT_ONCE))
    for batch in batches:
        calls, told = [APPEND] * len(batch), [value for entry in batch for value in entry]
        if notes and batch is batches[-1]:
            calls, told = [*calls, NOTES], [*told, notes, CHANNEL]
        _write(what, f"select {', '.join(calls)}", told)


def _columns(told: Unwritten, about: str) -> list[str]:
    """The columns of a look as they stand in the entry about another row: with what kind of row they are of."""
    _look, row, names, _key = told
    return names if row == about else [f"{row.partition(' ')[0]}_{name}" for name in names]


def _waiting() -> list[Unwritten] | None:
    """What waits for the entry of the verb that is being done; None: none is."""
    return getattr(connection, "entries", None)


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


def sealer_status() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute("select waiting_for, silent_for, trouble from audit.how_it_stands()")
        waiting, silent, trouble = cursor.fetchone()
    if silent is None:
        return Standing(waiting or timedelta(), ("sealer never seen",))
    return Standing(max(waiting or timedelta(), silent), tuple(trouble))
