"""A unit telephones instead of using Amparo: what it says is noted as such, and its clock stops too."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases.requests_sent import requests_sent
from amparo.care.police_reports.by_telephone import note_decided, note_received
from amparo.care.police_reports.clock import request_of
from amparo.care.police_reports.escalation import escalate
from amparo.care.police_reports.models import Escalation, Report, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind
from amparo.care.police_reports.rules import recall_report, receive_report, record_decision, report_to_police
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused

WHO, FOLIO = "suboficial de guardia inventado", "F-1"


@pytest.fixture
def report(agreed, person, unit, ana, now) -> Report:
    agreed()
    return report_to_police(person, unit, facts="invented facts", source="victim", by=ana, now=now)


def clock(report: Report, at) -> list[str]:
    [it] = Report.objects.with_events().filter(pk=report.pk)
    return [step.state for step in request_of(it, at).steps]


def make_late(at) -> None:
    with acting_as(WORKER):
        escalate(at)


def page_of(user, report: Report) -> str:
    client = Client()
    client.force_login(user)
    return client.get(f"/reports/{report.pk}").content.decode()


def test_it_stops_the_clock_as_the_units_own_entry_does(report, ana, teo, now):
    late = report.decide_by + timedelta(hours=1)
    make_late(late)
    assert Escalation.objects.waiting().count() == 2
    note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)
    assert clock(report, late) == ["done", "done", "late"]
    assert [it.late for it in Escalation.objects.waiting()] == [ReportEventKind.DECIDED]
    note_decided(report, Decision.ACTED, speaker=WHO, by=ana, now=now)
    assert clock(report, late) == ["done", "done", "done"]
    make_late(late + timedelta(days=9))
    assert not Escalation.objects.waiting().exists()


def test_control_without_it_the_shift_is_told(report, now):
    make_late(report.decide_by)
    assert Escalation.objects.waiting().count() == 2
    assert clock(report, report.decide_by + timedelta(hours=1)) == ["done", "late", "late"]


def test_it_is_marked_who_told_it_and_who_noted_it(report, ana, teo, now):
    note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)
    for reader in (ana, teo):
        text = page_of(reader, report)
        assert f"Por teléfono: lo informó {WHO}, lo anotó Ana F." in text
        assert FOLIO in text
    assert Entry.objects.filter(what="note_received", user_id=ana.pk).exists()


def test_the_units_own_entry_stands_beside_it(report, ana, teo, now):
    note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)
    assert f"/reports/{report.pk}/receive" in page_of(teo, report)
    receive_report(report, "F-2", by=teo, now=now + timedelta(hours=1))
    receive_report(report, "F-2", by=teo, now=now + timedelta(hours=2))
    assert [(s.words, s.by_telephone) for s in report.steps.order_by("at")] == [(FOLIO, True), ("F-2", False)]
    note_decided(report, Decision.ACTED, speaker=WHO, by=ana, now=now + timedelta(hours=3))
    record_decision(report, Decision.SHELVED, by=teo, now=now + timedelta(hours=4))
    decided = report.steps.filter(kind=ReportEventKind.DECIDED).order_by("at")
    assert [(s.decision, s.by_telephone) for s in decided] == [("acted", True), ("shelved", False)]
    [it] = Report.objects.with_events().filter(pk=report.pk)
    assert (it.received_at, it.decided_at) == (now, now + timedelta(hours=3))  # the clock stopped at the first entry


@pytest.mark.parametrize("speaker", ["", "  "])
def test_somebody_of_the_unit_said_it(report, ana, now, speaker):
    with pytest.raises(Refused, match="who of the unit"):
        note_received(report, folio=FOLIO, speaker=speaker, by=ana, now=now)
    assert not report.steps.exists()


def test_it_is_received_before_it_is_decided_and_once(report, ana, now):
    with pytest.raises(Refused, match="first that they received it"):
        note_decided(report, Decision.ACTED, speaker=WHO, by=ana, now=now)
    note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)
    with pytest.raises(Refused, match="noted already"):
        note_received(report, folio="F-9", speaker=WHO, by=ana, now=now)
    assert report.steps.count() == 1


def test_the_liaison_and_a_stranger_note_nothing_so(report, teo, other_liaison, ines, now):
    for somebody in (teo, other_liaison, ines):  # ines works on no such case
        with pytest.raises(Refused):
            note_received(report, folio=FOLIO, speaker=WHO, by=somebody, now=now)
    assert not ReportEvent.objects.exists()


def test_of_a_report_that_was_recalled_nothing_is_awaited(report, ana, now):
    recall_report(report, why="invented", by=ana, now=now)
    with pytest.raises(Refused, match="was cancelled"):
        note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)


def test_on_the_page(report, ana, now):
    client = Client()
    client.force_login(ana)
    address = f"/reports/{report.pk}/by-telephone"
    assert client.post(f"{address}/received", {"folio": FOLIO}).status_code == 422
    assert client.post(f"{address}/received", {"folio": FOLIO, "speaker": WHO}).status_code == 302
    assert client.post(f"{address}/decided", {"decision": "acted", "speaker": WHO}).status_code == 302
    assert "by-telephone" not in page_of(ana, report)  # nothing is left to note


def test_the_task_that_asked_for_the_decision_ends_with_it(report, case, ana, now):
    note_received(report, folio=FOLIO, speaker=WHO, by=ana, now=now)
    assert case.tasks.get(pk=report.pk).is_open  # the control
    with acting_as(ana.acting()):
        [sent] = requests_sent(case, report.decide_by + timedelta(hours=1))
    assert [step.state for step in sent.steps] == ["done", "done", "late"]
    note_decided(report, Decision.ACTED, speaker=WHO, by=ana, now=now)
    task = case.tasks.get(pk=report.pk)
    assert (task.is_open, task.was_done, task.done_by) == (False, True, ana)
    with acting_as(ana.acting()):
        [sent] = requests_sent(case, report.decide_by + timedelta(hours=1))
    assert sent.is_over
