"""A question of the unit waits until that very question is answered, the second one too; the case's holder sees it."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.care.police_reports.rules import add_message
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.screens.desk.other_work import questions_of_units
from tests.test_promises.access import colleague, contact_of
from tests.test_promises.planting import Planted, plant_case

MINUTE = timedelta(minutes=1)
QUESTION = "invented question of nobody"


@pytest.fixture
def planted(ana, teo) -> Planted:
    return plant_case(contact_of(ana), lambda kind: kind, by=ana, liaison=teo)


@pytest.fixture
def talk(planted, ana, teo):
    """Add a question or an answer, each a minute after the event before."""
    at = planted.report.sent_at

    def talk(kind: ReportEventKind) -> None:
        nonlocal at
        at += MINUTE
        add_message(planted.report, kind, QUESTION, by=teo if kind == ReportEventKind.QUESTION else ana, now=at)

    return talk


def waits(user: User) -> bool:
    with acting_as(user.acting()):
        return Report.objects.with_events().get().is_asked


def waiting(user: User) -> list[str]:
    with acting_as(user.acting()):
        return [report.code for report in questions_of_units(user)]


def test_the_second_question_waits_as_the_first_did(talk, ana, teo):
    values = {}
    for kind in (
        ReportEventKind.QUESTION,
        ReportEventKind.ANSWERED,
        ReportEventKind.QUESTION,
        ReportEventKind.QUESTION,
        ReportEventKind.ANSWERED,
    ):
        talk(kind)
        values[len(values)] = (waits(ana), waits(teo))
    assert list(values.values()) == [(True, True), (False, False), (True, True), (True, True), (False, False)]


def test_who_holds_the_case_sees_on_the_console_that_it_waits_and_others_do_not(planted, talk, ana):
    marta, rufino = colleague("marta", Role.SUPERVISOR), colleague("rufino")
    assert waiting(ana) == []
    talk(ReportEventKind.QUESTION)
    code = planted.report.code
    assert [waiting(who) for who in (ana, marta, rufino)] == [[code], [code], []]
    talk(ReportEventKind.ANSWERED)
    assert waiting(ana) == []


def test_the_console_names_the_report_and_not_what_is_asked(planted, talk, ana):
    talk(ReportEventKind.QUESTION)
    User.objects.filter(pk=ana.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=ana.pk))
    text = page.get("/console").content.decode()
    assert f'/reports/{planted.report.pk}"' in text
    assert (planted.report.code in text, QUESTION in text) == (True, False)


def test_an_answer_is_written_where_a_question_waits_and_nowhere_else(planted, talk, ana):
    User.objects.filter(pk=ana.pk).update(is_invented=True)
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=ana.pk))
    seen = []
    for kind in (None, ReportEventKind.QUESTION, ReportEventKind.ANSWERED):
        if kind:
            talk(kind)
        seen.append("/say/answered" in page.get(f"/reports/{planted.report.pk}").content.decode())
    assert seen == [False, True, False]
