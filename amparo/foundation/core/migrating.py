"""Bring a database to this version of Amparo: an older one is migrated, what we cannot migrate is refused unchanged."""

from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.commands import migrate as migrate_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from .refusal import Misconfigured

FIRST_KEPT = "0.3.0"  # the first release whose databases are migrated


class OneTransactionExecutor(MigrationExecutor):
    """Note a migration in the transaction that runs it.

    Django commits its tables first if it has constraints to add at the end. A start that is stopped between the two
    would leave tables that the next one makes again, and fails.
    """

    def apply_migration(self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False) -> Any:
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        with transaction.atomic():
            return super().apply_migration(state, migration, fake, fake_initial)


migrate_command.MigrationExecutor = OneTransactionExecutor  # type: ignore[attr-defined]  # it has no setting


def has_every_migration() -> bool:
    """True if no migration is left to run. Django's `migrate` would take seconds to build all models twice."""
    loader = MigrationLoader(connection)
    return set(loader.graph.leaf_nodes()) <= set(loader.applied_migrations)


def refuse_other_version() -> None:
    """Raise `Misconfigured` for a database that we cannot migrate: a newer version made it, or one before FIRST_KEPT.

    A newer one has migrations of ours that this version does not know. Before FIRST_KEPT, migrations were changed in
    place: a column is missing or of another length that the applied migrations say is there.
    """
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("amparo.")}
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if newer := [f"{app} {name}" for app, name in unknown if app in ours]:
        raise Misconfigured(
            f"The database was made by a newer version of Amparo, or by one before {FIRST_KEPT} ({len(newer)}"
            f" migrations that this one does not know, such as {newer[0]}): start the version that made it,"
            " or choose another AMPARO_HOME. Nothing changed."
        )
    if missing := _missing_columns(_migrated_models(loader, ours)):
        raise Misconfigured(
            f"The database was made by a version of Amparo before {FIRST_KEPT}, which no later one opens"
            f" ({len(missing)} columns are missing or of another length, such as {missing[0]}): start the version that"
            " made it, or choose another AMPARO_HOME. Nothing changed."
        )


def migrate() -> None:
    """Run the migrations that are left. Each is one transaction.

    Raises `Misconfigured` if one fails: nothing of it is kept, and those before it stay.
    """
    try:
        call_command("migrate", verbosity=0)
    except Error as error:
        executor = MigrationExecutor(connection)
        left = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not left:
            raise  # they all ran: what follows after them failed
        raise Misconfigured(
            f"The database could not be updated: the migration {left[0][0]} failed ({_place_of(error)}), and nothing"
            " of it was kept. Try again when the cause is mended, or go back to the version and the backup from before."
        ) from error


def _place_of(error: Error) -> str:
    """Say what failed, by names of the schema alone: the message of the database may quote a row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    names = (getattr(diagnosis, name, None) for name in ("table_name", "column_name", "constraint_name"))
    return " ".join([type(error).__name__, *filter(None, names)])


def _migrated_models(loader: MigrationLoader, ours: set[str]) -> list[Any]:
    """Our models as the applied migrations made them. None if nothing is applied."""
    applied = [node for node in loader.graph.nodes if node in loader.applied_migrations]
    if set(loader.graph.leaf_nodes()) <= set(applied):
        models = apps.get_models()  # the same, at once
    else:
        models = loader.project_state(applied).apps.get_models() if applied else []
    return [model for model in models if model._meta.app_label in ours and model._meta.managed]


def _missing_columns(models: list[Any]) -> list[str]:
    """The columns of these models that the database does not have, or not at their length, as `table.column`."""
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
