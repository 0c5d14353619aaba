"""Purposes, means and victims of a year; its counts by CTDC's columns; and its dictionary."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from amparo.figures.protection.rules import protect, protect_again
from amparo.figures.publishing.analysis.answers import Published, answer
from amparo.figures.publishing.analysis.breakdowns import BREAKDOWNS
from amparo.figures.publishing.analysis.periods import Period
from amparo.figures.publishing.models import Edition, Year
from amparo.figures.publishing.open_data import CTDC
from amparo.figures.publishing.rules import correct_edition, publish_edition
from amparo.figures.publishing.safe_tables import edition_document, table_as_json
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.picklists import OTHERS
from amparo.figures.snapshot.tables import BY_MONTHS, Table

pytestmark = pytest.mark.django_db
# Sixty persons. One is for organs; fifty-five were recruited, so that the five others must not be worked out.
COUNTS = {
    "persons_by_age": {"child": 22, "adult": 35, "unknown": 3},
    "persons_by_gender": {"feminine": 34, "masculine": 26},
    "persons_by_nationality": {"PE": 45, "VE": 14, "not_said": 1},
    "persons_by_act": {"recruitment": 55, "transfer": 12},
    "persons_by_purpose": {"sexual": 31, "forced_labour": 24, "organs": 1},
    "persons_by_control": {"debt_bondage": 20, "threats": 33},
    "victims_by_age": {"child": 14, "adult": 12},
    "victims_by_gender": {"feminine": 24, "masculine": 2},
    "victims_by_form": {"sexual": 15, "labour": 11},
}
# Of CTDC's k-anonymised data set (2021), those that are counted here.
COLUMNS = {
    "gender", "majorityStatusAtExploit", "citizenship", "isForcedLabour", "isSexualExploit", "isOrganRemoval",
    "isSlaveryAndPractices", "typeOfLabourBegging", "meansOfControlDebtBondage", "meansOfControlTakesEarnings",
    "meansOfControlRestrictsFinancialAccess", "meansOfControlThreats", "meansOfControlPhysicalAbuse",
    "meansOfControlFalsePromises", "meansOfControlRestrictsMovement", "meansOfControlExcessiveWorkingHours",
    "meansOfControlThreatOfLawEnforcement", "meansOfControlWithholdsNecessities", "meansOfControlWithholdsDocuments",
}  # fmt: skip


@pytest.fixture
def released(snapshot_of, paula, bruno, now, django_capture_on_commit_callbacks) -> Year:
    """A year in whose last quarter all these people came."""
    with django_capture_on_commit_callbacks(execute=True):
        for month, counts in ((1, {}), (4, {}), (7, {}), (10, COUNTS)):
            snapshot = snapshot_of(counts, Quarter(date(2024, month, 1)))
            draft = Edition.objects.create(
                first_day=snapshot.first_day, snapshot=snapshot, drafted_at=now, drafted_by=paula
            )
            publish_edition(draft, by=bruno, now=now)
    return Year.objects.get()


@pytest.fixture
def read() -> Callable[[str], list[dict[str, str]]]:
    def rows(file: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(Client().get(f"/figures.{file}?language=en").content.decode())))

    return rows


def shown(released: Year, table: Table) -> dict[str, int | None]:
    written = released.document["tables"][table.value]
    return {cell: n for cell, n in written["cells"].items() if n is not None} | {"total": written["total"]}


def test_each_purpose_is_shown_if_ten_have_it_and_ten_have_not(released):
    assert shown(released, Table.PERSONS_BY_PURPOSE) == {"sexual": 30, "forced_labour": 25, "total": 60}
    assert shown(released, Table.PERSONS_BY_ACT) == {"transfer": 10, "total": 60}  # five were not recruited
    assert set(released.document["tables"]["persons_by_purpose"]["cells"]) == set(Table.PERSONS_BY_PURPOSE.cells)
    assert shown(released, Table.VICTIMS_BY_AGE) == {"total": 25}
    assert shown(released, Table.EVENTS) == {"total": None}


def test_a_correction_of_purposes_is_protected_beside_the_first(released, snapshot_of, paula, bruno, now, monkeypatch):
    from amparo.figures.publishing import rules

    more = {**COUNTS, "persons_by_age": {"child": 42, "adult": 85}}
    more["persons_by_purpose"] = {"sexual": 80, "forced_labour": 27, "organs": 2}
    last = Edition.objects.latest("first_day")
    later = snapshot_of(more, last.period)
    monkeypatch.setattr(rules, "count_months", lambda *_period, **_who: later)
    publish_edition(correct_edition(last, "invented", by=paula, now=now), by=bruno, now=now)
    corrected = Year.objects.current().get()
    # sexual: 31 of 60, then 80 of 127. Forced labour grew by three: it stands.
    assert shown(corrected, Table.PERSONS_BY_PURPOSE)["sexual"] == 80
    assert shown(corrected, Table.PERSONS_BY_PURPOSE)["forced_labour"] == 25
    assert "organs" not in shown(corrected, Table.PERSONS_BY_PURPOSE)


def test_no_part_of_a_corrected_table_is_more_than_all():
    """Each cell is corrected by itself: one whose change is small stands, with the total of its time."""
    stands = protect_again([protect({OTHERS: 29, "a": 31})], {OTHERS: 93, "a": 34})
    follows = protect_again([protect({OTHERS: 36, "b": 24})], {OTHERS: 52, "b": 75})
    assert table_as_json([stands, follows]) == {"total": 125, "cells": {"a": 30, "b": 75}}


def test_pages_and_desk_say_that_the_parts_add_up_to_more(released):
    page = Client().get("/figures?language=en").content.decode()
    assert "Persons in new cases, by purpose of exploitation" in page
    assert "In all, also those in no part" in page
    assert "Only what the newest signed assessment answers with yes" in page
    assert "The rate per 100,000 inhabitants is missing" in page
    published = Published.read()
    found = answer(published, BREAKDOWNS["persons.persons_by_purpose"], Period(2024, 2024))
    assert {row.cell: row.count for row in found.rows if row.count} == {"sexual": 30, "forced_labour": 25}
    assert [row[3] for row in found.spreadsheet_rows()][1] == "In all, also those in no part"


def test_ctdc_columns_hold_the_published_counts_alone(released, read):
    rows = read("ctdc.csv")
    found = {(row["population"], row["column"], row["value"]): row["count"] for row in rows}
    assert found["persons", "isSexualExploit", "1"] == "30"
    assert found["persons", "isOrganRemoval", "1"] == ""
    assert found["persons", "gender", "Female"] == "35"
    assert found["victims", "gender", "Female"] == ""
    assert {row["column"] for row in rows} == COLUMNS == {name for names in CTDC.values() for name, _ in names.values()}
    published = {
        str(n) for table in released.document["tables"].values() for n in table["cells"].values() if n is not None
    }
    assert {count for count in found.values() if count} <= published
    assert all(row["note"] == "not shown" for row in rows if not row["count"])
    assert len(found) == len(rows)  # counts, no row for a person


def test_the_dictionary_has_every_table_and_cell_of_the_year(released, read):
    rows = read("dictionary.csv")
    cells = {(table.value, cell) for table in Table if table not in BY_MONTHS for cell in ("total", *table.cells)}
    assert {(row["table"], row["cell"]) for row in rows} == cells
    for row in rows:
        assert all(row[name] for name in ("title", "label", "unit", "population", "counted_by", "caution"))
    [sexual] = [row for row in rows if (row["table"], row["cell"]) == ("persons_by_purpose", "sexual")]
    assert (sexual["ctdc_column"], sexual["ctdc_value"]) == ("isSexualExploit", "1")
    spanish = Client().get("/figures.dictionary.csv?language=es").content.decode()
    assert (
        spanish.splitlines()[1] != Client().get("/figures.dictionary.csv?language=en").content.decode().splitlines()[1]
    )


@pytest.mark.parametrize("file", ["ctdc.csv", "dictionary.csv"])
def test_without_an_edition_there_is_no_such_file(db, file):
    assert Client().get(f"/figures.{file}").status_code == 404


def test_a_draft_shows_no_exact_count(snapshot, paula, now):
    draft = Edition.objects.create(first_day=snapshot.first_day, snapshot=snapshot, drafted_at=now, drafted_by=paula)
    numbers = {
        n for table in edition_document(draft)["tables"].values() for n in (table["total"], *table["cells"].values())
    }
    assert {n % 5 for n in numbers if n} == {0}
    assert min(n for n in numbers if n) >= 10
