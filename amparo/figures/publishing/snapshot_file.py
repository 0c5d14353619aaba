"""A snapshot as a numbered, checksummed Parquet file, to count again what an edition says (docs/decisions/0038).

The file holds groups and how many are in each, as the snapshot does: no row of a contact or a person, no date below a
month, no age but child or adult, no free text. Its counts are exact, so it is not for publication.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import translation
from ibis.backends import BaseBackend

from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.months import KINDS
from amparo.figures.snapshot.picklists import MONTHS, NOT_SAID, TO
from amparo.figures.snapshot.tables import Crossing, Table
from amparo.foundation.core.atomic_files import write_once
from amparo.foundation.core.refusal import Misconfigured

from .measures import DIMENSIONS, GROUPS, MEASURES
from .models import Edition

type Group = dict[str, Any]


@dataclass(frozen=True)
class SnapshotFile:
    folder: Path
    number: int  # of the snapshot

    @property
    def parquet(self) -> Path:
        return self.folder / f"snapshot-{self.number}.parquet"

    @property
    def manifest(self) -> Path:
        """Path of the JSON file about the Parquet file: checksum, months, columns, and measures with definitions."""
        return self.folder / f"snapshot-{self.number}.json"

    @property
    def _manifest_error(self) -> Misconfigured:
        return Misconfigured(f"{self.manifest} is no manifest of a snapshot: copy it again from where it was made.")

    @property
    def edition(self) -> dict[str, Any]:
        """The fields `document` and `published_at` of the snapshot's edition, as far as counting again needs them.

        Manifests of earlier versions of Amparo lack them: its editions showed every table.
        """
        known = self.verify().get("edition") or {"tables": [table.value for table in Table], "published_at": None}
        at = known["published_at"] and datetime.fromisoformat(known["published_at"])
        return {"document": {"tables": dict.fromkeys(known["tables"])}, "published_at": at}

    def write(self, snapshot: Snapshot, edition: Edition | None) -> None:
        """Write both files; only their owner can read them. Files that are there already stay as they are."""
        sink = pa.BufferOutputStream()
        pq.write_table(_as_arrow(snapshot), sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        about = _about_snapshot(snapshot, edition) | {"sha256": hashlib.sha256(content).hexdigest()}
        write_once(self.parquet, content)
        write_once(self.manifest, json.dumps(about, ensure_ascii=False, indent=2).encode())

    def verify(self) -> dict[str, Any]:
        """Return the manifest. Raises `Misconfigured` if it is not one, or if its checksum is not that of the file."""
        try:
            about = json.loads(self.manifest.read_bytes())
        except ValueError:  # no JSON, or no text
            about = None
        if not isinstance(about, dict) or not {"sha256", "first_day", "before"} <= about.keys():
            raise self._manifest_error
        if hashlib.sha256(self.parquet.read_bytes()).hexdigest() != about["sha256"]:
            raise Misconfigured(f"{self.parquet} was changed: its SHA-256 is not the one of {self.manifest.name}.")
        return about

    def recount_tables(self, database: BaseBackend | None = None) -> dict[Table | Crossing, dict[str, int]]:
        """Count every published and every crossed table again from the file. Cells that nobody is in are left out.

        `database` comes from `database_engine`. Without it, DuckDB counts.
        """
        self.verify()
        database = database or ibis.duckdb.connect()
        database.read_parquet(self.parquet, table_name=GROUPS.get_name())
        return {
            table: {row["cell"]: row["n"] for row in database.to_pyarrow(measure.expression).to_pylist()}
            for table, measure in MEASURES.items()
        }

    def recounted_snapshot(self, database: BaseBackend | None = None) -> Snapshot:
        """Return a snapshot, not saved, with the counts of `recount_tables`."""
        about = self.verify()
        try:
            first, before = (date.fromisoformat(about[name]) for name in ("first_day", "before"))
            months = {kind(first).first_day_after: length for length, kind in KINDS.items()}[before]
        except (KeyError, TypeError, ValueError) as error:
            raise self._manifest_error from error
        return Snapshot(pk=self.number, first_day=first, months=months, counts=self.recount_tables(database))


@contextmanager
def database_engine(spark: str) -> Iterator[BaseBackend]:
    """Yield DuckDB in memory, or a session of the Spark cluster at the address `spark`, which must reach the file.

    Spark needs the extra `spark`, and Java. Raises `Misconfigured` if there is no session.
    """
    if not spark:
        yield ibis.duckdb.connect()
        return
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # Off: Spark's own web page would show the queries to anybody who can connect to this machine.
    builder = SparkSession.builder.master(spark).appName("amparo").config("spark.ui.enabled", "false")
    try:
        session = builder.getOrCreate()
    except (Py4JError, PySparkException) as error:
        raise Misconfigured(f"Spark did not start at {spark}: give its master's address, and install Java.") from error
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def _as_arrow(snapshot: Snapshot) -> pa.Table:
    about = {
        "snapshot": str(snapshot.pk), "first_day": snapshot.first_day.isoformat(), "counts_sha256": snapshot.checksum
    }  # fmt: skip
    schema = GROUPS.schema().to_pyarrow().with_metadata(about)
    return pa.Table.from_pylist(list(snapshot_groups(snapshot)), schema=schema)


def snapshot_groups(snapshot: Snapshot) -> Iterator[Group]:
    """Yield the rows of the file, without counts of 0. A table that is part of a crossed table appears only there."""
    for of in dict.fromkeys(measure.of for measure in MEASURES.values()):
        for parts, n in _groups_of(snapshot, of):
            if n:
                yield {**dict.fromkeys(DIMENSIONS), "breakdown": of.value, **parts, "n": n}


def _groups_of(snapshot: Snapshot, of: Table | Crossing) -> Iterator[tuple[Group, int]]:
    if isinstance(of, Crossing):
        names = [table.dimensions[0] for table in of.tables]
        rows, columns = (table.cells for table in of.tables)
        for row, line in zip(rows, snapshot.crossed_counts(of), strict=True):
            for column, n in zip(columns, line, strict=True):
                yield dict(zip(names, (row, column), strict=True)), n
        return
    for cell, n in snapshot.counts_of(of).items() if of in snapshot.tables else ():
        if of.is_by_month:
            first = snapshot.first_day
            yield {"month": first.replace(month=first.month + MONTHS.index(cell))}, n
        elif of == Table.ROUTES:
            yield dict(zip(of.dimensions, cell.split(TO), strict=True)) if cell != NOT_SAID else {}, n
        else:
            yield {of.dimensions[0]: cell}, n


def _about_snapshot(snapshot: Snapshot, edition: Edition | None) -> dict[str, Any]:
    measures: dict[str, Any] = {}
    for table, measure in MEASURES.items():
        if isinstance(table, Crossing):
            measures[table.value] = dict(zip(("rows", "columns"), (it.value for it in table.tables), strict=True))
            continue
        words = {
            "title": table.definition.title, "unit": table.definition.unit, "population": table.definition.population,
            "counted_by": table.definition.counted_by, "caution": table.definition.caution,
        }  # fmt: skip
        measures[table.value] = {
            "breakdown": measure.of.value,
            **{key: _in_both_languages(word) for key, word in words.items()},
        }
    return {
        "snapshot": snapshot.pk,
        "first_day": snapshot.period.first.isoformat(),
        "before": snapshot.period.first_day_after.isoformat(),
        "taken_at": snapshot.taken_at.isoformat(),
        "counts_sha256": snapshot.checksum,
        "not_for_publication": "Exact counts. What may be published of them is in the edition of this snapshot.",
        "columns": {name: str(kind) for name, kind in GROUPS.schema().items()},
        "measures": measures,
        "edition": edition and {
            "tables": [table.value for table in edition.tables],
            "published_at": edition.published_at and edition.published_at.isoformat(),
        },
    }  # fmt: skip


def _in_both_languages(words: Any) -> dict[str, str]:
    found = {}
    for language in ("es", "en"):
        with translation.override(language):
            found[language] = str(words)
    return found
