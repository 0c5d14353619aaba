"""A second contact about the same person joins the existing case instead of opening another one."""

import pytest
from django.test import Client

from amparo.care.cases.models import Case
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import link, open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def again(case, ana, now) -> Contact:
    """Another contact of the same caller, at another time, taken by Ana."""
    call = Call.objects.create(
        arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk], language="qu", pseudonym=b"p" * 16
    )
    return open_contact(call, by=ana, now=now)


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_case_of_the_same_caller_is_proposed_first_and_one_click_adds_the_contact(again, case, ana):
    page = at(ana).get(f"/cases/with/{again.pk}?language=en").content.decode()
    assert page.index("The same caller was heard in") < page.index(case.code) < page.index("Begin a new case")
    answer = at(ana).post(f"/cases/with/{again.pk}", {"code": case.code})
    assert answer["Location"] == f"/cases/{case.pk}"
    assert (again.inclusion.case, case.inclusions.count()) == (case, 2)
    assert Case.objects.count() == 1


def test_a_follow_up_contact_asks_before_a_second_case_is_opened(again, contact, case, ana, now):
    link(again, contact.number, by=ana, now=now)
    assert at(ana).post(f"/cases/from/{again.pk}")["Location"] == f"/cases/with/{again.pk}"
    assert Case.objects.count() == 1
    assert at(ana).post(f"/cases/from/{again.pk}", {"new": "1"})["Location"].startswith("/cases/")
    assert Case.objects.count() == 2
    assert at(ana).post(f"/cases/from/{again.pk}")["Location"] == f"/cases/{again.inclusion.case_id}"


@pytest.mark.parametrize("code", ["L-999999", "C-1", ""])
def test_an_unknown_case_code_is_refused_in_one_sentence(again, case, ana, code):
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
