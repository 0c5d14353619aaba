"""Check a backup by restoring it into a temporary database on the same server."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db.models import Model
from psycopg import sql

from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.vault.fields import SealedBytes
from amparo.foundation.vault.keys import Box, Tampered
from amparo.foundation.vault.wrapping import Keyring, WrappingKeyMissing, keyring_in

from .database import Database
from .files import Head, unpack_keys
from .loading import Backup, load_backup

SAMPLE = 20  # sealed values of each column


@dataclass(frozen=True)
class OpenedCount:
    """How many sealed values were tried, and how many opened."""

    tried: int
    opened: int

    def __add__(self, other: "OpenedCount") -> "OpenedCount":
        return OpenedCount(self.tried + other.tried, self.opened + other.opened)


def check_backup(backup: Backup, database: Database) -> OpenedCount:
    """Restore the backup, count its rows, and open some sealed values. Raises `Misconfigured` if any of it fails."""
    with _temporary_database(database) as scratch:
        _, keys = load_backup(backup, scratch)
        assert keys
        with _unpacked_keys(keys) as folder, scratch.connect() as link:
            found = open_sample(link, keyring_in(folder), SAMPLE)
    if found.opened < found.tried:
        raise Misconfigured(
            f"The backup was made and is no good: {found.tried - found.opened} of {found.tried} sealed fields cannot be"
            " opened with its keys. It was not kept; look at `amparo audit verify` and at AMPARO_HOME/keys."
        )
    return found


@contextmanager
def _temporary_database(database: Database) -> Iterator[Database]:
    name = f"{database.name}_check"  # a database that a killed check left behind is dropped first
    with database.connect() as owner:
        try:
            _drop_database(owner, name)
            owner.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                f"{owner.info.user} may not make a database to check the backup in: let the administrator of the"
                f' database type `alter role "{owner.info.user}" createdb`, or add --no-check.'
            ) from error
        try:
            yield database.beside(name)
        finally:
            _drop_database(owner, name)


def _drop_database(owner: psycopg.Connection[Any], name: str) -> None:
    owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _unpacked_keys(keys: Head) -> Iterator[Path]:
    """Yield a temporary folder with the keys of a backup; in memory (/dev/shm), if the system has that."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="amparo-check-", dir=where) as folder:
        unpack_keys(keys, Path(folder))
        yield Path(folder)


def open_sample(link: psycopg.Connection[Any], keyring: Keyring, sample: int | None) -> OpenedCount:
    """Try to open up to `sample` values of each sealed column that somebody holds a key for. None: all of them."""
    return sum((_open_column(link, keyring, *column, sample) for column in _sealed_columns()), OpenedCount(0, 0))


def count_sealed_values(link: psycopg.Connection[Any]) -> int:
    """Return the number of sealed values, whether or not anybody holds their keys."""
    query = sql.SQL("select count({}) from {}")
    counts = [
        link.execute(query.format(sql.Identifier(str(field.column)), sql.Identifier(model._meta.db_table))).fetchone()
        for model, field in _sealed_columns()
    ]
    return sum(count[0] for count in counts if count)


def _sealed_columns() -> list[tuple[type[Model], SealedBytes]]:
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedBytes)
    ]


def _open_column(
    link: psycopg.Connection[Any], keyring: Keyring, model: type[Model], field: SealedBytes, sample: int | None
) -> OpenedCount:
    names = {"pk": model._meta.pk.column, "column": field.column, "table": model._meta.db_table}
    query = sql.SQL(
        """select r.{pk}, r.{column}, g.key_id, g.wrapped, g.wrapping_key from {table} r
           cross join lateral (select * from vault_grant where key_id = r.key_id limit 1) g
           where r.{column} is not null limit {sample}"""
    ).format(sample=sql.Literal(sample), **{word: sql.Identifier(str(name)) for word, name in names.items()})
    tried = opened = 0
    for pk, value, key, wrapped, name in link.cursor().stream(query):
        tried += 1
        try:
            Box(keyring.named(name).unwrap(wrapped, key.bytes)).open(value, field.context(pk))
        except (WrappingKeyMissing, Tampered):
            continue
        opened += 1
    return OpenedCount(tried, opened)
