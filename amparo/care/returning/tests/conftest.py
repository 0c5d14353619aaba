from datetime import timedelta

import pytest

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.rules import open_case
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person
from amparo.care.referrals.models import Referral
from amparo.care.referrals.rules import refer
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact, ReturnCode
from amparo.line.contacts.return_code_rules import give_code
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def talk(ana, now):
    """A second conversation of the same person."""

    def talk() -> Contact:
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
        return open_contact(call, by=ana, now=now)

    return talk


@pytest.fixture
def contact(talk) -> Contact:
    return talk()


@pytest.fixture
def code(contact, ana, now) -> str:
    return give_code(contact, by=ana, now=now)


@pytest.fixture
def given(code, contact) -> ReturnCode:
    return ReturnCode.objects.get(contact=contact)


@pytest.fixture
def case(contact, ana, now) -> Case:
    return open_case(contact, by=ana, now=now)


@pytest.fixture
def person(case, ana, now) -> Person:
    with acting_as(ana.acting()):
        subject = case.persons.get(part="at_risk")
    return describe_person(subject, age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def agreed(person, ana, now) -> Consent:
    return consents.record_consent_in_case(
        person,
        data=[Data.INCIDENT_FACTS],
        recipients=[Recipient.POLICE],
        purpose="invented",
        informed=list(InformedItem.values),
        given_how="voice",
        expires_at=now + timedelta(days=30),
        by=ana,
        now=now,
    )


@pytest.fixture
def ask_for(ana, now):
    """Refer a person to a service, as they agreed."""
    of = Organization.objects.create(name="Organización de Ejemplo", description="inventada", trust="vetted")
    service = Service.objects.create(organization=of, name="Servicio de Ejemplo", answer_hours=24)

    def ask_for(whom: Person, facts: str) -> Referral:
        describe_person(whom, age_at_events=30, age_certainty="sure", by=ana, now=now)
        consents.record_consent_in_case(
            whom, data=[Data.INCIDENT_FACTS], recipients=[Recipient.SERVICE_PROVIDER], purpose="invented",
            informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip
        return refer(whom, service, facts=facts, by=ana, now=now)

    return ask_for
