"""The whole shift sees what a unit does not receive or decide in time, and of the report only its code."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import change_case
from amparo.care.consent.models import Consent
from amparo.care.consent.rules import withdraw_consent
from amparo.care.police_reports.escalation import escalate, settle_escalation
from amparo.care.police_reports.models import Escalation, Report
from amparo.care.police_reports.picklists import Decision, Late, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import LineSettings, keep
from tests.test_promises.access import colleague, contact_of
from tests.test_promises.planting import plant_case

MINUTE = timedelta(minutes=1)
FACTS = "invented facts of nobody"


@pytest.fixture
def sent(ana, teo):
    """A report that waits for the unit, perhaps in danger."""
    planted = plant_case(contact_of(ana), lambda kind: kind, by=ana, liaison=teo)

    def sent(*, is_danger: bool = False) -> Report:
        now = timezone.now()
        with acting_as(ana.acting()):
            planted.case.refresh_from_db()
            version = planted.case.version
        urgency = "immediate" if is_danger else "routine"
        change_case(planted.case, urgency=urgency, based_on=version, by=ana, now=now)
        return report_to_police(planted.person, teo.agency, facts=FACTS, source=Source.VICTIM, by=ana, now=now)

    return sent


def late_at(now) -> list[tuple[str, str]]:
    """Return the open escalations at that moment, after a run of the worker."""
    with acting_as(WORKER):
        escalate(now)
        return [(each.code, each.late) for each in Escalation.objects.waiting()]


def test_in_danger_after_a_quarter_of_an_hour(sent):
    report = sent(is_danger=True)
    assert late_at(report.sent_at + 14 * MINUTE) == []
    assert late_at(report.sent_at + 15 * MINUTE) == [(report.code, "received")]
    assert late_at(report.sent_at + 16 * MINUTE) == [(report.code, "received")]  # once


def test_else_after_a_day_and_undecided_after_three(sent, teo):
    report = sent()
    assert late_at(report.sent_at + timedelta(hours=23)) == []
    assert late_at(report.sent_at + timedelta(hours=24)) == [(report.code, "received")]
    receive_report(report, "F-1", by=teo, now=report.sent_at + timedelta(hours=25))
    assert late_at(report.sent_at + timedelta(hours=26)) == []
    assert late_at(report.sent_at + timedelta(hours=72)) == [(report.code, "decided")]
    record_decision(report, Decision.SHELVED, by=teo, now=report.sent_at + timedelta(hours=73))
    assert late_at(report.sent_at + timedelta(hours=74)) == []


def test_a_unit_that_cannot_open_it_any_more_is_not_telephoned(sent, ana):
    report = sent(is_danger=True)
    with acting_as(ana.acting()):
        consent = Consent.objects.get(withdrawn_at=None)
    withdraw_consent(consent, by=ana, now=report.sent_at)
    assert late_at(report.sent_at + 15 * MINUTE) == []


def test_the_whole_shift_reads_which_and_nothing_of_it_and_settles_it(sent, ana, teo):
    report, rufino = sent(is_danger=True), colleague("rufino")
    late_at(report.sent_at + 20 * MINUTE)
    User.objects.filter(pk=rufino.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=rufino.pk))
    text = page.get("/reports").content.decode()
    assert (report.code in text, FACTS in text, f"/reports/{report.pk}" in text) == (True, False, False)
    with acting_as(rufino.acting()):
        (waiting,) = Escalation.objects.waiting()
    assert page.post(f"/reports/late/{waiting.pk}/settle").status_code == 302
    with acting_as(rufino.acting()):
        assert not Escalation.objects.waiting().exists()
    with pytest.raises(Refused, match="not for your role"):
        settle_escalation(waiting, by=teo, now=timezone.now())


def test_the_unit_itself_sees_none(sent, teo):
    report = sent(is_danger=True)
    late_at(report.sent_at + 20 * MINUTE)
    with acting_as(teo.acting()):
        assert not Escalation.objects.exists()
    assert [late.value for late in Late] == ["received", "decided"]


def test_the_clocks_are_those_of_the_time_when_it_was_sent(sent, teo, settings):
    keep(LineSettings(receive_in_danger_minutes=5, receive_minutes=60, decide_minutes=120))
    hurried, calm = sent(is_danger=True), sent()
    keep(LineSettings(receive_in_danger_minutes=1440, receive_minutes=1440, decide_minutes=1440))  # for later reports
    assert late_at(hurried.sent_at + 4 * MINUTE) == []
    assert late_at(hurried.sent_at + 5 * MINUTE) == [(hurried.code, "received")]
    assert late_at(calm.sent_at + 60 * MINUTE) == [(hurried.code, "received"), (calm.code, "received")]
    receive_report(calm, "F-1", by=teo, now=calm.sent_at + 61 * MINUTE)
    receive_report(hurried, "F-2", by=teo, now=calm.sent_at + 61 * MINUTE)
    assert late_at(hurried.sent_at + 119 * MINUTE) == []
    assert late_at(calm.sent_at + 120 * MINUTE) == [(hurried.code, "decided"), (calm.code, "decided")]


@pytest.fixture
def telephone(ana):
    """Press "I telephoned them" beside the first open escalation."""

    def telephone(now) -> None:
        with acting_as(ana.acting()):
            first = Escalation.objects.waiting().first()
        assert first is not None
        settle_escalation(first, by=ana, now=now)

    return telephone


def test_still_late_after_a_call_it_comes_back_and_says_how_often(sent, telephone):
    report = sent(is_danger=True)
    at = report.sent_at + 15 * MINUTE
    for times in (1, 2, 3):
        assert late_at(at) == [(report.code, "received")]
        with acting_as(WORKER):
            assert Escalation.objects.waiting().get().times == times
        telephone(at + MINUTE)
        assert late_at(at + 15 * MINUTE) == []
        at += 16 * MINUTE


def test_it_comes_back_after_as_long_again_as_its_clock_was(sent, telephone, settings):
    keep(LineSettings(receive_in_danger_minutes=5, receive_minutes=60, decide_minutes=600))
    hurried, calm = sent(is_danger=True), sent()
    waits = {hurried: 15 * MINUTE, calm: 60 * MINUTE}  # at least a quarter of an hour
    start = calm.sent_at + 60 * MINUTE
    assert len(late_at(start)) == 2
    for _each in waits:
        telephone(start)
    assert late_at(start + 14 * MINUTE) == []
    assert late_at(start + 15 * MINUTE) == [(hurried.code, "received")]
    telephone(start + 50 * MINUTE)
    assert late_at(start + 59 * MINUTE) == []
    assert late_at(start + 60 * MINUTE) == [(calm.code, "received")]


def test_never_received_it_is_late_as_undecided_too_and_one_call_is_about_both(sent, telephone, teo):
    report = sent()
    at = report.sent_at + timedelta(hours=72)
    assert late_at(at) == [(report.code, "received"), (report.code, "decided")]
    telephone(at)
    assert late_at(at + 23 * 60 * MINUTE) == []
    assert late_at(at + 24 * 60 * MINUTE) == [(report.code, "received")]
    receive_report(report, "F-1", by=teo, now=at)
    assert late_at(at + 71 * 60 * MINUTE) == []
    assert late_at(at + 72 * 60 * MINUTE) == [(report.code, "decided")]


def test_the_shift_is_shown_how_often_it_was_told_and_nothing_of_it(sent, telephone):
    report, marta = sent(is_danger=True), colleague("marta", Role.SUPERVISOR)
    late_at(report.sent_at + 15 * MINUTE)
    User.objects.filter(pk=marta.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=marta.pk))
    where = ("/reports", "/console")
    assert ["ya se avisó 2 veces" in page.get(it).content.decode() for it in where] == [False, False]
    telephone(report.sent_at + 16 * MINUTE)
    late_at(report.sent_at + 31 * MINUTE)
    texts = [page.get(it).content.decode() for it in where]
    assert ["ya se avisó 2 veces" in text for text in texts] == [True, True]
    assert [FACTS in text for text in texts] == [False, False]


def test_a_deadline_does_not_read_like_a_step_that_was_done(sent, teo):
    """In words, not by colour and shape alone."""
    report, browser = sent(), Client()
    browser.force_login(teo)

    def steps() -> list[str]:
        page = browser.get(f"/reports/{report.pk}?language=en").content.decode()
        return re.findall(r"<b>[^<]+</b><span>([^<]*)</span>", page.split('<ol class="clock">')[1].split("</ol>")[0])

    assert [step.split()[0] for step in steps()[1:]] == ["until", "until"]
    receive_report(report, "F-7", by=teo, now=timezone.now())
    done, undecided = steps()[1:]
    assert (done.startswith("until"), undecided.startswith("until")) == (False, True)
