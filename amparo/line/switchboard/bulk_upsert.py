"""Insert or update many rows in one statement, as JSON that PostgreSQL unpacks: fast enough for a busy hotline.

A row is {column: value}. PostgreSQL checks the types as in any other insert.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Model

Row = dict[str, Any]


def row_of(model: Model) -> Row:
    """Return the columns of a model instance as a row. Later changes of the instance do not affect the row."""
    row = {column: model.__dict__[column] for column in _columns(type(model))}
    return row | {column: list(row[column]) for column in _columns_of_lists(type(model))}


@cache
def _columns(table: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in table._meta.concrete_fields)


@cache
def _columns_of_lists(table: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in table._meta.concrete_fields if isinstance(field, ArrayField))


def upsert_rows(table: type[Model], rows: Collection[Row]) -> None:
    """Insert rows, or replace those with the same id."""
    _, *others = (field.column for field in table._meta.concrete_fields)
    _insert(table, rows, "(id) do update set " + ", ".join(f'"{column}" = excluded."{column}"' for column in others))


def insert_new_rows(table: type[Model], rows: Collection[Row]) -> int:
    """Insert the rows that break no unique constraint, in order; skip the others. Returns the number inserted."""
    return _insert(table, rows, "do nothing")


def _insert(table: type[Model], rows: Collection[Row], on_conflict: str) -> int:
    if not rows:
        return 0
    name, columns = table._meta.db_table, ", ".join(f'"{column}"' for column in next(iter(rows)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {name} ({columns}) select {columns} from json_populate_recordset(null::{name}, %s) "
            f"on conflict {on_conflict}",
            [_rows_as_json(rows)],
        )
        return int(cursor.rowcount)


def _rows_as_json(rows: Iterable[Row]) -> str:
    return json.dumps([*rows], default=_json_default)


def _json_default(value: object) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID | datetime):
        return str(value)
    raise ValueError(f"a {type(value).__name__} has no place in a row")
