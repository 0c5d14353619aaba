"""Fill an empty database from a backup: tables, rows, the key store and indexes; then compare the counts."""

import base64
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from amparo.foundation.core.refusal import Misconfigured

from . import files
from .database import Database
from .files import DATA, KEYS, LEFT_OUT, Head
from .progress import show_step

# In the output of pg_restore --list: what decides who may do what, which is made again, and what we never make.
RIGHTS = re.compile(r"^\d+; \d+ \d+ (ACL|POLICY|ROW SECURITY|RULE|EVENT TRIGGER) .*\n", re.MULTILINE)
LARGEST_SCHEMA = 64 * 2**20  # bytes, unpacked

# The key store can be newer than the data. Its keys without a record, and those of forgotten records, are deleted.
STRAYS = "; ".join(
    f"""delete from {table} it where not exists
        (select from vault_datakey k where k.id = it.key_id and k.forgotten_at is null)"""
    for table in ("vault_grant", "vault_token")  # vault.models.KEY_STORE, which needs settings, and those need the keys
)


@dataclass(frozen=True)
class Backup:
    """The files to read, and the identities that open them."""

    data: Path
    data_identities: Sequence[str]
    keys: Path | None = None  # None: without keys nothing sealed can be opened
    key_identities: Sequence[str] = ()

    def heads(self) -> tuple[Head, Head | None]:
        """Read the heads of the data and of the keys; None: without keys.

        Raises `Misconfigured` if a file is unreadable or of the wrong kind.
        """
        data = self._read_head(self.data, DATA, self.data_identities)
        return data, self._read_head(self.keys, KEYS, self.key_identities) if self.keys else None

    def _read_head(self, path: Path, what: str, identities: Sequence[str]) -> Head:
        head = files.read_head(path, identities)
        if head.what != what:
            raise Misconfigured(f"{path.name} holds the {head.what}, and not the {what}: name the other file.")
        return head


def load_backup(backup: Backup, database: Database) -> tuple[Head, Head | None]:
    """Load all of a backup into an empty database, except privileges and policies. Returns its heads (`Backup.heads`).

    Who may read and write which rows is said by the code alone: `apply_row_security` must follow.

    If it fails, it raises `Misconfigured` and leaves the database half full.
    """
    data, keys = backup.heads()
    with _schema_file(data) as schema, _list_without_rights(database, schema) as without_rights:
        with show_step("tables"):
            database.fill("--section=pre-data", *without_rights, schema)
        with database.filling("--data-only") as rows:
            files.decrypt_rows(backup.data, backup.data_identities, rows)
        if keys and backup.keys:
            with database.filling("--data-only") as rows:
                files.decrypt_rows(backup.keys, backup.key_identities, rows)
        _compare_counts(database, {**data.rows, **(keys.rows if keys else {})})
        with show_step("indexes"), database.connect() as link:
            link.execute(STRAYS)
            link.execute(f"truncate {', '.join(LEFT_OUT)}")  # a backup of ours has no rows of them
            database.fill("--section=post-data", *without_rights, "--jobs=2", schema)
            link.execute("vacuum (analyze)")
    return data, keys


def _compare_counts(database: Database, rows: dict[str, int]) -> None:
    with database.connect() as link:
        for table, expected in rows.items():
            name = sql.Identifier(*table.split("."))
            found = link.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
            if found != (expected,):
                raise Misconfigured(f"The backup should hold {expected} rows of {table}, and does not: take another.")


@contextmanager
def _schema_file(head: Head) -> Iterator[str]:
    """Yield the name of a temporary file with the schema, which pg_restore can read more than once. It has no rows."""
    with tempfile.NamedTemporaryFile(prefix="amparo-schema-") as file:
        file.write(_unpacked_schema(head))
        file.flush()
        yield file.name


def _unpacked_schema(head: Head) -> bytes:
    """Return the schema. Raises `Misconfigured` if it is far larger than ours ever is."""
    gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        schema = gzip.decompress(base64.b64decode(head.schema), LARGEST_SCHEMA)
    except (ValueError, zlib.error):
        raise Misconfigured("The schema in the backup cannot be read: take another.") from None
    if not gzip.eof:
        raise Misconfigured("The schema in the backup is cut off, or far too large: it is not one of ours.")
    return schema


@contextmanager
def _list_without_rights(database: Database, schema: str) -> Iterator[tuple[str, ...]]:
    """Yield options of pg_restore that leave rights out. PostgreSQL 17 has none for policies and rules."""
    with database.reading("pg_restore", "--list", schema) as output:
        kept = without_rights(output.read().decode())
    with tempfile.NamedTemporaryFile("w", prefix="amparo-list-") as file:
        file.write(kept)
        file.flush()
        yield "--no-acl", f"--use-list={file.name}"


def without_rights(listed: str) -> str:
    """The output of pg_restore --list without what decides who may do what."""
    return RIGHTS.sub("", listed)


def is_empty_database(link: psycopg.Connection[Any]) -> bool:
    row = link.execute("select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema$)'").fetchone()
    return row == (0,)


def empty_database(link: psycopg.Connection[Any]) -> None:
    """Drop everything of ours in the database."""
    link.execute("drop schema if exists acting, audit, oversight cascade")
    link.execute("drop schema public cascade")
    link.execute("create schema public")
