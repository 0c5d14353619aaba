"""Whom the line tells without consent: one supervisor writes it, another agrees, and nobody changes it."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from amparo.care.cases import consents
from amparo.care.consent.disclosure import SHIPPED, RecipientScope
from amparo.care.consent.models import PolicyVersion
from amparo.care.consent.picklists import Data, Decision, OverrideGround, Recipient
from amparo.care.consent.rules import agree_on_policy, ruling_on, write_policy
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import report_to_police
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from tests.test_promises.access import as_process

POLICE, CHILDREN = Recipient.POLICE, Recipient.CHILD_PROTECTION
CHOSEN = {"in_danger": [POLICE], "for_a_child": [CHILDREN, POLICE], "by_duty": [], "why": "an invented agreement"}


@pytest.fixture
def nora(db) -> User:
    return User.objects.create(username="nora", first_name="Nora J.", role=Role.SUPERVISOR)


@pytest.fixture
def written(marta, now) -> PolicyVersion:
    return write_policy(**CHOSEN, by=marta, now=now)


@pytest.fixture
def in_danger(case, ana, now):
    """Somebody of whom a danger was written down."""
    consents.record_basis_in_case(
        case.persons[0],
        kind=OverrideGround.IMMINENT_DANGER,
        facts="invented",
        caller_is_in_danger=False,
        by=ana,
        now=now,
    )
    return case.persons[0]


def ruled(person, to: Recipient, now) -> Decision:
    with acting_as(User.objects.get(username="ana").acting()):
        return ruling_on(person, RecipientScope(to), Data.INCIDENT_FACTS, now=now)[0]


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_shipped_one_holds_until_two_agree(in_danger, written, nora, now):
    assert PolicyVersion.objects.in_force(now) == SHIPPED
    assert ruled(in_danger, CHILDREN, now) == Decision.ALLOW
    agree_on_policy(written, by=nora, now=now)
    assert PolicyVersion.objects.in_force(now).version == f"line/{written.pk}"
    assert (ruled(in_danger, CHILDREN, now), ruled(in_danger, POLICE, now)) == (Decision.FORBID, Decision.ALLOW)
    assert PolicyVersion.objects.in_force(now - timedelta(minutes=1)) == SHIPPED


def test_what_is_told_says_by_which_version(in_danger, written, nora, ana, now):
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    words = {"facts": "invented facts", "source": Source.WITNESS, "known_how": "seen", "by": ana, "now": now}
    before = report_to_police(in_danger, unit, **words)
    agree_on_policy(written, by=nora, now=now)
    assert (before.policy, report_to_police(in_danger, unit, **words).policy) == (SHIPPED.version, f"line/{written.pk}")


def test_nobody_agrees_with_themselves_and_the_newest_alone_is_agreed_on(written, marta, nora, now):
    with pytest.raises(Refused, match="Another supervisor"):
        agree_on_policy(written, by=marta, now=now)
    newer = write_policy(**CHOSEN, by=nora, now=now)
    with pytest.raises(Refused, match="newer"):
        agree_on_policy(written, by=nora, now=now)
    assert agree_on_policy(newer, by=marta, now=now).agreed_by == marta


def test_agreed_once_it_stays_as_it_was_agreed(written, marta, nora, now):
    agree_on_policy(written, by=nora, now=now)
    again = agree_on_policy(written, by=nora, now=now + timedelta(days=1))
    assert again.agreed_at == now


@pytest.mark.parametrize("recipient", [Recipient.MEDIA, Recipient.EMBASSY, Recipient.SERVICE_PROVIDER, "nobody"])
def test_only_authorities_are_told_without_consent(marta, now, recipient):
    with pytest.raises(Refused, match="Without consent only authorities"):
        write_policy(**CHOSEN | {"in_danger": [recipient]}, by=marta, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(**CHOSEN | {"by_duty": [recipient]}, written_at=now, written_by=marta)


def test_without_why_it_is_none(marta, now):
    with pytest.raises(Refused, match="which law"):
        write_policy(**CHOSEN | {"why": "  "}, by=marta, now=now)


WRITES = """insert into consent_policyversion
    (in_danger, for_a_child, by_duty, why, is_confirmed, written_at, written_by_id)
    values ('{police}', '{}', '{}', 'invented', false, now(), %s)"""
AGREES = "update consent_policyversion set agreed_at = now(), agreed_by_id = %s"


@pytest.mark.django_db(transaction=True)
def test_in_the_database_a_supervisor_writes_and_another_agrees(written, marta, nora, ana, transactional_db):
    for person in (ana, User.objects.create(username="vera", role=Role.AUDITOR)):
        with as_process("web", person.acting()) as link:
            assert link.execute("select count(*) from consent_policyversion").fetchone() == (1,)
            assert link.execute(AGREES, [person.pk]).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(WRITES, [person.pk])
    with as_process("web", marta.acting()) as link:
        link.execute(WRITES, [marta.pk])  # the control
        with pytest.raises(psycopg.errors.CheckViolation):
            link.execute(AGREES, [marta.pk])
    for change in ("set in_danger = '{police}'", "set why = ''", "set written_by_id = 1"):
        with as_process("web", nora.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(f"update consent_policyversion {change}")
    with as_process("web", nora.acting()) as link:
        assert link.execute(AGREES, [nora.pk]).rowcount == 1  # the control
        assert link.execute("update consent_policyversion set agreed_at = null, agreed_by_id = null").rowcount == 0


def test_on_the_page_one_writes_and_the_other_agrees(marta, nora, ana, now):
    refused = at(marta).post("/policies", CHOSEN | {"why": ""})
    assert (refused.status_code, "checked" in refused.content.decode()) == (422, True)
    assert at(marta).post("/policies", CHOSEN).status_code == 302
    waiting = PolicyVersion.objects.get()
    assert f"/policies/{waiting.pk}/agree" not in at(marta).get("/policy").content.decode()
    assert at(marta).post(f"/policies/{waiting.pk}/agree").status_code == 409
    assert f"/policies/{waiting.pk}/agree" in at(nora).get("/policy").content.decode()
    assert at(nora).post(f"/policies/{waiting.pk}/agree").status_code == 302
    page = at(ana).get("/policy").content.decode()
    own = f"Política propia de la línea, versión {waiting.pk}"
    assert (own in page, 'action="/policies"' in page) == (True, False)
    assert at(ana).post("/policies", CHOSEN).status_code == 404
    assert PolicyVersion.objects.count() == 1


def test_a_report_names_its_policy_in_words(in_danger, unit, ana, now):
    words = {"facts": "invented", "source": Source.VICTIM, "by": ana, "now": now}
    report = report_to_police(in_danger, unit, **words)
    page = at(ana).get(f"/reports/{report.pk}").content.decode()
    assert '(<a href="/policy">política de Amparo para el Perú, versión 1</a>)' in page
    assert report.policy not in page
    for language, name in (("en", "Amparo's policy for Peru, version 1"), ("es", "política de Amparo para el Perú")):
        with translation.override(language):
            assert report.policy_name.startswith(name)


def test_it_is_said_where_somebody_is_asked_for_consent(case, ana, written, nora, now):
    page = f"/cases/{case.pk}/people/{case.persons[0].pk}/consent"
    shown = at(ana).get(page).content.decode()
    assert ("política de Amparo para el Perú, versión 1" in shown, SHIPPED.version in shown) == (True, False)
    agree_on_policy(written, by=nora, now=now)
    assert f"política propia de la línea, versión {written.pk}" in at(ana).get(page).content.decode()
