from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, add_person_to_case, open_case
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.care.shelters.house_rules import add_bed, add_house
from amparo.care.shelters.models import House, Placement
from amparo.care.shelters.picklists import Region
from amparo.care.shelters.rules import approve_placement, hold_bed, request_placement
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State

WOMEN = ["feminine", "transgender_feminine"]


@pytest.fixture
def olga(db) -> User:
    """The placement officer."""
    return User.objects.create(username="olga", first_name="Olga P.", role=Role.PLACEMENT_OFFICER)


@pytest.fixture
def shelter(db) -> Agency:
    return Agency.objects.create(name="Invented shelter", kind=Kind.SHELTER)


@pytest.fixture
def luz(shelter) -> User:
    """Works in the house."""
    return User.objects.create(username="luz", first_name="Luz C.", role=Role.SHELTER_STAFF, agency=shelter)


@pytest.fixture
def elsewhere(db) -> User:
    """Works in a house of another shelter."""
    other = Agency.objects.create(name="Invented shelter elsewhere", kind=Kind.SHELTER)
    return User.objects.create(username="eva", role=Role.SHELTER_STAFF, agency=other)


@pytest.fixture
def make_house(shelter, olga, now):
    def make_house(name: str = "Casa Tucán", beds: int = 3, cots: int = 0, agency=shelter, **takes) -> House:
        takes = {"region": Region.COAST_SOUTH, "genders": WOMEN} | takes
        house = add_house(name, agency, by=olga, now=now, **takes)
        for number in range(1, beds + cots + 1):
            add_bed(house, room=1, number=number, kind="bed" if number <= beds else "cot", by=olga, now=now)
        return house

    return make_house


@pytest.fixture
def house(make_house) -> House:
    return make_house()


@pytest.fixture
def make_case(db, now):
    """Make a case of a woman of 30, or of the given person."""

    def make_case(by: User, **known) -> Case:
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[by.pk])
        case = open_case(open_contact(call, by=by, now=now), by=by, now=now)
        known = {"age_at_events": 30, "age_certainty": "sure", "gender": "feminine"} | known
        describe_person(at_risk(case), by=by, now=now, **known)
        return case

    return make_case


@pytest.fixture
def case(make_case, ana) -> Case:
    return make_case(ana)


@pytest.fixture
def person(case) -> Person:
    return at_risk(case)


@pytest.fixture
def child(case, ana, now):
    def child(age: int, gender: str = "feminine") -> Person:
        known = {"age_at_events": age, "age_certainty": "sure", "gender": gender}
        return add_person_to_case(case, Part.AT_RISK, by=ana, now=now, **known)

    return child


@pytest.fixture
def reserved(case, person, house, ana, now) -> Placement:
    return hold_bed(case, [person], house, by=ana, now=now)


@pytest.fixture
def agree(ana, now):
    """Give a valid informed consent: the facts may be disclosed to services."""

    def agree(person: Person, guardian: str = "") -> Consent:
        return consents.record_consent_in_case(
            person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.SERVICE_PROVIDER], purpose="invented",
            informed=list(InformedItem.values), given_how="voice", guardian=guardian,
            expires_at=now + timedelta(days=30),
            by=ana, now=now,
        )  # fmt: skip

    return agree


@pytest.fixture
def requested(reserved, ana, ines, now) -> Placement:
    add_member(reserved.case, ines, by=ana, now=now)
    planned = timezone.localdate(now) + timedelta(days=30)
    return request_placement(reserved, planned_to=planned, escort="invented escort", escort_user=ines, by=ana, now=now)


@pytest.fixture
def approved(requested, olga, now) -> Placement:
    return approve_placement(requested, by=olga, now=now)


def at_risk(case: Case) -> Person:
    return case.persons.filter(part=Part.AT_RISK).order_by("number")[0]


def otherwise(function: str, words: str, others: str) -> None:
    """Replace `words` by `others` in this database function until the test is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_functiondef(%s::regproc)", [function])
        [(value,)] = cursor.fetchall()
        assert words in value
        cursor.execute(value.replace(words, others, 1))
