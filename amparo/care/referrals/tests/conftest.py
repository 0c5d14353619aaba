from datetime import timedelta

import pytest

from amparo.care.cases.models import Case
from amparo.care.cases.rules import open_case
from amparo.care.cases.tests.agreeing import agree
from amparo.care.consent.picklists import Data, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.rules import describe_person
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def case(ana, now) -> Case:
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=now), by=ana, now=now)


@pytest.fixture
def person(case, ana, now):
    return describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def service(db) -> Service:
    of = Organization.objects.create(name="Organización de Ejemplo", description="inventada", trust="vetted")
    return Service.objects.create(organization=of, name="Servicio de Ejemplo", answer_hours=24)


@pytest.fixture
def permits(person, ana, now):
    """The person agrees that these data go to services."""

    def permits(*data: str, days: int = 60, recipient: str = Recipient.SERVICE_PROVIDER):
        until = now + timedelta(days=days)
        return agree(person, *(data or [Data.INCIDENT_FACTS]), to=recipient, expires_at=until, by=ana, now=now)

    return permits
