"""The publishers' pages, and the public page of a published edition."""

import csv
import io
import json
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from amparo.figures.publishing import public
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.snapshot.tables import OF, Table
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as

pytestmark = pytest.mark.django_db


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def edition(user: User) -> Edition:
    with acting_as(user.acting()):
        return Edition.objects.newest_first()[0]


def test_two_publishers_publish_a_quarter(a_quarter, quarter, paula, bruno, django_capture_on_commit_callbacks):
    hers, his = at(paula), at(bruno)
    assert str(quarter) in hers.get("/editions?language=en").content.decode()
    made = hers.post("/editions/draft", {"period": quarter.code})
    page = hers.get(made.headers["Location"] + "?language=en").content.decode()
    assert "A draft." in page
    assert "Publish it for everybody" not in page
    assert "No figures are published yet." in Client().get("/figures?language=en").content.decode()
    assert "Publish it for everybody" in his.get(made.headers["Location"] + "?language=en").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        his.post(made.headers["Location"] + "/publish")
    public = Client().get("/figures?language=en").content.decode()
    assert str(quarter) in public
    assert "<dd>95</dd>" in public


def test_a_page_refuses_in_a_sentence(draft, paula):
    refused = at(paula).post(f"/editions/{draft.pk}/publish?language=en")
    assert refused.status_code == 409
    assert "Another publisher publishes what you drafted." in refused.content.decode()
    assert at(paula).post("/editions/draft", {"period": "2024-08-01"}).status_code == 409


def test_a_correction_is_drafted_on_the_page_and_shows_what_changes(published, called, paula):
    client = at(paula)
    empty = client.post(f"/editions/{published.pk}/correct?language=en", {"why": ""})
    assert (empty.status_code, "Say what was wrong" in empty.content.decode()) == (422, True)
    called(300, "08")
    called(200, "15")
    called(50)
    made = client.post(f"/editions/{published.pk}/correct", {"why": "invented: days were missing"})
    page = client.get(made.headers["Location"] + "?language=en").content.decode()
    assert "invented: days were missing" in page
    assert re.search(r"Where they contact us from.*?Lima.*?30.*?230", page, re.DOTALL)


def test_a_draft_is_discarded_on_the_page(draft, bruno):
    assert at(bruno).post(f"/editions/{draft.pk}/discard").status_code == 302
    assert "None yet." in at(bruno).get("/editions?language=en").content.decode()


def test_hidden_cells_are_hatched_and_their_numbers_absent(published):
    page = Client().get("/figures?language=en").content.decode()
    assert page.count('class="cell" data-step="hidden"') == 1 + 25 - 2  # the legend, and all departments but two
    assert re.search(r"Ucayali</th><td class=\"n\"><span class=\"unshown\">not shown", page)
    assert "Place not said" in page


def test_a_table_with_all_cells_hidden_shows_only_its_total(published):
    assert "Only how many in all can be shown: <b>95</b>" in Client().get("/figures?language=en").content.decode()


def test_tables_with_nothing_to_show_stand_at_the_end_of_the_edition_with_their_definitions(published, paula):
    page = at(paula).get(f"/editions/{published.pk}?language=en").content.decode()
    end = page.index('<h2 id="unshown">Not shown, because they are too few</h2>')
    assert page.index('<h2 id="contacts_by_department">') < end < page.index('<details id="reports_by_answer">')
    assert "One report that the line sent to a unit" in page[end:]
    assert "Police reports decided" not in Client().get("/figures?language=en").content.decode()


def test_the_file_holds_what_the_page_shows(published):
    answer = Client().get("/figures.csv?language=en")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    of = {row["cell"]: row["count"] for row in rows if row["table"] == "contacts_by_department"}
    assert (of["15"], of["08"], of["25"], of["total"]) == ("30", "20", "", "95")
    assert {row["count"] for row in rows} <= {"", "20", "30", "95"}
    assert "Licence" in rows[-1]["label"]


def test_the_spreadsheet_holds_the_rows_of_the_csv(published):
    rows = list(csv.reader(io.StringIO(Client().get("/figures.csv?language=en").content.decode())))
    sheet = load_workbook(io.BytesIO(Client().get("/figures.xlsx?language=en").content)).active
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == rows


def test_the_pdf_holds_the_numbers_their_definitions_and_the_edition(published, paula):
    content = Client().get("/figures.pdf?language=en").content
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)
    assert "Cusco 20" in text
    assert "Ucayali not shown" in text
    assert "In all 95" in text
    assert text.index("Not shown, because they are too few") < text.index("Police reports decided within 72 hours")
    assert "Unit: One conversation, by telephone or in writing." in text
    assert f"Edition {published.pk}" in text
    assert published.snapshot.checksum not in text  # who knows it finds small counts by trying
    assert at(paula).get(f"/editions/{published.pk}/pdf?language=en").content == content


def test_catalogues_read_what_the_edition_is_and_where_its_files_are(published, quarter):
    answer = Client().get("/figures.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json"
    record = answer.json()
    assert record["@type"] == "dcat:Dataset"
    assert record["dct:temporal"]["dcat:startDate"]["@value"] == quarter.first.isoformat()
    assert [title["@language"] for title in record["dct:title"]] == ["es", "en"]
    for distribution in record["dcat:distribution"]:
        assert Client().get(urlsplit(distribution["dcat:downloadURL"]["@id"]).path).status_code == 200
        assert distribution["dct:license"]["@id"].endswith("/by/4.0/")


@pytest.mark.parametrize("file", ["csv", "xlsx", "jsonld"])
def test_without_an_edition_there_is_no_file(db, file):
    assert Client().get(f"/figures.{file}").status_code == 404


def test_an_edition_with_nothing_to_show_says_so(
    called, quarter, paula, bruno, now, django_capture_on_commit_callbacks
):
    called(4, "15")
    with django_capture_on_commit_callbacks(execute=True):
        publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)
    page = Client().get("/figures?language=en").content.decode()
    assert "Of these months no number can be shown" in page
    assert "<table" not in page


def test_the_public_page_asks_no_database(published, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/figures").status_code == 200
        assert Client().get("/figures.csv").status_code == 200


def test_a_published_edition_names_nobody(published, paula, bruno):
    everything = json.dumps(published.document) + Client().get("/figures").content.decode()
    for user in (paula, bruno):
        assert user.first_name not in everything
        assert user.username not in everything


@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_every_language_reads_it(published, language):
    page = Client().get(f"/figures?language={language}").content.decode()
    assert published.snapshot.checksum not in page + str(published.document)
    assert "Lima" in page
    assert public.latest_document()["tables"] == published.document["tables"]


def test_every_counted_cell_has_a_label():
    for table in Table:
        assert set(OF[table].cells) == set(table.cells)
        assert all(str(label) for label in OF[table].cells.values())
