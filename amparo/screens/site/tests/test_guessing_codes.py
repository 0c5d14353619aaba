"""Guessing codes costs work and locks out nobody: a right code opens meanwhile."""

import re

import pytest
from django.test import Client

from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core import proof_of_work
from amparo.screens.site import failed_codes as counting
from amparo.screens.site import views
from amparo.screens.site.failed_codes import (
    FREE,
    FREE_OF_ONE_CODE,
    FREE_TOGETHER,
    LEAST,
    MOST,
    WITHIN,
    FailedCodes,
    has_opened,
    mark_of_opened_page,
)

from .test_answering_by_link import FACTS, consent_and_link, link  # noqa: F401
from .test_coming_back import ana, code  # noqa: F401
from .test_writing import begin, hidden

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = {"REMOTE_ADDR": "127.0.0.1"}  # Tor, or a proxy that sends no address: all such visitors count as one network
EASY = 4  # bits; what a browser does in seconds would take this test too long


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(views, "failed_codes", FailedCodes())
    monkeypatch.setattr(counting, "LEAST", EASY)
    monkeypatch.setattr(counting, "MOST", EASY + 4)


@pytest.fixture
def page() -> Client:
    return Client(headers={"Sec-Fetch-Site": "same-origin"}, enforce_csrf_checks=True)


def solved(answer) -> dict[str, str]:
    """What the page's script sends: the challenge and the number found."""
    html = answer.content.decode()
    (bits,), (challenge,) = (
        re.findall(r'data-bits="(\d+)"', html),
        re.findall(r'name="challenge" value="([^"]+)"', html),
    )
    found = next(n for n in range(1_000_000) if proof_of_work.has_leading_zeros(f"{challenge}.{n}", int(bits)))
    return {"challenge": challenge, "found": str(found)}


def guess(page: Client, path: str, name: str, times: int) -> list[int]:
    """Guess without work, as fast as possible."""
    sent = ({name: new_code() if name != "secret" else f"{n:032}", "do": "back"} for n in range(times))
    return [page.post(path, each, **NOWHERE).status_code for each in sent]


def test_a_right_code_opens_while_a_thousand_wrong_ones_are_tried(page, code):  # noqa: F811
    guessed = guess(page, "/again", "code", 1000)
    assert guessed == [422] * FREE_TOGETHER + [429] * (1000 - FREE_TOGETHER)  # looked at, and then not even that
    response = page.post("/again", {"code": code}, **NOWHERE)
    opened = page.post("/again", {"code": code, **solved(response)}, **NOWHERE)
    assert (response.status_code, opened.status_code) == (429, 200)
    more = {"code": code, "mark": hidden_mark(opened), "do": "add", "text": "invented words"}
    assert page.post("/again", more, **NOWHERE).status_code == 200  # who has opened it works no more
    assert (
        page.post("/again", {"code": code}, REMOTE_ADDR="192.0.2.8").status_code == 200
    )  # nor who comes from elsewhere


def test_a_right_link_opens_meanwhile(page, link):  # noqa: F811
    assert 429 in guess(page, "/reply", "secret", FREE_TOGETHER + 1)
    response = page.post("/reply", {"secret": link}, **NOWHERE)
    opened = page.post("/reply", {"secret": link, **solved(response)}, **NOWHERE)
    assert (response.status_code, opened.status_code, FACTS in opened.content.decode()) == (429, 200, True)
    assert page.post("/reply", {"secret": link, "mark": hidden_mark(opened)}, **NOWHERE).status_code == 200


def test_a_right_receipt_opens_meanwhile(page):
    receipt = hidden(begin(page), "write")["receipt"]
    assert 429 in guess(page, "/chat", "receipt", FREE_TOGETHER + 1)
    response = page.post("/chat", {"do": "back", "receipt": receipt}, **NOWHERE)
    opened = page.post("/chat", {"do": "back", "receipt": receipt, **solved(response)}, **NOWHERE)
    assert (response.status_code, opened.status_code) == (429, 200)


def test_each_work_serves_once_and_too_little_of_it_not_at_all(page):
    guess(page, "/again", "code", FREE_TOGETHER)
    done = solved(page.post("/again", {"code": new_code()}, **NOWHERE))
    assert [page.post("/again", {"code": new_code(), **done}, **NOWHERE).status_code for _ in range(2)] == [422, 429]
    easier = proof_of_work.make_challenge(EASY - 1)
    found = next(str(n) for n in range(10_000) if proof_of_work.has_leading_zeros(f"{easier}.{n}", EASY - 1))
    sent = {"code": new_code(), "challenge": easier, "found": found}
    assert page.post("/again", sent, **NOWHERE).status_code == 429


def test_a_mark_is_of_one_code_and_says_nothing_of_it():
    assert has_opened("1" * 15, mark_of_opened_page("1" * 15))
    assert not any(has_opened("2" * 15, it) for it in (mark_of_opened_page("1" * 15), "", "é", "1" * 15))
    assert "1" * 15 not in mark_of_opened_page("1" * 15)


def hidden_mark(answer) -> str:
    return re.findall(r'name="mark" value="([^"]+)"', answer.content.decode())[0]


def test_work_grows_with_the_guesses_to_an_end_and_is_forgotten_in_time(monkeypatch):
    monkeypatch.setattr(counting, "LEAST", LEAST)
    monkeypatch.setattr(counting, "MOST", MOST)
    now, challenge_shown = 0.0, []
    guesses = FailedCodes(clock=lambda: now)
    for number in range(40 * FREE):
        challenge_shown.append(guesses.needed_work("192.0.2.0/32", "7" * 15, {}))
        guesses.count_try("192.0.2.0/32", f"{number:015}", is_wrong=True)
    assert challenge_shown[:FREE] == [0] * FREE
    assert [challenge_shown[FREE * times] for times in (1, 2, 4, 8, 16, 32)] == [LEAST, 17, 18, 19, MOST, MOST]
    assert guesses.needed_work("192.0.2.1/32", "7" * 15, {}) == 0
    for _ in range(FREE_OF_ONE_CODE):
        guesses.count_try(None, "7" * 15, is_wrong=False)
    assert (
        guesses.needed_work("192.0.2.1/32", "7" * 15, {"mark": mark_of_opened_page("7" * 15)}) == LEAST
    )  # whose code it is
    now = WITHIN + 1
    assert guesses.needed_work("192.0.2.0/32", "7" * 15, {}) == 0
