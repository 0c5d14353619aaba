"""If the law requires a report to an authority, the case gets one critical task, due within a day."""

from datetime import timedelta

import pytest

from amparo.care.cases.consents import describe_person_in_case, record_basis_in_case, record_consent_in_case
from amparo.care.cases.models import Task
from amparo.care.cases.picklists import TaskKind
from amparo.care.cases.rules import close_case
from amparo.care.cases.tasks_planning import finish_task
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.picklists import InformedItem, OverrideGround
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused


@pytest.fixture
def planned(case, ana):
    def planned() -> list[Task]:
        with acting_as(ana.acting()):
            return list(Task.objects.filter(case=case, kind=TaskKind.PROTECT).select_related("key"))

    return planned


def test_a_child_at_risk(case, ana, now, planned):
    person = describe_person_in_case(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
    assert planned() == []
    person = describe_person_in_case(person, age_at_events=15, by=ana, now=now)
    [task] = planned()
    assert (task.is_critical, task.due) == (True, now + timedelta(days=1))
    with acting_as(ana.acting()):
        assert person.code_name in task.words
    with pytest.raises(Refused, match="critical"):
        close_case(case, "safe", by=ana, now=now)
    finish_task(task, by=ana, now=now)
    describe_person_in_case(person, gender="feminine", by=ana, now=now)
    assert len(planned()) == 1


def test_a_child_who_agrees_to_one_unit_alone_changes_nobody_whom_the_law_names(case, ana, now, planned):
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    record_consent_in_case(
        case.persons[0],
        data=["subject_identity"],
        recipients=[],
        institution=institution_code(unit),
        purpose="invented",
        informed=list(InformedItem.values),
        given_how="voice",
        guardian="consents",
        expires_at=now + timedelta(days=9),
        by=ana,
        now=now,
    )
    describe_person_in_case(case.persons[0], age_at_events=15, age_certainty="sure", by=ana, now=now)
    [task] = planned()
    with acting_as(ana.acting()):
        assert str(unit) not in task.words


def test_who_was_one_then_and_is_grown_up_now_is_told_of_by_herself(case, ana, now, planned):
    describe_person_in_case(case.persons[0], age_at_events=15, age_certainty="sure", age_now=20, by=ana, now=now)
    assert planned() == []


def test_a_duty_to_report(case, ana, now, planned):
    person = describe_person_in_case(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
    record_basis_in_case(person, OverrideGround.DUTY_TO_REPORT, "invented", by=ana, now=now)
    assert len(planned()) == 1


def test_an_alleged_perpetrator_and_who_calls_are_not_protected_by_it(case, ana, now, planned):
    describe_person_in_case(case.persons[1], age_at_events=15, age_certainty="sure", by=ana, now=now)
    assert planned() == []
