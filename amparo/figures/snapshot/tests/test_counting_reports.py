"""Police reports of a quarter: decided within 72 hours of being sent, or not."""

from datetime import timedelta

import pytest

from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent.picklists import OverrideGround
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.police_reports.rules import recall_report, report_to_police
from amparo.figures.conftest import IN_THE_QUARTER
from amparo.figures.snapshot.picklists import IN_TIME, LATE
from amparo.figures.snapshot.rules import count_months
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(ana):
    """A report of somebody in danger, sent within the quarter."""

    def send() -> Report:
        call = Call.objects.create(arrived_at=IN_THE_QUARTER, answered_at=IN_THE_QUARTER, operators=[ana.pk])
        case = open_case(open_contact(call, by=ana, now=IN_THE_QUARTER), by=ana, now=IN_THE_QUARTER)
        person, unit = case.persons[0], Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
        consents.record_basis_in_case(
            person,
            kind=OverrideGround.IMMINENT_DANGER,
            facts="invented",
            caller_is_in_danger=False,
            by=ana,
            now=IN_THE_QUARTER,
        )
        return report_to_police(
            person, unit, facts="invented", source=Source.WITNESS, known_how="seen", by=ana, now=IN_THE_QUARTER
        )

    return send


def decided(report: Report, ana, after: timedelta) -> None:
    with acting_as(ana.acting()):
        ReportEvent.objects.create(
            report=report,
            key=report.key,
            kind=ReportEventKind.DECIDED,
            decision=Decision.ACTED,
            at=report.sent_at + after,
            by=ana,
        )


def test_reports_decided_within_72_hours_are_in_time(sent, ana, paula, quarter, now):
    decided(sent(), ana, timedelta(hours=72))
    decided(sent(), ana, timedelta(hours=72, seconds=1))
    sent()
    assert count_months(quarter, by=paula, now=now).counts_of(Table.REPORTS) == {LATE: 2, IN_TIME: 1}


def test_recalled_reports_are_not_counted(sent, ana, paula, quarter, now):
    recalled, _late = sent(), sent()
    recall_report(recalled, why="invented", by=ana, now=IN_THE_QUARTER)
    assert count_months(quarter, by=paula, now=now).counts_of(Table.REPORTS) == {LATE: 1, IN_TIME: 0}


def test_reports_of_another_quarter_are_not_counted(sent, paula, quarter, now):
    sent()
    assert count_months(quarter.previous, by=paula, now=now).counts == {}
