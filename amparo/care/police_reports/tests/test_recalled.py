"""A report that went to the wrong unit is recalled: the unit can read nothing any more, and another one is chosen."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.rules import close_case, finish_task
from amparo.care.consent.picklists import Data
from amparo.care.exchange.htcds_export import exported_record
from amparo.care.police_reports.escalation import escalate
from amparo.care.police_reports.inbox import reports_in_order
from amparo.care.police_reports.models import Escalation, Report, ReportDetail, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind
from amparo.care.police_reports.rules import (
    add_message,
    recall_report,
    receive_report,
    record_decision,
    report_to_police,
)
from amparo.care.police_reports.tests.test_police_reports import FACTS, NAME
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.models import Delivery

WHY = "invented reason of nobody"


@pytest.fixture
def report(agreed, person, unit, ana, now) -> Report:
    """With the person's name beside the facts."""
    agreed(Data.SUBJECT_IDENTITY)
    details = {Data.SUBJECT_IDENTITY: NAME}
    return report_to_police(person, unit, facts=FACTS, source="victim", details=details, by=ana, now=now)


@pytest.fixture
def recalled(report, ana, now) -> Report:
    recall_report(report, why=WHY, by=ana, now=now)
    return report


def read_by(user: User) -> tuple[int, int, int]:
    """Return how many reports, items and events this user sees."""
    with acting_as(user.acting()):
        return Report.objects.count(), ReportDetail.objects.count(), ReportEvent.objects.count()


def at(user: User) -> Client:
    page = Client()
    page.force_login(user)
    return page


def open_tasks(case: Case) -> list[tuple[str, str]]:
    return sorted((task.kind, task.words or "") for task in case.tasks.open().select_related("key"))


def test_nobody_of_the_unit_reads_it_from_the_next_query_on(report, teo, ana, now):
    receive_report(report, "F-1", by=teo, now=now)
    assert read_by(teo) == (1, 1, 1)
    recall_report(report, why=WHY, by=ana, now=now)
    assert read_by(teo) == (0, 0, 0)
    assert [at(teo).get(f"/reports/{report.pk}{more}").status_code for more in ("", "/pdf")] == [404, 404]
    assert report.code not in at(teo).get("/reports").content.decode()
    assert read_by(ana) == (1, 1, 2)


def test_the_unit_adds_nothing_to_it_any_more(recalled, teo, now):
    for adds in (
        lambda: receive_report(recalled, "F-1", by=teo, now=now),
        lambda: record_decision(recalled, Decision.ACTED, by=teo, now=now),
        lambda: add_message(recalled, ReportEventKind.QUESTION, "invented", by=teo, now=now),
    ):
        with pytest.raises(Refused, match="no access"):
            adds()


def test_it_is_a_step_an_entry_of_the_ledger_and_a_knot_of_the_case(recalled, case, ana):
    step = recalled.steps.get()
    assert (step.kind, step.words, step.by) == (ReportEventKind.RECALLED, WHY, ana)
    assert case.entries.get(kind=EntryKind.REPORT_RECALLED).about == str(recalled.pk)
    assert Entry.objects.get(what="recall_report").about == f"report {recalled.pk}"


def test_a_reason_is_needed_and_a_second_time_changes_nothing(report, case, ana, marta, now):
    with pytest.raises(Refused, match="Write why"):
        recall_report(report, why=" ", by=ana, now=now)
    steps = [recall_report(report, why=why, by=by, now=now) for why, by in ((WHY, ana), ("another", marta))]
    assert steps[0] == steps[1]
    assert (report.steps.get().words, case.entries.filter(kind=EntryKind.REPORT_RECALLED).count()) == (WHY, 1)


def test_nobody_else_calls_it_back(report, teo, other_liaison, ines, now):
    for stranger in (teo, other_liaison, ines):
        with pytest.raises(Refused):
            recall_report(report, why=WHY, by=stranger, now=now)
    assert read_by(teo) == (1, 1, 0)


def test_nor_does_a_unit_that_goes_round_the_page_and_so_ends_its_clocks(report, teo, now):
    step = ReportEvent(report=report, key=report.key, kind=ReportEventKind.RECALLED, by=teo, at=now)
    with pytest.raises(DatabaseError, match="only the line recalls"), transaction.atomic(), acting_as(teo.acting()):
        step.save(force_insert=True)
    assert not report.steps.exists()


def test_what_was_decided_is_not_recalled(report, teo, ana, now):
    receive_report(report, "F-1", by=teo, now=now)
    record_decision(report, Decision.ACTED, by=teo, now=now)
    with pytest.raises(Refused, match="decided on it already"):
        recall_report(report, why=WHY, by=ana, now=now)
    assert "/recall" not in at(ana).get(f"/reports/{report.pk}").content.decode()


def test_no_clock_of_it_runs(report, person, unit, ana, now):
    late = now + timedelta(days=4)
    with acting_as(WORKER):
        escalate(late)
    assert Escalation.objects.waiting().count() == 2
    later = now + timedelta(hours=1)
    other = report_to_police(person, unit, facts=FACTS, source="victim", by=ana, now=later)
    recall_report(report, why=WHY, by=ana, now=later)
    assert not Escalation.objects.waiting().exists()
    with acting_as(ana.acting()):
        rows = reports_in_order(ana, late).rows
    assert [(it, clock.late is not None, len(clock.steps)) for it, clock in rows] == [
        (other, True, 3),
        (report, False, 2),
    ]


def test_what_the_worker_found_late_in_that_moment_is_over_a_minute_later(recalled, unit, now):
    Escalation.objects.create(
        report=recalled, report_number=recalled.number, to_agency=unit, is_danger=False, late="received", at=now
    )
    with acting_as(WORKER):
        assert escalate(now + timedelta(days=4)) == 0
    assert not Escalation.objects.waiting().exists()


def test_its_question_waits_no_more_and_nobody_answers_it(report, case, teo, ana, now):
    add_message(report, ReportEventKind.QUESTION, "invented", by=teo, now=now)
    recall_report(report, why=WHY, by=ana, now=now)
    with acting_as(ana.acting()):
        assert not Report.objects.waiting_for_the_line().exists()
    with pytest.raises(Refused, match="was cancelled"):
        add_message(report, ReportEventKind.ANSWERED, "invented", by=ana, now=now)
    add_message(report, ReportEventKind.INFORMED, "she knows", by=ana, now=now)


def test_what_waited_for_that_unit_becomes_to_choose_another(report, case, person, unit, teo, ana, now):
    other = report_to_police(person, unit, facts=FACTS, source="victim", by=ana, now=now)
    for each in (report, other):
        add_message(each, ReportEventKind.QUESTION, "invented", by=teo, now=now)
    recall_report(report, why=WHY, by=ana, now=now)
    task = (TaskKind.ASK, f"{other.code}: {unit}")
    waits = [kind for kind in open_tasks(case) if kind[0] != TaskKind.CALL]
    assert waits == [(TaskKind.ANSWER, ""), task, (TaskKind.UNIT, report.code)]
    recall_report(other, why=WHY, by=ana, now=now)
    assert {kind for kind, _words in open_tasks(case)} == {TaskKind.CALL, TaskKind.UNIT}
    case.refresh_from_db()
    assert (case.next_task.kind, case.next_due) == (TaskKind.UNIT, now + timedelta(days=1))


def test_of_a_closed_case_it_is_recalled_and_nothing_is_planned(report, case, teo, ana, now):
    for task in case.tasks.all()[1:]:
        finish_task(task, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    recall_report(report, why=WHY, by=ana, now=now)
    assert (read_by(teo), case.tasks.open().count()) == ((0, 0, 0), 0)
    assert "?again=" not in at(ana).get(f"/reports/{report.pk}").content.decode()


def test_nor_do_programs_hear_anything_of_it_later(recalled, unit, ana, now):
    before = Delivery.objects.filter(agency_id=unit.pk).count()
    add_message(recalled, ReportEventKind.INFORMED, "she knows", by=ana, now=now)
    assert Delivery.objects.filter(agency_id=unit.pk).count() == before


def test_programs_hear_that_it_is_gone_and_not_why(recalled, unit):
    deliveries = Delivery.objects.filter(agency_id=unit.pk, path=f"/api/v1/reports/{recalled.pk}")
    assert list(deliveries.order_by("kind").values_list("kind", flat=True)) == ["report.gone", "report.sent"]


def test_the_page_says_what_it_means_and_then_that_it_was_done(report, teo, ana, now):
    page = f"/reports/{report.pk}"
    assert "Es posible que la unidad ya la haya leído" in at(ana).get(page).content.decode()
    receive_report(report, "F-1", by=teo, now=now)
    assert "La unidad ya la recibió" in at(ana).get(page).content.decode()
    assert "/recall" not in at(teo).get(page).content.decode()
    assert at(ana).post(page + "/recall", {"why": ""}).status_code == 422
    assert at(teo).post(page + "/recall", {"why": WHY}).status_code == 404
    assert at(ana).post(page + "/recall", {"why": WHY})["Location"] == page
    shown = at(ana).get(page).content.decode()
    assert (WHY in shown, "?again=" in shown, "/recall" in shown) == (True, True, False)
    assert at(ana).get(page + "/pdf").status_code == at(ana).get("/reports").status_code == 200


def test_it_is_sent_to_another_unit_as_it_stood_and_to_the_same_only_after_a_warning(recalled, case, person, unit, ana):
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    filled = at(ana).get(f"{where}?again={recalled.pk}").content.decode()
    assert (FACTS in filled, NAME in filled) == (True, True)
    right = Agency.objects.create(name="Invented unit of the place", kind=Kind.POLICE)
    warned = [
        "a esta misma unidad"
        in at(ana).post(where, {"unit": it.pk, "source": "victim", "facts": FACTS}).content.decode()
        for it in (unit, right)
    ]
    assert warned == [True, False]
    assert at(ana).get(f"{where}?again=nothing").status_code == 200


def test_only_what_was_recalled_is_filled_in(report, case, person, ana):
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    assert at(ana).get(f"{where}?again={report.pk}").status_code == 404


def test_no_file_of_the_case_says_that_it_went_there(report, case, unit, ana, now):
    def message_shown() -> str:
        with acting_as(ana.acting()):
            return str(exported_record(case))

    before = message_shown()
    recall_report(report, why=WHY, by=ana, now=timezone.now())
    assert (unit.name in before, unit.name in message_shown()) == (True, False)
