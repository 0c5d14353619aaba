"""The return page: a code without a name, stored nowhere, and useless to guessers."""

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.line.contacts.models import ReturnCodeMessage
from amparo.line.contacts.return_code_rules import give_code, reply_to_bearer
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from amparo.screens.site import views
from amparo.screens.site.failed_codes import FREE, FailedCodes

from .test_headers import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(views, "failed_codes", FailedCodes())


@pytest.fixture
def page() -> Client:
    """A browser that sends requests as our own page does."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"}, enforce_csrf_checks=True)


@pytest.fixture
def ana() -> User:
    return User.objects.create(username="ana")


@pytest.fixture
def code(ana) -> str:
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, operators=[ana.pk])
    return give_code(open_contact(call, by=ana, now=now), by=ana, now=now)


def test_it_tells_what_happened_and_keeps_nothing(page, code):
    answer = page.post("/again", {"code": code, "do": "tell"})
    assert answer.status_code == 200
    assert "Habló con nosotros" in answer.content.decode()
    assert faults(answer, sends=True) == []


def test_words_go_to_whoever_is_on_shift_and_the_answer_comes_back(page, code, ana):
    answer = page.post("/again", {"code": code, "do": "add", "text": "invented words"})
    assert "Lo recibimos" in answer.content.decode()
    reply_to_bearer(ReturnCodeMessage.objects.get().code, "invented answer", by=ana, now=timezone.now())
    assert "invented answer" in page.post("/again", {"code": code.replace(" ", ""), "do": "tell"}).content.decode()


def test_what_was_typed_is_not_lost_when_it_is_refused(page, code):
    answer = page.post("/again", {"code": code, "do": "take_back", "text": "invented words", "consent": ""})
    assert (answer.status_code, "Elija qué permiso retira" in answer.content.decode()) == (422, True)
    for slip in ("123", code):  # the code is asked for again, and the words are still there
        answer = page.post("/again", {"code": slip, "do": "tell", "text": "invented words"})
        assert "invented words" in answer.content.decode()
    assert not ReturnCodeMessage.objects.exists()


@pytest.mark.parametrize(
    "sent", [{}, {"code": ""}, {"code": "1" * 15}, {"code": "x" * 9000}, {"do": "tell"}, {"code": "a\0b"}]
)
def test_a_slip_is_told_in_a_sentence(page, sent):
    answer = page.post("/again", sent)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)


def test_what_is_asked_badly_is_refused_with_the_story(page, code):
    for sent in ({"do": "nonsense"}, {"do": "add", "text": "x" * 5000}, {"do": "take_back", "consent": "nonsense"}):
        answer = page.post("/again", {"code": code, **sent})
        assert (answer.status_code, "Habló con nosotros" in answer.content.decode()) == (422, True)
    assert not ReturnCodeMessage.objects.exists()


def test_another_site_cannot_ask(code):
    elsewhere = Client(headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.post("/again", {"code": code, "do": "tell"}).status_code == 403


def test_who_guesses_is_asked_for_work_and_others_are_not(page, code):
    for _ in range(FREE):
        assert page.post("/again", {"code": new_code()}, REMOTE_ADDR="192.0.2.7").status_code == 422
    assert page.post("/again", {"code": code}, REMOTE_ADDR="192.0.2.7").status_code == 429
    assert page.post("/again", {"code": code}, REMOTE_ADDR="192.0.2.8").status_code == 200


def test_who_is_asked_for_work_loses_nothing_typed(page, code):
    for _ in range(FREE):
        page.post("/again", {"code": new_code()}, REMOTE_ADDR="192.0.2.7")
    answer = page.post("/again", {"code": code, "do": "add", "text": "invented words"}, REMOTE_ADDR="192.0.2.7")
    assert (answer.status_code, "invented words" in answer.content.decode()) == (429, True)


def test_slips_are_no_guesses(page, code):
    """Typing mistakes lock out neither the person nor others in the same network."""
    for _ in range(2 * FREE):
        assert page.post("/again", {"code": "1" * 15}, REMOTE_ADDR="192.0.2.7").status_code == 422
    assert page.post("/again", {"code": code}, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_words_of_the_page_await_a_native_reader_and_say_so(page):
    assert "sin revisión de un hablante nativo" in page.get("/again?language=qu").content.decode()
    assert "nativo" not in page.get("/again").content.decode()
