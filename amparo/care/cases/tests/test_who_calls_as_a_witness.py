"""A caller who calls for another person can agree to share two things: who they are, with anybody; and what they
saw, with those who investigate.

C18: nobody consents for an adult, nor gives again what the adult has taken back.
"""

from datetime import timedelta

import pytest

from amparo.care.cases import consents
from amparo.care.cases.rules import add_person_to_case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, Decision, InformedItem, Recipient
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import basis_for, ruling_on
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import report_to_police
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import give_code

FACTS, CALLER, NAME = Data.INCIDENT_FACTS, Data.CALLER_IDENTITY, Data.SUBJECT_IDENTITY
POLICE, PROSECUTOR, SERVICE = Recipient.POLICE, Recipient.PROSECUTOR, Recipient.SERVICE_PROVIDER
AGREED = (Decision.ALLOW, Because.CONSENT)


@pytest.fixture
def herself(case, ana, now):
    return describe_person(case.persons.get(part=Part.AT_RISK), age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def witness(case, ana, now):
    return describe_person(case.persons.get(part=Part.CALLER), age_at_events=40, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def agree(ana, now):
    def agree(person, data=(FACTS,), to=(POLICE,)) -> Consent:
        return consents.record_consent_in_case(
            person, data=list(data), recipients=list(to), purpose="invented", informed=list(InformedItem.values),
            given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip

    return agree


def ruled(person, recipient, data, now) -> tuple[str, str]:
    return ruling_on(person, RecipientScope(recipient), data, now)


def test_a_witness_tells_what_they_saw_to_who_investigates(herself, witness, agree, now):
    consent = agree(witness, to=[POLICE, PROSECUTOR])
    for recipient in (POLICE, PROSECUTOR):
        assert ruled(herself, recipient, FACTS, now) == AGREED
        assert basis_for(herself, RecipientScope(recipient), FACTS, now).basis == (consent.pk, consent.expires_at)
    assert ruled(herself, POLICE, NAME, now)[0] == Decision.FORBID


@pytest.mark.parametrize("to", [SERVICE, Recipient.EMBASSY, Recipient.CHILD_PROTECTION])
def test_a_witness_cannot_consent_for_other_recipients(herself, witness, agree, now, to):
    with pytest.raises(Refused, match="as a witness"):
        agree(witness, to=[POLICE, to])
    consent = agree(witness)
    Consent.objects.filter(pk=consent.pk).update(recipients=[to, POLICE])  # written before it was refused
    assert ruled(herself, to, FACTS, now)[0] == Decision.FORBID
    assert basis_for(herself, RecipientScope(to), FACTS, now) is None


def test_who_they_are_is_their_own_to_tell_to_anybody(herself, witness, agree, now):
    agree(witness, data=[CALLER], to=[SERVICE])
    assert ruled(herself, SERVICE, CALLER, now) == AGREED


def test_who_calls_for_herself_agrees_as_herself(herself, witness, agree, now):
    witness.same_human_as = herself
    witness.save()
    agree(witness, to=[SERVICE])
    assert ruled(herself, SERVICE, FACTS, now) == AGREED


def test_a_witness_cannot_restore_what_the_person_withdrew(herself, witness, agree, ana, now):
    hers = agree(herself)
    consents.withdraw_consent_in_case(hers, by=ana, now=now)
    agree(witness, to=[POLICE, PROSECUTOR])
    assert ruled(herself, POLICE, FACTS, now)[0] == Decision.FORBID
    assert basis_for(herself, RecipientScope(POLICE), FACTS, now) is None
    assert ruled(herself, PROSECUTOR, FACTS, now) == AGREED  # that she did not take back
    anew = agree(herself)
    assert basis_for(herself, RecipientScope(POLICE), FACTS, now).basis == (anew.pk, anew.expires_at)


def test_what_another_at_risk_took_back_is_theirs(case, herself, witness, agree, ana, now):
    other = add_person_to_case(case, Part.AT_RISK, age_at_events=25, age_certainty="sure", by=ana, now=now)
    agree(witness)
    consents.withdraw_consent_in_case(agree(other), by=ana, now=now)
    assert (ruled(herself, POLICE, FACTS, now), ruled(other, POLICE, FACTS, now)[0]) == (AGREED, Decision.FORBID)


def test_what_a_witness_took_back_they_may_give_again(herself, witness, agree, ana, now):
    consents.withdraw_consent_in_case(agree(witness), by=ana, now=now)
    assert ruled(herself, POLICE, FACTS, now)[0] == Decision.FORBID
    agree(witness)
    assert ruled(herself, POLICE, FACTS, now) == AGREED


def test_a_caller_is_not_named_on_anothers_consent(case, witness, agree, ana, now):
    second = add_person_to_case(case, Part.CALLER, age_at_events=50, age_certainty="sure", by=ana, now=now)
    agree(second, data=[CALLER])
    assert ruled(second, POLICE, CALLER, now) == AGREED
    assert ruled(witness, POLICE, CALLER, now)[0] == Decision.FORBID


@pytest.fixture
def reported(herself, witness, agree, ana, now):
    """A unit reads a report that is based on the caller's own consent."""
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    agree(witness)
    report_to_police(herself, unit, facts="invented facts", source=Source.WITNESS, known_how="seen", by=ana, now=now)

    def reported() -> int:
        with acting_as(teo.acting()):
            return Report.objects.count()

    assert reported() == 1
    return reported


@pytest.mark.parametrize("how", ["by staff", "with her code"])
def test_told_on_the_word_of_a_witness_it_ends_when_she_takes_the_same_back(
    reported, contact, herself, agree, ana, now, how
):
    code = give_code(contact, by=ana, now=now)
    with acting_as(ana.acting()):
        given = contact.return_codes.get()
    set_code_owner(given, herself, by=ana, now=now)
    hers = agree(herself)
    assert reported() == 1
    if how == "by staff":
        consents.withdraw_consent_in_case(hers, by=ana, now=now)
    else:
        withdraw_with_code(actor_of_code(code), hers.pk, now=now)
    assert reported() == 0


def test_what_she_takes_back_of_others_leaves_it(reported, herself, agree, ana, now):
    consents.withdraw_consent_in_case(agree(herself, to=[SERVICE]), by=ana, now=now)
    consents.withdraw_consent_in_case(agree(herself, data=[NAME]), by=ana, now=now)
    assert reported() == 1
