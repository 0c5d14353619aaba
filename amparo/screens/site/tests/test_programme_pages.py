"""The public pages of the plan, of events and of the news: small, without cookie, script or anybody else."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from pypdf import PdfReader

from amparo.foundation.core import published_documents

from .test_public_pages import SMALL, weight

LATER = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
BRANCH = {"kind": "objective", "text": "Objetivo de ejemplo con un texto de largo corriente", "light": "red",
          "lights": [3, 1, 1, 2], "branches": []}  # fmt: skip
PLAN = {
    "title": "Plan inventado", "starts_on": "2026-01-01", "ends_on": "2030-12-31", "state": "approved",
    "is_invented": True, "as_of": "2026-11-27", "waits_for": "Ley 00000", "approved_by": "Comisión",
    "approved_through": "Resolución 000", "reviewed_from": "2026-03-18", "approved_on": "2026-05-12",
    "operational_on": None, "closed_on": None, "lights": [56, 19, 18, 37], "nodes": {},
    "branches": [
        {**BRANCH, "kind": "axis", "number": str(axis), "branches": [
            {**BRANCH, "number": f"{axis}.{number}"} for number in range(1, 5)
        ]} for axis in range(1, 4)
    ],
}  # fmt: skip
EVENT = {
    "pk": 1, "kind": "performance", "title": "Obra inventada", "venue": "Teatro", "ubigeo": "150101",
    "starts_at": "2026-11-12T19:00:00+00:00", "about": {"es": "Sobre la obra.", "en": "About the play."},
    "invited": 260, "attendance": 200, "attendance_qualifier": "more_than", "decision_makers": 64, "media_pieces": 11,
    "pledges": [{"text": "Promesa", "made_by": "Ministerio", "due": LATER, "was_kept": None, "closed_on": None}] * 6,
    "testimonies": ["abc123"],
}  # fmt: skip
TESTIMONY = {
    "texts": {"es": {"text": "Palabras.", "until": LATER}, "en": {"text": "Words.", "until": LATER}},
    "signed_as": "Kusi",
}  # fmt: skip
CITED = {"table": "contacts_by_channel", "cell": "total", "value": 1250, "edition": 1, "first_day": "2026-07-01"}
WORDS = {"title": "Nota", "lead": "Entrada.", "text": "Fueron {contacts_by_channel/total}.\n\n" + "Un párrafo. " * 80}
NOTE = {
    "slug": "nota", "place": "Lima", "contact": "Prensa", "texts": {"es": WORDS, "en": WORDS}, "testimony": "abc123",
    "public_from": "2026-11-01T06:00:00+00:00", "citations": {"contacts_by_channel/total": CITED},
}  # fmt: skip
PAGES = ("/plan", "/performances", "/performances/1", "/testimonies/abc123", "/news", "/news/nota", "/media")


@pytest.fixture(autouse=True)
def published():
    documents = (("plan", "current", PLAN), ("events", "1", EVENT), ("testimonies", "abc123", TESTIMONY),
                 ("news", "nota", NOTE))  # fmt: skip
    for folder, name, document in documents:
        published_documents.put(folder, name, document)
    yield
    for folder, _name, _document in documents:
        published_documents.replace_all(folder, {})


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_small_in_every_language(client, capsys, page):
    weights = {code: weight(client, f"{page}?language={code}") for code, _ in settings.LANGUAGES}
    with capsys.disabled():
        print(f"\n{page} compressed, alone and with style, script and pictures: {weights}, at most {SMALL}")
    assert max(whole for _alone, whole in weights.values()) <= SMALL


@pytest.mark.parametrize("page", [*PAGES, "/news.atom"])
def test_no_cookie_and_nothing_from_anybody_else(client, page):
    for code, _name in settings.LANGUAGES:
        answer = client.get(f"{page}?language={code}")
        assert answer.status_code == 200
        assert not answer.cookies
        if page != "/news.atom":
            text = answer.content.decode()
            assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
            assert text.count("<script") == 1  # the quick exit, which is a plain link without it
            assert text.index('class="leave" href="/cover"') < 2500


@pytest.mark.parametrize(
    "address", ["/performances/2", "/testimonies/nothing", "/news/nothing", "/news/..%2f..%2fkeys"]
)
def test_what_is_not_there_is_a_page_with_the_way_out(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert 'class="leave" href="/cover"' in answer.content.decode()


def test_without_a_plan_the_page_says_so(client):
    published_documents.remove("plan", "current")
    assert "No plan is published yet." in client.get("/plan?language=en").content.decode()


def test_a_broken_file_is_as_none(client):
    (settings.ENVIRONMENT.home / "published/news/nota.json").write_text("{")
    assert client.get("/news/nota").status_code == 404
    assert client.get("/news").status_code == 200


@pytest.mark.parametrize(("file", "begins"), [("poster.svg", b"<svg"), ("poster.pdf", b"%PDF")])
def test_the_poster_carries_the_number_of_the_line(client, settings, file, begins):
    assert client.get(f"/media/{file}").status_code == 404  # the demonstration's line has no number
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, line_number="0800 00 000")
    answer = client.get(f"/media/{file}")
    assert answer.content.startswith(begins)
    assert f"/media/{file}" in client.get("/media").content.decode()
    text = answer.content if file == "poster.svg" else _text_of(answer.content)
    assert b"0800 00 000" in text


def _text_of(pdf: bytes) -> bytes:
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text().encode()
