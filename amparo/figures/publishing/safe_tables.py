"""The published content of an edition: its counts, protected together with those of earlier editions."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from amparo.figures.protection.rules import Counts, SafeTable, protect, protect_again
from amparo.figures.snapshot.tables import OTHERS, Table
from amparo.foundation.core.small_counts import round_to_five

from .models import Edition

type Document = dict[str, Any]  # plain JSON values; the only free text is the reason of a correction
type Safe = dict[Table, list[SafeTable]]  # one for each division of a table


def protected_tables(edition: Edition) -> Safe:
    """Protect each table beside all earlier editions that counted it."""
    line = [(it.snapshot, it.tables) for it in edition.line]
    return {
        table: [
            _protected([snapshot.division(table, cell) for snapshot, tables in line if table in tables])
            for cell in table.divisions
        ]
        for table in edition.tables
    }


def _protected(editions: Sequence[Counts]) -> SafeTable:
    first, *corrections = editions
    released = [protect(first)]
    for counts in corrections:
        released.append(protect_again(released, counts))
    return released[-1]


def document_of(edition: Edition) -> Document:
    """Return the document as published; for a draft, as it would be."""
    if edition.document:
        return dict(edition.document)
    tables = {table.value: as_json(safe) for table, safe in protected_tables(edition).items()}
    return {
        "edition": edition.pk,
        "first_day": edition.first_day.isoformat(),
        "months": edition.months,
        "published_on": None,
        "snapshot": edition.snapshot.pk,
        "invented": settings.ENVIRONMENT.demo,
        "corrects": edition.corrects and edition.corrects.pk,
        "why": edition.why,
        "changes": changes(document_of(edition.corrects)["tables"], tables) if edition.corrects else [],
        "tables": tables,
    }


def as_json(divisions: Sequence[SafeTable]) -> dict[str, Any]:
    """Return a protected table as JSON: the rounded total, and the rounded count of each cell. None: hidden, or no
    total.

    A table `of_several` has a division for each cell; who is not in the cell is left out. After a correction the totals
    of the divisions may differ. The largest is taken, so that no cell exceeds it.
    """
    cells = dict[str, int | None]()
    for safe in divisions:
        cells |= {**dict.fromkeys(safe.hidden), **{cell: round_to_five(count) for cell, count in safe.shown.items()}}
    cells.pop(OTHERS, None)
    if divisions[0].total is None:
        return {"total": None, "cells": dict.fromkeys(cells)}
    return {"total": round_to_five(max(safe.total or 0 for safe in divisions)), "cells": cells}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each number that changed, in reading order; a cell of None is the total."""
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
