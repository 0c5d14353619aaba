"""The page of a case and the room's own page draw one clock of a report: by the deadlines of the report itself."""

from datetime import datetime, timedelta

import pytest

from amparo.care.cases.models import Case, Task
from amparo.care.cases.requests_sent import requests_sent
from amparo.care.cases.rules import add_member, finish_task, move_task
from amparo.care.police_reports.by_telephone import note_received
from amparo.care.police_reports.clock import request_of
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.rules import recall_report, report_to_police
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.clock_steps import ClockStep, SentRequest


@pytest.fixture
def report(agreed, person, unit, ana, now) -> Report:
    agreed()
    return report_to_police(person, unit, facts="invented facts", source="victim", by=ana, now=now)


def of_room(report: Report, at: datetime) -> SentRequest:
    return request_of(Report.objects.with_events().get(pk=report.pk), at)


def of_case(report: Report, case: Case, ana, at: datetime) -> SentRequest:
    with acting_as(ana.acting()):
        [sent] = requests_sent(case, at)
    return sent


def states(request: SentRequest) -> list[tuple[str, datetime | None, str]]:
    return [(str(step.label), step.at, step.state) for step in request.steps]


def test_a_unit_that_does_not_receive_is_late_on_both(report, case, ana):
    after = report.receive_by + timedelta(minutes=1)
    on_case = of_case(report, case, ana, after)
    assert on_case.late == ClockStep.of(on_case.steps[1].label, None, report.receive_by, after)
    assert states(on_case) == states(of_room(report, after))


@pytest.mark.parametrize("what", ["moved", "ended"])
def test_what_becomes_of_the_task_moves_no_deadline_of_the_report(what, report, case, ana, now):
    note_received(report, folio="DEP-1", speaker="Tnte. Invented", by=ana, now=now)
    task = Task.objects.get(pk=report.pk)
    if what == "moved":
        move_task(task, report.decide_by + timedelta(days=9), why="invented", by=ana, now=now)
    else:
        finish_task(task, was_done=True, by=ana, now=now)
    after = report.decide_by + timedelta(hours=1)
    assert [state for _label, _at, state in states(of_case(report, case, ana, after))] == ["done", "done", "late"]
    assert states(of_case(report, case, ana, after)) == states(of_room(report, after))


def test_a_recalled_report_waits_for_nothing_on_both_and_has_one_name(report, case, ana, now):
    recall_report(report, why="invented", by=ana, now=now)
    sent = of_case(report, case, ana, now + timedelta(days=9))
    assert sent.is_over
    assert sent == of_room(report, now + timedelta(days=9))
    assert sent.name == f"{report.code}: {report.to_agency}"


def test_a_colleague_who_joins_the_team_later_sees_it_too(report, case, ana, ines, now):
    add_member(case, ines, by=ana, now=now)
    assert of_case(report, case, ines, now) == of_room(report, now)
