"""A start that is stopped before a migration is noted leaves nothing of that migration."""

import pytest
from django.core.management.commands import migrate as migrate_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor

from amparo.foundation.core.migrating import OneTransactionExecutor

TABLE = "core_stopped"


class Stopped(Exception):
    pass


class Planted(migrations.Migration):
    """A table with an index, which Django adds at the end of the migration."""

    operations = [
        migrations.CreateModel(
            "Stopped", [("id", models.BigAutoField(primary_key=True)), ("word", models.TextField(db_index=True))]
        )
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("executor", "is_left"), [(OneTransactionExecutor, False), (MigrationExecutor, True)])
def test_what_is_stopped_before_it_is_noted_leaves_no_table(monkeypatch, executor, is_left):
    """Django's own executor is the control: it leaves the table."""

    def stop(*_arguments: object, **_rest: object) -> None:
        raise Stopped

    monkeypatch.setattr(executor, "record_migration", stop)
    it = executor(connection)
    with pytest.raises(Stopped):
        it.apply_migration(it.loader.project_state(), Planted("0001_planted", "core"))
    assert (TABLE in connection.introspection.table_names()) == is_left


def test_a_start_uses_it():
    assert migrate_command.MigrationExecutor is OneTransactionExecutor
