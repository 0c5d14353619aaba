"""A court order names authorities only, and nothing is disclosed on it before a supervisor has reviewed it."""

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import DisclosureBasis
from amparo.care.consent.picklists import Data, Decision, OverrideGround, Recipient
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import basis_for, review_basis, ruling_on
from amparo.foundation.core.refusal import Refused
from tests.test_promises.access import as_process

CALLER, NAME = Data.CALLER_IDENTITY, Data.SUBJECT_IDENTITY
ORDERED = (Decision.REQUIRE, Because.COURT_ORDER)


@pytest.fixture
def person(case):
    return case.persons.get(part="at_risk")


@pytest.fixture
def order(person, ana, now):
    def order(*recipients: str) -> DisclosureBasis:
        return consents.record_basis_in_case(
            person, OverrideGround.COURT_ORDER, "an invented court", recipients=list(recipients), by=ana, now=now
        )

    return order


def told_by_order(person, now) -> set[tuple[str, str]]:
    wanted = [(who, what) for who in Recipient for what in (CALLER, NAME, Data.INCIDENT_FACTS)]
    return {(who, what) for who, what in wanted if ruling_on(person, RecipientScope(who), what, now) == ORDERED}


def test_nothing_is_told_on_it_before_a_supervisor_reviewed_it(order, person, marta, now):
    basis = order("prosecutor")
    assert told_by_order(person, now) == set()
    assert basis_for(person, RecipientScope(Recipient.PROSECUTOR), NAME, now) is None
    review_basis(basis, stands=True, by=marta, now=now)
    assert told_by_order(person, now) == {("prosecutor", it) for it in (CALLER, NAME, Data.INCIDENT_FACTS)}
    assert basis_for(person, RecipientScope(Recipient.PROSECUTOR), NAME, now).basis == (basis.pk, basis.until)


def test_reviewed_and_refused_it_opens_nothing(order, person, marta, now):
    review_basis(order("police"), stands=False, by=marta, now=now)
    assert told_by_order(person, now) == set()


def test_two_orders_each_hold_for_those_whom_they_name(order, person, marta, now):
    orders = {who: order(who) for who in ("prosecutor", "police")}
    for basis in orders.values():
        review_basis(basis, stands=True, by=marta, now=now)
    for who, basis in orders.items():
        assert basis_for(person, RecipientScope(Recipient(who)), NAME, now).basis == (basis.pk, basis.until)


@pytest.mark.parametrize("named", [[], ["media"], ["embassy"], ["police", "service_provider"], ["nobody"]])
def test_it_names_authorities_and_nobody_else(order, person, ana, now, named):
    with pytest.raises(Refused, match="whom the court names"):
        order(*named)
    it = order("police")
    with pytest.raises(IntegrityError, match="authorities"), transaction.atomic():
        DisclosureBasis.objects.filter(pk=it.pk).update(recipients=["media"])


def test_another_ground_names_nobody(person, ana, now):
    basis = consents.record_basis_in_case(
        person, OverrideGround.IMMINENT_DANGER, "invented", recipients=["police"], by=ana, now=now
    )
    assert basis.recipients == []


def test_on_the_page_it_says_whom_and_that_it_waits(case, person, ana, now):
    client = Client()
    client.force_login(ana)
    session = client.session
    session["language"] = "en"
    session.save()
    where = f"/cases/{case.pk}/people/{person.pk}"
    typed = {"about": person.pk, "kind": "court_order", "facts": "an invented court"}
    refused = client.post(f"{where}/bases", typed)
    assert (refused.status_code, "an invented court" in refused.content.decode()) == (422, True)
    assert client.post(f"{where}/bases", typed | {"recipients": ["prosecutor"]}).status_code == 302
    page = client.get(f"{where}/consent").content.decode()
    assert "nothing is told on it before a supervisor reviewed it" in page


REVIEWS = "update consent_disclosurebasis set reviewed_at = now(), reviewed_by_id = %s, stands = true"


@pytest.mark.django_db(transaction=True)
def test_in_the_database_a_supervisor_reviews_in_her_own_name(order, team, ana, ines, marta, transactional_db):
    order("police")
    for user in (ana, ines):
        for name in (ines.pk, marta.pk):
            with as_process("web", user.acting()) as link, pytest.raises(psycopg.errors.Error):
                link.execute(REVIEWS, [name])
    with as_process("web", marta.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(REVIEWS, [ines.pk])
    with as_process("web", marta.acting()) as link:
        assert link.execute(REVIEWS, [marta.pk]).rowcount == 1  # the control


WRITES = """insert into consent_disclosurebasis
    (id, key_id, kind, facts, caller_is_in_danger, recipients, decided_at, decided_by_id, until)
    select gen_random_uuid(), key_id, kind, facts, false, recipients, now(), %s, until from consent_disclosurebasis"""


@pytest.mark.django_db(transaction=True)
def test_in_the_database_nobody_writes_one_for_another_to_review_it_herself(order, ana, marta, transactional_db):
    order("police")
    with as_process("web", marta.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(WRITES, [ana.pk])
    with as_process("web", marta.acting()) as link:
        assert link.execute(WRITES, [marta.pk]).rowcount == 1  # the control
