"""Consents, withdrawals, events, reports and recalls in any order: a unit reads what has a live basis."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent import disclosure
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.models import Consent, DisclosureBasis, PolicyVersionQuerySet
from amparo.care.consent.picklists import (
    AUTHORITIES,
    SUBJECT_DATA,
    Data,
    Decision,
    InformedItem,
    OverrideGround,
    Recipient,
)
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import agree_on_policy, review_basis, write_policy
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.models import Report, ReportDetail
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import recall_report, report_to_police
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from tests.repetitions import repeat

FACTS = "invented facts of nobody"
DETAILS = {data: f"invented {data}" for data in SUBJECT_DATA}  # each alone
WHICH = st.integers(0, 9)


def row_data(row) -> str:
    return getattr(row, "data", "incident_facts")


class Reporting(RuleBasedStateMachine):
    """One person at risk, one unit. What may be disclosed is computed from the sets below, without our rules."""

    @initialize()
    def begin(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = now = timezone.now()
        self.ana = User.objects.create(username="ana")
        self.marta, self.nora = (User.objects.create(username=it, role=Role.SUPERVISOR) for it in ("marta", "nora"))
        self.unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
        self.other = Agency.objects.create(name="Invented unit elsewhere", kind=Kind.POLICE)
        self.teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=self.unit)
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[self.ana.pk])
        case = open_case(open_contact(call, by=self.ana, now=now), by=self.ana, now=now)
        self.person = describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=self.ana, now=now)
        self.is_child, self.told_in_danger, self.told_of_a_child = False, True, True
        self.consents, self.bases, self.reports = [], [], []
        self.recalled = set()  # for the unit they do not exist

    @rule(
        data=st.sets(st.sampled_from(["incident_facts", *SUBJECT_DATA]), min_size=1),
        to=st.sampled_from(["police", "embassy"]), alone=st.sampled_from(["", "", "unit", "other"]),
    )  # fmt: skip
    def agrees(self, data, to, alone=""):
        """To all of a kind, or to one unit alone: the one that gets the report, or another."""
        institution = institution_code(getattr(self, alone)) if alone else ""
        guardian = "consents" if self.is_child else ""
        consent = consents.record_consent_in_case(
            self.person, data=sorted(data), recipients=[] if alone else [to], institution=institution,
            purpose="invented", informed=list(InformedItem.values), given_how="voice", guardian=guardian,
            expires_at=self.now + timedelta(days=9), by=self.ana, now=self.now,
        )  # fmt: skip
        self.consents.append(consent)

    @rule(which=WHICH)
    def takes_back(self, which):
        if self.consents:
            consents.withdraw_consent_in_case(self.consents[which % len(self.consents)], by=self.ana, now=self.now)

    @rule(kind=st.sampled_from(OverrideGround.values))
    def writes_a_basis(self, kind):
        named = ["police"] if kind == "court_order" else []
        consents.record_basis_in_case(self.person, kind, "invented", recipients=named, by=self.ana, now=self.now)
        self.bases = list(DisclosureBasis.objects.order_by("pk"))

    @rule(which=WHICH, stands=st.booleans())
    def reviews(self, which, stands):
        if self.bases:
            review_basis(self.bases[which % len(self.bases)], stands=stands, by=self.marta, now=self.now)

    @rule(age=st.sampled_from([15, 30]))
    def is_of_age(self, age):
        self.person = describe_person(self.person, age_at_events=age, age_certainty="sure", by=self.ana, now=self.now)
        self.is_child = age < 18

    @rule(in_danger=st.booleans(), of_a_child=st.booleans())
    def changes_the_policy(self, in_danger, of_a_child):
        danger, child = (AUTHORITIES if police else [Recipient.CHILD_PROTECTION] for police in (in_danger, of_a_child))
        version = write_policy(
            in_danger=danger, for_a_child=child, by_duty=[Recipient.POLICE], why="invented", by=self.marta, now=self.now
        )
        agree_on_policy(version, by=self.nora, now=self.now)
        self.told_in_danger, self.told_of_a_child = in_danger, of_a_child

    @rule(subject_data=st.sets(st.sampled_from(SUBJECT_DATA)))
    def reports_it(self, subject_data):
        may = all(self.may(data) for data in ("incident_facts", *subject_data))
        try:
            report = report_to_police(
                self.person, self.unit, facts=FACTS, source=Source.VICTIM,
                details={data: DETAILS[data] for data in subject_data}, by=self.ana, now=self.now,
            )  # fmt: skip
        except Refused:
            assert not may, "refused, and something allows it"
        else:
            assert may, "told, and nothing allows it"
            self.reports.append(report)

    @rule(which=WHICH)
    def calls_back(self, which):
        if self.reports:
            report = self.reports[which % len(self.reports)]
            recall_report(report, why="invented", by=self.ana, now=self.now)
            self.recalled.add(report.pk)

    @invariant()
    def the_unit_reads_what_stands(self):
        for report in getattr(self, "reports", []):
            with acting_as(self.teo.acting()):
                found = Report.objects.visible_to(self.teo).filter(pk=report.pk).first()
                facts = found and found.facts
                read = {it.data: it.words for it in report.details}
                steps = report.steps.count()
            assert facts == (FACTS if self.stands(report) else None), "facts"
            assert read == {it.data: DETAILS[it.data] for it in report.details if self.stands(it)}, "a detail"
            assert steps == 0, "why it was recalled"

    def may(self, data: str) -> bool:
        """Written by hand, from the sources named in disclosure.py."""
        bases = DisclosureBasis.objects.filter(pk__in=[it.pk for it in self.bases]).exclude(stands=False)
        live = [it.kind for it in bases if it.kind != "court_order" or it.stands]
        agreed = Consent.objects.filter(withdrawn_at=None, data__contains=[data], recipients__contains=["police"])
        agreed = agreed.filter(institution__in=["", institution_code(self.unit)])
        return (
            "court_order" in live
            or ("imminent_danger" in live and self.told_in_danger and data != "subject_document")
            or (self.is_child and self.told_of_a_child and data not in ("subject_document", "subject_health"))
            or ("duty_to_report" in live and data == "incident_facts")
            or any(not self.is_child or it.guardian == "consents" for it in agreed)
        )

    def stands(self, row) -> bool:
        if (row.report_id if isinstance(row, ReportDetail) else row.pk) in self.recalled:
            return False
        if consent := Consent.objects.filter(pk=row.basis).first():
            return consent.withdrawn_at is None and "police" in consent.recipients and row_data(row) in consent.data
        if basis := DisclosureBasis.objects.filter(pk=row.basis).first():
            return basis.stands is not False  # one on a court order was disclosed after its review
        return True  # the law itself

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


SHORT = settings(
    max_examples=repeat(10, 200), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
def test_no_sequence_tells_a_unit_what_nothing_allows(db):
    run_state_machine_as_test(Reporting, settings=SHORT)


@pytest.fixture
def story(db):
    story = Reporting()
    story.begin()
    yield story
    story.teardown()


def test_the_property_finds_a_withdrawal_that_closes_nothing(story, monkeypatch):
    monkeypatch.setattr("amparo.foundation.vault.models.revoke_grants", lambda basis: 0)
    story.agrees(["incident_facts"], "police")
    story.reports_it([])
    story.takes_back(0)
    with pytest.raises(AssertionError, match="facts"):
        story.the_unit_reads_what_stands()


def test_the_property_finds_a_calling_back_that_leaves_the_details(story, monkeypatch):
    monkeypatch.setattr(Report, "details", [])
    story.agrees(["incident_facts", Data.SUBJECT_IDENTITY], "police")
    story.reports_it([Data.SUBJECT_IDENTITY])
    story.calls_back(0)
    monkeypatch.undo()
    with pytest.raises(AssertionError, match="a detail"):
        story.the_unit_reads_what_stands()


def test_the_property_finds_a_rule_that_tells_too_much(story, monkeypatch):
    """A duty to report covers facts, never identity."""
    names_too = lambda it: (Decision.REQUIRE, Because.DUTY_TO_REPORT) if it.facts.duty_to_report else None  # noqa: E731
    monkeypatch.setattr(disclosure, "PRECEDENCE", (*disclosure.PRECEDENCE, names_too))
    story.writes_a_basis(OverrideGround.DUTY_TO_REPORT)
    with pytest.raises(AssertionError, match="nothing allows it"):
        story.reports_it([Data.SUBJECT_IDENTITY])


def test_the_property_finds_a_policy_that_is_not_asked(story, monkeypatch):
    story.writes_a_basis(OverrideGround.IMMINENT_DANGER)
    monkeypatch.setattr(PolicyVersionQuerySet, "in_force", lambda self, now: disclosure.SHIPPED)
    story.changes_the_policy(False, False)
    with pytest.raises(AssertionError, match="nothing allows it"):
        story.reports_it([])
