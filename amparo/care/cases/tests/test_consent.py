"""Consent: given by the data subject, informed, limited to what it names, and over at once when it is withdrawn."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EntryKind
from amparo.care.cases.rules import add_person_to_case, close_case
from amparo.care.cases.tests.agreeing import post_consent
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import Consent, DisclosureBasis
from amparo.care.consent.picklists import (
    CONSENT_RECIPIENTS,
    Data,
    Decision,
    Guardian,
    InformedItem,
    OverrideGround,
    Recipient,
)
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import basis_for, review_basis, ruling_on
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import PrivacyChoice
from tests.repetitions import repeat

FACTS, NAME, CALLER = Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY, Data.CALLER_IDENTITY


@pytest.fixture
def adult(case, ana, now) -> Person:
    return describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def agree(adult, ana, now):
    """Record a fully informed consent; arguments override the defaults."""

    def agree(person=adult, by=ana, **terms) -> Consent:
        usual = {
            "data": [FACTS], "recipients": [Recipient.POLICE], "purpose": "invented",
            "informed": list(InformedItem.values),
            "given_how": "voice", "expires_at": now + timedelta(days=30),
        }  # fmt: skip
        return consents.record_consent_in_case(person, by=by, now=now, **(usual | terms))

    return agree


def decided(person, recipient, data, now) -> tuple[str, str]:
    return ruling_on(person, RecipientScope(recipient), data, now)


def test_without_consent_nothing_is_disclosed(adult, now):
    assert decided(adult, Recipient.POLICE, FACTS, now) == (Decision.FORBID, Because.NO_BASIS)


def test_consent_allows_only_the_named_data_and_recipients(adult, agree, now):
    agree()
    assert decided(adult, Recipient.POLICE, FACTS, now) == (Decision.ALLOW, Because.CONSENT)
    assert decided(adult, Recipient.POLICE, NAME, now)[0] == Decision.FORBID
    assert decided(adult, Recipient.EMBASSY, FACTS, now)[0] == Decision.FORBID


def test_a_person_at_risk_cannot_consent_for_another(case, adult, agree, ana, now):
    other = add_person_to_case(case, Part.AT_RISK, age_at_events=25, age_certainty="sure", by=ana, now=now)
    agree(data=[FACTS, NAME])
    assert decided(adult, Recipient.POLICE, NAME, now) == (Decision.ALLOW, Because.CONSENT)
    for data in (FACTS, NAME):
        assert decided(other, Recipient.POLICE, data, now)[0] == Decision.FORBID
        assert basis_for(other, RecipientScope(Recipient.POLICE), data, now) is None


@pytest.mark.parametrize("missing", InformedItem.values)
def test_consent_is_invalid_if_one_item_was_not_explained(adult, agree, missing):
    with pytest.raises(Refused, match="no consent"):
        agree(informed=[it for it in InformedItem.values if it != missing])
    assert not Consent.objects.exists()


def test_it_ends_by_itself(adult, agree, now):
    agree(expires_at=now + timedelta(hours=1))
    assert decided(adult, Recipient.POLICE, FACTS, now + timedelta(hours=2))[0] == Decision.FORBID


@pytest.mark.parametrize("days", [367, 400, 36_500])
def test_it_is_given_for_a_year_at_most(agree, now, days):
    with pytest.raises(Refused, match="a date within a year"):
        agree(expires_at=now + timedelta(days=days))
    assert not Consent.objects.exists()
    assert agree(expires_at=now + timedelta(days=365)).is_live(now + timedelta(days=364))  # the control


def test_the_database_keeps_no_consent_for_longer_than_a_year(agree, now):
    copy = consent_copy(agree())
    copy.expires_at = now + timedelta(days=367)
    with pytest.raises(IntegrityError, match="within_a_year"), transaction.atomic():
        Consent.objects.bulk_create([copy])


def test_a_withdrawal_takes_effect_at_once_and_needs_no_reason(case, adult, agree, ana, now):
    consent = agree()
    for _ in range(2):
        consents.withdraw_consent_in_case(consent, by=ana, now=now)
    assert decided(adult, Recipient.POLICE, FACTS, now)[0] == Decision.FORBID
    assert case.entries.filter(kind=EntryKind.WITHDRAWN).count() == 1
    assert Case.objects.get(pk=case.pk).is_open  # it costs her nothing


def test_after_a_withdrawal_the_other_agency_sees_nothing(case, adult, agree, ana, now):
    police = Agency.objects.create(name="Invented police", kind=Kind.POLICE)
    officer = User.objects.create(username="officer", role=Role.POLICE_LIAISON, agency=police)
    consent = agree()
    basis, _until = basis_for(adult, RecipientScope(Recipient.POLICE), FACTS, now).basis
    assert basis == consent.pk
    with acting_as(ana.acting()):
        case.key.give(
            officer.acting().holders[1], agency=police.pk, purpose="referral", basis=basis, until=consent.expires_at
        )
    with acting_as(officer.acting()):
        assert Case.objects.count() == 1
    consents.withdraw_consent_in_case(consent, by=ana, now=now)
    with acting_as(officer.acting()):
        assert Case.objects.count() == 0


def test_consent_can_be_withdrawn_in_a_closed_case(case, adult, agree, ana, now):
    """Access given on it is still open in a closed case, and stays open for months."""
    consent = agree()
    close_case(case, Closing.SAFE, by=ana, now=now)
    client = Client()
    client.force_login(ana)
    page = client.get(f"/cases/{case.pk}/people/{adult.pk}/consent").content.decode()
    assert f"/consents/{consent.pk}/withdraw" in page
    assert client.post(f"/cases/{case.pk}/consents/{consent.pk}/withdraw").status_code == 302
    assert decided(adult, Recipient.POLICE, FACTS, now)[0] == Decision.FORBID
    with pytest.raises(Refused, match="closed"):
        agree()
    with pytest.raises(Refused, match="closed"):
        consents.record_basis_in_case(adult, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)


def test_nobody_consents_for_another(case, agree):
    with pytest.raises(Refused, match="Nobody consents for another"):
        agree(data=[CALLER])
    caller = case.persons[1]
    with pytest.raises(Refused, match="Nobody consents for another"):
        agree(caller, data=[NAME], guardian=Guardian.ABSENT)
    assert agree(caller, data=[CALLER], guardian=Guardian.CONSENTS).data == [CALLER]


def test_under_18_a_guardian_agrees_too_or_child_protection_decides(adult, agree, ana, now):
    child = describe_person(adult, age_at_events=15, by=ana, now=now)
    with pytest.raises(Refused, match="guardian"):
        agree(child, recipients=[Recipient.SERVICE_PROVIDER])
    agree(child, recipients=[Recipient.SERVICE_PROVIDER], guardian=Guardian.IMPLICATED)
    assert decided(child, Recipient.SERVICE_PROVIDER, FACTS, now)[0] == Decision.FORBID
    assert decided(child, Recipient.CHILD_PROTECTION, NAME, now) == (Decision.REQUIRE, Because.CHILD_AT_RISK)
    agree(child, recipients=[Recipient.SERVICE_PROVIDER], guardian=Guardian.CONSENTS)
    assert decided(child, Recipient.SERVICE_PROVIDER, FACTS, now) == (Decision.ALLOW, Because.CONSENT)


def test_danger_is_written_down_and_reviewed_by_somebody_else(adult, ana, marta, now):
    basis = consents.record_basis_in_case(
        adult, OverrideGround.IMMINENT_DANGER, "a knife was heard of", by=ana, now=now
    )
    assert decided(adult, Recipient.POLICE, FACTS, now) == (Decision.ALLOW, Because.IMMINENT_DANGER)
    review_basis(basis, stands=False, by=marta, now=now)
    assert decided(adult, Recipient.POLICE, FACTS, now)[0] == Decision.FORBID


def test_danger_without_facts_is_refused(adult, ana, now):
    with pytest.raises(Refused, match="Write the facts"):
        consents.record_basis_in_case(adult, OverrideGround.IMMINENT_DANGER, " ", by=ana, now=now)
    assert not DisclosureBasis.objects.exists()


def test_a_supervisor_cannot_review_their_own_basis(adult, marta, now):
    basis = consents.record_basis_in_case(adult, OverrideGround.IMMINENT_DANGER, "invented", by=marta, now=now)
    with pytest.raises(Refused, match="Another supervisor"):
        review_basis(basis, stands=True, by=marta, now=now)


def test_who_is_no_supervisor_reviews_nothing(adult, ana, ines, now):
    basis = consents.record_basis_in_case(adult, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)
    with pytest.raises(Refused):
        review_basis(basis, stands=True, by=ines, now=now)


def test_a_stranger_writes_no_consent(adult, agree, stranger):
    with pytest.raises(Case.DoesNotExist):
        agree(by=stranger)
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"informed": ["purpose"]}, {"data": []}, {"data": ["safe_house_address"]}, {"recipients": []}]
)
def test_the_database_says_so_too(adult, agree, now, wrong):
    consent = agree()
    consent.pk = None
    for name, value in wrong.items():
        setattr(consent, name, value)
    consent._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.bulk_create([consent_copy(consent)])


def consent_copy(it: Consent) -> Consent:
    names = (
        "person_id",
        "key_id",
        "data",
        "recipients",
        "informed",
        "given_how",
        "given_at",
        "expires_at",
        "recorded_by_id",
    )
    return Consent(purpose="w", **{name: getattr(it, name) for name in names})


@pytest.mark.django_db(transaction=False)
@given(
    steps=some.lists(
        some.tuples(some.sampled_from(["agree", "back", "wait"]), some.sampled_from(CONSENT_RECIPIENTS)), max_size=8
    )
)
@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(max_examples=repeat(15, 300), deadline=None, suppress_health_check=list(HealthCheck))
def test_no_sequence_of_actions_allows_a_disclosure_without_a_basis(adult, agree, ana, now, steps):
    """Compare with an oracle that remembers consents, their ends and withdrawals."""
    Consent.objects.all().delete()
    stands: dict[Consent, tuple[str, object]] = {}
    moment = now
    for step, recipient in steps:
        if step == "agree":
            consent = agree(recipients=[recipient], expires_at=now + timedelta(hours=30))
            stands[consent] = (recipient, consent.expires_at)
        elif step == "back" and stands:
            consents.withdraw_consent_in_case(stands.popitem()[0], by=ana, now=now)
        else:
            moment += timedelta(hours=9)
        for wanted in Recipient:
            expected = any(whom == wanted and moment < end for whom, end in stands.values())
            assert (decided(adult, wanted, FACTS, moment)[0] != Decision.FORBID) == expected


def test_the_page_records_and_withdraws_consent(case, adult, ana, now):
    client = Client()
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{adult.pk}/consent"
    cells = ["police:incident_facts", "prosecutor:incident_facts", "police:subject_identity"]
    half = client.post(where, {"permit": cells, "purpose": "invented purpose", "duration": "30", "given_how": "voice"})
    assert half.status_code == 422
    assert "invented purpose" in half.content.decode()
    assert not Consent.objects.exists()
    shown = client.get(post_consent(client, where, *cells)["Location"]).content.decode()
    assert "invented purpose" in shown
    assert "El permiso quedó registrado." in shown
    assert {(*it.recipients, *it.data) for it in Consent.objects.all()} == {
        ("police", "incident_facts", "subject_identity"),
        ("prosecutor", "incident_facts"),
    }
    consent = Consent.objects.get(recipients=["police"])
    client.post(f"/cases/{case.pk}/consents/{consent.pk}/withdraw")
    consent.refresh_from_db()
    assert consent.withdrawn_by == ana


def test_a_supervisor_reviews_on_the_page(case, adult, ana, marta, now):
    basis = consents.record_basis_in_case(adult, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)
    client = Client()
    client.force_login(marta)
    client.post(f"/cases/{case.pk}/open", {"purpose": "review"})
    client.post(f"/cases/{case.pk}/bases/{basis.pk}/review", {"stands": "yes"})
    basis.refresh_from_db()
    assert (basis.stands, basis.reviewed_by) == (True, marta)


@pytest.mark.parametrize("choice", PrivacyChoice)
def test_the_consent_page_shows_the_callers_privacy_choice(case, adult, ana, choice):
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(ana)
    pages = [f"/cases/{case.pk}/people/{adult.pk}/{it}?language=en" for it in ("consent", "report")]
    assert not any("Chosen in the conversation" in client.get(it).content.decode() for it in pages)
    Contact.objects.filter(inclusion__case=case).update(privacy_choice=choice)
    assert all(f"«{choice.label}»" in client.get(it).content.decode() for it in pages)
