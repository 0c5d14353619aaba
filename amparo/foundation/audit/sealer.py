"""The sealer: one process that numbers committed entries, chains them, and sends checkpoints to the witnesses.

It takes rows as they are committed: a late commit gets a later number, and nothing is skipped. After a kill it
continues where the database says: numbered entries are chained, and checkpoints that no witness has are sent again.
"""

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from amparo.foundation.core import live

from .chain import COLUMNS, GENESIS, Checkpoint, canonical_form, chain_hash, signing_key
from .witnesses import Witness

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds. It does not wait for a NOTIFY: that takes one lock for all at every commit
CHECKPOINT_EVERY = 5.0  # seconds, if there is something new
BATCH = 5000  # entries a transaction
ONE_SEALER = 7_001  # the advisory lock
RETRY = 1.0  # seconds

# Any role can take an advisory lock. A holder that did not sign in with our role is no sealer, and blocks none.
ALONE = """
select pg_try_advisory_lock(%(lock)s) or not exists (
    select from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and a.datname = current_database() and a.usename = session_user
        and (l.classid, l.objid, l.objsubid) = (0, %(lock)s, 1))
"""
TAKE = f"select {', '.join(COLUMNS)} from audit_entry where number is null order by id limit {BATCH}"
NUMBER = """
update audit_entry set number = chained.number, hash = chained.hash
from unnest(%s::bigint[], %s::bigint[], %s::bytea[]) as chained(id, number, hash) where audit_entry.id = chained.id
"""
# Defined by a later room, and run in the same transaction: it sees each entry once, and returns live notifications.
WATCH = "select pg_notify(%s, note) from audit.watch(%s::bigint[]) as note"
SAVE_STATUS = """
insert into audit_sealerstatus (id, seen_at, trouble) values (1, clock_timestamp(), %s)
on conflict (id) do update set seen_at = excluded.seen_at, trouble = excluded.trouble
"""


class Sealer:
    """Numbers, chains and signs entries over one connection. Only the sealer with the lock may work; others wait."""

    def __init__(self, connection: psycopg.Connection, witnesses: list[Witness], key: Ed25519PrivateKey) -> None:
        self.connection, self.witnesses, self.key = connection, witnesses, key
        self._sent: dict[Witness, int] = {}  # the last number that each witness has; if missing, ask the witness

    def try_lock(self) -> bool:
        """Try to take the sealer's lock, and return whether we have it. It lasts as long as the connection."""
        row = self.connection.execute(ALONE, {"lock": ONE_SEALER}).fetchone()
        return bool(row and row[0])

    def seal(self) -> int:
        """Number and chain one batch of entries; returns how many there were."""
        with self.connection.transaction():
            rows = self.connection.execute(TAKE).fetchall()
            number, hash = self._end()
            chained = []
            for row in rows:
                number += 1
                hash = chain_hash(hash, number, canonical_form(row))
                chained.append((row[0], number, hash))
            if chained:
                self.connection.execute(NUMBER, [list(column) for column in zip(*chained, strict=True)])
                self.connection.execute(WATCH, [live.CHANNEL, [row[0] for row in rows]])
        return len(rows)

    def send_checkpoint(self, now: datetime) -> list[str]:
        """Send a checkpoint of the newest entry to every witness; returns the failures: "witness 2 away"."""
        number, hash = self._end()
        checkpoint = Checkpoint(number, hash, now).signed(self.key)
        trouble = [self._send(name, witness, checkpoint) for name, witness in enumerate(self.witnesses, 1)]
        return list(filter(None, trouble))

    def save_status(self, trouble: list[str], *, news: bool = False) -> None:
        """Store that the sealer is alive, and its troubles. With `news`, tell open consoles to load them."""
        with self.connection.transaction():
            self.connection.execute(SAVE_STATUS, [trouble])
            if news:
                self.connection.execute("select pg_notify(%s, 'ledger')", [live.CHANNEL])

    def _send(self, name: int, witness: Witness, checkpoint: Checkpoint) -> str:
        try:
            if not witness.folder.is_dir():
                raise FileNotFoundError(witness.folder)
            if witness not in self._sent:
                self._sent[witness] = self._last_number(witness)
            if checkpoint.number > self._sent[witness]:
                witness.add(checkpoint, self.key.public_key())
                self._sent[witness] = checkpoint.number
        except OSError:
            self._sent.pop(witness, None)
            return f"witness {name} away"
        except ValueError:
            return f"witness {name} disagrees"
        return ""

    def _last_number(self, witness: Witness) -> int:
        """Return the number of the witness's last checkpoint, or 0. Raises `ValueError` if our entry there differs."""
        if not (last := witness.last()):
            return 0
        row = self.connection.execute("select hash from audit_entry where number = %s", [last.number]).fetchone()
        if row is None or row[0] != last.hash:
            raise ValueError("the witness saw another ledger")
        return last.number

    def _end(self) -> tuple[int, bytes]:
        """Return the number and the hash of the newest sealed entry; 0 and `GENESIS` if there is none."""
        last = "select number, hash from audit_entry where number is not null order by number desc limit 1"
        return self.connection.execute(last).fetchone() or (0, GENESIS)


def run_sealer(witnesses: tuple[Path, ...]) -> None:
    """Connect and seal until a signal; after an outage of the database, connect again."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        with contextlib.suppress(psycopg.OperationalError), _connect() as connection:
            seal_until_stopped(Sealer(connection, [Witness(folder) for folder in witnesses], signing_key()), stopped)
        stopped.wait(RETRY)


def seal_until_stopped(
    sealer: Sealer, stopped: threading.Event, *, clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait for the lock, then seal entries and send checkpoints until `stopped` is set."""
    while not sealer.try_lock():
        if stopped.wait(RETRY):
            return
    # None differs from every list, so the first round always tells open consoles that the sealer is back.
    last_checkpoint, trouble = -CHECKPOINT_EVERY, None
    while not stopped.is_set():
        sealed = sealer.seal()
        if clock() - last_checkpoint >= CHECKPOINT_EVERY:
            last_checkpoint, before, trouble = clock(), trouble, sealer.send_checkpoint(datetime.now(UTC))
            if trouble != (before or []):
                log.warning("the ledger: %s", ", ".join(trouble) or "all witnesses are back")
            sealer.save_status(trouble, news=trouble != before)
        if sealed < BATCH:
            stopped.wait(LOOK_EVERY)


def _connect() -> psycopg.Connection:
    """Connect to the database with the sealer's role, which may number entries and do nothing else."""
    connection = psycopg.connect(live.conninfo(), autocommit=True, connect_timeout=5)
    connection.execute(sql.SQL("set role {}").format(sql.Identifier(f"{connection.info.dbname}_sealer")))
    return connection
