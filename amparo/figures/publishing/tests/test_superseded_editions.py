"""Superseded editions stay readable at their own address, and say which edition is the newest."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils.text import capfirst
from pypdf import PdfReader

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.public import editions
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.screens.site.tests.test_public_pages import SMALL, weight

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish(paula, bruno, now, django_capture_on_commit_callbacks):
    def publish(draft: Edition) -> Edition:
        with django_capture_on_commit_callbacks(execute=True):
            return publish_edition(draft, by=bruno, now=now + timedelta(days=1))

    return publish


@pytest.fixture
def correct(publish, called, paula, now):
    """Publish a correction that adds contacts: 300 from Cusco, 200 from Lima, and 50 from no place."""

    def correct(edition: Edition) -> Edition:
        for place, many in (("08", 300), ("15", 200), ("", 50)):
            called(many, place, at=edition.period.ends - timedelta(days=40))
        return publish(correct_edition(edition, "invented: days were missing", by=paula, now=now))

    return correct


def read(address: str, status: int = 200) -> str:
    answer = Client().get(f"{address}?language=en")
    assert answer.status_code == status
    return answer.content.decode()


def without_the_mark(page: str) -> str:
    return re.sub(r'<p class="superseded".*?</p>', "", page)


def test_a_superseded_edition_stays_as_it_was_and_links_to_the_newest(published, correct):
    before = read(f"/figures/{published.pk}")
    assert "Superseded" not in before
    second = correct(published)
    third = correct(second)
    for old in (published, second):
        page = read(f"/figures/{old.pk}")
        assert re.search(rf'Superseded by <a href="/figures/{third.pk}\?language=en">edition {third.pk}</a>', page)
    assert without_the_mark(read(f"/figures/{published.pk}")) == before
    assert re.search(r'Cusco</th><td class="n">20</td>', before)
    assert "Superseded" not in read(f"/figures/{third.pk}")
    assert re.search(r'Cusco</th><td class="n">620</td>', read("/figures"))


def test_every_file_of_a_superseded_edition_is_that_editions(published, correct):
    newest = correct(published)
    rows = list(csv.DictReader(io.StringIO(read(f"/figures/{published.pk}.csv"))))
    assert {row["edition"] for row in rows} == {str(published.pk)}
    assert next(row["count"] for row in rows if row["cell"] == "08") == "20"
    assert rows[-1]["label"] == f"Superseded by edition {newest.pk}"
    pdf = Client().get(f"/figures/{published.pk}.pdf?language=en")
    assert f"Superseded by edition {newest.pk}" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    about = Client().get(f"/figures/{published.pk}.jsonld").json()
    assert about["dct:isReplacedBy"]["@id"].endswith(f"/figures/{newest.pk}#edition-{newest.pk}")
    for file in ("xlsx", "ctdc.csv", "dictionary.csv"):
        assert Client().get(f"/figures/{published.pk}.{file}").status_code == 200
    assert all("Superseded" not in row["label"] for row in csv.DictReader(io.StringIO(read("/figures.csv"))))


def test_a_correction_of_older_months_supersedes_its_own_and_the_newest_months_stay(
    published, called, correct, publish, quarter, paula, now
):
    called(60, "15", at=quarter.previous.ends - timedelta(days=40))
    older = publish(draft_edition(quarter.previous, by=paula, now=now))
    page = read(f"/figures/{older.pk}")
    assert "Superseded" not in page
    assert re.search(rf'There are newer months: <a href="/figures/{published.pk}\?language=en">{quarter}</a>', page)
    correction = correct(older)
    assert f"/figures/{correction.pk}?" in read(f"/figures/{older.pk}")
    assert f"edition {correction.pk}" not in read(f"/figures/{published.pk}")
    assert str(quarter) in read("/figures")
    assert "There are newer months" not in read("/figures")


def test_all_editions_are_listed_and_only_the_superseded_ones_are_marked(published, correct):
    newest = correct(published)
    assert 'href="/figures/editions?language=en"' in read("/figures")
    found = re.findall(r'<li><a href="/figures/(\d+)\?language=en">([^<]*)</a>(.*?)</li>', read("/figures/editions"))
    assert [int(number) for number, _period, _mark in found] == [newest.pk, published.pk]
    assert {period for _number, period, _mark in found} == {capfirst(str(published.period))}
    assert ["superseded" in mark for _number, _period, mark in found] == [False, True]


def test_a_draft_and_what_never_was_have_no_page(draft, publish):
    for address in (f"/figures/{draft.pk}", f"/figures/{draft.pk}.csv", "/figures/0"):
        read(address, status=404)
    publish(draft)
    read(f"/figures/{draft.pk}")  # the control


def test_all_of_them_are_written_again_from_the_database(published, correct):
    from amparo.figures.publishing.public import FOLDER, rewrite
    from amparo.foundation.core import published_documents

    newest = correct(published)
    pages = [read(f"/figures/{each.pk}") for each in (published, newest)]
    published_documents.replace_documents(FOLDER, {})
    assert editions() == []
    rewrite()
    assert [read(f"/figures/{each.pk}") for each in (published, newest)] == pages


def test_a_superseded_edition_needs_no_query_and_no_script_and_is_small(
    published, correct, django_assert_num_queries, capsys
):
    correct(published)
    for page in (f"/figures/{published.pk}", "/figures/editions"):
        with django_assert_num_queries(0):
            answer = Client().get(page)
        assert answer.content.count(b"<script") == 1  # that of the quick exit
        weights = {code: weight(Client(), f"{page}?language={code}") for code, _ in settings.LANGUAGES}
        with capsys.disabled():
            print(f"\n{page} compressed, alone and with style, script and pictures: {weights}, at most {SMALL}")
        assert max(total for _alone, total in weights.values()) <= SMALL


def test_a_page_that_falls_back_to_spanish_is_marked_as_spanish(published, correct):
    correct(published)
    for page in ("/figures", f"/figures/{published.pk}", "/figures/editions"):
        in_quechua = Client().get(f"{page}?language=qu").content.decode()
        assert '<html lang="qu"' in in_quechua
        assert '<body class="site" lang="es">' in in_quechua
        assert '<body class="site">' in read(page)
