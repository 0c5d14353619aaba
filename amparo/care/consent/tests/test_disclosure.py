"""The worked example cases, and disclosures that no combination of facts may allow."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amparo.care.consent import disclosure
from amparo.care.consent.disclosure import ConsentTerms, Facts, Question, RecipientScope, decide
from amparo.care.consent.picklists import AUTHORITIES, CALLER_DATA, Data, Decision, LegalBasis, Recipient
from amparo.care.people.picklists import Age

CASES = json.loads((Path(disclosure.__file__).parent / "data" / "disclosure_cases.json").read_text())["cases"]
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
EVERYTHING = ConsentTerms(frozenset(Recipient), frozenset(Data), informed=True)
FLAGS = ("court_order", "imminent_danger", "caller_is_person_in_danger", "duty_to_report", "two_person_approval")


def question(recipient: str, data: str, consent: dict | None = None, age: str = "unknown", **flags: bool) -> Question:
    agreed = ()
    if consent:
        recipients, covered = frozenset(consent.pop("recipients")), frozenset(consent.pop("data"))
        agreed = (ConsentTerms(recipients, covered, **consent),)
    return Question(RecipientScope(Recipient(recipient)), Data(data), Facts(Age(age), agreed, **flags))


def every_question(consents: tuple[ConsentTerms, ...] = ()):
    """Yield every combination of recipient, data, age and flags."""
    for recipient, data, age in itertools.product(Recipient, Data, Age):
        for flags in itertools.product((False, True), repeat=len(FLAGS)):
            yield Question(
                RecipientScope(recipient), data, Facts(age, consents, **dict(zip(FLAGS, flags, strict=True))), now=NOW
            )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_decided_case(case):
    decision, basis = decide(question(**json.loads(json.dumps(case["input"]))))
    assert {"decision": decision, "basis": basis} == case["expected"]


def test_nothing_releases_the_address_of_a_safe_house_but_an_approved_placement():
    for it in every_question((EVERYTHING,)):
        if it.data == Data.SAFE_HOUSE_ADDRESS and decide(it)[0] != Decision.FORBID:
            assert (it.recipient, it.facts.two_person_approval) == (Recipient.PLACEMENT_ESCORT, True)


def test_the_caller_is_named_only_by_consent_court_order_or_own_danger():
    for it in every_question():
        if it.data in CALLER_DATA and decide(it)[0] != Decision.FORBID:
            in_danger = it.facts.imminent_danger and it.facts.caller_is_person_in_danger
            assert in_danger or it.facts.court_order


def test_a_duty_to_report_never_names_anybody():
    for it in every_question():
        if decide(it)[1] == LegalBasis.DUTY_TO_REPORT:
            assert it.data == Data.INCIDENT_FACTS


def test_an_invalid_consent_changes_nothing():
    dead = (
        replace(EVERYTHING, withdrawn=True), replace(EVERYTHING, informed=False),
        replace(EVERYTHING, by_subject_of_data=False), replace(EVERYTHING, expires_at=NOW),
    )  # fmt: skip
    for it in every_question():
        assert decide(replace(it, facts=replace(it.facts, consents=dead))) == decide(it)


def test_a_consent_lives_until_its_end_and_not_a_moment_longer():
    agreed = replace(EVERYTHING, expires_at=NOW)
    it = Question(RecipientScope(Recipient.POLICE), Data.SUBJECT_IDENTITY, Facts(consents=(agreed,)))
    assert decide(replace(it, now=NOW - timedelta(microseconds=1)))[0] == Decision.ALLOW
    assert decide(replace(it, now=NOW))[0] == Decision.FORBID


@pytest.mark.parametrize("codes", [(), ("agency-2",), ("organization-1", "agency-2")])
def test_a_consent_to_one_alone_changes_nothing_for_another(codes):
    alone = replace(EVERYTHING, institution="agency-1")
    for it in every_question():
        wanted = replace(it, scope=RecipientScope(it.recipient, codes))
        assert decide(replace(wanted, facts=replace(it.facts, consents=(alone,)))) == decide(it)
        one = RecipientScope(it.recipient, ("organization-1", "agency-1"))  # it is known by either
        decision = decide(replace(it, scope=one, facts=replace(it.facts, consents=(alone,))))
        assert decision == decide(replace(it, facts=replace(it.facts, consents=(EVERYTHING,))))


def test_danger_does_not_open_identity_documents():
    """Exceptions: a child's documents prove the age; a consent or a court order."""
    for it in every_question():
        if it.data == Data.SUBJECT_DOCUMENT and decide(it)[0] != Decision.FORBID:
            assert decide(it)[1] in (LegalBasis.CHILD_AT_RISK, LegalBasis.COURT_ORDER)


def test_without_consent_only_authorities_are_told():
    """A court order cannot name others either."""
    for it in every_question():
        for named in (AUTHORITIES, Recipient):
            wanted = replace(it, facts=replace(it.facts, ordered_to=frozenset(named)))
            if decide(wanted)[0] != Decision.FORBID and it.data != Data.SAFE_HOUSE_ADDRESS:
                assert it.recipient in AUTHORITIES


def test_the_press_is_told_nothing_whatever_anybody_agreed_to():
    for it in every_question((EVERYTHING,)):
        if it.recipient == Recipient.MEDIA:
            assert decide(it)[0] == Decision.FORBID


def test_of_a_child_papers_and_health_go_to_child_protection_alone():
    """Only the facts are required, and for child protection also the name."""
    for it in every_question():
        if decide(it)[1] == LegalBasis.CHILD_AT_RISK:
            protects = it.recipient == Recipient.CHILD_PROTECTION
            assert protects or it.data not in (Data.SUBJECT_DOCUMENT, Data.SUBJECT_HEALTH)
            required = it.data == Data.INCIDENT_FACTS or (protects and it.data == Data.SUBJECT_IDENTITY)
            assert (decide(it)[0] == Decision.REQUIRE) == required


def test_a_court_order_holds_for_those_whom_it_names():
    facts = Facts(court_order=True, ordered_to=frozenset({Recipient.PROSECUTOR}))
    for recipient, data in itertools.product(Recipient, set(Data) - {Data.SAFE_HOUSE_ADDRESS}):
        ruling = decide(Question(RecipientScope(recipient), data, facts))
        assert (ruling == (Decision.REQUIRE, LegalBasis.COURT_ORDER)) == (recipient == Recipient.PROSECUTOR)
