"""What an edition says: the counts of its snapshot, as far as they may be told beside what was told before."""

from typing import Any

from django.conf import settings

from amparo.figures.protection.suppression import SafeTable, protect, protect_again, rounded
from amparo.figures.snapshot.tables import Table

from .models import Edition

type Document = dict[str, Any]  # what is published: of JSON's kinds alone, and of no words but why it corrects


def told(edition: Edition) -> dict[Table, SafeTable]:
    first, *corrections = edition.line
    tables = {table: protect(first.snapshot.of(table)) for table in Table}
    for later in corrections:
        tables = {table: protect_again(before, later.snapshot.of(table)) for table, before in tables.items()}
    return tables


def document_of(edition: Edition) -> Document:
    """As it was published; of a draft, as it would be."""
    if edition.document:
        return dict(edition.document)
    tables = {table.value: _written(it) for table, it in told(edition).items()}
    return {
        "edition": edition.pk,
        "first_day": edition.first_day.isoformat(),
        "published_on": None,
        "snapshot": edition.snapshot.pk,
        "checksum": edition.snapshot.checksum,
        "invented": settings.ENVIRONMENT.demo,
        "corrects": edition.corrects and edition.corrects.pk,
        "why": edition.why,
        "changes": _changes(document_of(edition.corrects)["tables"], tables) if edition.corrects else [],
        "tables": tables,
    }


def _written(it: SafeTable) -> dict[str, Any]:
    """Rounded; None is hidden, or no total."""
    cells = {**dict.fromkeys(it.hidden), **{cell: rounded(count) for cell, count in it.shown.items()}}
    return {"total": None if it.total is None else rounded(it.total), "cells": cells}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Which numbers are others now; a cell of None is the total."""
    found = []
    for table, now in after.items():
        was = {None: before[table]["total"], **before[table]["cells"]}
        for cell, count in {None: now["total"], **now["cells"]}.items():
            if was[cell] != count:
                found.append({"table": table, "cell": cell, "was": was[cell], "is": count})
    return found
