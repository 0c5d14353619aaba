from datetime import timedelta

import pytest

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.rules import open_case
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.people.rules import describe_person
from amparo.foundation.access.models import Agency, Kind, Role, User
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
def other_liaison(db) -> User:
    """A liaison of another unit."""
    elsewhere = Agency.objects.create(name="Invented unit elsewhere", kind=Kind.POLICE)
    return User.objects.create(username="lia", role=Role.POLICE_LIAISON, agency=elsewhere)


@pytest.fixture
def agreed(person, ana, now):
    """The person agrees that the facts, and perhaps more, go to the police."""

    def agreed(*data: str):
        return consents.record_consent_in_case(
            person, data=[Data.INCIDENT_FACTS, *data], recipients=[Recipient.POLICE], purpose="invented",
            informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip

    return agreed
