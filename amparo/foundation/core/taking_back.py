"""Take back the migrations that the version before does not know, so that it opens the database again.

Only what adds can be taken back: what an older version wrote into a column that is gone is in no migration.
"""

import inspect
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.db import Error, connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

from .refusal import Misconfigured

PROGRAM = Path(__file__).parents[3]  # the checkout, or the environment of the package
ADDING = (
    migrations.AddConstraint, migrations.AddField, migrations.AddIndex, migrations.AlterField,
    migrations.AlterModelManagers, migrations.AlterModelOptions, migrations.CreateModel, migrations.RemoveConstraint,
    migrations.RemoveIndex, migrations.RenameIndex,
)  # fmt: skip


class Rollback:
    """The migrations of this database that a version without these files does not know, newest first.

    `has_file` says whether that version has the file of this path, relative to the program.
    """

    def __init__(self, has_file: Callable[[str], bool]) -> None:
        self._executor = MigrationExecutor(connection)
        loader = self._executor.loader
        rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("amparo.")}
        ours = {
            node: migration
            for node, migration in loader.disk_migrations.items()
            if node[0] in rooms and node in loader.applied_migrations
        }
        known = {node for node, migration in ours.items() if has_file(_path_of(migration))}
        newer = {app for app, _name in ours.keys() - known}
        self._targets = [(app, max((name for of, name in known if of == app), default=None)) for app in sorted(newer)]
        plan = self._executor.migration_plan(self._targets) if self._targets else []
        self.migrations: list[migrations.Migration] = [migration for migration, _is_back in plan]

    @property
    def lost(self) -> list[str]:
        """The columns and tables that go, with what was written into them."""
        return sorted(filter(None, (_place(it, op) for it in self.migrations for op in it.operations)))

    def refuse_what_cannot_be_taken_back(self) -> None:
        """Raise `Misconfigured` if a migration did more than add."""
        for migration in self.migrations:
            for operation in migration.operations:
                if not is_taken_back(operation):
                    raise Misconfigured(
                        f"There is no way back: the migration {migration.app_label}.{migration.name} changed the"
                        " database in a way that cannot be taken back. Nothing changed. What the version before opens"
                        " is the backup from before the update: the manual says how to restore it."
                    )

    def take(self) -> None:
        """Take the migrations back. Each is one transaction. Raises `Misconfigured` if one fails."""
        try:
            if self._targets:
                self._executor.migrate(self._targets)
        except Error as error:
            raise Misconfigured(
                f"The database could not be taken back ({type(error).__name__}): what was written since does not fit"
                " the version before. Start this version again."
            ) from error


def is_taken_back(operation: Operation) -> bool:
    if isinstance(operation, migrations.RunSQL):
        return operation.reverse_sql not in (None, migrations.RunSQL.noop)
    return isinstance(operation, ADDING)


def _path_of(migration: migrations.Migration) -> str:
    return str(Path(inspect.getfile(type(migration))).relative_to(PROGRAM))


def _place(migration: migrations.Migration, operation: Operation) -> str:
    if isinstance(operation, migrations.CreateModel):
        return f"{migration.app_label}.{operation.name_lower}"
    if isinstance(operation, migrations.AddField):
        return f"{migration.app_label}.{operation.model_name_lower}.{operation.name}"
    return ""
