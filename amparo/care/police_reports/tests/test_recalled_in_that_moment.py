"""A unit receives or decides while the report is recalled: the second one is refused in a sentence."""

import pytest

from amparo.care.police_reports.models import ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind
from amparo.care.police_reports.rules import (
    add_message,
    recall_report,
    receive_report,
    record_decision,
    report_to_police,
)
from amparo.foundation.core.refusal import Refused
from tests.in_that_moment import second_while

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(agreed, person, unit, ana, now):
    agreed()
    return report_to_police(person, unit, facts="invented", source="victim", by=ana, now=now)


@pytest.fixture
def calls_back(report, ana, now):
    return lambda: recall_report(report, why="invented", by=ana, now=now)


@pytest.fixture
def receives(report, teo, now):
    return lambda: receive_report(report, "F-1", by=teo, now=now)


@pytest.fixture
def decides(report, receives, teo, now):
    """Decide on a report that was received before."""

    def decides() -> ReportEvent:
        return record_decision(report, Decision.ACTED, by=teo, now=now)

    return decides


def kinds() -> list[str]:
    return sorted(ReportEvent.objects.values_list("kind", flat=True))


def test_what_is_recalled_is_received_by_nobody(calls_back, receives):
    (refusal,) = second_while(calls_back, receives)
    assert isinstance(refusal, Refused)
    assert kinds() == ["recalled"]


def test_nor_is_it_decided(calls_back, receives, decides):
    receives()
    (refusal,) = second_while(calls_back, decides)
    assert isinstance(refusal, Refused)
    assert kinds() == ["recalled", "received"]


def test_nor_is_its_question_answered(report, calls_back, teo, ana, now):
    add_message(report, ReportEventKind.QUESTION, "invented", by=teo, now=now)
    (refusal,) = second_while(
        calls_back, lambda: add_message(report, ReportEventKind.ANSWERED, "invented", by=ana, now=now)
    )
    assert isinstance(refusal, Refused)
    assert kinds() == ["question", "recalled"]


def test_what_was_received_a_moment_before_is_recalled_after_it(calls_back, receives):
    (step,) = second_while(receives, calls_back)
    assert isinstance(step, ReportEvent)
    assert kinds() == ["recalled", "received"]


def test_what_was_decided_a_moment_before_is_not_recalled(calls_back, receives, decides):
    receives()
    (refusal,) = second_while(decides, calls_back)
    assert isinstance(refusal, Refused)
    assert kinds() == ["decided", "received"]


def test_two_who_call_it_back_at_once_do_it_once(calls_back):
    (step,) = second_while(calls_back, calls_back)
    assert isinstance(step, ReportEvent)
    assert kinds() == ["recalled"]
