"""Make a backup while the hotline runs: the data and the key store, apart, as they were at one moment."""

import base64
import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from amparo.foundation.audit.chain import signing_key
from amparo.foundation.core.atomic_files import sync_folder
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.vault.key_rotation import exclusive
from amparo.foundation.vault.models import KEY_STORE

from . import files
from .files import DATA, KEYS, Head
from .place import Place

# Made anew by each start, or worth nothing to anybody but a thief: who signs in after a restore signs in anew.
LEFT_OUT = ("acting.secret", "acting.gate", "public.access_session", "public.access_throttleentry")
NAME = "amparo-{at:%Y%m%dT%H%M%SZ}.{what}.age"


@dataclass(frozen=True)
class Order:
    """What is to be backed up, and whither."""

    place: Place
    home: Path  # where its keys are
    data: Path  # a folder
    keys: Path  # another folder
    data_recipients: Sequence[str]
    key_recipients: Sequence[str]


@dataclass(frozen=True)
class Made:
    """The two files, not yet under their names until they are `kept`."""

    data: Path
    keys: Path
    tables: int
    rows: int
    size: int  # bytes, of both


@contextmanager
def one_at_a_time(order: Order) -> Iterator[None]:
    """Nobody else makes a backup of this home meanwhile; what a killed one left in these folders is gone."""
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
def made(order: Order) -> Iterator[Made]:
    """A backup under names that end in .part; under its own once the block ends well, and gone otherwise."""
    at = datetime.now(UTC)
    paths = [order.data / NAME.format(at=at, what=DATA), order.keys / NAME.format(at=at, what=KEYS)]
    with files.partial(paths[0]) as data, files.partial(paths[1]) as keys:
        yield _make(order, data, keys, at)
        for part, whole in zip((data, keys), paths, strict=True):
            part.rename(whole)
            sync_folder(whole.parent)


def _make(order: Order, data: Path, keys: Path, at: datetime) -> Made:
    with order.place.connect() as link:
        _refuse_blind(link)
        with exclusive():  # nobody destroys a key between the moment and our reading it
            snapshot = _hold_still(link)
            held = _key_files(order.home / "keys")
        counts = _count(link)
        store = {f"public.{table}" for table in KEY_STORE}
        about = (at.isoformat(timespec="seconds"), order.place.name, link.info.user)
        schema = _schema(order.place, snapshot)
        rows = {table: n for table, n in counts.items() if table not in store}
        head = Head(DATA, *about, rows, schema=schema)
        left_out = [f"--exclude-table-data={table}" for table in (*LEFT_OUT, *store)]
        size = _dump(order, snapshot, head, data, order.data_recipients, left_out)
        public = signing_key().public_key().public_bytes_raw().hex()
        head = Head(KEYS, *about, {table: counts[table] for table in store}, files=held, ledger=public)
        size += _dump(order, snapshot, head, keys, order.key_recipients, [f"--table={table}" for table in store])
    return Made(data, keys, len(counts), sum(counts.values()), size)


def _dump(
    order: Order, snapshot: str, head: Head, path: Path, recipients: Sequence[str], options: Sequence[str]
) -> int:
    with order.place.reading("pg_dump", *_asked(snapshot), "--data-only", *options) as rows:
        return files.write(path, head, rows, recipients)


def _schema(place: Place, snapshot: str) -> str:
    with place.reading("pg_dump", *_asked(snapshot), "--schema-only") as said:
        return base64.b64encode(said.read()).decode()


def _asked(snapshot: str) -> tuple[str, ...]:
    return "--format=custom", "--compress=gzip:1", "--no-owner", f"--snapshot={snapshot}"


def _hold_still(link: psycopg.Connection[Any]) -> str:
    """The name of what this connection sees from now on, so that pg_dump sees the same."""
    link.execute("set idle_in_transaction_session_timeout = 0")
    link.execute("begin isolation level repeatable read read only")
    return str(_one(link, "select pg_export_snapshot()"))


def _refuse_blind(link: psycopg.Connection[Any]) -> None:
    """An owner whom the policies bind as well would read tables without rows."""
    if not _one(link, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"):
        owner = link.info.user
        raise Misconfigured(
            f"DATABASE_URL signs in as {owner}, who may not read all rows of the hotline: "
            f'let the administrator of the database type: alter role "{owner}" bypassrls'
        )


def _count(link: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has, but for those that are left out."""
    tables = link.execute(
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2"""
    ).fetchall()
    return {
        f"{schema}.{table}": _one(link, sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table)))
        for schema, table in tables
        if f"{schema}.{table}" not in LEFT_OUT
    }


def _one(link: psycopg.Connection[Any], query: Any) -> Any:
    row = link.execute(query).fetchone()
    assert row
    return row[0]


def _key_files(folder: Path) -> dict[str, str]:
    """By its path in the folder. What begins with a dot is not whole yet, and wraps nothing."""
    return {
        str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
