"""Statements stay prepared from one test to the next, although each test ends with a rollback.

psycopg forgets all of them at each rollback, because tables may be others afterwards. In tests they are only where a
test changed them itself. PostgreSQL would rewrite and plan each statement anew in each test, with the policies of all
its tables: a third of its time.
"""

import re
from collections.abc import Sequence

import pytest
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult

KEPT = 500  # on one connection; our pages have some 400
CHANGES_TABLES = re.compile(rb"(?:ALTER|CREATE|DROP|DISCARD ALL|DEALLOCATE ALL)\b")


def kept_at_rollback(patch: pytest.MonkeyPatch) -> None:
    forget = PrepareManager.clear

    def forget_after_changes(manager: PrepareManager, prep: Prepare, results: Sequence[PGresult]) -> bool:
        if not any(CHANGES_TABLES.match(result.command_status or b"") for result in results):
            return False
        manager.has_other_tables = True
        return forget(manager)

    def forget_if_tables_changed(manager: PrepareManager) -> bool:
        """psycopg calls it at a rollback: what was changed before is undone."""
        had_other_tables = getattr(manager, "has_other_tables", False)
        manager.has_other_tables = False
        return forget(manager) if had_other_tables else False

    patch.setattr(PrepareManager, "_should_discard", forget_after_changes)
    patch.setattr(PrepareManager, "clear", forget_if_tables_changed)
    patch.setattr(PrepareManager, "prepared_max", KEPT)
