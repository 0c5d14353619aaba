import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest
from django.db import connection

from amparo.figures.publishing.commands import export_snapshot
from amparo.figures.publishing.models import Edition, Year
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.publishing.snapshot_file import SnapshotFile
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import Crossing, Table
from tests.repetitions import SOAK

collect_ignore = [] if SOAK else ["test_on_spark.py"]  # `make soak` installs Spark, `make test` does not

PLACES = {"15": 30, "08": 20, "25": 3, "": 40}  # Lima, Cusco, few from Ucayali, and many with no place
MANY = {
    "contacts": 3000, "persons": 900, "victims": 150, "events": 500, "perpetrators": 120, "reports": 200, "cases": 300
}  # fmt: skip


@pytest.fixture
def a_quarter(called) -> None:
    for ubigeo, many in PLACES.items():
        called(many, ubigeo)


@pytest.fixture
def draft(a_quarter, quarter, paula, now) -> Edition:
    return draft_edition(quarter, by=paula, now=now)


@pytest.fixture
def published(draft, bruno, now, django_capture_on_commit_callbacks) -> Edition:
    with django_capture_on_commit_callbacks(execute=True):
        return publish_edition(draft, by=bruno, now=now + timedelta(days=1))


type Counted = Mapping[str, Mapping[str, int]]  # by table and cell


@pytest.fixture
def snapshot_of(quarter, paula, now) -> Callable[..., Snapshot]:
    """Write a snapshot with these counts: of the newest quarter, or of another."""

    def write(counts: Counted, of: Quarter = quarter) -> Snapshot:
        with connection.cursor() as cursor:
            cursor.execute("select encode(sha256(convert_to(%s::jsonb::text, 'UTF8')), 'hex')", [json.dumps(counts)])
            (checksum,) = cursor.fetchone()
        return Snapshot.objects.create(
            first_day=of.first, counts=counts, checksum=checksum, taken_at=now, taken_by=paula
        )

    return write


def invented_counts(seed: int) -> Counted:
    """Invented counts of every table."""
    dice, counts = random.Random(seed), {}

    def count(tables: tuple[Table, ...], crossings: tuple[Crossing, ...], many: int) -> None:
        for _one in range(many):
            # Few cells are common, so that some are small.
            cells = {
                table: table.cells[min(int(dice.expovariate(0.4)), len(table.cells) - 1)]
                for table in tables
                if not table.allows_several_cells
            }
            for table, cell in cells.items():
                counts.setdefault(table.value, Counter())[cell] += 1
            for table in set(tables) - set(cells):  # the first cell holds for every second person, the next for fewer
                counts.setdefault(table.value, Counter()).update(
                    cell for place, cell in enumerate(table.cells, start=1) if dice.random() < 0.5**place
                )
            for crossing in crossings:
                row, column = (cells[table] for table in crossing.tables)
                counts.setdefault(crossing.value, Counter())[f"{row}>{column}"] += 1

    for population, many in MANY.items():
        tables = tuple(table for table in Table if table.population == population)
        count(tables, tuple(crossing for crossing in Crossing if crossing.tables[0] in tables), many)
    return counts


@pytest.fixture
def snapshot(snapshot_of) -> Snapshot:
    return snapshot_of(invented_counts(7))


@pytest.fixture
def year(snapshot_of, paula, bruno, now) -> Year:
    """A year of invented counts, released with the last of its four editions."""
    for seed, month in enumerate((1, 4, 7, 10)):
        snapshot = snapshot_of(invented_counts(seed), Quarter(date(2024, month, 1)))
        edition = Edition.objects.create(
            first_day=snapshot.first_day, snapshot=snapshot, drafted_at=now, drafted_by=paula
        )
        publish_edition(edition, by=bruno, now=now)
    return Year.objects.get()


@pytest.fixture
def corrected_year(year, snapshot_of, paula, bruno, now) -> Year:
    """The same year after a correction of its second quarter, and a correction of that one."""
    wrong = Edition.objects.get(first_day=date(2024, 4, 1))
    for seed in (11, 12):
        snapshot = snapshot_of(invented_counts(seed), wrong.period)
        correction = Edition.objects.create(
            first_day=wrong.first_day, snapshot=snapshot, corrects=wrong, why="invented: days were missing",
            drafted_at=now, drafted_by=paula,
        )  # fmt: skip
        wrong = publish_edition(correction, by=bruno, now=now)
    return Year.objects.current().get()


@pytest.fixture
def files_of_the_year(year, tmp_path) -> list[SnapshotFile]:
    """A file of each snapshot, in the order of its quarters; corrections at the end."""
    numbers = list(Snapshot.objects.order_by("pk").values_list("pk", flat=True))
    for number in numbers:
        assert export_snapshot(number, str(tmp_path)) == 0
    return [SnapshotFile(tmp_path, number) for number in numbers]


@pytest.fixture
def file(snapshot, tmp_path) -> SnapshotFile:
    assert export_snapshot(snapshot.pk, str(tmp_path)) == 0
    return SnapshotFile(tmp_path, snapshot.pk)
