"""The published content of an edition: its counts, protected together with those of earlier editions."""

from typing import Any

from django.conf import settings

from amparo.figures.protection.rules import SafeTable, protect, protect_again
from amparo.figures.snapshot.tables import Table
from amparo.foundation.core.small_counts import rounded

from .models import Edition

type Document = dict[str, Any]  # plain JSON values; the only free text is the reason of a correction


def protected_tables(edition: Edition) -> dict[Table, SafeTable]:
    first, *corrections = edition.line
    tables = {table: protect(first.snapshot.of(table)) for table in edition.snapshot.tables}
    for later in corrections:
        tables = {table: protect_again(before, later.snapshot.of(table)) for table, before in tables.items()}
    return tables


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
        "checksum": edition.snapshot.checksum,
        "invented": settings.ENVIRONMENT.demo,
        "corrects": edition.corrects and edition.corrects.pk,
        "why": edition.why,
        "changes": _changes(document_of(edition.corrects)["tables"], tables) if edition.corrects else [],
        "tables": tables,
    }


def as_json(table: SafeTable) -> dict[str, Any]:
    """Rounded counts; None: a hidden cell, or no total."""
    cells = {**dict.fromkeys(table.hidden), **{cell: rounded(count) for cell, count in table.shown.items()}}
    return {"total": None if table.total is None else rounded(table.total), "cells": cells}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each number that changed; a cell of None is the total."""
    changes = []
    for table, now in after.items():
        if table not in before:  # the earlier edition did not have it yet
            continue
        was = {None: before[table]["total"], **before[table]["cells"]}
        for cell, count in {None: now["total"], **now["cells"]}.items():
            if was[cell] != count:
                changes.append({"table": table, "cell": cell, "was": was[cell], "is": count})
    return changes
