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

from .files import Head, unpack
from .loading import Backup, load
from .place import Place

SAMPLE = 20  # sealed values of each column


@dataclass(frozen=True)
class Opened:
    """How many sealed values were tried, and how many opened."""

    tried: int
    opened: int

    def __add__(self, other: "Opened") -> "Opened":
        return Opened(self.tried + other.tried, self.opened + other.opened)


def check(backup: Backup, place: Place) -> Opened:
    """Restore the backup, count its rows, and open some sealed values. Raises `Misconfigured` if any of it fails."""
    with _scratch(place) as scratch:
        _, keys = load(backup, scratch)
        assert keys
        with _unpacked(keys) as folder, scratch.connect() as link:
            found = open_some(link, keyring_in(folder), SAMPLE)
    if found.opened < found.tried:
        raise Misconfigured(
            f"The backup was made and is no good: {found.tried - found.opened} of {found.tried} sealed fields cannot be"
            " opened with its keys. It was not kept; look at `amparo audit verify` and at AMPARO_HOME/keys."
        )
    return found


@contextmanager
def _scratch(place: Place) -> Iterator[Place]:
    name = f"{place.name}_check"  # a database that a killed check left behind is dropped first
    with place.connect() as owner:
        try:
            _drop(owner, name)
            owner.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                f"{owner.info.user} may not make a database to check the backup in: let the administrator of the"
                f' database type `alter role "{owner.info.user}" createdb`, or add --no-check.'
            ) from error
        try:
            yield place.beside(name)
        finally:
            _drop(owner, name)


def _drop(owner: psycopg.Connection[Any], name: str) -> None:
    owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _unpacked(keys: Head) -> Iterator[Path]:
    """The keys of a backup, in a folder in memory where the system has one."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="amparo-check-", dir=where) as folder:
        unpack(keys, Path(folder))
        yield Path(folder)


def open_some(link: psycopg.Connection[Any], keyring: Keyring, sample: int | None) -> Opened:
    """Open some values of each sealed column, among those with a key; `sample` None: all of them."""
    return sum((_open_column(link, keyring, *column, sample) for column in _sealed_columns()), Opened(0, 0))


def sealed_values(link: psycopg.Connection[Any]) -> int:
    """Number of sealed values, whether or not anybody holds their keys."""
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
) -> Opened:
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
    return Opened(tried, opened)
