"""A second conversation about the same person joins her case; it does not begin another."""

import pytest
from django.test import Client

from amparo.care.cases.models import Case
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import link, open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def again(case, ana, now) -> Contact:
    """The same caller once more, some other hour, in Ana's hand."""
    call = Call.objects.create(
        arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk], language="qu", pseudonym=b"p" * 16
    )
    return open_contact(call, by=ana, now=now)


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_case_of_the_same_caller_is_proposed_first_and_one_press_joins_it(again, case, ana):
    page = at(ana).get(f"/cases/with/{again.pk}?language=en").content.decode()
    assert page.index("The same caller was heard in") < page.index(case.code) < page.index("Begin a new case")
    answer = at(ana).post(f"/cases/with/{again.pk}", {"code": case.code})
    assert answer["Location"] == f"/cases/{case.pk}"
    assert (again.inclusion.case, case.inclusions.count()) == (case, 2)
    assert Case.objects.count() == 1


def test_what_goes_on_from_a_conversation_of_a_case_is_asked_before_a_second_is_begun(again, contact, case, ana, now):
    link(again, contact.number, by=ana, now=now)
    assert at(ana).post(f"/cases/from/{again.pk}")["Location"] == f"/cases/with/{again.pk}"
    assert Case.objects.count() == 1
    assert at(ana).post(f"/cases/from/{again.pk}", {"new": "1"})["Location"].startswith("/cases/")
    assert Case.objects.count() == 2
    assert at(ana).post(f"/cases/from/{again.pk}")["Location"] == f"/cases/{again.inclusion.case_id}"


@pytest.mark.parametrize("code", ["L-999999", "C-1", ""])
def test_a_code_of_no_case_is_one_sentence_and_joins_nothing(again, case, ana, code):
    answer = at(ana).post(f"/cases/with/{again.pk}", {"code": code})
    assert (answer.status_code, case.inclusions.count()) == (422, 1)


def test_a_case_of_others_is_neither_shown_nor_joined(case, stranger, now):
    call = Call.objects.create(
        arrived_at=now, answered_at=now, state=State.TALKING, operators=[stranger.pk], pseudonym=b"p" * 16
    )
    theirs = open_contact(call, by=stranger, now=now)
    assert case.code not in at(stranger).get(f"/cases/with/{theirs.pk}").content.decode()
    assert at(stranger).post(f"/cases/with/{theirs.pk}", {"code": case.code}).status_code == 422
    assert case.inclusions.count() == 1
