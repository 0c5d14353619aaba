"""The chat page without script: stored nowhere, and useless to guessers."""

import re
import uuid

import pytest
from django.test import Client

from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core import proof_of_work
from amparo.line.chat.models import Chat, ChatMessage
from amparo.screens.site import views
from amparo.screens.site.failed_codes import FREE, FailedCodes

from .test_headers import faults
from .test_public_pages import SMALL, weigh

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "invented words of nobody"


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(views, "failed_codes", FailedCodes())


@pytest.fixture
def page() -> Client:
    """A browser that sends requests as our own page does."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"}, enforce_csrf_checks=True)


def hidden(answer, form: str) -> dict[str, str]:
    """The hidden fields of a form on the page."""
    html = re.search(rf'<form[^>]*id="{form}".*?</form>', answer.content.decode(), re.DOTALL)
    assert html, answer.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html[0]))


def begin(page: Client, **more: str):
    return page.post("/chat", {**hidden(page.get("/chat"), "begin"), "text": WORDS, "language": "es", **more})


def as_script(page: Client, sent: dict[str, str]):
    return page.post("/chat", {**sent, "by": "script"})


def test_without_a_script_she_begins_writes_and_looks(page):
    begun = begin(page)
    assert (begun.status_code, WORDS in begun.content.decode(), faults(begun, sends=True)) == (200, True, [])
    response = page.post("/chat", {**hidden(begun, "write"), "text": "more", "do": "say"})
    tapped = page.post("/chat", {**hidden(response, "write"), "quick": "yes"})
    looked = page.post("/chat", {**hidden(tapped, "write"), "do": "look"})
    assert re.findall(r"</span>([^<]*)</p></li>", looked.content.decode()) == [WORDS, "more", "Sí"]


def test_only_the_page_of_an_open_chat_may_use_the_microphone(page):
    before, begun = page.get("/chat").headers, begin(page).headers
    assert "microphone=()" in before["Permissions-Policy"]
    assert "microphone=(self)" in begun["Permissions-Policy"]
    assert "camera=()" in begun["Permissions-Policy"]


def test_the_page_of_an_open_chat_is_small(page, capsys):
    size = weigh(begin(page).content)
    with capsys.disabled():
        print(f"\nAn open chat compressed, alone and with style, script and pictures: {size}, at most {SMALL}")
    assert size[1] <= SMALL


def test_loading_the_page_anew_sends_nothing_twice(page):
    sent = {**hidden(page.get("/chat"), "begin"), "text": WORDS}
    for _ in range(2):
        assert page.post("/chat", sent).status_code == 200
    assert (Chat.objects.count(), ChatMessage.objects.count()) == (1, 1)


def test_the_words_of_a_visitor_are_words_and_no_page(page):
    assert "&lt;script&gt;" in begin(page, text="<script>alert(1)</script>").content.decode()


def test_no_answer_that_holds_her_words_beside_her_receipt_is_compressed(page):
    page.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
    begun = page.post("/chat", {"receipt": "1", "text": WORDS, "do": "begin"})
    assert (WORDS in begun.content.decode(), begun.get("Content-Encoding")) == (True, None)
    assert page.get("/chat").get("Content-Encoding") == "gzip"  # the control


def test_the_script_is_told_only_what_changed(page):
    sent = hidden(begin(page), "write")
    assert as_script(page, {**sent, "do": "watch"}).status_code == 204
    answer = as_script(page, {**sent, "do": "say", "text": "more"}).json()
    assert ([each["text"] for each in answer["written"]], answer["is_open"]) == ([WORDS, "more"], True)
    refused = as_script(page, {**sent, "do": "say", "text": "x" * 2001})
    assert (refused.status_code, refused.json()["refusal"][-1]) == (422, ".")


def test_a_receipt_alone_comes_back_and_shows_nothing_older(page):
    receipt = hidden(begin(page), "write")["receipt"]
    back = page.post("/chat", {"do": "back", "receipt": receipt.replace(" ", "")}).content.decode()
    assert ("Usted regresó" in back, WORDS in back) == (True, False)


def test_work_that_was_done_is_kept_by_its_name_and_serves_once(page):
    riddle = proof_of_work.make_challenge(4)
    found = next(str(n) for n in range(10_000) if proof_of_work.has_leading_zeros(f"{riddle}.{n}", 4))
    for _ in range(2):
        assert begin(page, challenge=riddle, found=found).status_code == 200
    assert [chat.work for chat in Chat.objects.order_by("begun_at")] == [
        proof_of_work.solved_challenge(riddle, found),
        None,
    ]


@pytest.mark.parametrize("sent", [{}, {"do": "begin"}, {"receipt": "a\0b"}, {"receipt": "1" * 15}, {"mark": "9.x"}])
def test_what_is_nothing_is_told_in_a_sentence(page, sent):
    answer = page.post("/chat", sent)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    assert not Chat.objects.exists()


def test_another_site_cannot_ask(page):
    elsewhere = Client(headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.post("/chat", hidden(page.get("/chat"), "begin") | {"text": WORDS}).status_code == 403


def test_who_guesses_receipts_is_asked_for_work_and_whose_page_is_open_goes_on(page):
    begun = begin(page)
    for _ in range(FREE):
        sent = {"receipt": new_code(), "do": "back"}
        assert page.post("/chat", sent, REMOTE_ADDR="192.0.2.7").status_code == 422
    assert page.post("/chat", sent, REMOTE_ADDR="192.0.2.7").status_code == 429
    more = {**hidden(begun, "write"), "do": "say", "text": "more", "name": str(uuid.uuid4())}
    assert page.post("/chat", more, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_first_page_asks_no_database_and_is_another_receipt_each_time(page, django_assert_num_queries):
    with django_assert_num_queries(0):
        receipts = {hidden(page.get("/chat"), "begin")["receipt"] for _ in range(5)}
    assert len(receipts) == 5


def test_the_words_of_the_page_await_a_native_reader_and_say_so(page):
    assert "sin revisión de un hablante nativo" in page.get("/chat?language=qu").content.decode()
