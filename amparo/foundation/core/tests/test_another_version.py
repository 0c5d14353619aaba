"""A database of a newer version, or of one before the first kept release, is refused in one sentence and unchanged. An
older one is migrated: tests/test_kept_releases.py.
"""

import pytest
from django.db import connection

from amparo.foundation.core import migrating
from amparo.foundation.core.refusal import Misconfigured


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def older(db):
    """As a version without the room `training` left it."""
    run("delete from django_migrations where app = 'training'")
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith("training_")]
    assert tables
    run(f"drop table {', '.join(tables)} cascade")


def test_a_database_of_a_newer_version_is_refused(db):
    run("insert into django_migrations (app, name, applied) values ('cases', '0999_newer', now())")
    with pytest.raises(Misconfigured, match=r"made by a newer version .* such as cases 0999_newer.* Nothing changed"):
        migrating.refuse_other_version()


def test_unknown_migrations_of_a_library_are_not_ours(db):
    run("insert into django_migrations (app, name, applied) values ('sessions', '0999_newer', now())")
    migrating.refuse_other_version()


def test_the_control_a_database_of_this_version_is_taken(db):
    migrating.refuse_other_version()
    assert migrating.has_every_migration()


def test_an_older_database_is_taken_and_has_a_migration_left(older):
    migrating.refuse_other_version()
    assert not migrating.has_every_migration()


def test_a_database_that_lacks_a_column_is_refused(db):
    run("alter table contacts_contact drop column heard_code cascade")
    with pytest.raises(Misconfigured, match=r"before 0\.3\.0.*\(1 columns .* such as contacts_contact\.heard_code"):
        migrating.refuse_other_version()


def test_so_is_one_that_has_migrations_left(older):
    run("alter table contacts_contact drop column heard_code cascade")
    with pytest.raises(Misconfigured, match=r"\(1 columns .* such as contacts_contact\.heard_code"):
        migrating.refuse_other_version()


def test_a_database_with_a_shorter_column_is_refused(db):
    run("alter table cases_caseentry alter column kind type varchar(12)")
    with pytest.raises(Misconfigured, match=r"\(1 columns .* such as cases_caseentry\.kind"):
        migrating.refuse_other_version()


def test_an_empty_database_is_taken(db):
    run("delete from django_migrations")
    migrating.refuse_other_version()
    assert not migrating.has_every_migration()
