"""Database objects beside Django's tables: each room's SQL, in files that always hold the current version.

`<room>/sql/functions.sql` has the room's functions, triggers and policies. Every statement in it can run again, and
`apply_row_security` runs all files after each migration that changed something (row_security.py decides by a digest). A
function or trigger that no file makes any more is dropped. Every other file of `<room>/sql` runs once, from a migration
of the room, and then never changes: columns, constraints and sequences that Django's models cannot express.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import migrations

_MADE = re.compile(
    r"^create (?:or replace )?(?:constraint )?(function|trigger|policy) ([a-z_.]+)(?:[^;]*? on ([a-z_]+))?", re.M
)


@dataclass(frozen=True)
class SchemaObject:
    """A function, trigger or policy, and the file that makes it; `table` is blank for a function."""

    kind: str
    name: str
    table: str
    file: Path


def run_file(app_label: str, name: str, back: str = migrations.RunSQL.noop) -> migrations.RunSQL:
    """A migration operation that runs `<room>/sql/<name>` once. `back`: SQL that takes it back; without it, the version
    before cannot be returned to (updating.py).
    """
    return migrations.RunSQL((_sql_folder(app_label) / name).read_text(), back)


def function_files() -> list[Path]:
    """Every room's functions.sql, earlier rooms first."""
    found = (Path(config.path) / "sql" / "functions.sql" for config in apps.get_app_configs())
    return [path for path in found if path.is_file()]


def schema_objects() -> Iterator[SchemaObject]:
    """Yield all functions, triggers and policies that the files make, in order."""
    for path in function_files():
        for kind, name, table in _MADE.findall(path.read_text()):
            yield SchemaObject(kind, name, "" if kind == "function" else table, path)


def function_statements() -> list[str]:
    """Return the statements that `apply_row_security` runs: every functions.sql, with the check of function bodies off,
    because a function may name a table of a later room.
    """
    return [
        "set check_function_bodies = off",
        *(path.read_text() for path in function_files()),
        "reset check_function_bodies",
    ]


def drop_stale_objects(cursor: Any) -> None:
    """Drop functions and triggers of ours that no file makes any more; those of libraries stay."""
    defined = {(each.kind, each.name) for each in schema_objects()}
    cursor.execute(_TRIGGERS)
    for name, table in cursor.fetchall():
        if ("trigger", name) not in defined:
            cursor.execute(f"drop trigger {name} on {table}")
    cursor.execute(_FUNCTIONS)
    for name, signature in cursor.fetchall():
        if ("function", name) not in defined:
            cursor.execute(f"drop function {signature}")


_OURS = "('public', 'acting', 'audit', 'oversight')"
_TRIGGERS = """select tgname, tgrelid::regclass::text from pg_trigger
    where not tgisinternal and tgrelid::regclass::text not like 'procrastinate%'"""
_FUNCTIONS = f"""select case when n.nspname = 'public' then p.proname else n.nspname || '.' || p.proname end,
        p.oid::regprocedure::text
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in {_OURS} and p.proname not like 'procrastinate%'
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"""


def _sql_folder(app_label: str) -> Path:
    """The room's SQL folder. It needs the app's path alone: some commands read migrations before all models are
    loaded.
    """
    return Path(apps.get_app_config(app_label).path) / "sql"
