"""The staff's pages of return codes: issue and show once, read aloud on the telephone, answer."""

import re

import pytest
from django.test import Client

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import ReturnCode, ReturnCodeMessage
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message, end_code

GROUPS = re.compile(r"\d{3}(?: \d{3}){4}")


@pytest.fixture
def as_(settings):
    """Return a browser in which this user is signed in."""

    def as_(user: User) -> Client:
        user.is_invented = True  # the demonstration's sign-in needs no second factor for invented people
        user.save()
        client = Client(headers={"Sec-Fetch-Mode": "navigate"})
        client.force_login(user)
        return client

    return as_


def test_a_code_is_shown_once_and_opens(as_, ana, rufino, contact):
    page = as_(ana).post(f"/codes/from/{contact.pk}").content.decode()
    code = GROUPS.search(page).group()
    assert "no-store" in as_(ana).post("/codes", {"code": code}).headers["Cache-Control"]
    response = as_(rufino).post("/codes", {"code": code, "do": "tell"})
    assert (response.status_code, contact.code in response.content.decode()) == (200, True)
    assert code not in as_(ana).get("/codes").content.decode()
    # the code was lost, or the form was sent twice: no case is needed
    again = as_(ana).post(f"/codes/from/{contact.pk}")
    end = re.search(r'action="(/codes/[^"]+/end)"', again.content.decode()).group(1)
    assert again.status_code == 422
    assert as_(ana).post(end, {"from": "contact"}).headers["Location"] == f"/contacts/{contact.pk}"
    assert GROUPS.search(as_(ana).post(f"/codes/from/{contact.pk}").content.decode()).group() != code


def test_a_contact_of_somebody_else_has_no_code_to_give(as_, rufino, contact):
    assert as_(rufino).post(f"/codes/from/{contact.pk}").status_code == 404


def test_what_came_with_a_code_is_read_and_answered_by_the_shift(as_, rufino, code, given, now):
    add_code_message(actor_of_code(code), "invented words", now=now)
    client = as_(rufino)
    assert "invented words" in client.get("/codes").content.decode()
    assert client.post(f"/codes/{given.pk}/answer", {"words": " "}).status_code == 422
    refused = client.post(f"/codes/{given.pk}/answer", {"words": "invented long words " * 1001})
    assert (refused.status_code, refused.content.decode().count("invented long words")) == (422, 1001)
    assert client.post(f"/codes/{given.pk}/answer", {"words": "invented answer"}).headers["Location"] == "/codes"
    assert "invented words" not in client.get("/codes").content.decode()
    add_code_message(actor_of_code(code), "invented more", now=now)
    client.post(f"/codes/{given.pk}/read")
    assert not ReturnCodeMessage.objects.waiting().exists()


def test_the_page_of_a_case_says_whose_it_is_and_ends_it(as_, ana, case, given, person):
    client, page = as_(ana), f"/cases/{case.pk}/codes"
    assert "No consta de quién es" in client.get(page).content.decode()
    assert client.post(f"{page}/{given.pk}/whose", {"person": str(person.pk)}).headers["Location"] == page
    assert person.code_name in client.get(page).content.decode()
    answered = client.post(f"/codes/{given.pk}/answer", {"words": "invented", "from": "case"})
    assert answered.headers["Location"] == page
    assert client.post(f"/codes/{given.pk}/end", {"from": "case"}).headers["Location"] == page
    with acting_as(ana.acting()):
        assert ReturnCode.objects.get().ended_at is not None


def test_who_is_in_no_team_sees_no_codes_of_the_case(as_, rufino, case, given):
    assert as_(rufino).get(f"/cases/{case.pk}/codes").status_code == 404
    assert as_(rufino).post(f"/cases/{case.pk}/codes/{given.pk}/whose", {"person": "x"}).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"code": "1"}, {"code": "1" * 15}])
def test_a_slip_at_the_telephone_is_told(as_, rufino, sent):
    assert as_(rufino).post("/codes", sent).status_code == 422


def test_who_asked_with_a_code_at_the_telephone_stands_in_the_ledger(as_, rufino, code, given):
    as_(rufino).post("/codes", {"code": code, "do": "tell"})
    entries = Entry.objects.raw("select * from audit_entry where key = %s order by id", [given.key_id])
    assert [entry.user_id for entry in entries if entry.what == "use_spoken_code"] == [rufino.pk]


def test_nobody_answers_under_a_code_that_opens_nothing(as_, ana, code, given, now):
    add_code_message(actor_of_code(code), "invented words", now=now)
    end_code(given, by=ana, now=now)
    answer = as_(ana).post(f"/codes/{given.pk}/answer", {"words": "invented answer"})
    assert (answer.status_code, "invented answer" in answer.content.decode()) == (422, True)
    assert ReturnCodeMessage.objects.count() == 1


def test_whose_it_is_is_refused_on_the_page(as_, ana, case, given, person, now):
    page = f"/cases/{case.pk}/codes"
    end_code(given, by=ana, now=now)
    for sent in ({}, {"person": "x"}, {"person": str(person.pk)}):
        answer = as_(ana).post(f"{page}/{given.pk}/whose", sent)
        assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
