"""A year that leaves months out is never called "in all": each page and file names the months that its sum holds."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from amparo.figures.publishing.analysis.answers import Published, answer
from amparo.figures.publishing.analysis.breakdowns import MEASURES, Breakdown
from amparo.figures.publishing.analysis.periods import Period
from amparo.figures.publishing.analysis.pictures import as_svg
from amparo.figures.publishing.partial_sums import months_in_words
from amparo.figures.publishing.public import write_document
from amparo.figures.publishing.sheets import ReadableEdition, Sheet
from amparo.figures.snapshot.months import Month, Quarter
from amparo.figures.snapshot.tables import Table

# Written by hand: what the parts of 2024 that a sum holds are called. The key has 1 for each quarter that it holds.
NAMES = {
    "1110": {"en": ["January to September 2024"], "es": ["enero a septiembre de 2024"]},
    "0111": {"en": ["April to December 2024"], "es": ["abril a diciembre de 2024"]},
    "1101": {"en": ["January to June 2024", "October to December 2024"],
             "es": ["enero a junio de 2024", "octubre a diciembre de 2024"]},
    "0010": {"en": ["July to September 2024"], "es": ["julio a septiembre de 2024"]},
    "1010": {"en": ["January to March 2024", "July to September 2024"],
             "es": ["enero a marzo de 2024", "julio a septiembre de 2024"]},
    "0110": {"en": ["April to September 2024"], "es": ["abril a septiembre de 2024"]},
}  # fmt: skip
TOTALS = {"en": "In all", "es": "En total"}
QUARTERS = ("2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01")
TABLES = (
    Table.BY_CHANNEL,
    Table.PERSONS_BY_AGE,
    Table.PERSONS_BY_CONTROL,
)  # of the last, a person may be in many


def year(quarters: str, hidden: set[int], too_few: int) -> dict[str, Any]:
    """A published year. Of the quarters that it leaves out, the first `too_few` are too small, the others not counted.

    `hidden`: places of the cells that are not shown; all of them are, if it is every place.
    """
    left_out = [code for code, is_counted in zip(QUARTERS, quarters, strict=True) if is_counted == "0"]
    tables = {
        name.value: {
            "total": 900, "without": left_out[:too_few], "uncounted": left_out[too_few:],
            "cells": {cell: None if place % 5 in hidden else 100 for place, cell in enumerate(name.cells)},
        }
        for name in TABLES
    }  # fmt: skip
    return {
        "edition": "2024-1", "first_day": "2024-01-01", "months": 12, "published_on": "2025-01-20", "editions": [1],
        "snapshot": "1", "invented": True, "corrects": None, "why": "", "changes": [], "tables": tables,
    }  # fmt: skip


def dresses(document: dict[str, Any], table: Table) -> dict[str, str]:
    """All that shows the sum of a table: page, CSV, dictionary and PDF of a year, and what the analyst gets."""
    reading = ReadableEdition.of({**document, "tables": {table.value: document["tables"][table.value]}})
    (sheet,) = reading.sheets
    measure = next(it for it in MEASURES if table in it.tables)
    found = answer(Published({}, {2024: document}), Breakdown(measure, table.value), Period(2024, 2024))
    pdf = PdfReader(io.BytesIO(reading.as_pdf()))
    return {
        "page": page_of(sheet), "csv": reading.as_csv(), "dictionary": reading.as_dictionary(),
        "pdf": " ".join(" ".join(page.extract_text() for page in pdf.pages).split()),
        "desk": found.total_label, "desk.csv": str(list(found.spreadsheet_rows())), "picture": as_svg(found),
    }  # fmt: skip


def page_of(sheet: Sheet) -> str:
    return render_to_string("publishing/_counts.html", {"sheet": sheet})


def faults(shown: dict[str, str], quarters: str, language: str) -> list[str]:
    """What is wrong: a sum that is called a total, or a run of months that is not named. Capitals do not count."""
    runs = NAMES[quarters][language]
    wrong = [f"{name} says {TOTALS[language]}" for name, text in shown.items() if TOTALS[language] in text]
    return wrong + [f"{name}: {run}" for name, text in shown.items() for run in runs if run.lower() not in text.lower()]


@given(
    quarters=st.sampled_from(sorted(NAMES)), hidden=st.sets(st.integers(0, 4)), too_few=st.integers(0, 3),
    table=st.sampled_from(TABLES), language=st.sampled_from(["es", "en"]),
)  # fmt: skip
def test_a_sum_that_leaves_months_out_names_those_that_it_holds(quarters, hidden, too_few, table, language):
    with override(language):
        assert faults(dresses(year(quarters, hidden, too_few), table), quarters, language) == []


def test_the_public_page_names_them_beside_its_first_numbers():
    write_document(year("1110", set(), 1))
    page = Client().get("/figures/2024-1?language=en").content.decode()
    assert page.count("(January to September 2024)</dt>") == len(("contacts", "persons"))
    assert "In all" not in page
    write_document(year("1111", set(), 0))
    assert "(January" not in Client().get("/figures/2024-1?language=en").content.decode()


def test_a_whole_year_is_called_a_total():
    """The control: the words that the property looks for are there where they may be."""
    with override("en"):
        shown = dresses(year("1111", {1}, 0), Table.PERSONS_BY_AGE)
    assert {name for name, text in shown.items() if "In all" in text} == {*shown} - {"csv"}  # it has the title
    assert len(faults(shown, "1110", "en")) == 2 * len(shown) - 1


def test_a_sheet_that_forgets_what_it_leaves_out_is_found():
    """The control."""
    with override("en"):
        (sheet, *_others) = ReadableEdition.of(year("1110", set(), 0)).sheets
        assert faults({"page": page_of(sheet)}, "1110", "en") == []
        assert faults({"page": page_of(replace(sheet, months=""))}, "1110", "en") == [
            "page says In all", "page: January to September 2024"
        ]  # fmt: skip


def test_single_months_and_several_years_are_named():
    months = [Month(date(year, month, 1)) for year in (2024, 2025) for month in range(1, 13)]
    with override("en"):
        assert months_in_words(months, []) == ""
        assert months_in_words(months, [Quarter(date(2025, 7, 1)), Quarter(date(2025, 10, 1))]) == (
            "January 2024 to June 2025"
        )
        assert months_in_words(months, months[12:]) == "2024"
        assert months_in_words(months, [*months[1:5], *months[6:]]) == "January 2024 and June 2024"
        assert months_in_words(months, months) == "no month"


def test_a_row_of_a_year_names_the_months_that_it_holds():
    document = year("1110", set(), 1)
    measure = next(it for it in MEASURES if Table.PERSONS_BY_AGE in it.tables)
    with override("en"):
        found = answer(Published({}, {2024: document}), Breakdown(measure, "years"), Period(2024, 2024))
    assert [(row.label, row.count) for row in found.rows] == [("January to September 2024", 900)]
