"""A year, counted again on DuckDB from the files of its snapshots, says what was released of it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from amparo.figures.publishing.commands import recount
from amparo.figures.publishing.models import CrossedYear, Year
from amparo.figures.publishing.recounting import recount_year
from amparo.figures.publishing.snapshot_file import SnapshotFile
from amparo.figures.snapshot.tables import BY_MONTHS, Crossing, Table
from amparo.foundation.core.refusal import Misconfigured

from .test_snapshot_files import change, forge_checksum

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),  # of Ibis, about DuckDB
]


def released() -> dict[str, Any]:
    """What was released: the tables of the newest year, and the crossed tables."""
    crossed = {it.crossing: dict(it.document) for it in CrossedYear.objects.all()}
    for document in crossed.values():
        del document["editions"]
    return {"tables": Year.objects.current().get().document["tables"], "crossed": crossed}


def recounted(files: list[SnapshotFile]) -> dict[str, Any]:
    found = recount_year(files)
    assert found["year"] == 2024
    return {key: found[key] for key in ("tables", "crossed")}


def change_one(file: SnapshotFile) -> None:
    change(file)
    forge_checksum(file)


def test_a_year_and_its_crossed_tables_are_those_that_are_released(year, files_of_the_year):
    right = released()
    assert set(right["tables"]) == {*map(str, Table)} - {*map(str, BY_MONTHS)}
    assert all(table["total"] for table in right["tables"].values())
    assert set(right["crossed"]) == {*map(str, Crossing)}
    assert all(crossed["rows"] for crossed in right["crossed"].values())
    assert any(count is None for crossed in right["crossed"].values() for line in crossed["cells"] for count in line)
    assert recounted(files_of_the_year) == right
    change_one(files_of_the_year[2])
    wrong = recounted(files_of_the_year)
    assert wrong["tables"] != right["tables"]  # the controls
    assert wrong["crossed"] != right["crossed"]


def test_a_year_with_a_corrected_quarter_is_the_one_that_supersedes_the_first(year, corrected_year, files_of_the_year):
    right = released()
    assert len(files_of_the_year) == 6
    assert recounted(files_of_the_year) == right
    assert recounted(files_of_the_year[:4])["tables"] == year.document["tables"] != right["tables"]  # the control
    assert recounted(files_of_the_year[:5])["tables"] != right["tables"]  # without the second correction
    change_one(files_of_the_year[5])
    wrong = recounted(files_of_the_year)
    assert wrong["tables"] != right["tables"]
    assert wrong["crossed"] == right["crossed"]  # a correction never changes a crossed table


def test_the_command_prints_the_year_without_the_hotline(corrected_year, files_of_the_year):
    right = json.loads(json.dumps(released()))
    numbers = [str(file.number) for file in files_of_the_year]
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    command = [sys.executable, "-m", "amparo", "figures", "recount", *numbers]
    command += ["--in", str(files_of_the_year[0].folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(found.stdout) == {"year": 2024, "snapshots": [*map(int, numbers)], **right}


@pytest.mark.parametrize("changed", [{"first_day": "January"}, {"before": "2024-05-01"}, {"before": None}])
def test_a_manifest_with_other_months_is_one_sentence(files_of_the_year, changed):
    manifest = files_of_the_year[0].manifest
    manifest.chmod(0o600)
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changed))
    numbers = [file.number for file in files_of_the_year]
    with pytest.raises(Misconfigured, match=r"snapshot-\d+\.json is no manifest of a snapshot: copy it again"):
        recount(numbers, str(manifest.parent), "")


def test_what_is_no_year_is_one_sentence(files_of_the_year, file, tmp_path):
    numbers = [it.number for it in files_of_the_year]
    for some in (numbers[:3], [*numbers[:3], file.number], [*numbers, file.number]):
        with pytest.raises(Misconfigured, match="not those of a year: give all of its months or quarters, each once"):
            recount(some, str(tmp_path), "")
