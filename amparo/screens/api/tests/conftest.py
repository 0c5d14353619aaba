"""Two units of the police, each with a report of the line and a program that has a token."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from amparo.care.cases import consenting
from amparo.care.cases.rules import open_case
from amparo.care.consent.disclosure import Data, Recipient
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Told
from amparo.care.people.rules import describe_person
from amparo.care.referrals.models import Report
from amparo.care.referrals.picklists import StepKind
from amparo.care.referrals.rules import receive, report_to_police, say
from amparo.ground.access.models import Agency, Kind, Role, User
from amparo.ground.machines.models import ApiToken
from amparo.ground.machines.rules import give_token
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@dataclass
class Unit:
    """One institution, all its words planted."""

    word: str  # is in every text of its report
    report: Report
    token: str
    program: ApiToken
    administrator: User
    liaison: User
    consent: Consent

    def ask(self, path: str, sent: dict[str, Any] | None = None, **more: Any) -> Any:
        """As its program asks: POST where something is sent."""
        return asked(path, sent, token=self.token, **more)


def asked(path: str, sent: Any = None, *, token: str = "", key: Any = None, client: Client | None = None) -> Any:
    client = client or Client()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if sent is None:
        return client.get(path, headers=headers)
    headers["Idempotency-Key"] = str(key or uuid.uuid4())
    return client.post(path, json.dumps(sent), content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def in_english(settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"  # a program keeps no session, and so no language
    with translation.override("en"):
        yield


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def make(ana, now) -> Callable[[str, str], Unit]:
    def make(word: str, kind: str) -> Unit:
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
        case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
        person = describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
        recipient = {Kind.POLICE: Recipient.POLICE, Kind.PROSECUTOR: Recipient.PROSECUTOR}[kind]
        consent = consenting.agree(
            person, data=[Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY], recipients=[recipient], purpose="invented",
            told=list(Told.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip
        agency = Agency.objects.create(name=f"Unidad inventada {word}", kind=kind)
        boss = User.objects.create(username=f"boss-{word}", role=Role.ADMINISTRATOR, agency=agency)
        liaison = User.objects.create(username=f"liaison-{word}", role=Role.POLICE_LIAISON, agency=agency)
        report = report_to_police(
            person, agency, facts=f"facts of {word}", names=f"name of {word}", traces=f"alias of {word}",
            source="victim", by=ana, now=now,
        )  # fmt: skip
        receive(report, f"F-1 {word}", by=liaison, now=now)
        say(report, StepKind.ASKED, f"where is {word}?", by=liaison, now=now)
        program = give_token(f"Programa {word}", by=boss, now=now)
        return Unit(word, report, program.text, program, boss, liaison, consent)

    return make


@pytest.fixture
def unit(make) -> Unit:
    return make("guacamayo", Kind.POLICE)


@pytest.fixture
def other(make) -> Unit:
    return make("tinamou", Kind.PROSECUTOR)


@pytest.fixture
def new_report(unit, ana, now) -> Report:
    """Nothing has happened to it yet."""
    return report_to_police(unit.report.person, unit.report.to_agency, facts="x", source="victim", by=ana, now=now)
