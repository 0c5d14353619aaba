"""Fill an empty database from a backup: tables, rows, the key store and indexes; then compare the counts."""

import base64
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
from .files import DATA, KEYS, Head
from .place import Place
from .progress import step

WITHOUT_RIGHTS = ("--no-acl", "--no-policies")
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
        """The heads of both files. Raises `Misconfigured` if a file is of the wrong kind."""
        data = self._read_head(self.data, DATA, self.data_identities)
        return data, self._read_head(self.keys, KEYS, self.key_identities) if self.keys else None

    def _read_head(self, path: Path, what: str, identities: Sequence[str]) -> Head:
        head = files.read_head(path, identities)
        if head.what != what:
            raise Misconfigured(f"{path.name} holds the {head.what}, and not the {what}: name the other file.")
        return head


def load(backup: Backup, place: Place) -> tuple[Head, Head | None]:
    """Load all of a backup, except privileges. Raises `Misconfigured`, and leaves the database half full, if it
    fails.
    """
    data, keys = backup.heads()
    with _schema(data) as schema:
        with step("tables"):
            place.fill("--section=pre-data", *WITHOUT_RIGHTS, schema)
        with place.filling("--data-only") as rows:
            files.pour(backup.data, backup.data_identities, rows)
        if keys and backup.keys:
            with place.filling("--data-only") as rows:
                files.pour(backup.keys, backup.key_identities, rows)
        _compare(place, {**data.rows, **(keys.rows if keys else {})})
        with step("indexes"), place.connect() as link:
            link.execute(STRAYS)
            place.fill("--section=post-data", *WITHOUT_RIGHTS, "--jobs=2", schema)
            link.execute("vacuum (analyze)")
    return data, keys


def _compare(place: Place, rows: dict[str, int]) -> None:
    with place.connect() as link:
        for table, expected in rows.items():
            name = sql.Identifier(*table.split("."))
            found = link.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
            if found != (expected,):
                raise Misconfigured(f"The backup should hold {expected} rows of {table}, and does not: take another.")


def give_rights(place: Place, head: Head) -> None:
    """Apply the backup's privileges and policies, for the roles and the owner of this database."""
    with place.connect() as link:
        owner = link.info.user
        for role in _roles(place.name):
            link.execute(_MAKE_ROLE.format(name=sql.Identifier(role)))
        names = dict(zip([*_roles(head.database), head.owner], [*_roles(place.name), owner], strict=True))
        for statements in _rights(place, head):
            link.execute(_renamed(statements, names).encode())


_MAKE_ROLE = sql.SQL(
    """do $$ begin create role {name} login nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object then null; end $$"""
)


def _roles(database: str) -> list[str]:
    return [f"{database}_{name}" for name in (*PROCESSES, KEEPER)]


def _rights(place: Place, head: Head) -> list[str]:
    """The statements about privileges among pg_restore's output."""
    with _schema(head) as schema, place.reading("pg_restore", "--file=-", "--no-owner", schema) as output:
        lines = [line for line in output.read().decode().splitlines() if not line.startswith("\\")]
    parts = ENTRY.split("\n".join(lines))[1:]
    return [body for kind, body in zip(parts[::2], parts[1::2], strict=True) if kind in RIGHTS]


@contextmanager
def _schema(head: Head) -> Iterator[str]:
    """The schema as a file that pg_restore can read more than once. It contains no row."""
    with tempfile.NamedTemporaryFile(prefix="amparo-schema-") as file:
        file.write(base64.b64decode(head.schema))
        file.flush()
        yield file.name


def _renamed(statements: str, names: dict[str, str]) -> str:
    """Replace the names of roles and owner by those of this database."""

    def replace(match: re.Match[str]) -> str:
        name = match[0].strip('"')
        return sql.Identifier(names[name]).as_string() if name in names else match[0]

    return re.sub(r'"[^"]+"|\b[a-z_][a-z0-9_$]*\b', replace, statements)


def is_empty(link: psycopg.Connection[Any]) -> bool:
    row = link.execute("select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema$)'").fetchone()
    return row == (0,)


def clear(link: psycopg.Connection[Any]) -> None:
    """Empty the database again."""
    link.execute("drop schema if exists acting, audit, oversight cascade")
    link.execute("drop schema public cascade")
    link.execute("create schema public")
