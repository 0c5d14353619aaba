"""A text that leaves for a spreadsheet stays a text: none is computed when the file is opened."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from amparo.foundation.core.spreadsheets import as_csv, as_xlsx, csv_lines

AMPARO = Path(__file__).parents[3]
# OWASP, CSV Injection: these begin a formula, also in full width, and a tab or a new line may stand before one.
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"]
FORMULA = '=HYPERLINK("https://example.org")'
WRITES_CSV = re.compile(r"csv\.(writer|DictWriter)\(")


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("start", SIGNS)
def test_a_text_that_would_be_computed_is_marked_as_text(start):
    (row,) = rows("".join(csv_lines([[f"{start}1+1", f"'{start}1+1", f"1{start}1"]])))
    assert row == [f"'{start}1+1", f"''{start}1+1", f"1{start}1"]


def test_the_control_the_usual_writer_leaves_a_formula():
    file = io.StringIO()
    csv.writer(file).writerow([FORMULA])
    assert rows(file.getvalue()) == [[FORMULA]]


def test_numbers_stay_numbers_and_words_of_the_catalogue_are_texts():
    (row,) = rows("".join(csv_lines([[-5, Decimal("-1.5"), -0.5, None, True, gettext_lazy("-x")]])))
    assert row == ["-5", "-1.5", "-0.5", "", "True", "'-x"]


def test_a_download_has_its_name_a_mark_and_no_formula():
    answer = as_csv([["Head"], [FORMULA]], "cases")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
    assert answer.content.startswith("\ufeff".encode())
    assert rows(answer.content.decode("utf-8-sig")) == [["Head"], [f"'{FORMULA}"]]


def test_a_cell_of_a_workbook_is_no_formula():
    answer = as_xlsx([["Head"], [FORMULA], [-5]], "cases", title="x")
    cells = [row[0] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]
    assert [(cell.value, cell.data_type) for cell in cells] == [("Head", "s"), (FORMULA, "s"), (-5, "n")]


@pytest.mark.parametrize("start", SIGNS)
def test_a_text_of_a_workbook_that_looks_like_a_formula_is_marked_as_text(start):
    """As a spreadsheet marks what somebody typed behind an apostrophe: then it stays a text when the cell is edited."""
    answer = as_xlsx([["Head"], [f"{start}1+1"], [f"1{start}1"], [-5]], "cases", title="x")
    _head, cell, *others = [row[0] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]
    assert (cell.value, cell.data_type) == (f"{start}1+1".replace("\r", "\n"), "s")  # XML has one kind of new line
    assert [bool(it.quotePrefix) for it in (cell, *others)] == [True, False, False]


def test_one_function_writes_csv():
    modules = [path for path in AMPARO.rglob("*.py") if "tests" not in path.parts]
    writers = [str(path.relative_to(AMPARO)) for path in modules if WRITES_CSV.search(path.read_text())]
    assert writers == ["foundation/core/spreadsheets.py"]
