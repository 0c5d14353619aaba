"""Add to the ledger, and read a file's entries."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
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

type Unwritten = tuple[str, str, list[str], UUID | None]  # action, row, names of columns, data key of the file


def append(
    what: str, about: str, fields: Iterable[str] = (), key: UUID | None = None, *, with_verb: bool = False
) -> None:
    """Log that the current actor did `what` to a row. If it cannot be logged, this raises and the transaction fails.

    `about` is a noun with an id ("contact 7f3c..."), `fields` are names of columns, `key` is the id of the file's data
    key. With `with_verb` the entry is written together with the entry of the current action, and is rolled back with
    the action. Without a running action it is written at once.
    """
    entry: Unwritten = (what, about, list(fields), key)
    if with_verb and (waiting := _waiting_entries()) is not None:
        waiting += [entry] if entry not in waiting else []
    else:
        _append_all(what, [entry], [])


def append_looks(looks: Iterable[tuple[str, list[str], UUID]]) -> None:
    """Log in one statement that the current actor looked at several rows: row, names of columns, data key of each."""
    entries: list[Unwritten] = [(LOOK, about, fields, key) for about, fields, key in looks]
    if (waiting := _waiting_entries()) is not None:
        waiting += [entry for entry in entries if entry not in waiting]
    else:
        _append_all(LOOK, entries, [])


@contextmanager
def collect_entries(waiting: list[Unwritten]) -> Iterator[None]:
    """Collect the entries of an action, until one statement writes them with its own entry (`append_verb`)."""
    before = _waiting_entries()
    connection.entries = waiting  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.entries = before  # type: ignore[attr-defined]


@contextmanager
def keep_reads_on_failure(acting: Actor) -> Iterator[list[Unwritten]]:
    """Yield a list for an action's entries. If the action fails, log at least the fields that it decrypted.

    They are logged because the page may show them. Use this around the transaction.
    """
    waiting = list[Unwritten]()
    try:
        yield waiting
    except Exception:
        _append_looks([entry for entry in waiting if entry[0] == LOOK], acting)
        raise


def _append_looks(looks: list[Unwritten], acting: Actor) -> None:
    """Hand these entries to the surrounding action. Without one, write them at once in a transaction of their own.

    Nothing is written if the surrounding transaction fails too.
    """
    if (around := _waiting_entries()) is not None:
        around += [look for look in looks if look not in around]
    elif looks and not connection.needs_rollback:
        with acting_as(acting):
            _append_all(LOOK, looks, [])


def append_verb(what: str, about: str, key: UUID | None, *, waiting: list[Unwritten], notes: list[str]) -> None:
    """Write an action's entry with the entries that wait for it, and send `notes`, its live notifications.

    If the action decrypted fields of its own file, its entry names these fields.
    """
    opened = [entry for entry in waiting if entry[0] == LOOK and key is not None and entry[3] == key]
    fields = sorted({name for look in opened for name in _columns_read(look, about)})
    own: Unwritten = (what, about, fields, key)
    _append_all(what, [*(entry for entry in waiting if entry not in opened), own], notes)


def _append_all(what: str, entries: list[Unwritten], notes: list[str]) -> None:
    """Write entries in one statement, or AT_ONCE in each; the last statement also sends the notes."""
    batches = list(batched(entries, AT_ONCE))
    for batch in batches:
        calls, values = [APPEND] * len(batch), [value for entry in batch for value in entry]
        if notes and batch is batches[-1]:
            calls, values = [*calls, NOTES], [*values, notes, CHANNEL]
        _execute(what, f"select {', '.join(calls)}", values)


def _columns_read(look: Unwritten, about: str) -> list[str]:
    """Return the names of the columns that `look` read. Those of another row than `about` begin with the row's kind."""
    _look, row, names, _key = look
    return names if row == about else [f"{row.partition(' ')[0]}_{name}" for name in names]


def _waiting_entries() -> list[Unwritten] | None:
    """Return the entries that the current action will write together with its own entry. None: no action is running."""
    return getattr(connection, "entries", None)


def _execute(what: str, statement: str, values: list[Any]) -> None:
    with raise_unreachable(what), connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def raise_unreachable(what: str) -> Iterator[None]:
    """Turn the ledger's refusal to write an entry into `Unreachable`, with a sentence."""
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        log.error("the ledger refuses %s: %s", what, getattr(error.__cause__, "sqlstate", ""))
        raise Unreachable(_("The ledger cannot be written, and nothing is shown or done without it.")) from None


def entries_about(keys: Iterable[UUID]) -> list[Entry]:
    """Return the entries about the files with these data keys, newest first; none that the actor may not see."""
    return list(Entry.objects.raw("select * from audit.entries_about(%s::uuid[], %s)", [list(keys), SHOWN]))


def entries_before(entry: int = 2**62, how_many: int = SHOWN) -> list[Entry]:
    """Return a page of all entries before the one with this id, newest first; empty unless the actor is an auditor."""
    return list(Entry.objects.raw("select * from audit.entries_before(%s, %s)", [entry, how_many]))


def unusual_openings_of(user: int, before: int = 2**62, how_many: int = SHOWN) -> list[Entry]:
    """Return a page of entries, before the one with the id `before`, in which this person opened a file outside their
    current work. Newest first; empty unless the actor is an auditor.
    """
    return list(Entry.objects.raw("select * from audit.openings_of(%s, %s, %s)", [user, before, how_many]))


@dataclass(frozen=True)
class EntryCounts:
    """Numbers of entries of the ledger; 0 for everybody but an auditor."""

    today: int
    week: int  # the last seven days
    sealed: int  # the number of the newest sealed entry, which is how many there are


def count_entries(today: datetime, week: datetime) -> EntryCounts:
    """Count the entries since `today` and since `week`, the moments at which today and the last seven days begin."""
    with connection.cursor() as cursor:
        cursor.execute("select * from audit.count_entries(%s, %s)", [today, week])
        return EntryCounts(*cursor.fetchone())


@dataclass(frozen=True)
class SealerHealth:
    """Whether the sealer seals new entries in time. If not, the hotline continues and shows a warning."""

    behind: timedelta  # age of the oldest unsealed entry, or of the sealer's last sign of life
    trouble: tuple[str, ...] = ()  # "witness 2 away"

    @property
    def is_well(self) -> bool:
        return self.behind <= WELL_WITHIN and not self.trouble

    def __str__(self) -> str:
        late = f"{self.behind.total_seconds():.0f} s behind" if self.behind > WELL_WITHIN else ""
        return "ok" if self.is_well else ", ".join(filter(None, [late, *self.trouble]))


def sealer_status() -> SealerHealth:
    """Ask the database how far the sealer is behind. Every role may."""
    with connection.cursor() as cursor:
        cursor.execute("select waiting_for, silent_for, trouble from audit.sealer_status()")
        waiting, silent, trouble = cursor.fetchone()
    if silent is None:
        return SealerHealth(waiting or timedelta(), ("sealer never seen",))
    return SealerHealth(max(waiting or timedelta(), silent), tuple(trouble))
