"""Many rows in one statement, as JSON that PostgreSQL takes apart: a busy line spends its time on calls, not on SQL.

A row is {column: value}. What a column cannot hold is refused by its type, as in any other insert.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

Row = dict[str, Any]


def row_of(model: Model) -> Row:
    """A model as it is now; what changes in it afterwards does not reach the row."""
    now = model.__dict__
    columns = (field.attname for field in model._meta.concrete_fields)
    return {column: list(value) if isinstance(value := now[column], list) else value for column in columns}


def upsert(table: type[Model], rows: Collection[Row]) -> None:
    """Insert rows, or replace those that are there."""
    _, *others = (field.column for field in table._meta.concrete_fields)
    _insert(table, rows, "(id) do update set " + ", ".join(f'"{column}" = excluded."{column}"' for column in others))


def add_new(table: type[Model], rows: Collection[Row]) -> None:
    """Insert rows that are not there yet, in their order."""
    _insert(table, rows, "do nothing")


def _insert(table: type[Model], rows: Collection[Row], on_conflict: str) -> None:
    if not rows:
        return
    name, columns = table._meta.db_table, ", ".join(f'"{column}"' for column in next(iter(rows)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {name} ({columns}) select {columns} from json_populate_recordset(null::{name}, %s) "
            f"on conflict {on_conflict}",
            [_json(rows)],
        )


def _json(rows: Iterable[Row]) -> str:
    return json.dumps([*rows], default=_as_text)


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID | datetime):
        return str(value)
    raise ValueError(f"a {type(value).__name__} has no place in a row")
