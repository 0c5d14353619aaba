"""A disclosure basis is about one person: danger to one opens neither another person's name nor the caller's."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.cases.rules import add_person_to_case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import DisclosureBasis
from amparo.care.consent.picklists import Data, Decision, OverrideGround, Recipient
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import basis_for, ruling_on
from amparo.care.consent.table import disclosure_table
from amparo.care.people.picklists import Part
from amparo.foundation.core.refusal import Refused

POLICE, NAME, CALLER = RecipientScope(Recipient.POLICE), Data.SUBJECT_IDENTITY, Data.CALLER_IDENTITY
DANGER = (Decision.ALLOW, Because.IMMINENT_DANGER)


@pytest.fixture
def one(case):
    return case.persons.get(part=Part.AT_RISK)


@pytest.fixture
def caller(case):
    return case.persons.get(part=Part.CALLER)


@pytest.fixture
def other(case, ana, now):
    return add_person_to_case(case, Part.AT_RISK, age_at_events=25, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def danger(ana, now):
    def danger(person, **more) -> DisclosureBasis:
        return consents.record_basis_in_case(
            person, OverrideGround.IMMINENT_DANGER, "invented danger", **more, by=ana, now=now
        )

    return danger


def test_danger_of_one_does_not_name_another(one, other, danger, now):
    basis = danger(one)
    assert ruling_on(one, POLICE, NAME, now=now) == DANGER
    assert basis_for(one, POLICE, NAME, now).basis == (basis.pk, basis.until)
    assert ruling_on(other, POLICE, NAME, now=now)[0] == Decision.FORBID
    assert basis_for(other, POLICE, NAME, now) is None


def test_of_two_in_danger_each_is_told_on_her_own(one, other, danger, now):
    bases = {person: danger(person) for person in (one, other)}
    for person, basis in bases.items():
        assert basis_for(person, POLICE, NAME, now).basis == (basis.pk, basis.until)


def test_danger_of_who_calls_names_the_caller_and_nobody_at_risk(one, caller, danger, now):
    danger(caller)
    assert ruling_on(caller, POLICE, CALLER, now=now) == DANGER
    assert ruling_on(one, POLICE, CALLER, now=now) == DANGER  # the caller's own data, on any page
    assert ruling_on(one, POLICE, NAME, now=now)[0] == Decision.FORBID


def test_danger_of_her_who_calls_herself_is_hers(one, caller, danger, now):
    caller.same_human_as = one
    caller.save()
    danger(caller)
    for data in (NAME, CALLER):
        assert ruling_on(one, POLICE, data, now=now) == DANGER


def test_nothing_is_written_of_an_alleged_perpetrator(case, danger, ana, now):
    alleged = add_person_to_case(case, Part.ALLEGED_PERPETRATOR, by=ana, now=now)
    with pytest.raises(Refused, match="whom it is about"):
        danger(alleged)


def test_the_table_says_of_each_her_own(one, other, danger, now):
    danger(one)
    for person, expected in ((one, Decision.ALLOW), (other, Decision.FORBID)):
        rulings = next(it.rulings for it in disclosure_table(person, now) if it.recipient == POLICE)
        assert rulings[NAME][0] == expected


def test_one_of_before_is_of_all_at_risk(one, other, danger, now):
    basis = danger(one)
    DisclosureBasis.objects.filter(pk=basis.pk).update(person=None)
    for person in (one, other):
        assert ruling_on(person, POLICE, NAME, now=now + timedelta(minutes=1)) == DANGER


def test_the_form_asks_whom_and_chooses_where_there_is_one(case, one, ana, other, caller, now):
    client = Client()
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{one.pk}"
    page = client.get(f"{where}/consent").content.decode()
    assert f'<option value="{one.pk}">«{one.code_name}»' in page
    typed = {"kind": "imminent_danger", "facts": "invented danger"}
    assert client.post(f"{where}/bases", typed).status_code == 422
    client.post(f"{where}/bases", typed | {"about": other.pk})
    assert DisclosureBasis.objects.get().person == other
    other.merged_into = one
    other.save()
    page = client.get(f"{where}/consent").content.decode()
    assert f'<option value="{one.pk}" selected>«{one.code_name}»' in page
