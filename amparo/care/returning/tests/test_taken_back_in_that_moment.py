"""A consent is withdrawn by code while somebody discloses on it: nothing stays open on that basis."""

import pytest

from amparo.care.cases import consents
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.picklists import OverrideGround
from amparo.care.consent.rules import withdraw_with_return_code
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import report_to_police
from amparo.care.referrals.by_link import open_link
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.care.referrals.rules import issue_link, record_referral_event
from amparo.care.referrals.rules import link_actor as by_link
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models.return_codes import actor_of_code
from tests.in_that_moment import once_read, second_while

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def referral_with_code(person, ask_for, code, given, ana, now):
    referral = ask_for(person, "invented facts")
    set_code_owner(given, person, by=ana, now=now)
    return referral


@pytest.fixture
def takes_back(code, now):
    return lambda consent: withdraw_with_code(actor_of_code(code), consent, now=now)


@pytest.fixture
def reports(referral_with_code, agreed, person, teo, ana, now):
    return lambda: report_to_police(person, teo.agency, facts="invented", source=Source.VICTIM, by=ana, now=now)


def seen_by(teo) -> bool:
    with acting_as(teo.acting()):
        return Report.objects.exists()


def test_a_report_that_is_sent_meanwhile_is_refused(reports, takes_back, agreed, teo):
    (refusal,) = second_while(lambda: takes_back(agreed.pk), reports)
    assert isinstance(refusal, Refused)
    assert not Report.objects.exists()


def test_a_report_that_was_sent_a_moment_before_is_gone_there(reports, takes_back, agreed, teo):
    second_while(reports, lambda: takes_back(agreed.pk))
    assert (Report.objects.count(), seen_by(teo)) == (1, False)


def test_taken_back_while_it_is_asked_the_word_beside_it_is_that_of_its_basis(reports, code, agreed, person, ana, now):
    """In danger the facts may be disclosed without consent: the stated basis is the one that was really used."""
    danger = consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)

    def withdraws() -> None:
        with acting_as(actor_of_code(code)):
            withdraw_with_return_code(Consent.objects.only("pk", "key").get(pk=agreed.pk), now=now)

    with once_read("consent_consent", withdraws):
        report = reports()
    assert report.because == {agreed.pk: Because.CONSENT, danger.pk: Because.IMMINENT_DANGER}[report.basis]
    assert Consent.objects.get(pk=agreed.pk).withdrawn_at


@pytest.mark.parametrize("table", ["consent_policyversion", "consent_consent"])
def test_taken_back_while_the_case_is_held_neither_waits_for_the_other(reports, takes_back, agreed, teo, table):
    """The withdrawal is written to the case: it locks the case first, and no consent meanwhile."""
    with once_read(table, lambda: takes_back(agreed.pk)):
        reports()
    assert (Report.objects.count(), seen_by(teo)) == (1, False)
    assert Consent.objects.get(pk=agreed.pk).withdrawn_at


def test_nor_where_a_colleague_writes_it_down_for_her(reports, agreed, teo, ana, now):
    with once_read("people_person", lambda: consents.withdraw_consent_in_case(agreed, by=ana, now=now)):
        reports()
    assert (Report.objects.count(), seen_by(teo)) == (1, False)
    assert Consent.objects.get(pk=agreed.pk).withdrawn_at


def test_nor_where_a_service_says_by_telephone_that_it_takes_her(reports, referral_with_code, agreed, ana, now):
    """This answer too is written to the case, which is locked before the person."""
    with once_read("referrals_referralevent", reports):
        record_referral_event(referral_with_code, ReferralEventKind.ACCEPTED, words="invented", by=ana, now=now)
    assert (Report.objects.count(), referral_with_code.events.count()) == (1, 1)


def test_nor_where_she_is_described(reports, agreed, person, ana, now):
    person.refresh_from_db()
    with once_read("people_person", reports):
        consents.describe_person_in_case(person, age_at_events=31, by=ana, now=now)
    assert Report.objects.count() == 1


def test_a_link_that_is_given_meanwhile_is_refused(referral_with_code, takes_back, ana, now):
    (refusal,) = second_while(
        lambda: takes_back(referral_with_code.basis), lambda: issue_link(referral_with_code, by=ana, now=now)
    )
    assert isinstance(refusal, Refused)


def test_a_link_that_was_given_a_moment_before_opens_nothing(referral_with_code, takes_back, ana, now):
    links: list[str] = []
    second_while(
        lambda: links.append(issue_link(referral_with_code, by=ana, now=now)),
        lambda: takes_back(referral_with_code.basis),
    )
    assert Consent.objects.get(pk=referral_with_code.basis).withdrawn_at
    with pytest.raises(Refused, match="opens nothing"):
        open_link(by_link(links[0]), now)
