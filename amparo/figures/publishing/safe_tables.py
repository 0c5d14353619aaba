"""The published content of an edition: its counts, protected together with those of earlier editions."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from amparo.figures.protection.rules import Counts, SafeTable, protect, protect_again
from amparo.figures.snapshot.picklists import OTHERS
from amparo.figures.snapshot.tables import Table
from amparo.foundation.core.small_counts import round_to_five

from .models import Edition

type Document = dict[str, Any]  # plain JSON values; the only free text is the reason of a correction
type Safe = dict[Table, list[SafeTable]]  # one for each partition of a table


def protected_tables(edition: Edition) -> Safe:
    """Return each table of an edition, protected together with the earlier editions of its months that counted it."""
    chain = [(it.snapshot, it.tables) for it in edition.chain_of_corrections]
    return {
        table: [
            protect_in_order([snapshot.partition_counts(table, cell) for snapshot, tables in chain if table in tables])
            for cell in table.partitions
        ]
        for table in edition.tables
    }


def protect_in_order(counted: Sequence[Counts]) -> SafeTable:
    """Return the last of these counts, each protected together with those before it."""
    first, *corrections = counted
    released = [protect(first)]
    for counts in corrections:
        released.append(protect_again(released, counts))
    return released[-1]


def edition_document(edition: Edition) -> Document:
    """Return the document of an edition as it was published; of a draft, as it would be published now."""
    if edition.document:
        return dict(edition.document)
    tables = {table.value: table_as_json(safe) for table, safe in protected_tables(edition).items()}
    return {
        "edition": edition.pk,
        "first_day": edition.first_day.isoformat(),
        "months": edition.months,
        "published_on": None,
        "snapshot": edition.snapshot.pk,
        "invented": settings.ENVIRONMENT.demo,
        "corrects": edition.corrects and edition.corrects.pk,
        "why": edition.why,
        "changes": changed_numbers(edition_document(edition.corrects)["tables"], tables) if edition.corrects else [],
        "tables": tables,
    }


def table_as_json(partitions: Sequence[SafeTable]) -> dict[str, Any]:
    """Return a protected table as JSON: the rounded total, and the rounded count of each cell. None: hidden, or no
    total.

    A table that `allows_several_cells` has a partition for each cell; who is not in the cell is left out. After a
    correction the totals of the partitions may differ. The largest is taken, so that no cell exceeds it.
    """
    cells = dict[str, int | None]()
    for safe in partitions:
        cells |= {**dict.fromkeys(safe.hidden), **{cell: round_to_five(count) for cell, count in safe.shown.items()}}
    cells.pop(OTHERS, None)
    if partitions[0].total is None:
        return {"total": None, "cells": dict.fromkeys(cells)}
    return {"total": round_to_five(max(safe.total or 0 for safe in partitions)), "cells": cells}


def changed_numbers(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each number that changed between two documents' tables, in reading order. A cell of None is the total."""
    found = []
    for table in Table:
        if table.value not in before or table.value not in after:  # the earlier edition did not have it yet
            continue
        was, now = ({None: it[table.value]["total"], **it[table.value]["cells"]} for it in (before, after))
        found += [
            {"table": table.value, "cell": cell, "was": was.get(cell), "is": now[cell]}
            for cell in (None, *table.definition.cells)
            if cell in now and was.get(cell) != now[cell]
        ]
    return found
