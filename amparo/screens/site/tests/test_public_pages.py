"""What a frightened person's browser is given, and what it is not."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client

from amparo.screens.site import views

PAGES = ("/", "/call", "/cover")
SMALL = 14_000  # bytes: what a slow network brings in the first round trip (initial window of ten packets, RFC 6928)
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", ["", "?language=en", "?language=qu", "?language=xx"])
def test_no_cookie_and_nothing_kept(db, client, page, query):
    answer = client.get(page + query)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_colleague_who_looks_leaves_no_cookie_either(ana):
    client = Client()
    client.force_login(ana)
    assert not client.get("/").cookies


def test_the_control_a_staff_page_does_set_one(db, client):
    assert client.get("/sign-in").cookies


@pytest.mark.parametrize("page", PAGES)
def test_only_the_calling_page_may_ask_for_the_microphone(db, client, page):
    wanted = "microphone=(self)" if page == "/call" else "microphone=()"
    assert client.get(page).headers["Permissions-Policy"].startswith(wanted)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_from_anybody_else(db, client, page):
    text = client.get(page).content.decode()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
    assert " style=" not in text
    assert "<style" not in text
    assert text.count("<script") == text.count('<script type="module" src=')


def test_the_first_page_is_small(db, client, capsys):
    page = client.get("/").content
    sheets = [Path(str(find(path))) for path in re.findall(r'rel="stylesheet" href="/static/([^"]+)"', page.decode())]
    size = sum(len(gzip.compress(part)) for part in [page, *(sheet.read_bytes() for sheet in sheets)])
    with capsys.disabled():
        print(f"\nThe first public page with its style: {size} bytes compressed, at most {SMALL}")
    assert sheets
    assert size <= SMALL


@pytest.mark.parametrize(("number", "shown"), [("0800 00 000", True), ("+51 1 555 0100", True), ("ayuda", False)])
def test_a_number_to_call_only_if_it_is_one(db, client, settings, number, shown):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, line_number=number)
    text = client.get("/").content.decode()
    assert (f'href="tel:{number.replace(" ", "")}"' in text) is shown
    assert 'href="/call"' in text  # calling from here is always a way


def test_the_chosen_language_goes_along(db, client):
    assert 'href="/call?language=en"' in client.get("/?language=en").content.decode()


def test_the_cover_says_no_word_of_us(db, client):
    text = client.get("/cover").content.decode().lower()
    assert not re.search("amparo|trata|ayuda|traffick|/static/", text)


def test_the_way_out_comes_first(db, client):
    for page in ("/", "/call"):
        assert client.get(page).content.decode().index('class="leave" href="/cover"') < 2500


def offer(client, body, headers=OWN_PAGE):
    return client.post("/call/offer", body, content_type="application/json", headers=headers)


GOOD = json.dumps({"offer": "v=0", "language": "es"})


def test_a_good_offer_reaches_the_switchboard(db, client):
    answer = offer(client, GOOD)
    assert answer.status_code == 503  # which is away in this test
    assert not answer.cookies


def test_the_offer_needs_no_token(db):
    assert offer(Client(enforce_csrf_checks=True), GOOD).status_code == 503


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_an_offer_from_another_page_is_refused(db, client, headers):
    answer = offer(client, GOOD, {"Sec-Fetch-Mode": "cors", **headers})
    assert answer.status_code == 403
    assert answer.content.decode().endswith(".")


def test_an_older_browser_says_its_origin(db, client):
    assert offer(client, GOOD, {"Sec-Fetch-Mode": "cors", "Origin": "http://testserver"}).status_code == 503


@pytest.mark.parametrize(
    "body",
    [
        "{", "[]", "null", "[" * 20_000, '"x"', "{}", '{"offer": 1, "language": "es"}', '{"offer": "v=0"}',
        '{"offer": "v=0", "language": "xx"}', '{"offer": "v=0", "language": ["es"]}',
        json.dumps({"offer": "x" * views.LONGEST_OFFER, "language": "es"}),
    ],
)  # fmt: skip
def test_what_is_no_offer_gets_a_sentence(db, client, body):
    answer = offer(client, body)
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


def test_the_offer_is_a_post(db, client):
    assert client.get("/call/offer").status_code == 405
