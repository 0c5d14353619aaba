"""The tables of a year with two breakdowns at once: on a public page of their own, and in the files of the year."""

import csv
import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from django.utils.text import capfirst
from openpyxl import load_workbook
from pypdf import PdfReader

from amparo.figures.publishing.crossings import REST
from amparo.figures.publishing.models import CrossedYear
from amparo.figures.publishing.public import rewrite
from amparo.figures.snapshot.tables import OF, Crossing

from .test_public_years import read, rows

pytestmark = pytest.mark.django_db
STILL = "with two breakdowns at once are still the ones to quote"


@pytest.fixture
def released(year) -> dict[str, dict[str, Any]]:
    """The documents of the crossed tables of 2024, by their names."""
    rewrite()
    return {it.crossing: it.document for it in CrossedYear.objects.all()}


def dictionary() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read("/figures/2024-1.dictionary.csv"))))


def test_the_page_of_the_year_leads_to_a_page_with_every_crossed_table(released):
    assert len(released) == len(Crossing)
    page, year = read("/figures/2024-1/crossed"), read("/figures/2024-1")
    assert page.count('class="counts crossed"') == len(Crossing)
    assert 'class="counts crossed"' not in year
    for crossing in released:
        assert f'<h3 id="{crossing}">' in page
        assert f'href="/figures/2024-1/crossed?language=en#{crossing}"' in year
    assert 'href="/figures/2024-1?language=en"' in page
    linked = re.findall(r'href="/figures/(\d+)\?language=en"', page)
    assert linked == [str(number) for number in released["persons_by_age_and_gender"]["editions"]]


def test_a_line_of_the_page_has_its_numbers_and_their_sum(released):
    page = read("/figures/2024-1/crossed")
    for crossing in Crossing:
        document = released[crossing.value]
        by_row, by_column = crossing.tables
        columns = [document["columns"].index(it) for it in (*OF[by_column].cells, REST) if it in document["columns"]]
        counts = [document["cells"][0][place] for place in columns] + [document["row_sums"][0]]
        sums = [document["column_sums"][place] for place in columns] + [document["total"]]
        table = page.partition(f'<h3 id="{crossing}">')[2].partition("</table>")[0]
        for label, numbers in ((OF[by_row].cells[document["rows"][0]], counts), ("In all", sums)):
            [line] = re.findall(f'<tr><th scope="row">{re.escape(escape(capfirst(str(label))))}</th>(.*?)</tr>', table)
            assert re.findall(">([^<>]+)<", line) == ["not shown" if it is None else f"{it:,}" for it in numbers]


def test_the_files_have_each_cell_each_sum_and_what_they_mean(released):
    assert any(count is None for it in released.values() for line in it["cells"] for count in line)
    counts = rows("/figures/2024-1.csv")
    for crossing, document in released.items():
        columns = [*document["columns"], "total"]
        lines = [[*line, total] for line, total in zip(document["cells"], document["row_sums"], strict=True)]
        sums = [*document["column_sums"], document["total"]]
        expected = {
            f"{row}>{column}": "" if count is None else str(count)
            for row, line in zip([*document["rows"], "total"], [*lines, sums], strict=True)
            for column, count in zip(columns, line, strict=True)
        }
        expected["total"] = expected.pop("total>total")
        assert {cell: count for (table, cell), count in counts.items() if table == crossing} == expected
    written = list(csv.reader(io.StringIO(read("/figures/2024-1.csv"))))
    sheet = load_workbook(io.BytesIO(Client().get("/figures/2024-1.xlsx?language=en").content)).active
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == written
    notes = {row[3]: row[-1] for row in written if row[4] == "total"}
    for crossing in Crossing:
        for table in crossing.tables:
            definition = table.definition
            for words in (definition.unit, definition.population, definition.counted_by, definition.caution):
                assert str(words) in notes[crossing.value]


def test_the_dictionary_has_each_cell_of_a_crossed_table_and_says_what_the_others_are(released):
    counts, explained = rows("/figures/2024-1.csv"), dictionary()
    cells = {(row["table"], row["cell"]) for row in explained if row["table"] in released}
    assert cells == {cell for cell in counts if cell[0] in released}
    with_others = {name for name, it in released.items() if REST in (*it["rows"], *it["columns"])}
    assert with_others
    for row in explained:
        if row["table"] in released:
            assert all(row[name] for name in ("title", "label", "unit", "population", "counted_by", "caution"))
            assert ("“The others added up” are" in row["caution"]) is (row["table"] in with_others)


def test_the_pdf_says_where_the_crossed_tables_are(released):
    file = Client().get("/figures/2024-1.pdf?language=en").content
    first = " ".join(PdfReader(io.BytesIO(file)).pages[0].extract_text().split())
    assert "two breakdowns at once are on the public pages, in the CSV and in the .xlsx, not here." in first


def test_after_a_correction_the_first_release_says_that_its_crossed_tables_stand(released, corrected_year):
    assert STILL not in read("/figures/2024-1") + read("/figures/2024-1.csv")  # the correction has no file yet
    before = read("/figures/2024-1/crossed")
    rewrite()
    assert STILL in read("/figures/2024-1")
    assert STILL in read("/figures/2024-1.csv")
    later = read(f"/figures/{corrected_year.code}")
    assert STILL not in later
    assert re.search(r'see the first release, <a href="/figures/2024-1/crossed\?language=en">2024-1</a>', later)
    page = read("/figures/2024-1/crossed")
    corrected = re.compile(r"<p>The other figures of this year were corrected:.*?</p>")
    assert f'<a href="/figures/{corrected_year.code}?language=en">' in corrected.findall(page)[0]
    assert corrected.sub("", page).split() == before.split()
    read(f"/figures/{corrected_year.code}/crossed", status=404)


def test_the_page_needs_no_query_no_cookie_and_no_script_in_any_language(released, django_assert_num_queries):
    for code, _name in settings.LANGUAGES:
        with django_assert_num_queries(0):
            answer = Client().get(f"/figures/2024-1/crossed?language={code}")
        assert answer.status_code == 200
        assert not answer.cookies
        assert answer.content.count(b"<script") == 1  # that of the quick exit
    assert "Dos desgloses a la vez" in answer.content.decode()  # in Quechua, which falls back to Spanish


@pytest.mark.parametrize("code", ["2023-1", "1", "x"])
def test_what_has_no_crossed_tables_has_no_such_page(released, code):
    read(f"/figures/{code}/crossed", status=404)
