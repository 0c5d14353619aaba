"""A caller who stays anonymous gets no identity in the case, until the choice is changed in the contact."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amparo.care.cases.rules import add_person_to_case
from amparo.care.people.models import Identity
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person, identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact

NAME = "Inventada Demo"


@pytest.fixture
def name(ana, now):
    def name(person, **known) -> Identity:
        return identify(person, purpose=Purpose.CARE, **({"names": NAME} | known), by=ana, now=now)

    return name


@pytest.fixture
def choose(contact):
    return lambda choice: Contact.objects.filter(pk=contact.pk).update(privacy_choice=choice)


@pytest.fixture
def caller(case, choose):
    choose("anonymous")
    return case.persons.get(part=Part.CALLER)


@pytest.mark.parametrize("column", ["names", "document", "born", "phone", "address"])
def test_who_stays_anonymous_is_not_named(caller, ana, now, column):
    with pytest.raises(Refused, match="chose to stay anonymous"):
        identify(caller, purpose=Purpose.CARE, **{column: "1990"}, by=ana, now=now)
    assert not Identity.objects.exists()


def test_until_the_choice_is_changed_in_the_contact(caller, choose, name):
    choose("confidential")
    assert name(caller).names == NAME


def test_a_person_who_calls_for_themselves_is_named_under_neither_record(case, caller, name):
    herself = case.persons.get(part=Part.AT_RISK)
    caller.same_human_as = herself
    caller.save()
    with pytest.raises(Refused, match="anonymous"):
        name(herself)


def test_an_anonymous_caller_cannot_be_linked_to_an_identified_record(case, caller, name, choose, ana, now):
    herself = case.persons.get(part=Part.AT_RISK)
    name(herself)
    with pytest.raises(Refused, match="chose to stay anonymous"):
        describe_person(caller, same_human_as=herself, by=ana, now=now)
    assert describe_person(caller, gender="feminine", by=ana, now=now).same_human_as is None
    name(herself, names="")
    caller.refresh_from_db()
    assert describe_person(caller, same_human_as=herself, by=ana, now=now).same_human_as == herself


def test_after_another_choice_the_records_can_be_linked(case, caller, name, choose, ana, now):
    herself = case.persons.get(part=Part.AT_RISK)
    name(herself)
    choose("confidential")
    assert describe_person(caller, same_human_as=herself, by=ana, now=now).same_human_as == herself


def test_who_is_at_risk_and_did_not_call_is_named(case, caller, name, ana, now):
    assert name(case.persons.get(part=Part.AT_RISK)).names == NAME
    assert name(add_person_to_case(case, Part.ALLEGED_PERPETRATOR, by=ana, now=now)).names == NAME


def test_named_before_the_name_is_only_taken_out(case, choose, name):
    caller = case.persons.get(part=Part.CALLER)
    name(caller)
    choose("anonymous")
    with pytest.raises(Refused, match="anonymous"):
        name(caller, names="Otra Demo")
    assert name(caller, names="").names is None


def test_the_database_says_so_too(caller, name, choose):
    choose("share")
    identity = name(caller)
    choose("anonymous")
    with pytest.raises(IntegrityError, match="not named"), transaction.atomic():
        Identity.objects.filter(pk=identity.pk).update(born=None)


def test_the_page_says_it_and_loses_nothing_typed(case, caller, ana):
    client = Client()
    client.force_login(ana)
    answer = client.post(f"/cases/{case.pk}/people/{caller.pk}/identity", {"names": NAME})
    assert (answer.status_code, NAME in answer.content.decode()) == (422, True)
    assert not Identity.objects.exists()
