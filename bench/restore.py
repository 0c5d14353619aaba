"""How long a backup of a running hotline takes, how large it is, and how soon an empty home serves again from it.

    python -m bench.restore [--contacts 1000000]

Each contact has its call, a data key, two grants, and 700 bytes of sealed notes. No telephone rings and nobody
types; the ledger is short. Times are those of the commands, as the person who types them waits.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.backups import Safe, sealed
from tests.hotline import Hotline, furnish

LIMIT = 30 * 60  # seconds
AT_ONCE = 20_000  # contacts
NOTES = "Dice que la llevan mañana y que no tiene sus documentos. " * 12


@dataclass(frozen=True)
class Drilled:
    contacts: int
    size: int  # bytes, of the two files
    backup: float  # seconds, without the check
    checked: float  # seconds, with the check
    restore: float  # seconds
    serving_after: float  # seconds from typing `amparo restore` until /healthz says ok
    sealed: int
    opened: int

    def __str__(self) -> str:
        return (
            f"{self.contacts:,} contacts: backup {self.size / 1e6:,.1f} MB in {self.backup:.1f} s ({self.checked:.1f} s"
            f" with its check), restored in {self.restore:.1f} s, serving after {self.serving_after:.1f} s,"
            f" {self.opened:,} of {self.sealed:,} sealed fields open; load average {os.getloadavg()[0]:.1f}"
        )


def load(first: int, count: int, operators: tuple[int, ...] = ()) -> None:
    """Runs in the hotline's process as the table owner: add `count` contacts, numbered from `first` on.

    They belong to these operators in turn; without any, to ana.
    """
    import uuid

    from django.contrib.auth import get_user_model
    from django.db import connection, transaction
    from django.utils import timezone

    from amparo.foundation.vault.keys import Box
    from amparo.foundation.vault.wrapping import keyring

    wrapper, now = keyring().current(1), timezone.now()
    operators = operators or (get_user_model().objects.get(username="ana").pk,)
    calls, keys, copies, contacts = [], [], [], []
    for number in range(first, first + count):
        call, key, contact, secret = uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), os.urandom(32)
        operator, at = operators[number % len(operators)], now - timedelta(minutes=number)
        notes = Box(secret).seal(NOTES.encode(), f"contact.notes|{contact}")
        calls.append((call, "in", "phone", "", "es", "ended", False, False, at, at, at, "", [], [], [], []))
        keys.append((key, 1, "contact", at))
        for holder in (f"u{operator}", "1:supervisor"):
            copy = wrapper.wrap(secret, key.bytes)
            copies.append((key, holder, 1, 1, "", at, "9000-01-01Z", copy, wrapper.name))
        contacts.append(
            (
                contact, number, call, "call", operator, at, at, "wrapped", "yes", key, notes, "self", "150101", "es",
                "soon", "anonymous", "", "information", "", 1, "{}",
            )
        )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in ((CALLS, calls), (KEYS, keys), (COPIES, copies), (CONTACTS, contacts)):
            with cursor.copy(f"copy {table} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)


CALLS = """switchboard_call (id, direction, channel, line, language, state, danger, silent, arrived_at, answered_at,
    ended_at, ending, operators, invited, listeners, whisperers)"""
KEYS = "vault_datakey (id, agency_id, kind, made_at)"
COPIES = "vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)"
CONTACTS = """contacts_contact (id, number, call_id, channel, operator_id, started, ended, state, safe_to_talk, key_id,
    notes, caller_role, ubigeo, language, urgency, privacy_choice, heard_of_us, type, hard_call, version, edits)"""


def count() -> int:
    """Runs in the hotline's process: the number of its contacts."""
    from amparo.line.contacts.models import Contact

    return Contact.objects.count()


@dataclass(frozen=True)
class Made:
    """The two files of a backup, and what making them took."""

    data: Path
    keys: Path
    safe: Safe
    size: int  # bytes
    backup: float  # seconds, without the check
    checked: float  # seconds, with the check


@contextmanager
def backed_up(contacts: int) -> Iterator[Made]:
    """Back up a running hotline without and with the check, stop it, and yield the backup for the block.

    It is stopped because two hotlines at once would slow each other down.
    """
    with tempfile.TemporaryDirectory(prefix="amparo-bench-", dir="/tmp") as folder:
        safe, data, keys = Safe(Path(folder)), Path(folder) / "data", Path(folder) / "keys"
        house = Hotline(AMPARO_BACKUP_RECIPIENTS=safe.recipient)
        try:
            furnish(house.home)
            house.start()
            for first in range(1, contacts + 1, AT_ONCE):
                house.do(load, first, min(AT_ONCE, contacts + 1 - first))
            backup = timed(house, "backup", str(data), "--keys", str(keys), "--no-check")
            size = sum(path.stat().st_size for where in (data, keys) for path in where.iterdir())
            checked = timed(house, "backup", str(data), "--keys", str(keys), "--identity", str(safe.file))
        finally:
            house.clear_away()
        yield Made(data, keys, safe, size, backup, checked)


def open_without_keys(made: Made) -> tuple[int, int, int]:
    """Restore the data alone into an empty home, and count there: contacts, sealed values, and those that open."""
    elsewhere = Hotline()
    try:
        timed(elsewhere, "restore", str(made.data), "--identity", str(made.safe.file))
        with elsewhere.database_alone():
            return elsewhere.do(count), *elsewhere.do(sealed)
    finally:
        elsewhere.clear_away()


def drill(made: Made) -> Drilled:
    """Restore the backup into an empty home, serve from there, and return what was measured."""
    elsewhere = Hotline()
    try:
        begun = time.monotonic()
        words = ("restore", str(made.data), "--keys", str(made.keys), "--identity", str(made.safe.file))
        restored = timed(elsewhere, *words)
        elsewhere.start()
        serving_after = time.monotonic() - begun
        there, opened = elsewhere.do(sealed)
        contacts = elsewhere.do(count)
        return Drilled(contacts, made.size, made.backup, made.checked, restored, serving_after, there, opened)
    finally:
        elsewhere.clear_away()


def timed(it: Hotline, *words: str) -> float:
    begun = time.monotonic()
    done = it.run(*words, patience=LIMIT)
    took = time.monotonic() - begun
    assert done.returncode == 0, f"{done.returncode} {done.stderr}"
    print(f"{took:.1f} s: {done.stdout.strip()}", flush=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    with backed_up(parser.parse_args().contacts) as made:
        print(drill(made))


if __name__ == "__main__":
    main()
