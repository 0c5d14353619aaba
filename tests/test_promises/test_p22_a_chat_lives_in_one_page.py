"""P22: a chat that was closed goes on by its receipt alone, and then shows nothing that was written before.

Whoever finds the telephone or the receipt could read; what was written is for those who answer.
"""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import acting_as
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.chat.receipts import acting_with, page_mark
from amparo.line.chat.visits import SILENT, Visit, handle_visit
from amparo.line.contacts.rules import take_chat

from .access import colleague

pytestmark = pytest.mark.django_db
WORDS = "invented words of nobody"
NOW = timezone.now()


@pytest.fixture
def receipt() -> str:
    receipt = new_code()
    ask(receipt, page_mark(receipt), do="begin", text=WORDS)
    return receipt


def ask(receipt: str, marked: str = "", at=NOW, **sent: str) -> Visit:
    what = {"receipt": receipt, "mark": marked, "name": str(uuid.uuid4()), **sent}
    return handle_visit(what, lambda: (0.0, None), at)


def shows(visit: Visit) -> bool:
    return any(WORDS in each.text for each in visit.written)


def test_with_the_receipt_nothing_older_is_shown_however_it_is_asked_for(receipt):
    later = NOW + timedelta(seconds=1)
    assert shows(ask(receipt, page_mark(receipt), at=later))  # the control: the page that is still open
    for do in ("back", "look", "watch", "say", "begin"):
        for forged in ("", "1", page_mark(new_code()), page_mark(receipt, 99)):
            assert not shows(ask(receipt, forged, at=later, do=do, text="more"))


def test_the_page_that_was_closed_goes_on_no_more(receipt):
    ask(receipt, at=NOW + timedelta(seconds=1), do="back")
    assert ask(receipt, page_mark(receipt), at=NOW + timedelta(seconds=2)).chat is None


def test_nor_does_a_page_that_is_opened_again_after_ten_minutes(receipt):
    assert not shows(ask(receipt, page_mark(receipt), at=NOW + SILENT + timedelta(seconds=1)))


def test_the_database_itself_shows_nothing_older_to_whoever_has_the_receipt(receipt):
    ask(receipt, at=NOW + timedelta(seconds=1), do="back")
    with acting_as(acting_with(receipt)):
        assert not ChatMessage.objects.exists()
    assert ChatMessage.objects.count() == 1  # the control


def test_who_answers_reads_all_and_sees_that_she_came_back(receipt):
    ana = colleague("ana")
    ask(receipt, at=NOW + timedelta(seconds=1), do="back")
    take_chat(Chat.objects.get(), by=ana, now=NOW)
    with acting_as(ana.acting()):
        chat = Chat.objects.get()
        assert ([each.text for each in chat.read()], chat.came_back) == ([WORDS], True)
