"""A database of another version is refused in one sentence, before anything in it is changed."""

import pytest
from django.db import connection

from amparo.foundation.core import schema
from amparo.foundation.core.refusal import Misconfigured


@pytest.fixture
def older(db):
    """As 0.1.0 left it: with a migration that is not here any more."""
    with connection.cursor() as cursor:
        cursor.execute("insert into django_migrations (app, name, applied) values ('cases', '0021_older', now())")


def test_a_database_of_another_version_is_refused(older):
    with pytest.raises(Misconfigured, match=r"another version .* choose another AMPARO_HOME"):
        schema.refuse_other_version()


def test_the_control_a_database_of_this_version_is_taken(db):
    schema.refuse_other_version()


def test_a_database_that_lacks_a_column_is_refused(db):
    with connection.cursor() as cursor:
        cursor.execute("alter table contacts_contact drop column heard_code cascade")
    with pytest.raises(Misconfigured, match=r"1 columns .* such as contacts_contact\.heard_code"):
        schema.refuse_other_version()


def test_a_database_with_a_shorter_column_is_refused(db):
    with connection.cursor() as cursor:
        cursor.execute("alter table cases_caseentry alter column kind type varchar(12)")
    with pytest.raises(Misconfigured, match=r"1 columns .* such as cases_caseentry\.kind"):
        schema.refuse_other_version()


def test_a_database_of_this_version_has_every_migration(db):
    assert schema.has_every_migration()


def test_a_migration_that_was_not_run_is_missed(db):
    """The control."""
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'cases'")
    assert not schema.has_every_migration()
