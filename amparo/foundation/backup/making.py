"""Make a backup while the hotline runs: one file for the data and one for the key store, both of the same moment."""

import base64
import fcntl
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from amparo.foundation.audit.chain import signing_key
from amparo.foundation.core import home_kind
from amparo.foundation.core.atomic_files import sync_folder
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.vault.key_rotation import one_rotation_at_a_time
from amparo.foundation.vault.models import KEY_STORE

from . import files
from .database import Database
from .files import DATA, KEYS, LEFT_OUT, Head

NAME = "amparo-{at:%Y%m%dT%H%M%SZ}.{what}.age"


@dataclass(frozen=True)
class BackupOrder:
    """What to back up, and where to."""

    database: Database
    home: Path  # the home with its keys
    data: Path  # a folder
    keys: Path  # another folder
    data_recipients: Sequence[str]
    key_recipients: Sequence[str]


@dataclass(frozen=True)
class NewBackup:
    """The two files of a backup, under temporary names, and what they contain."""

    made_at: datetime  # UTC: both show the database at this moment
    data: Path
    keys: Path
    tables: int
    rows: int
    size: int  # bytes, of both


@contextmanager
def one_backup_at_a_time(order: BackupOrder) -> Iterator[None]:
    """Delete what a killed backup left in the folders. Raises `Misconfigured` if another backup of this home runs."""
    with (order.home / "run" / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured("A backup of this hotline is being made already: let it end.") from error
        for folder, what in ((order.data, DATA), (order.keys, KEYS)):
            for part in folder.glob(f"amparo-*.{what}.age.part"):
                part.unlink()
        yield


@contextmanager
def new_backup(order: BackupOrder) -> Iterator[NewBackup]:
    """Make a backup, and yield it under temporary names that end in .part.

    The files get their final names if the block succeeds; otherwise they are deleted.
    """
    at = datetime.now(UTC)
    paths = [order.data / NAME.format(at=at, what=DATA), order.keys / NAME.format(at=at, what=KEYS)]
    with files.partial_file(paths[0]) as data, files.partial_file(paths[1]) as keys:
        yield _make_backup(order, data, keys, at)
        for part, final in zip((data, keys), paths, strict=True):
            part.rename(final)
            sync_folder(final.parent)


def _make_backup(order: BackupOrder, data: Path, keys: Path, at: datetime) -> NewBackup:
    with order.database.connect() as link:
        _refuse_row_security(link)
        with one_rotation_at_a_time():  # no key is destroyed between the snapshot and reading the key files
            snapshot = _start_snapshot(link)
            key_files = _key_files(order.home / "keys")
        counts = _count_rows(link)
        store = {f"public.{table}" for table in KEY_STORE}
        about = (at.isoformat(timespec="seconds"), order.database.name, link.info.user)
        kind = home_kind.read_kind(order.home) or home_kind.kind_in_database(link.cursor()) or ""
        schema = _dump_schema(order.database, snapshot)
        rows = {table: n for table, n in counts.items() if table not in store}
        head = Head(DATA, *about, rows, kind, schema=schema)
        left_out = [f"--exclude-table-data={table}" for table in (*LEFT_OUT, *store)]
        size = _dump_rows(order, snapshot, head, data, order.data_recipients, left_out)
        public = signing_key().public_key().public_bytes_raw().hex()
        of_store = {table: counts[table] for table in store}
        head = Head(KEYS, *about, of_store, kind, files=key_files, ledger=public)
        size += _dump_rows(order, snapshot, head, keys, order.key_recipients, [f"--table={table}" for table in store])
    return NewBackup(at, data, keys, len(counts), sum(counts.values()), size)


def _dump_rows(
    order: BackupOrder, snapshot: str, head: Head, path: Path, recipients: Sequence[str], options: Sequence[str]
) -> int:
    with order.database.reading("pg_dump", *_dump_options(snapshot), "--data-only", *options) as rows:
        return files.write_encrypted(path, head, rows, recipients)


def _dump_schema(database: Database, snapshot: str) -> str:
    with database.reading("pg_dump", *_dump_options(snapshot), "--schema-only") as dump:
        return base64.b64encode(gzip.compress(dump.read())).decode()


def _dump_options(snapshot: str) -> tuple[str, ...]:
    return "--format=custom", "--compress=gzip:1", "--no-owner", f"--snapshot={snapshot}"


def _start_snapshot(link: psycopg.Connection[Any]) -> str:
    """Begin a read-only transaction, and return the name of its snapshot, with which pg_dump reads the same rows."""
    link.execute("set idle_in_transaction_session_timeout = 0")
    link.execute("begin isolation level repeatable read read only")
    return str(_single_value(link, "select pg_export_snapshot()"))


def _refuse_row_security(link: psycopg.Connection[Any]) -> None:
    """Raise `Misconfigured` if row policies apply to the owner: the backup would lack rows."""
    if not _single_value(link, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"):
        owner = link.info.user
        raise Misconfigured(
            f"DATABASE_URL signs in as {owner}, who may not read all rows of the hotline: "
            f'let the administrator of the database type: alter role "{owner}" bypassrls'
        )


def _count_rows(link: psycopg.Connection[Any]) -> dict[str, int]:
    """Return the number of rows of each table, without the tables of LEFT_OUT."""
    tables = link.execute(
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2"""
    ).fetchall()
    return {
        f"{schema}.{table}": _single_value(
            link, sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
        )
        for schema, table in tables
        if f"{schema}.{table}" not in LEFT_OUT
    }


def _single_value(link: psycopg.Connection[Any], query: Any) -> Any:
    row = link.execute(query).fetchone()
    assert row
    return row[0]


def _key_files(folder: Path) -> dict[str, str]:
    """Return the key files in base64, by their path in the folder.

    Skips names that begin with a dot: such a file is incomplete, and its key has wrapped nothing yet.
    """
    return {
        str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
