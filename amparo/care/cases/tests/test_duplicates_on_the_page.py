"""The same person in two cases: searched for with a purpose, merged by staff, and unmerged again."""

import pytest
from django.test import Client

from amparo.care.cases.rules import open_case
from amparo.care.people.models import Person
from amparo.care.people.rules import identify
from amparo.foundation.audit.labels import Purpose
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State

NAME = "Inventada Demo"


@pytest.fixture
def other_case(ana, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=now), by=ana, now=now)


@pytest.fixture
def both(case, other_case, ana, now):
    """Two people of the same name, in two cases."""
    for each in (case, other_case):
        identify(each.persons[0], purpose=Purpose.CARE, names=NAME, by=ana, now=now)
    return case.persons[0], other_case.persons[0]


@pytest.fixture
def browser(ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def test_she_is_suggested_for_a_reason_and_merged_by_a_person(browser, case, other_case, both):
    one, other = both
    where = f"/cases/{case.pk}/people/{one.pk}/duplicates"
    assert other.code_name not in browser.get(where).content.decode()
    assert browser.post(where + "/look").status_code == 409
    shown = browser.post(where + "/look", {"purpose": "care"}).content.decode()
    assert other.code_name in shown
    assert NAME not in shown
    assert Person.objects.get(pk=one.pk).merged_into is None
    browser.post(f"{where}/{other.pk}/merge")
    assert Person.objects.get(pk=one.pk).merged_into == other
    assert one.code_name in browser.get(f"/cases/{other_case.pk}/people/{other.pk}/duplicates").content.decode()


def test_a_merge_is_undone_on_the_page(browser, case, both):
    one, other = both
    where = f"/cases/{case.pk}/people/{one.pk}/duplicates"
    browser.post(f"{where}/{other.pk}/merge")
    assert other.code_name in browser.get(where).content.decode()
    browser.post(where + "/part")
    assert Person.objects.get(pk=one.pk).merged_into is None


def test_a_stranger_gets_not_found(stranger, case, both):
    client = Client()
    client.force_login(stranger)
    assert client.get(f"/cases/{case.pk}/people/{both[0].pk}/duplicates").status_code == 404


def test_an_identity_whose_number_cannot_be_searched_is_saved(browser, case):
    where = f"/cases/{case.pk}/people/{case.persons[0].pk}/identity"
    assert browser.post(where, {"names": NAME, "phone": "no tiene", "based_on": "0"}).status_code == 302


def test_saving_an_identity_shows_possible_duplicates(browser, case, other_case, ana, now):
    where = f"/cases/{case.pk}/people/{case.persons[0].pk}/identity"
    alone = browser.post(where, {"names": NAME, "based_on": "0"})
    assert alone.status_code == 302  # nobody is alike
    theirs = f"/cases/{other_case.pk}/people/{other_case.persons[0].pk}/identity"
    shown = browser.post(theirs, {"names": NAME, "based_on": "0"})
    assert case.persons[0].code_name in shown.content.decode()
    assert NAME not in shown.content.decode()
    assert Person.objects.filter(merged_into=None).count() == 4  # nobody was merged by it
