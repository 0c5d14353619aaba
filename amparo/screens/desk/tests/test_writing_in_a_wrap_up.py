"""Somebody writes while the operator wraps up a call: neither hides the other."""

import uuid

import pytest
from django.utils import timezone

from amparo.foundation.access.spoken_codes import new_code
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.chat.rules import begin_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, take_chat
from amparo.line.switchboard.models import Call, CallEvent, Language
from amparo.line.switchboard.models import State as CallState

WORDS = "invented words of nobody"
CALL_TAB = 'href="/console" data-talk=""'


@pytest.fixture
def of_call(ana) -> Contact:
    """The contact of a call of Ana that has ended."""
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, state=CallState.TALKING, operators=[ana.pk])
    CallEvent.objects.create(call=call, kind=CallEvent.Kind.ANSWERED, user=ana, at=now)
    contact = open_contact(call, by=ana, now=now)
    Call.objects.update(state=CallState.ENDED, operators=[], ended_at=now)
    return contact


@pytest.fixture
def chat(ana) -> Chat:
    """A conversation in writing that Ana has taken."""
    acting, now = acting_with(new_code()), timezone.now()
    begun = begin_chat(acting, WORDS, pk=uuid.uuid4(), language=Language.SPANISH, behind=0, work=None, now=now)
    take_chat(begun, into=None, by=ana, now=now)
    return begun


def wraps_up(page: str, contact: Contact) -> bool:
    return 'id="wrap-up"' in page and f"/contacts/{contact.pk}/wrap-up" in page


def test_a_chat_that_is_taken_in_the_wrap_up_of_a_call_is_shown_and_leads_back(of_call, chat, console):
    page = console.get(f"/console?chat={chat.pk}").content.decode()
    assert (WORDS in page, f'action="/chats/{chat.pk}/write"' in page, wraps_up(page, of_call)) == (True, True, False)
    assert (page.count(CALL_TAB), of_call.code in page) == (1, True)


def test_nobody_wanted_the_wrap_up_comes_first_and_shows_who_writes(of_call, chat, console):
    page = console.get("/console").content.decode()
    assert (wraps_up(page, of_call), WORDS in page) == (True, False)
    assert f'<a href="/console?chat={chat.pk}" data-talk="{chat.pk}"' in page
    assert page.count(f'{CALL_TAB} aria-current="page"') == 1


def test_a_chat_of_a_colleague_hides_no_wrap_up(of_call, chat, console, rufino):
    Chat.objects.update(operator=rufino)
    page = console.get(f"/console?chat={chat.pk}").content.decode()
    assert (wraps_up(page, of_call), WORDS in page, CALL_TAB in page) == (True, False, False)


def test_the_tabs_are_drawn_anew_beside_a_wrap_up(of_call, chat, console):
    part = console.get(f"/console/main?shows=wrap-up {of_call.pk}").content.decode()
    assert ('data-part="talks"' in part, f'data-talk="{chat.pk}"' in part, 'id="wrap-up"' in part) == (
        True,
        True,
        False,
    )
    assert CALL_TAB in part


def test_what_was_refused_stands_in_the_answer_to_nobody_else(chat, console, ana):
    """Control: it stands in its own (`test_what_is_refused_without_script_comes_back_in_its_field`)."""
    acting, now = acting_with(new_code()), timezone.now()
    other = begin_chat(acting, WORDS, pk=uuid.uuid4(), language=Language.SPANISH, behind=0, work=None, now=now)
    take_chat(other, into=None, by=ana, now=now)
    now = timezone.now()
    call = Call.objects.create(
        chat=chat.pk, arrived_at=now, answered_at=now, state=CallState.TALKING, operators=[ana.pk]
    )
    open_contact(call, by=ana, now=now)
    console.post(f"/chats/{other.pk}/end", headers={"Sec-Fetch-Mode": "navigate"})
    answer = console.post(
        f"/chats/{other.pk}/write", {"text": "typed for another"}, headers={"Sec-Fetch-Mode": "navigate"}
    )
    assert (answer.status_code, f'action="/chats/{chat.pk}/write"' in answer.content.decode()) == (422, True)
    assert "typed for another" not in answer.content.decode()
