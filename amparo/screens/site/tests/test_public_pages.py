"""What a frightened person's browser is given, and what it is not.

Without the fixture `db` any connection to the database fails a test: so these pages open none.
"""

import base64
import gzip
import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.http import HttpResponse
from django.test import Client

from amparo.foundation.line_settings.hours import ALWAYS, DAYS
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.screens.site import views
from amparo.static_files import WITHOUT_COMMENTS

TEXTS = ("/signs", "/telling", "/rights", "/privacy")
SERVICES = ("/services", "/services/17")
PAGES = ("/", "/call", "/chat", "/again", "/reply", "/cover", *SERVICES, *TEXTS)
ALIKE = 1.1  # who watches the network may not see the language by the length
SMALL = 14_000  # bytes: what a slow network brings in the first round trip (initial window of ten packets, RFC 6928)
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_from_anybody_else(client, page):
    text = client.get(page).content.decode()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
    assert " style=" not in text
    assert text.count("<script") == text.count('<script type="module" src=')


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/cover"])
def test_a_page_brings_its_styles_and_allows_no_others(client, page):
    """A second file would come half a second later and more, on a slow network."""
    answer = client.get(page)
    styles = re.findall("<style>(.*?)</style>", answer.content.decode(), re.DOTALL)
    assert len(styles) >= 3
    assert b'rel="stylesheet"' not in answer.content
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in styles]
    assert f"style-src 'self' {' '.join(sorted(hashes))};" in answer.headers["Content-Security-Policy"]


def test_an_answer_that_is_not_compressed_names_its_styles_only(client):
    answer = client.post("/again", {"code": "nonsense"}, headers=OWN_PAGE)
    assert b"<style" not in answer.content
    assert b'rel="stylesheet"' in answer.content
    assert "sha256" not in answer.headers["Content-Security-Policy"]


def test_any_number_can_be_left_without_a_telephone(client):
    """When nobody is free the menu asks for a number, and it asks those who call from the page too."""
    keys = re.findall(r'<button[^>]* data-press="(.)"', client.get("/call").content.decode())
    assert keys == list("1234567890#")


def weight(client, page: str) -> tuple[int, int]:
    """Bytes compressed: of the page itself, and together with all that it loads."""
    return weigh(client.get(page).content)


def weigh(text: bytes) -> tuple[int, int]:
    """Weigh a page; the result is as of `weight`."""
    paths = set(re.findall(r'"/static/[0-9a-f]{12}/([^"#]+)', text.decode()))
    files = [_as_sent(Path(str(find(path)))) for path in paths]
    return len(gzip.compress(text)), sum(len(gzip.compress(part)) for part in [text, *files])


def _as_sent(file: Path) -> bytes:
    """A style or script without its comments (amparo/static_files.py)."""
    return WITHOUT_COMMENTS[file.suffix](file.read_text()).encode()


@pytest.mark.parametrize("page", ["/", "/call", "/chat", "/again", "/reply", *SERVICES, *TEXTS])
def test_a_page_is_small_and_weighs_the_same_in_every_language(client, capsys, page):
    weights = {code: weight(client, f"{page}?language={code}") for code, _ in settings.LANGUAGES}
    with capsys.disabled():
        print(f"\n{page} compressed, alone and with style, script and pictures: {weights}, at most {SMALL}")
    assert max(total for _, total in weights.values()) <= SMALL
    for sizes in zip(*weights.values(), strict=True):
        assert max(sizes) <= ALIKE * min(sizes)


def test_the_control_a_heavy_page_is_found(client, monkeypatch):
    monkeypatch.setattr(client, "get", lambda page: HttpResponse(base64.b64encode(os.urandom(SMALL))))
    assert weight(client, "/")[1] > SMALL


@pytest.mark.parametrize(("number", "shown"), [("0800 00 000", True), ("+51 1 555 0100", True), ("ayuda", False)])
def test_a_number_to_call_only_if_it_is_one(client, settings, number, shown):
    keep(LineSettings(line_number=number))
    text = client.get("/").content.decode()
    assert (f'href="tel:{number.replace(" ", "")}"' in text) is shown
    assert 'href="/call"' in text  # calling from here is always a way


@pytest.mark.parametrize("page", [*(page for page in PAGES if page != "/cover"), "/nowhere"])
def test_the_name_of_the_line_stands_on_a_page_and_never_in_its_title(client, page):
    assert 'class="line-name"' not in client.get(page).content.decode()
    keep(LineSettings(name="Línea <Sol>"))
    text = client.get(page).content.decode()
    assert '<p class="line-name">Línea &lt;Sol&gt;</p>' in text
    assert "Sol" not in re.search("<title>(.*?)</title>", text)[1]


@pytest.mark.parametrize("page", ["/", "/call", "/chat"])
@pytest.mark.parametrize(("language", "notice"), [
    ("es", "En este momento estamos fuera de nuestro horario de atención."),
    ("en", "At this moment we are outside our opening hours."),
    ("qu", "En este momento estamos fuera de nuestro horario de atención."),
])  # fmt: skip
def test_a_page_says_the_hours_and_that_we_are_outside_them(client, page, language, notice):
    address = f"{page}?language={language}"
    assert 'class="hours"' not in client.get(address).content.decode()
    closed = LineSettings(**dict.fromkeys((f"hours_{day}" for day in DAYS), ""))
    keep(closed)
    text = client.get(address).content.decode()
    assert f'<div class="hours" lang="{"en" if language == "en" else "es"}">' in text
    assert notice in text
    keep(
        replace(
            closed, **dict.fromkeys((f"hours_{day}" for day in DAYS[:6]), ALWAYS), hours_sunday=ALWAYS[:5] + "-23:59"
        )
    )
    assert "día y noche" in client.get("/").content.decode()


def test_the_cover_does_not_name_the_line(client):
    keep(LineSettings(name="Línea Sol"))
    assert "Sol" not in client.get("/cover").content.decode()


@pytest.mark.parametrize("page", ["/", "/services", "/signs", "/rights"])
def test_who_is_in_danger_finds_the_number_of_the_police(client, settings, page):
    keep(LineSettings(police_number="000 105"))
    assert 'Llame a la policía: <a href="tel:000105">000 105</a>' in client.get(page).content.decode()
    keep(LineSettings(police_number=""))
    assert "Llame a la policía" not in client.get(page).content.decode()


def test_the_chosen_language_goes_along(client):
    assert 'href="/call?language=en"' in client.get("/?language=en").content.decode()


def test_the_cover_says_no_word_of_us(client):
    text = client.get("/cover").content.decode().lower()
    assert not re.search("amparo|trata|ayuda|traffick|/static/", text)


def test_the_way_out_comes_first(client):
    for page in ("/", "/call"):
        body = client.get(page).content.decode().partition("<body")[2]
        assert body.index('class="leave" href="/cover"') < 200


def offer(client, body, headers=OWN_PAGE):
    return client.post("/call/offer", body, content_type="application/json", headers=headers)


GOOD = json.dumps({"offer": "v=0", "language": "es"})


def test_a_good_offer_reaches_the_switchboard(client):
    answer = offer(client, GOOD)
    assert answer.status_code == 503  # which is away in this test
    assert not answer.cookies


def test_the_offer_needs_no_token():
    assert offer(Client(enforce_csrf_checks=True), GOOD).status_code == 503


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {},
    ],
)
def test_an_offer_from_another_page_is_refused(client, headers):
    answer = offer(client, GOOD, {"Sec-Fetch-Mode": "cors", **headers})
    assert answer.status_code == 403
    assert answer.content.decode().endswith(".")


def test_who_comes_by_a_form_elsewhere_is_refused_on_a_page_with_the_way_out(client):
    answer = offer(client, GOOD, {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert 'class="leave" href="/cover"' in answer.content.decode()


def test_an_older_browser_says_its_origin(client):
    assert offer(client, GOOD, {"Sec-Fetch-Mode": "cors", "Origin": "http://testserver"}).status_code == 503


@pytest.mark.parametrize(
    "body",
    [
        "{", "[]", "null", "[" * 20_000, '"x"', "{}", '{"offer": 1, "language": "es"}', '{"offer": "v=0"}',
        '{"offer": "v=0", "language": "xx"}', '{"offer": "v=0", "language": ["es"]}',
        json.dumps({"offer": "x" * views.LONGEST_OFFER, "language": "es"}),
    ],
)  # fmt: skip
def test_what_is_no_offer_gets_a_sentence(client, body):
    answer = offer(client, body)
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


def test_the_offer_is_a_post(client):
    assert client.get("/call/offer").status_code == 405
