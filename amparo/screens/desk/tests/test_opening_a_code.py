"""A code typed into the search opens its record; missing and foreign records answer the same."""

import pytest
from django.utils import timezone

from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from tests.pages import body


@pytest.fixture
def contact(ana) -> Contact:
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    return open_contact(call, by=ana, now=now)


@pytest.mark.parametrize("shape", ["C-{}", "c{}", " c-{} ", "C {}"])
def test_its_own_record_opens(contact, console, shape):
    answer = console.get(f"/find/{shape.format(contact.number)}")
    assert (answer.status_code, answer.content.decode()) == (200, f"/contacts/{contact.pk}")


def test_without_a_script_it_is_the_page_itself(contact, client, ana):
    client.force_login(ana)
    assert client.get(f"/find/{contact.code}").headers["Location"] == f"/contacts/{contact.pk}"


def test_missing_and_foreign_codes_get_the_same_sentence(contact, console, rufino):
    missing = console.get("/find/C-999999")
    console.force_login(rufino)
    not_his = console.get(f"/find/{contact.code}")
    assert (missing.status_code, not_his.status_code) == (404, 404)
    assert body(missing) == body(not_his)
    assert missing.content.decode().count(".") == 1


@pytest.mark.parametrize("code", ["X-1", "C-", "C-1234567890", "L-999999", "D-999999", "R-999999", "C-1;--"])
def test_an_invalid_code_opens_nothing(ana, console, code):
    assert console.get(f"/find/{code}").status_code == 404
