"""Fill an empty database from a backup: tables, rows, the key store and indexes; then compare the counts."""

import base64
import gzip
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from amparo.foundation.core.actor import PROCESSES
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.core.row_security import KEEPER

from . import files
from .database import Database
from .files import DATA, KEYS, Head
from .progress import show_step

POLICIES = re.compile(r"^\d+; \d+ \d+ (POLICY|ROW SECURITY) .*\n", re.MULTILINE)  # in the output of pg_restore --list
RIGHTS = ("ACL", "POLICY", "ROW SECURITY")  # kinds of statements in pg_dump's output
ENTRY = re.compile(r"^-- Name: .*; Type: (.*?); Schema: .*$", re.MULTILINE)

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
    """Load all of a backup into an empty database, except privileges. Returns its heads (`Backup.heads`).

    If it fails, it raises `Misconfigured` and leaves the database half full.
    """
    data, keys = backup.heads()
    with _schema_file(data) as schema, _list_without_policies(database, schema) as without_rights:
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


def give_rights(database: Database, head: Head) -> None:
    """Apply the backup's privileges and policies, for the roles and the owner of this database."""
    with database.connect() as link:
        owner = link.info.user
        for role in _roles(database.name):
            link.execute(_MAKE_ROLE.format(name=sql.Identifier(role)))
        names = dict(zip([*_roles(head.database), head.owner], [*_roles(database.name), owner], strict=True))
        for statements in _rights_statements(database, head):
            link.execute(_rename_roles(statements, names).encode())


_MAKE_ROLE = sql.SQL(
    """do $$ begin create role {name} login nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object then null; end $$"""
)


def _roles(database: str) -> list[str]:
    return [f"{database}_{name}" for name in (*PROCESSES, KEEPER)]


def _rights_statements(database: Database, head: Head) -> list[str]:
    """Return those statements of pg_restore that concern privileges, policies and row security."""
    with _schema_file(head) as schema, database.reading("pg_restore", "--file=-", "--no-owner", schema) as output:
        lines = [line for line in output.read().decode().splitlines() if not line.startswith("\\")]
    parts = ENTRY.split("\n".join(lines))[1:]
    return [body for kind, body in zip(parts[::2], parts[1::2], strict=True) if kind in RIGHTS]


@contextmanager
def _schema_file(head: Head) -> Iterator[str]:
    """Yield the name of a temporary file with the schema, which pg_restore can read more than once. It has no rows."""
    with tempfile.NamedTemporaryFile(prefix="amparo-schema-") as file:
        file.write(gzip.decompress(base64.b64decode(head.schema)))
        file.flush()
        yield file.name


@contextmanager
def _list_without_policies(database: Database, schema: str) -> Iterator[tuple[str, ...]]:
    """Yield options of pg_restore that leave privileges and policies out. PostgreSQL 17 has none for policies."""
    with database.reading("pg_restore", "--list", schema) as output:
        kept = without_policies(output.read().decode())
    with tempfile.NamedTemporaryFile("w", prefix="amparo-list-") as file:
        file.write(kept)
        file.flush()
        yield "--no-acl", f"--use-list={file.name}"


def without_policies(listed: str) -> str:
    """The output of pg_restore --list without its policies."""
    return POLICIES.sub("", listed)


def _rename_roles(statements: str, names: dict[str, str]) -> str:
    """Replace the backup's names of roles and owner in these statements by those of this database, as `names` maps."""

    def replace(match: re.Match[str]) -> str:
        name = match[0].strip('"')
        return sql.Identifier(names[name]).as_string() if name in names else match[0]

    return re.sub(r'"[^"]+"|\b[a-z_][a-z0-9_$]*\b', replace, statements)


def is_empty_database(link: psycopg.Connection[Any]) -> bool:
    row = link.execute("select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema$)'").fetchone()
    return row == (0,)


def empty_database(link: psycopg.Connection[Any]) -> None:
    """Drop everything of ours in the database."""
    link.execute("drop schema if exists acting, audit, oversight cascade")
    link.execute("drop schema public cascade")
    link.execute("create schema public")
