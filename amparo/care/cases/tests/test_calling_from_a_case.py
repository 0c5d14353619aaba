"""From the page of a case its person is put on the shift's list of return calls, as the safe-contact card allows."""

import uuid

import pytest
from django.test import Client

from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.contacts.rules import save_draft
from amparo.screens.desk.queue import people_to_call_back


@pytest.fixture
def write(contact, ana, now):
    def write(**changes: str) -> None:
        seen = Contact.objects.get(pk=contact.pk).version
        save_draft(contact, key=uuid.uuid4(), revision=1, based_on=seen, changes=changes, by=ana, now=now)

    return write


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_takes_calls_goes_to_the_console_and_others_ask_the_shift(write, team, ana, ines, stranger, now):
    write(limits="yes")
    write(safe_number="999 555 111", safe_any_hour="yes")
    card = SafeContact.objects.get()
    page = at(ines).get(f"/cases/{team.pk}?language=en").content.decode()
    assert "Ask the shift to call" in page
    assert at(stranger).post(f"/cases/{team.pk}/call").status_code == 404
    assert at(ines).post(f"/cases/{team.pk}/call").headers["Location"] == f"/cases/{team.pk}"
    assert [back.card for back in people_to_call_back(now)] == [card]
    assert at(ana).post(f"/cases/{team.pk}/call").headers["Location"] == f"/console#card-{card.pk}"
    page = at(ana).get(f"/cases/{team.pk}?language=en").content.decode()
    assert "return calls" in page
    assert f'href="/console#card-{card.pk}"' in page


def test_without_a_safe_number_the_page_says_why_nobody_calls(write, team, ana, now):
    write(limits="yes")
    write(safe_language="es")
    answer = at(ana).post(f"/cases/{team.pk}/call?language=en")
    assert answer.status_code in (409, 422)
    assert "There is no safe number." in answer.content.decode()
    assert people_to_call_back(now) == []
