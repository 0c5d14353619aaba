"""Remove what a committing test left behind, by deleting its few rows instead of truncating every table.

TRUNCATE writes a new file for each table and each index: seconds, where deleting takes milliseconds.
"""

from functools import cache
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

from amparo.foundation.access.models import Agency

KEPT = {"django_content_type", "auth_permission"}  # they belong to the code, not to a test


def by_deleting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TransactionTestCase, "_fixture_teardown", empty)


def empty(test: TransactionTestCase | None = None) -> None:
    connection.close()  # a test that was interrupted in the middle of a statement leaves it unusable
    if not _may_pass_triggers():
        call_command("flush", verbosity=0, interactive=False)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # nobody may delete from the ledger
        cursor.execute(_which_have_rows())
        for (table,) in cursor.fetchall():
            cursor.execute(f'delete from "{table}"')
    Agency.objects.create_hotline()


@cache
def _may_pass_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        return bool(cursor.fetchone()[0])


@cache
def _which_have_rows() -> Any:
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    return " union all ".join(f"(select '{table}' from \"{table}\" limit 1)" for table in sorted(tables))
