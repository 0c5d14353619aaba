"""After a merge across two cases, each case keeps the person and its work, and consents can be withdrawn in both."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, add_person_to_case, open_case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, Decision, InformedItem, Recipient
from amparo.care.consent.rules import ruling_on
from amparo.care.exchange.htcds_export import exported_record
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person, merge, unmerge
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.rules import report_to_police
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def other(ana, now) -> Case:
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=now), by=ana, now=now)


@pytest.fixture
def agree(ana, now):
    def agree(person: Person) -> Consent:
        return consents.record_consent_in_case(
            person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.POLICE], purpose="invented",
            informed=list(InformedItem.values), given_how="voice", guardian="consents",
            expires_at=now + timedelta(days=30),
            by=ana, now=now,
        )  # fmt: skip

    return agree


def grown_up(case: Case, by: User, now) -> Person:
    with acting_as(by.acting()):
        person = case.persons.get(part=Part.AT_RISK)
    return describe_person(person, age_at_events=30, age_certainty="sure", by=by, now=now)


@pytest.fixture
def merged(case, other, ana, now) -> tuple[Person, Person]:
    """The person's record in the first case is merged into the one in the other case."""
    one, two = grown_up(case, ana, now), grown_up(other, ana, now)
    return merge(one, two, by=ana, now=now), two


@pytest.fixture
def desk(ana) -> Client:
    desk = Client(headers={"Sec-Fetch-Mode": "navigate"})
    desk.force_login(ana)
    return desk


def test_both_cases_show_her_and_what_may_be_done_for_her(merged, case, other, desk):
    one, two = merged
    for it, person in ((case, one), (other, two)):
        text = desk.get(f"/cases/{it.pk}").content.decode()
        assert (f"«{person.code_name}»" in text, f"/people/{person.pk}/consent" in text) == (True, True)
    text = desk.get(f"/cases/{case.pk}").content.decode()
    assert "Está también en otro caso" in text
    assert other.code in desk.get(f"/cases/{case.pk}/people/{one.pk}/duplicates").content.decode()


def test_in_a_file_of_either_case_she_is_told_once(merged, case, other, ana):
    with acting_as(ana.acting()):
        assert [len(exported_record(it)["Person"]) for it in (case, other)] == [1, 1]


def test_what_she_agreed_to_in_the_one_is_seen_and_taken_back_in_the_other(merged, case, other, desk, agree, ana, now):
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    one, two = merged
    agreed = agree(one)
    report_to_police(one, unit, facts="invented", source="victim", by=ana, now=now)
    assert (
        ruling_on(two, RecipientScope(Recipient.POLICE), Data.INCIDENT_FACTS, now)[0] == Decision.FORBID
    )  # each for its case
    where = f"/cases/{other.pk}/people/{two.pk}/consent"
    text = desk.get(where).content.decode()
    back = f"/cases/{other.pk}/consents/{agreed.pk}/withdraw"
    assert (back in text, f"«{one.code_name}» (en otro caso)" in text) == (True, True)
    answer = desk.post(back)
    assert (answer.status_code, answer["Location"]) == (302, where)
    with acting_as(teo.acting()):
        assert not Report.objects.exists()
    assert back not in desk.get(where).content.decode()


def test_what_somebody_else_agreed_to_is_not_taken_back_from_here(case, other, desk, agree, ana, now):
    agreed = agree(grown_up(case, ana, now))
    assert desk.post(f"/cases/{other.pk}/consents/{agreed.pk}/withdraw").status_code == 404
    assert Consent.objects.get().withdrawn_at is None


def test_who_follows_one_of_the_two_cases_alone_learns_that_there_is_another_and_not_which(
    merged, case, other, ines, ana, agree, now
):
    add_member(case, ines, by=ana, now=now)
    one, two = merged
    agree(two)
    desk = Client(headers={"Sec-Fetch-Mode": "navigate"})
    desk.force_login(ines)
    text = desk.get(f"/cases/{case.pk}/people/{one.pk}/duplicates").content.decode()
    assert ("de un caso que usted no lleva" in text, other.code in text, two.code_name in text) == (True, False, False)
    assert two.code_name not in desk.get(f"/cases/{case.pk}/people/{one.pk}/consent").content.decode()


def test_twice_in_one_case_she_is_one(case, ana, agree, now):
    one = grown_up(case, ana, now)
    two = add_person_to_case(case, Part.AT_RISK, age_at_events=30, age_certainty="sure", by=ana, now=now)
    agreed = agree(two)
    assert ruling_on(one, RecipientScope(Recipient.POLICE), Data.INCIDENT_FACTS, now=now)[0] == Decision.FORBID
    two = merge(two, one, by=ana, now=now)
    with acting_as(ana.acting()):
        assert list(case.persons.filter(part=Part.AT_RISK)) == [one]
    for person in (one, two):
        assert ruling_on(person, RecipientScope(Recipient.POLICE), Data.INCIDENT_FACTS, now=now)[0] == Decision.ALLOW
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    assert ruling_on(one, RecipientScope(Recipient.POLICE), Data.INCIDENT_FACTS, now=now)[0] == Decision.FORBID
    unmerge(two, by=ana, now=now)
    assert ruling_on(one, RecipientScope(Recipient.POLICE), Data.INCIDENT_FACTS, now=now)[0] == Decision.FORBID
