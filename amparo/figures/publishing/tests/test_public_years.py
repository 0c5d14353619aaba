"""A released year has a public page and files like an edition: the sum of its editions, at an address that stays."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from pypdf import PdfReader

from amparo.figures.publishing.analysis.breakdowns import MEASURES
from amparo.figures.publishing.models import CrossedYear, Edition, Year
from amparo.figures.publishing.public import FOLDER, editions, latest_document, rewrite
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import OF_A_YEAR, Table
from amparo.foundation.core import published_documents
from amparo.screens.site.tests.test_public_pages import SMALL, weight

from .test_superseded_editions import without_the_mark

pytestmark = pytest.mark.django_db
CALLED = ({"15": 40, "08": 25, "": 30}, {"15": 50, "08": 20, "": 30}, {"15": 60, "08": 20, "": 20}, {"15": 70, "": 60})


@pytest.fixture
def publish(paula, bruno, now, django_capture_on_commit_callbacks) -> Callable[[Edition], Edition]:
    def publish_draft(draft: Edition) -> Edition:
        with django_capture_on_commit_callbacks(execute=True):
            return publish_edition(draft, by=bruno, now=now + timedelta(days=1))

    return publish_draft


@pytest.fixture
def quarters(called, publish, paula, now) -> list[Edition]:
    """The editions of 2024, which release the year."""
    made = []
    for place, places in enumerate(CALLED):
        quarter = Quarter(date(2024, 3 * place + 1, 1))
        for ubigeo, many in places.items():
            called(many, ubigeo, at=quarter.ends - timedelta(days=40))
        made.append(publish(draft_edition(quarter, by=paula, now=now)))
    return made


@pytest.fixture
def correct(called, publish, paula, now) -> Callable[[Edition], Edition]:
    def correct_one(edition: Edition) -> Edition:
        for place, many in (("15", 200), ("", 50)):
            called(many, place, at=edition.period.ends - timedelta(days=40))
        return publish(correct_edition(edition, "invented: days were missing", by=paula, now=now))

    return correct_one


def read(address: str, status: int = 200) -> str:
    answer = Client().get(f"{address}?language=en")
    assert answer.status_code == status
    return answer.content.decode()


def rows(address: str) -> dict[tuple[str, str], str]:
    return {(row["table"], row["cell"]): row["count"] for row in csv.DictReader(io.StringIO(read(address)))}


def test_a_year_has_a_page_with_its_numbers_and_a_link_to_each_edition(quarters):
    page = read("/figures/2024-1")
    assert re.search(r'Lima</th><td class="n">220</td>', page)
    assert re.search(r'Cusco</th><td class="n"><span class="unshown">not shown', page)  # of the last quarter none
    assert re.findall(r'<a href="/figures/(\d+)\?language=en">\1</a>', page) == [str(it.pk) for it in quarters]
    assert "There are newer months" not in page
    assert "Superseded" not in page
    assert "newest whole year" not in page
    assert re.search(r'The newest whole year: <a href="/figures/2024-1\?language=en">2024</a>', read("/figures"))


def test_before_its_last_months_are_published_there_is_no_year(called, publish, paula, now):
    quarter = Quarter(date(2024, 1, 1))
    called(40, "15", at=quarter.ends - timedelta(days=40))
    publish(draft_edition(quarter, by=paula, now=now))
    read("/figures/2024-1", status=404)
    assert "newest whole year" not in read("/figures")
    assert "newest whole year" not in read("/figures/editions")


def test_the_newest_months_stay_on_the_first_page_of_figures(quarters):
    assert latest_document()["edition"] == quarters[-1].pk
    assert str(quarters[-1].period) in read("/figures")
    assert [it.code for it in editions()] == ["2024-1", *(str(it.pk) for it in reversed(quarters))]
    assert re.search(r'<a href="/figures/2024-1\?language=en">The whole year</a>', read("/figures/editions"))


def test_every_file_of_a_year_has_its_numbers_and_says_what_they_are(quarters):
    year = Year.objects.get()
    counts = rows("/figures/2024-1.csv")
    written = year.document["tables"]
    assert len(written) > 15
    for table, numbers in written.items():
        assert counts[table, "total"] == str(numbers["total"] or "")
        if table != "persons_by_route":  # only routes that are shown have a row
            assert {cell: counts[table, cell] for cell in numbers["cells"]} == {
                cell: str(count or "") for cell, count in numbers["cells"].items()
            }
    assert min(int(count) for count in counts.values() if count) >= 10
    assert all(row["from"] == "2024-01-01" and row["before"] == "2025-01-01" for row in _dicts("/figures/2024-1.csv"))
    pdf = Client().get("/figures/2024-1.pdf?language=en")
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert "Figures of the hotline, 2024" in text
    assert "The sum of these editions" in text
    about = Client().get("/figures/2024-1.jsonld").json()
    assert about["dct:accrualPeriodicity"]["@id"].endswith("/frequency/ANNUAL")
    assert about["dct:temporal"]["dcat:endDate"]["@value"] == "2024-12-31"
    assert Client().get("/figures/2024-1.xlsx").status_code == 200
    assert any(row["table"] == "contacts_by_department" for row in _dicts("/figures/2024-1.dictionary.csv"))
    assert _dicts("/figures/2024-1.ctdc.csv")
    for distribution in about["dcat:distribution"]:
        address = distribution["dcat:downloadURL"]["@id"].removeprefix("http://testserver")
        assert Client().get(address).status_code == 200


def _dicts(address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(address))))[:-1]  # without the line of the licence


def test_a_corrected_quarter_supersedes_its_year_and_the_first_one_stays(quarters, correct):
    before = read("/figures/2024-1")
    correct(quarters[0])
    page = read("/figures/2024-2")
    assert re.search(r'Lima</th><td class="n">420</td>', page)
    assert "invented: days were missing" in page
    assert re.search(r'Lima</th><td class="n">220</td><td class="n">420</td>', page)  # what changed
    first = read("/figures/2024-1")
    assert re.search(r'Superseded by <a href="/figures/2024-2\?language=en">edition 2024-2</a>', first)
    assert without_the_mark(first) == before
    about = Client().get("/figures/2024-1.jsonld").json()
    assert about["dct:isReplacedBy"]["@id"].endswith("/figures/2024-2#edition-2024-2")
    assert rows("/figures/2024-1.csv")["contacts_by_department", "15"] == "220"
    read("/figures/2024-3", status=404)


def test_a_year_without_a_small_quarter_says_so_on_page_and_paper(called, publish, paula, now):
    for place, many in enumerate((3, 40, 40, 40)):
        quarter = Quarter(date(2024, 3 * place + 1, 1))
        called(many, "15", at=quarter.ends - timedelta(days=40))
        publish(draft_edition(quarter, by=paula, now=now))
    sentence = "Without January to March 2024: too few people."
    assert sentence in read("/figures/2024-1")
    assert sentence in read("/figures/2024-1.csv")
    pages = PdfReader(io.BytesIO(Client().get("/figures/2024-1.pdf?language=en").content)).pages
    assert sentence in " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_years_are_written_again_from_the_database(quarters, correct):
    correct(quarters[0])
    pages = [read(f"/figures/2024-{revision}") for revision in (1, 2)]
    published_documents.replace_documents(FOLDER, {})
    read("/figures/2024-1", status=404)
    rewrite()
    assert [read(f"/figures/2024-{revision}") for revision in (1, 2)] == pages


def test_a_year_needs_no_query_and_no_script_and_is_small(quarters, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/figures/2024-1")
    assert answer.content.count(b"<script") == 1  # that of the quick exit
    weights = [weight(Client(), f"/figures/2024-1?language={code}") for code, _ in settings.LANGUAGES]
    assert max(total for _alone, total in weights) <= SMALL


def test_a_page_with_every_table_and_a_list_of_what_changed_comes_in_one_round_trip(corrected_year, capsys):
    rewrite()
    newest = Edition.objects.latest("pk")
    assert len(newest.document["tables"]) == len(Table) - len(OF_A_YEAR)
    assert newest.document["changes"]
    years = ("/figures/2024-1", "/figures/2024-1/crossed", f"/figures/2024-{corrected_year.revision}")
    for page in (f"/figures/{newest.pk}", *years, "/figures"):
        weights = {code: weight(Client(), f"{page}?language={code}") for code, _ in settings.LANGUAGES}
        with capsys.disabled():
            print(f"\n{page} compressed, alone and with style, script and pictures: {weights}, at most {SMALL}")
        assert max(total for _alone, total in weights.values()) <= SMALL


def test_of_a_year_whose_crossed_tables_show_nothing_no_page_speaks_of_them(called, publish, paula, now, correct):
    made = []
    for place, many in enumerate((3, 40, 40, 40)):
        quarter = Quarter(date(2024, 3 * place + 1, 1))
        called(many, "15", at=quarter.ends - timedelta(days=40))
        made.append(publish(draft_edition(quarter, by=paula, now=now)))
    correct(made[1])
    assert CrossedYear.objects.exists()
    assert not any(it.document["rows"] for it in CrossedYear.objects.all())
    for code in ("2024-1", "2024-2"):
        assert "wo breakdowns at once" not in read(f"/figures/{code}")
        read(f"/figures/{code}/crossed", status=404)


def test_a_definition_stands_once_for_all_tables_of_its_population(year):
    rewrite()
    page, crossed = read("/figures/2024-1"), read("/figures/2024-1/crossed")
    for measure in MEASURES:
        definition = measure.any_table.definition
        assert page.count(f"<dd>{escape(str(definition.population))}</dd>") == 1
        assert crossed.count(f"<dd>{escape(str(definition.population))}</dd>") == bool(measure.crossings)
        for table in measure.tables:
            assert page.count(str(escape(str(table.definition.caution)))) >= 1
        for table in (*measure.tables, *filter(None, [measure.months])):
            same = (table.definition.unit, table.definition.population, table.definition.counted_by)
            assert same == (definition.unit, definition.population, definition.counted_by)


def test_a_page_with_two_maps_has_the_outlines_of_the_departments_once(year):
    rewrite()
    text = read("/figures/2024-1")
    assert text.count('<path id="shape-15" d="M') == 1
    assert text.count('href="#shape-15"') == text.count('href="#departments"') == 1
    assert text.index('class="shapes"') > text.rindex("</section>")  # a line is drawn between sections that touch
    assert text.count('<use class="cell" data-step="hidden"') > 5


@pytest.mark.parametrize("code", ["2024-0", "2023-1", "2024-", "2024-1-1", "0", "99999999999999999999"])
def test_what_is_no_year_has_no_page(quarters, code):
    read(f"/figures/{code}", status=404)
    read(f"/figures/{code}.csv", status=404)
