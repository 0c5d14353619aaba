"""The page behind a referral's link: nothing before the button is pressed, nothing stored, nothing for guessers."""

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.rules import describe_person
from amparo.care.referrals.models import ReferralEvent
from amparo.care.referrals.rules import issue_link, refer
from amparo.foundation.access.models import User
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from amparo.screens.site import views
from amparo.screens.site.failed_codes import FREE, FREE_OF_ONE_CODE, FailedCodes

from .test_headers import faults

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = "invented facts of nobody"
GONE = "Este enlace no es válido"


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(views, "failed_codes", FailedCodes())


@pytest.fixture
def page() -> Client:
    return Client(headers={"Sec-Fetch-Site": "same-origin"}, enforce_csrf_checks=True)


@pytest.fixture
def consent_and_link():
    ana, now = User.objects.create(username="ana"), timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, operators=[ana.pk])
    case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    person = describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
    consent = consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.SERVICE_PROVIDER], purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timezone.timedelta(days=9), by=ana,
        now=now,
    )  # fmt: skip
    of = Organization.objects.create(name="De Ejemplo", description="inventada")
    service = Service.objects.create(organization=of, name="Servicio de Ejemplo")
    referral = refer(person, service, facts=FACTS, by=ana, now=now)
    return consent, issue_link(referral, by=ana, now=now), ana


@pytest.fixture
def link(consent_and_link) -> str:
    return consent_and_link[1]


def test_nothing_is_shown_before_it_is_pressed(page, link):
    answer = page.get("/reply")
    assert FACTS not in answer.content.decode()
    assert faults(answer, sends=True) == []


def test_it_shows_what_was_agreed_and_nothing_else(page, link):
    answer = page.post("/reply", {"secret": link})
    text = answer.content.decode()
    assert (answer.status_code, FACTS in text) == (200, True)
    assert not any(word in text for word in ("Servicio de Ejemplo", "De Ejemplo", "L-1", "ana"))
    assert faults(answer, sends=True) == []
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex, nofollow", "no-store")
    assert not answer.cookies


def test_it_answers(page, link):
    refused = page.post("/reply", {"secret": link, "kind": "declined", "words": "invented words", "why_not": ""})
    assert (refused.status_code, "invented words" in refused.content.decode()) == (422, True)
    response = page.post("/reply", {"secret": link, "kind": "declined", "words": "invented words", "why_not": "full"})
    assert (response.status_code, "Lo recibimos. Gracias." in response.content.decode()) == (200, True)
    assert ReferralEvent.objects.get().why_not == "full"
    assert page.post("/reply", {"secret": link, "kind": "accepted"}).status_code == 422  # the referral is finished


def test_who_has_answered_is_not_asked_again(page, link):
    question = "¿Pueden recibir a la persona?"
    assert question in page.post("/reply", {"secret": link}).content.decode()
    answered = page.post("/reply", {"secret": link, "kind": "accepted"}).content.decode()
    assert (question in answered, "Recibimos a la persona" in answered) == (False, True)


def test_taken_back_it_is_gone_on_the_very_next_request(page, consent_and_link):
    consent, link, ana = consent_and_link
    assert FACTS in page.post("/reply", {"secret": link}).content.decode()
    consents.withdraw_consent_in_case(consent, by=ana, now=timezone.now())
    gone = page.post("/reply", {"secret": link})
    assert (gone.status_code, GONE in gone.content.decode(), FACTS in gone.content.decode()) == (422, True, False)


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"secret": ""}, {"secret": "x" * 9000}, {"secret": "\0"}, {"secret": "é٣²"}, {"kind": "accepted"},
        {"secret": "a" * 32, "kind": "nonsense", "words": "x" * 9000},
    ],
)  # fmt: skip
def test_what_opens_nothing_is_told_in_one_and_the_same_sentence(page, sent):
    answer = page.post("/reply", sent)
    assert (answer.status_code, GONE in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("more", [{"kind": "informed"}, {"kind": "x"}, {"kind": "accepted", "words": "x" * 3000}])
def test_what_is_asked_badly_is_refused_with_the_page(page, link, more):
    answer = page.post("/reply", {"secret": link, **more})
    assert (answer.status_code, FACTS in answer.content.decode()) == (422, True)
    assert not ReferralEvent.objects.exists()


def test_another_site_cannot_ask(link):
    elsewhere = Client(headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.post("/reply", {"secret": link}).status_code == 403


def test_who_guesses_works_and_so_does_who_reads_without_end(page, link):
    for _ in range(FREE):
        assert page.post("/reply", {"secret": "a" * 32}, REMOTE_ADDR="192.0.2.7").status_code == 422
    assert page.post("/reply", {"secret": link}, REMOTE_ADDR="192.0.2.7").status_code == 429
    sent = {"secret": link, "kind": "nonsense", "words": "invented words"}
    answers = [page.post("/reply", sent, REMOTE_ADDR="192.0.2.8") for _ in range(FREE_OF_ONE_CODE + 1)]
    assert [answer.status_code for answer in answers] == [422] * FREE_OF_ONE_CODE + [429]
    assert "invented words" in answers[-1].content.decode()
