"""Count snapshots again from their files: one by itself, or a year as its editions released it."""

from collections.abc import Sequence
from typing import Any

from ibis.backends import BaseBackend

from amparo.figures.snapshot.months import Months
from amparo.figures.snapshot.tables import Crossing
from amparo.foundation.core.refusal import Misconfigured

from .crossings import crossed_table
from .models import Edition
from .snapshot_file import SnapshotFile
from .years import MONTHS, year_tables


def recount_snapshot(file: SnapshotFile, database: BaseBackend | None = None) -> dict[str, Any]:
    """Return the exact counts of each table, and of each crossed one."""
    counted = file.recount_tables(database)
    return {
        "snapshot": file.number,
        "first_day": file.verify()["first_day"],
        "tables": {table: cells for table, cells in counted.items() if not isinstance(table, Crossing)},
        "crossed": {table: cells for table, cells in counted.items() if isinstance(table, Crossing)},
    }


def recount_year(files: Sequence[SnapshotFile], database: BaseBackend | None = None) -> dict[str, Any]:
    """Return what was released of the year: protected, rounded, with its corrections and its crossed tables.

    `files` are those of all snapshots that its editions published. If two are of the same months, the one with the
    higher number belongs to a correction. Raises `Misconfigured` if the months are not those of one year.
    """
    first: dict[Months, Edition] = {}
    last: dict[Months, Edition] = {}
    for file in sorted(files, key=lambda it: it.number):
        snapshot = file.recounted_snapshot(database)
        edition = Edition(
            first_day=snapshot.first_day, months=snapshot.months, snapshot=snapshot,
            corrects=last.get(snapshot.period), **file.edition,
        )  # fmt: skip
        first.setdefault(edition.period, edition)
        last[edition.period] = edition
    periods = sorted(first, key=lambda it: it.first)
    months = [month for period in periods for month in period.months]
    if len({*months}) != len(months) or len(months) != MONTHS or len({it.first.year for it in months}) > 1:
        raise Misconfigured("These snapshots are not those of a year: give all of its months or quarters, each once.")
    editions = [first[period] for period in periods]
    return {
        "year": months[0].first.year,
        "snapshots": [file.number for file in files],
        "tables": year_tables(editions, [last[period] for period in periods]),
        "crossed": {crossing.value: crossed_table(crossing, editions) for crossing in Crossing},
    }
