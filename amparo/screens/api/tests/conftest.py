"""Two police units with a report each, two institutions with a referral each, and a program with a token for each."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.care.police_reports.rules import add_message, receive_report, report_to_police
from amparo.care.referrals.models import Referral
from amparo.care.referrals.program_shares import link_provider
from amparo.care.referrals.rules import refer
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.integrations.models import ApiToken
from amparo.foundation.integrations.rules import give_token
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@dataclass
class Unit:
    """One police unit; every text of its report contains `word`."""

    word: str  # in every text of its report
    report: Report
    token: str
    program: ApiToken
    administrator: User
    liaison: User
    consent: Consent

    def ask(self, path: str, sent: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a request as its program: POST if there is something to send."""
        return api_request(path, sent, token=self.token, **more)

    @property
    def own(self) -> Report:
        return self.report

    @property
    def path(self) -> str:
        return f"/api/v1/reports/{self.report.pk}"


@dataclass
class Serving:
    """One institution with a service; every text of its referral contains `word`."""

    word: str  # in every text of its referral
    referral: Referral
    token: str
    program: ApiToken
    administrator: User
    consent: Consent
    about_name: Consent  # consent to disclose the name, apart from the other consent

    def ask(self, path: str, sent: dict[str, Any] | None = None, **more: Any) -> Any:
        return api_request(path, sent, token=self.token, **more)

    @property
    def own(self) -> Referral:
        return self.referral

    @property
    def path(self) -> str:
        return f"/api/v1/referrals/{self.referral.pk}"


def api_request(path: str, sent: Any = None, *, token: str = "", key: Any = None, client: Client | None = None) -> Any:
    client = client or Client()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if sent is None:
        return client.get(path, headers=headers)
    headers["Idempotency-Key"] = str(key or uuid.uuid4())
    return client.post(path, json.dumps(sent), content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def in_english(settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"  # a program has no session, and so no language
    with translation.override("en"):
        yield


@pytest.fixture
def ana(db) -> User:
    """As everywhere, and not at work as in the conftest.py of the wing."""
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def somebody(ana, now) -> Callable[[], Person]:
    """Make a person in a case of their own."""

    def somebody() -> Person:
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
        case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
        return describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)

    return somebody


@pytest.fixture
def agrees(ana, now) -> Callable[..., Consent]:
    def agrees(person: Person, recipient: str, *data: str) -> Consent:
        return consents.record_consent_in_case(
            person, data=list(data), recipients=[recipient], purpose="invented", informed=list(InformedItem.values),
            given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip

    return agrees


@pytest.fixture
def make(somebody, agrees, ana, now) -> Callable[[str, str], Unit]:
    def make(word: str, kind: str) -> Unit:
        person = somebody()
        recipient = {Kind.POLICE: Recipient.POLICE, Kind.PROSECUTOR: Recipient.PROSECUTOR}[kind]
        consent = agrees(person, recipient, Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY)
        agency = Agency.objects.create(name=f"Unidad inventada {word}", kind=kind)
        boss = User.objects.create(username=f"boss-{word}", role=Role.ADMINISTRATOR, agency=agency)
        liaison = User.objects.create(username=f"liaison-{word}", role=Role.POLICE_LIAISON, agency=agency)
        report = report_to_police(
            person, agency, facts=f"facts of {word}", details={Data.SUBJECT_IDENTITY: f"name of {word}"},
            traces=f"alias of {word}", source="victim", by=ana, now=now,
        )  # fmt: skip
        receive_report(report, f"F-1 {word}", by=liaison, now=now)
        add_message(report, ReportEventKind.QUESTION, f"where is {word}?", by=liaison, now=now)
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
    """A report without any event."""
    return report_to_police(unit.report.person, unit.report.to_agency, facts="x", source="victim", by=ana, now=now)


@pytest.fixture
def serve(somebody, agrees, ana, now) -> Callable[[str, str], Serving]:
    def serve(word: str, kind: str) -> Serving:
        person, marta = somebody(), User.objects.create(username=f"marta-{word}", role=Role.SUPERVISOR)
        facts = agrees(person, Recipient.SERVICE_PROVIDER, Data.INCIDENT_FACTS)
        name = agrees(person, Recipient.SERVICE_PROVIDER, Data.SUBJECT_IDENTITY)
        agency = Agency.objects.create(name=f"Institución inventada {word}", kind=kind)
        boss = User.objects.create(username=f"boss-{word}", role=Role.ADMINISTRATOR, agency=agency)
        of = Organization.objects.create(name=f"De {word}", description="inventada", trust="vetted")
        link_provider(of, agency, by=marta, now=now)
        service = Service.objects.create(organization=of, name=f"Servicio de {word}")
        referral = refer(
            person,
            service,
            facts=f"facts of {word}",
            details={Data.SUBJECT_IDENTITY: f"name of {word}"},
            by=ana,
            now=now,
        )
        program = give_token(f"Programa {word}", by=boss, now=now)
        return Serving(word, referral, program.text, program, boss, facts, name)

    return serve


@pytest.fixture
def house(serve) -> Serving:
    return serve("gallito", Kind.NGO)


@pytest.fixture
def office(serve) -> Serving:
    return serve("relojero", Kind.MINISTRY)
