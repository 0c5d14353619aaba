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
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from .refusal import Misconfigured

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


def run_file(app_label: str, name: str) -> migrations.RunSQL:
    """A migration operation that runs `<room>/sql/<name>` once."""
    return migrations.RunSQL((_sql_folder(app_label) / name).read_text(), migrations.RunSQL.noop)


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


def has_every_migration() -> bool:
    """True if no migration is left to run. Django's `migrate` would take seconds to build all models twice."""
    loader = MigrationLoader(connection)
    return set(loader.graph.leaf_nodes()) <= set(loader.applied_migrations)


def refuse_other_version() -> None:
    """Raise `Misconfigured` for a database of another version of Amparo: it has migrations that this one does not know,
    or a column is missing or of another length, although every migration of the room was applied.

    Until the first release, migrations are changed in place, so every older database is refused.
    """
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("amparo.")}
    applied, on_disk = set(loader.applied_migrations), set(loader.disk_migrations)
    unknown = sorted(f"{app} {name}" for app, name in applied - on_disk)
    if any(step.split()[0] in ours for step in unknown):
        raise Misconfigured(
            f"This home was made by another version of Amparo ({len(unknown)} migrations that this one does not know,"
            f" such as {unknown[0]}): choose another AMPARO_HOME, or start the version that made it. Nothing changed."
        )
    complete = ours & ({app for app, _ in on_disk} - {app for app, _ in on_disk - applied})
    if missing := _missing_columns(complete):
        raise Misconfigured(
            f"This home was made by another version of Amparo ({len(missing)} columns are missing or of another length,"
            f" such as {missing[0]}): choose another AMPARO_HOME, or start the version that made it. Nothing changed."
        )


def _missing_columns(labels: set[str]) -> list[str]:
    """The columns of these rooms' models that the database does not have, or not at their length, as `table.column`."""
    models = [model for label in labels for model in apps.get_app_config(label).get_models() if model._meta.managed]
    fields = [(model._meta.db_table, field) for model in models for field in model._meta.local_concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        lengths = {(table, column): length for table, column, length in cursor.fetchall()}

    def is_missing(table: str, field: Any) -> bool:
        if (table, field.column) not in lengths:
            return True
        is_varchar = field.db_type(connection) == f"varchar({field.max_length})"
        return bool(is_varchar and lengths[table, field.column] != field.max_length)

    return sorted(f"{table}.{field.column}" for table, field in fields if is_missing(table, field))


# The length of a varchar; blank for other types.
_COLUMNS = """select c.relname, a.attname, case when a.atttypid = 'varchar'::regtype then a.atttypmod - 4 end
    from pg_attribute a join pg_class c on c.oid = a.attrelid where a.attnum > 0 and not a.attisdropped"""
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
