"""Two breakdowns of a year crossed: released with the year, once (docs/decisions/0035)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from amparo.figures.protection.rules import protect_crossing
from amparo.figures.snapshot.tables import OF_A_YEAR, Crossing
from amparo.foundation.core.small_counts import round_to_five

from .models import CrossedYear, Edition, Year
from .years import shows_persons

REST = "rest"  # all rows, or columns, that are not shown one by one


def release_crossings(now: datetime) -> set[int]:
    """Release the crossed tables of every released year that has none yet. Returns these years."""
    released = set()
    known = set(CrossedYear.objects.values_list("year", "crossing"))
    for year in Year.objects.current().values_list("year", flat=True):
        missing = [it for it in Crossing if (year, it.value) not in known]
        editions = list(Edition.objects.first_editions_of(year).select_related("snapshot")) if missing else []
        for crossing in missing:
            document = {"editions": [it.pk for it in editions], **crossed_table(crossing, editions)}
            CrossedYear.objects.get_or_create(
                year=year, crossing=crossing.value, defaults={"document": document, "released_at": now}
            )
            released.add(year)
    return released


def crossed_table(crossing: Crossing, editions: Sequence[Edition]) -> dict[str, Any]:
    """Return a crossed table as JSON values: rounded counts, None for a hidden cell; no rows if nothing can be shown.

    `editions` are the first ones of the year's months.
    """
    parts = [edition.snapshot.crossed_counts(crossing) for edition in editions]
    if crossing.tables[0] in OF_A_YEAR and not shows_persons(editions):
        parts = [_sum(parts)]
    safe = protect_crossing(parts) if all(_was_counted(crossing, edition) for edition in editions) else None
    if safe is None or safe.shows_nothing:
        return {"rows": [], "columns": [], "cells": []}
    rows, columns = (table.cells for table in crossing.tables)
    cells = [
        [None if hidden else round_to_five(int(count)) for count, hidden in zip(counts, line, strict=True)]
        for counts, line in zip(safe.counts, safe.hidden, strict=True)
    ]
    return {
        "rows": _line_names(rows, safe.rows), "columns": _line_names(columns, safe.columns), "cells": cells,
        "row_sums": [round_to_five(int(n)) for n in safe.counts.sum(axis=1)],
        "column_sums": [round_to_five(int(n)) for n in safe.counts.sum(axis=0)],
        "total": round_to_five(int(safe.counts.sum())),
    }  # fmt: skip


def _sum(parts: Sequence[list[list[int]]]) -> list[list[int]]:
    return [[sum(counts) for counts in zip(*lines, strict=True)] for lines in zip(*parts, strict=True)]


def _line_names(cells: Sequence[str], places: Sequence[int | None]) -> list[str]:
    return [REST if place is None else cells[place] for place in places]


def _was_counted(crossing: Crossing, edition: Edition) -> bool:
    """Whether the edition's snapshot counted this crossed table. Snapshots of earlier versions of Amparo did not."""
    counted = sum(map(sum, edition.snapshot.crossed_counts(crossing)))
    return counted == sum(edition.snapshot.counts_of(crossing.tables[0]).values())
