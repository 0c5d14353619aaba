"""What the consent table says of a unit is what its report can carry, and what the preview says of the rest."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.cases import consents
from amparo.care.cases.tests.agreeing import agree
from amparo.care.consent.institutions import RECIPIENT_KINDS
from amparo.care.consent.picklists import SUBJECT_DATA, Data, Decision, OverrideGround, Recipient
from amparo.care.consent.rules import review_basis
from amparo.care.consent.table import Line, table_of
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.report_draft import Draft, draft
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.refusal import Refused

FACTS = Data.INCIDENT_FACTS
MANY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def table(case, now):
    def table(kind: Kind) -> Line:
        return next(it for it in table_of(case.persons[0], now) if it.recipient.recipient == RECIPIENT_KINDS[kind])

    return table


@pytest.fixture
def preview(case, ana, now):
    def preview(unit: Agency, *told: Data) -> Draft:
        details = dict.fromkeys(told, "invented")
        return draft(case.persons[0], case, unit, facts="invented", source="victim", details=details, by=ana, now=now)

    return preview


@MANY
@given(
    age=st.sampled_from([15, 30, None]),
    agreed=st.frozensets(st.sampled_from(SUBJECT_DATA)),
    grounds=st.frozensets(st.sampled_from(OverrideGround)),
    kind=st.sampled_from([Kind.POLICE, Kind.PROSECUTOR]),
)
def test_one_rule_decides_for_both(case, table, preview, ana, marta, now, age, agreed, grounds, kind):
    with transaction.atomic():
        unit = Agency.objects.create(name="Invented unit", kind=kind)
        person = case.persons[0]
        if age:
            person = describe_person(person, age_at_events=age, age_certainty="sure", by=ana, now=now)
        agree(person, FACTS, *agreed, to=RECIPIENT_KINDS[kind], guardian="consents", by=ana, now=now)
        for ground in grounds:
            recipient = [RECIPIENT_KINDS[kind]] if ground == OverrideGround.COURT_ORDER else None
            basis = consents.record_basis_in_case(person, ground, "invented", recipients=recipient, by=ana, now=now)
            review_basis(basis, stands=True, by=marta, now=now)
        line = table(kind)
        why = {data: decision for decision, of_it in preview(unit).why_left_out for data in of_it}
        assert why == {data: line.rulings[data][0] for data in why}
        for data in SUBJECT_DATA:
            try:
                carried = bool(preview(unit, data).details)
            except Refused:
                carried = False
            assert carried == (data in line.shared) == (why[data] != Decision.FORBID)
        transaction.set_rollback(True)


def test_of_a_child_the_police_must_be_told_the_facts_and_not_the_papers_or_the_health(case, table, preview, ana, now):
    describe_person(case.persons[0], age_at_events=15, age_certainty="sure", by=ana, now=now)
    line = table(Kind.POLICE)
    assert line.decided(Decision.REQUIRE, of=[FACTS, *SUBJECT_DATA]) == [FACTS]
    assert line.rulings[Data.SUBJECT_IDENTITY][0] == Decision.ALLOW
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    for data in (Data.SUBJECT_DOCUMENT, Data.SUBJECT_HEALTH):
        assert line.rulings[data][0] == Decision.FORBID
        with pytest.raises(Refused):
            preview(unit, data)


def test_the_press_is_in_no_table_and_nobody_can_agree_to_tell_it(case, ana, now):
    assert Recipient.MEDIA not in {it.recipient.recipient for it in table_of(case.persons[0], now)}
    with pytest.raises(Refused):
        agree(case.persons[0], FACTS, to=Recipient.MEDIA, guardian="consents", by=ana, now=now)
