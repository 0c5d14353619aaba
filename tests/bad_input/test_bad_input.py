"""A share of what `python -m bench.bad_input` asks, on every run; and that its judge sees what it should."""

from collections.abc import Iterator

import pytest

from amparo.urls import public_urls, staff_urls, urlpatterns
from tests.hotline import Hotline, hotline
from tests.repetitions import repeat
from tests.table import urls

from .asking import MadeUpRequest
from .document import document
from .pages import Page, pages
from .people import close_a_page
from .running import ask_as, of, run
from .trial import GONE, Answer, Trial, fault, problems_in_logs
from .values import PLANTED

SHARE = repeat(800, 60_000)  # requests
PAGE = Page("/console", {})


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    """As in production: nobody in it is invented, and each process is its own."""
    with hotline(AMPARO_DEMO="0") as running:
        yield running


@pytest.fixture(scope="module")
def trial(line: Hotline) -> Trial:
    return run(line, SHARE)


@pytest.mark.soak
@pytest.mark.timeout(repeat(600, 20_000))
def test_no_page_breaks_and_each_refusal_is_a_sentence(trial, capsys):
    with capsys.disabled():
        print(f"\n{trial.number_sent:,} requests by {len(trial.counts)} roles: {dict(trial.answers)}")
    assert trial.faults == {}
    assert trial.number_sent >= SHARE
    assert len(trial.counts) == 91  # six kinds of institution with fifteen roles each, and nobody
    assert {"2xx", "3xx", "4xx"} <= set(trial.answers)


@pytest.mark.soak
def test_no_log_tells_what_was_sent_and_nothing_failed_unseen(trial, line):
    assert problems_in_logs(line) == []


def test_the_control_a_page_that_breaks_is_reported(trial, line):
    line.do(close_a_page)
    again = Trial(line)
    ask_as(again, "police-auditor", of([page for page in pages(staff_urls) if page.route == "/me"]), 20, seed=1)
    again.finish()
    assert "500, /me, GET" in again.faults
    assert any("permission denied" in problem for problem in problems_in_logs(line))


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(404), "404 without a sentence"),
        (Answer(404, "text/html", "<h1></h1><p>404</p>"), "404 without a sentence"),
        (
            Answer(400, "text/html", "<h1>DisallowedHost at /</h1> because you have DEBUG = True."),
            "400 shows our inside",
        ),
        (Answer(200, "text/plain", "Traceback (most recent call last):"), "200 shows our inside"),
        (Answer(503, "text/html", "It comes back by itself."), "503"),
        (GONE, "no answer"),
        (Answer(404, "text/html", "<h1>No existe, o usted no tiene acceso.</h1>"), None),
        (Answer(200), None),
    ],
)
def test_the_control_the_judge(answer, what):
    assert fault(MadeUpRequest(PAGE, "GET", b"/console", b"", ()), answer) == what


def test_the_control_a_planted_word_in_a_log_is_found(tmp_path):
    it = Hotline(tmp_path)
    it.log.write_text(f"WARNING django.request: Not Found: /{PLANTED}\n")
    (tmp_path / "postgres.log").write_text("")
    assert problems_in_logs(it) == [f"1 x output: WARNING django.request: Not Found: /{PLANTED}"]


def test_every_page_is_asked_by_the_names_that_it_reads():
    found = {page.route: page.words for page in pages(urlpatterns)}
    assert len(found) == len([*urls(public_urls), *urls(staff_urls)]) + 1  # what monitoring asks
    assert {"notes", "key", "based_on", "revision", "changes", "after"} <= set(found["/contacts/<uuid:pk>/draft"])
    assert "crisis" in found["/contacts/<uuid:pk>/wrap-up"]["type"]
    assert "colleague" in found["/calls/<uuid:pk>/invite"]
    assert {"offer", "language", "challenge", "found"} <= set(found["/call/offer"])
    assert {"credential", "code"} <= set(found["/sign-in/second"])
    assert {"username", "password", "next"} <= set(found["/sign-in"])
    assert "credential" in found["/prove"]


def test_the_document_says_the_same():
    paths = document([*pages(urlpatterns)])["paths"]
    assert len(paths) == len([*pages(urlpatterns)])
    wrap_up = paths["/contacts/{pk}/wrap-up"]
    assert wrap_up["parameters"][0]["schema"] == {"type": "string", "format": "uuid"}
    form = wrap_up["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert "crisis" in form["properties"]["type"]["enum"]
