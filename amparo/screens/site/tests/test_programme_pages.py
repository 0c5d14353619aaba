"""The public pages of the plan, of events and of the news: small, without cookie, script or anybody else."""

import io
import re
from datetime import UTC, datetime, timedelta
from random import Random
from xml.etree import ElementTree

import pytest
from django.conf import settings
from pypdf import PdfReader

from amparo.foundation.core import published_documents
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.programme.news.forms import LONGEST_TEXT
from amparo.programme.texts.shipped import FOLDER

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
        published_documents.write_document(folder, name, document)
    yield
    for folder, _name, _document in documents:
        published_documents.replace_documents(folder, {})


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_small_in_every_language(client, capsys, page):
    weights = {code: weight(client, f"{page}?language={code}") for code, _ in settings.LANGUAGES}
    with capsys.disabled():
        print(f"\n{page} compressed, alone and with style, script and pictures: {weights}, at most {SMALL}")
    assert max(total for _alone, total in weights.values()) <= SMALL


def prose(letters: int) -> str:
    """Text of this length out of the Spanish catalogue: it compresses like text that people write."""
    words = "\n\n".join(path.read_text() for path in sorted(FOLDER.glob("*.es.md")))
    return (words * (letters // len(words) + 1))[:letters]


def different(letters: int, number: int) -> str:
    """Prose in another order of its words for each number, so that one text compresses nothing of the next."""
    words = prose(letters).split()
    Random(number).shuffle(words)
    return " ".join(words)


@pytest.mark.parametrize("page", ["/news", "/performances", "/performances/1", "/news/nota"])
def test_after_years_each_page_is_still_small(client, capsys, page):
    """A hundred notes and performances, ten testimonies on one evening, and the longest texts that a form takes."""
    for number in range(1, 101):
        words = {"title": different(90, number), "lead": different(200, number), "text": "x"}
        note = {**NOTE, "slug": f"nota-{number}", "texts": {"es": words, "en": words}}
        published_documents.write_document("news", note["slug"], note)
        event = {**EVENT, "pk": number + 1, "title": different(60, number), "venue": different(30, number)}
        published_documents.write_document("events", str(number + 1), event)
    codes = [f"code{number}" for number in range(10)]
    for number, code in enumerate(codes):
        text = {"text": different(1500, number), "until": LATER}
        published_documents.write_document("testimonies", code, {**TESTIMONY, "texts": {"es": text, "en": text}})
    pledges = [{**EVENT["pledges"][0], "text": different(120, number)} for number in range(12)]
    evening = {**EVENT, "about": {"es": different(2000, 1), "en": ""}, "testimonies": codes, "pledges": pledges}
    published_documents.write_document("events", "1", evening)
    longest = {**WORDS, "lead": different(400, 1), "text": different(LONGEST_TEXT, 2) + WORDS["text"][:40]}
    published_documents.write_document("news", "nota", {**NOTE, "texts": {"es": longest, "en": longest}})
    weights = {code: weight(client, f"{page}?language={code}") for code, _ in settings.LANGUAGES}
    with capsys.disabled():
        print(f"\n{page} after years, alone and with style, script and pictures: {weights}, at most {SMALL}")
    assert max(total for _alone, total in weights.values()) <= SMALL


def test_what_is_too_long_for_the_page_of_an_event_is_a_link(client):
    for number in range(4):
        text = {"text": different(1500, number), "until": LATER}
        published_documents.write_document(
            "testimonies", f"code{number}", {"texts": {"es": text}, "signed_as": f"Kusi {number}"}
        )
    published_documents.write_document(
        "events", "1", {**EVENT, "testimonies": [f"code{number}" for number in range(4)]}
    )
    page = client.get("/performances/1?language=es").content.decode()
    assert page.count("<blockquote") == 2
    assert re.findall(r'href="/testimonies/(\w+)">([^<]*)', page) == [("code2", "Kusi 2"), ("code3", "Kusi 3")]


def test_the_older_ones_are_on_pages_of_their_own(client):
    for number in range(1, 46):
        published_documents.write_document("news", f"nota-{number:02}", {**NOTE, "slug": f"nota-{number:02}"})
    first = client.get("/news?language=en").content.decode()
    assert 'href="?language=en&amp;page=2"' in first
    found = [re.findall(r'href="/news/(nota[^"?]*)', client.get(f"/news?page={n}").content.decode()) for n in (1, 2, 3)]
    assert [len(each) for each in found] == [20, 20, 6]
    assert len({slug for each in found for slug in each}) == 46
    assert client.get("/news?page=nothing").status_code == client.get("/news?page=99").status_code == 200


def test_a_text_that_falls_back_to_spanish_is_marked_as_spanish(client):
    published_documents.write_document("events", "1", {**EVENT, "about": {"es": "Sobre la obra.", "en": ""}})
    for code in ("en", "qu"):
        assert (
            '<div lang="es"><p>Sobre la obra.</p></div>'
            in client.get(f"/performances/1?language={code}").content.decode()
        )


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
            without_style = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
            assert without_style.index('class="leave" href="/cover"') < 2500


@pytest.mark.parametrize(
    "address", ["/performances/2", "/testimonies/nothing", "/news/nothing", "/news/..%2f..%2fkeys"]
)
def test_what_is_not_there_is_a_page_with_the_way_out(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert 'class="leave" href="/cover"' in answer.content.decode()


def test_without_a_plan_the_page_says_so(client):
    published_documents.remove_document("plan", "current")
    assert "No plan is published yet." in client.get("/plan?language=en").content.decode()


def test_a_broken_file_is_as_none(client):
    (settings.ENVIRONMENT.home / "published/news/nota.json").write_text("{")
    assert client.get("/news/nota").status_code == 404
    assert client.get("/news").status_code == 200


@pytest.mark.parametrize(("file", "begins"), [("poster.svg", b"<svg"), ("poster.pdf", b"%PDF")])
def test_the_poster_carries_the_number_of_the_line(client, settings, file, begins):
    assert client.get(f"/media/{file}").status_code == 404  # the demonstration's line has no number
    keep(LineSettings(line_number="0800 00 000", name="Línea & Sol"))
    answer = client.get(f"/media/{file}")
    assert answer.content.startswith(begins)
    assert f"/media/{file}" in client.get("/media").content.decode()
    text = answer.content if file == "poster.svg" else _text_of(answer.content)
    assert b"0800 00 000" in text
    assert ("Línea &amp; Sol" if file == "poster.svg" else "Línea & Sol").encode() in text


def test_poster_and_radio_promise_day_and_night_only_of_a_line_that_never_closes(client):
    keep(LineSettings(line_number="0800 00 000"))
    promises = "día y noche", "de día o de noche"
    assert promises[0] in client.get("/media/poster.svg").content.decode()
    assert promises[1] in client.get("/media").content.decode()
    keep(LineSettings(line_number="0800 00 000", hours_sunday=""))
    materials = [client.get(page).content.decode() for page in ("/media/poster.svg", "/media")]
    assert [promise for promise in promises if any(promise in each for each in materials)] == []
    assert "sin decir su nombre" in materials[0]


def test_the_kit_has_a_logo_that_loads_nothing(client):
    answer = client.get("/media/logo.svg")
    root = ElementTree.fromstring(answer.content)
    assert {each.tag for each in root.iter()} == {f"{{http://www.w3.org/2000/svg}}{name}" for name in ("svg", "path")}
    assert answer.headers["Content-Disposition"] == 'attachment; filename="logo.svg"'
    assert 'href="/media/logo.svg"' in client.get("/media").content.decode()


@pytest.mark.parametrize(("language", "titles"), [
    ("es", ("Radio, veinte segundos", "Radio, cuarenta segundos", "Redes sociales", "Afiche, una línea")),
    ("en", ("Radio, twenty seconds", "Radio, forty seconds", "Social media", "Poster, one line")),
])  # fmt: skip
def test_the_kit_has_words_for_radio_social_media_and_a_poster_each_with_the_number(client, settings, language, titles):
    keep(LineSettings(line_number="0800 00 000"))
    page = client.get(f"/media?language={language}").content.decode()
    quoted = re.findall(r"<h3>([^<]+)</h3>\s*<blockquote[^>]*>([^<]+)</blockquote>", page)
    assert [title for title, _words in quoted] == list(titles)
    assert all(words.endswith(" 0800 00 000.") for _title, words in quoted)
    twenty, forty, social, poster = (len(words.split()) for _title, words in quoted)
    assert poster < social < 60 < forty <= 110  # some 2.5 words a second are read calmly, the number twice
    assert twenty <= 55


def _text_of(pdf: bytes) -> bytes:
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text().encode()
