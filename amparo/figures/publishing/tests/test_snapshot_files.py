"""A snapshot as Parquet: every published table, counted again on DuckDB, says what the edition says."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import ibis
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import translation

from amparo.figures.protection.rules import protect
from amparo.figures.publishing.commands import export_snapshot, recount
from amparo.figures.publishing.measures import DIMENSIONS, MEASURES
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.safe_tables import protected_tables, table_as_json
from amparo.figures.publishing.snapshot_file import SnapshotFile
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.picklists import MONTHS, NOT_SAID
from amparo.figures.snapshot.tables import Crossing, Table
from amparo.foundation.audit.labels import verb_label
from amparo.foundation.core.refusal import Misconfigured

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),  # of Ibis, about DuckDB
]


def published(counted: dict[Table | Crossing, dict[str, int]]) -> dict[str, object]:
    """What an edition says of these counts."""
    snapshot = Snapshot(counts=counted)
    return {
        table.value: table_as_json([protect(snapshot.partition_counts(table, cell)) for cell in table.partitions])
        for table in counted
        if isinstance(table, Table)
    }


def test_every_measure_on_duckdb_is_the_number_that_the_edition_publishes(file, snapshot):
    every = {"tables": dict.fromkeys(map(str, Table))}  # as an edition of an earlier version of Amparo shows it
    edition = Edition(first_day=snapshot.first_day, snapshot=snapshot, document=every)
    tables = {table.value: table_as_json(safe) for table, safe in protected_tables(edition).items()}
    assert set(tables) == set(map(str, Table))
    assert set(MEASURES) == {*Table, *Crossing}
    assert all(table["total"] for table in tables.values())
    assert sum(count is None for table in tables.values() for count in table["cells"].values()) > 20
    assert published(file.recount_tables()) == tables


def change(file: SnapshotFile) -> None:
    """Add 25 to the first group of the file, and leave its checksum as it was."""
    rows = pq.read_table(file.parquet)
    changed = [*rows.column("n").to_pylist()]
    changed[0] += 25
    file.parquet.chmod(0o600)
    pq.write_table(rows.set_column(rows.schema.get_field_index("n"), "n", [changed]), file.parquet)


def forge_checksum(file: SnapshotFile) -> None:
    about = json.loads(file.manifest.read_text())
    file.manifest.write_text(json.dumps(about | {"sha256": hashlib.sha256(file.parquet.read_bytes()).hexdigest()}))


def test_a_changed_file_is_refused_and_would_count_otherwise(file, snapshot):
    right = file.recount_tables()
    assert {table: right[table] for table in Table} == {
        table: {cell: n for cell, n in snapshot.counts_of(table).items() if n} for table in Table
    }
    for crossing in Crossing:
        assert Snapshot(counts=right).crossed_counts(crossing) == snapshot.crossed_counts(crossing)
        assert sum(right[crossing].values()) == sum(map(sum, snapshot.crossed_counts(crossing))) > 0
    change(file)
    with pytest.raises(Misconfigured, match="was changed: its SHA-256"):
        file.recount_tables()
    forge_checksum(file)
    assert published(file.recount_tables()) != published(right)  # the control


@pytest.mark.parametrize("table", [*Table, *Crossing])
def test_every_measure_translates_to_the_sql_of_spark_too(table):
    assert "GROUP BY" in ibis.to_sql(MEASURES[table].expression, dialect="pyspark")


def test_the_file_has_groups_alone_and_says_what_it_is(file, snapshot):
    rows = pq.read_table(file.parquet)
    assert rows.schema.names == ["breakdown", *DIMENSIONS, "n"]
    assert rows.schema.metadata[b"snapshot"] == str(snapshot.pk).encode()
    assert rows.schema.metadata[b"counts_sha256"] == snapshot.checksum.encode()
    for row in rows.to_pylist():
        assert row["n"] > 0
        assert sum(row[name] is not None for name in DIMENSIONS) <= 2
    assert set(rows.column("age").to_pylist()) == {None, *Table.PERSONS_BY_AGE.cells}
    assert all(day is None or day.day == 1 for day in rows.column("month").to_pylist())
    about = file.verify()
    assert about["snapshot"] == snapshot.pk
    assert about["columns"]["month"] == "date"
    words = about["measures"][Table.PERSONS_BY_AGE.value]
    assert words["unit"]["en"].startswith("One person at risk in a case.")
    assert words["unit"]["es"] != words["unit"]["en"]
    assert {it.stat().st_mode & 0o077 for it in (file.parquet, file.manifest)} == {0}


def test_the_same_snapshot_is_the_same_file_and_the_command_speaks_english(file, snapshot, tmp_path, capsys):
    in_english = str(snapshot.period)
    with translation.override("es"):
        export_snapshot(snapshot.pk, str(tmp_path / "again"))
    assert f"exact counts of {in_english}, which" in capsys.readouterr().out
    assert SnapshotFile(tmp_path / "again", snapshot.pk).parquet.read_bytes() == file.parquet.read_bytes()


def test_the_command_counts_again_from_the_file_alone(file, tmp_path: Path):
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    command = [sys.executable, "-m", "amparo", "figures", "recount", str(file.number), "--in", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(found.stdout) == {
        "snapshot": file.number,
        "first_day": file.verify()["first_day"],
        "tables": {table.value: file.recount_tables()[table] for table in Table},
        "crossed": {crossing.value: file.recount_tables()[crossing] for crossing in Crossing},
    }
    change(file)
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "was changed: its SHA-256" in refused.stderr


def test_what_cannot_be_counted_again_is_one_sentence(tmp_path: Path):
    with pytest.raises(Misconfigured, match=r"snapshot-7\.json cannot be read \(No such file"):
        recount([7], str(tmp_path), "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"sha256": ',
        b"[]",
        b"null",
        b"\xff",
        b'{"first_day": "2026-01-01", "before": "2026-04-01"}',
        b'{"sha256": "0"}',
    ],
)
def test_a_manifest_that_is_none_is_one_sentence(file, tmp_path: Path, content: bytes):
    file.manifest.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"snapshot-\d+\.json is no manifest of a snapshot: copy it again"):
        recount([file.number], str(tmp_path), "")


def test_taking_a_snapshot_along_is_in_the_ledger(file, snapshot):
    with connection.cursor() as cursor:
        cursor.execute("select what from audit_entry where about = %s order by id", [f"snapshot {snapshot.pk}"])
        assert cursor.fetchall() == [("export_snapshot",)]
    assert verb_label("export_snapshot", "snapshot") == "took the exact counts of a snapshot along"


def test_what_cannot_be_written_is_one_sentence(file, snapshot, tmp_path: Path):
    with pytest.raises(Misconfigured, match="is there already: name another folder"):
        export_snapshot(snapshot.pk, str(tmp_path))
    with pytest.raises(Misconfigured, match="There is no snapshot 0"):
        export_snapshot(0, str(tmp_path))
    (tmp_path / "a file").touch()
    with pytest.raises(Misconfigured, match="cannot be written"):
        export_snapshot(snapshot.pk, str(tmp_path / "a file"))


def test_months_and_places_that_nobody_said_keep_their_cells(file):
    found = file.recount_tables()
    assert set(found[Table.BY_MONTH]) == set(MONTHS)
    assert NOT_SAID in found[Table.ROUTES]
