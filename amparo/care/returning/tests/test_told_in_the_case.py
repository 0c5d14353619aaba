"""Events elsewhere appear in the person's case, and messages left with a code wait for the team."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from amparo.care.cases.models import Case, Task
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.rules import close_case, finish_task
from amparo.care.cases.timeline import timeline
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.police_reports.rules import add_message, receive_report, record_decision, report_to_police
from amparo.care.referrals.by_link import answer_by_link
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import issue_link
from amparo.care.referrals.rules import link_actor as with_link
from amparo.care.returning.case_status import live_consents_of
from amparo.care.returning.code_requests import handle_code_request
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import Grant
from amparo.line.contacts.models import ReturnCode
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message, end_code, give_code


@pytest.fixture
def kinds(case, ana):
    """Return the kinds of timeline entries since the last call."""
    seen: list[str] = []

    def kinds() -> list[str]:
        with acting_as(ana.acting()):
            entries = list(case.entries.order_by("number").values_list("kind", flat=True))
        new = entries[len(seen) :]
        seen[:] = entries
        return new

    kinds()
    return kinds


def test_each_step_of_the_unit_is_a_knot_and_its_question_a_task(case, person, agreed, teo, ana, now, kinds):
    report = report_to_police(person, teo.agency, facts="invented", source=Source.VICTIM, by=ana, now=now)
    kinds()
    receive_report(report, "F-1", by=teo, now=now)
    add_message(report, ReportEventKind.QUESTION, "where exactly?", by=teo, now=now)
    add_message(report, ReportEventKind.QUESTION, "and since when?", by=teo, now=now)
    record_decision(report, Decision.ACTED, by=teo, now=now)
    assert kinds() == [EntryKind.RECEIVED, EntryKind.ASKED_BACK, EntryKind.ASKED_BACK, EntryKind.DECIDED]
    with acting_as(ana.acting()):
        [task] = Task.objects.filter(case=case, kind=TaskKind.ANSWER)
        assert (task.is_critical, task.is_open, task.due) == (True, True, now + timedelta(days=1))
        entry = case.entries.filter(kind=EntryKind.DECIDED).get()
        assert (entry.about, entry.by, entry.words) == (str(report.pk), teo, None)


def test_the_answer_of_a_service_by_its_link_is_a_knot_of_nobody_of_ours(case, person, ask_for, ana, now, kinds):
    referral = ask_for(person, "invented facts")
    link = with_link(issue_link(referral, by=ana, now=now))
    kinds()
    answer_by_link(link, ReferralEventKind.ACCEPTED, why_not=None, words="", now=now)
    answer_by_link(link, ReferralEventKind.ARRIVED, why_not=None, words="", now=now)
    assert kinds() == [EntryKind.ACCEPTED, EntryKind.GOT_THERE]
    client = Client()
    client.force_login(ana)
    shown = client.get(f"/cases/{case.pk}?language=en").content.decode()
    assert "The service takes the person." in shown
    assert f"/referrals/{referral.pk}" in shown


def test_why_a_service_does_not_take_her_stands_beside_it(case, person, ask_for, ana, now):
    """The chosen reason is shown to those who may open the referral; the service's own words only on its page."""
    referral = ask_for(person, "invented facts")
    link = with_link(issue_link(referral, by=ana, now=now))
    answer_by_link(link, ReferralEventKind.DECLINED, why_not=DeclineReason.FULL, words="invented words", now=now)
    with acting_as(ana.acting()), override("en"):
        [entry] = [it for it in timeline(case) if it.title == str(EntryKind.DECLINED.label)]
        assert (entry.sentence, entry.words) == ("The service does not take the person: there is no place now.", "")
        assert [it.about for it in timeline(case) if it.title == str(EntryKind.REFERRED.label)] == [""]
    Grant.objects.filter(key=referral.key_id).delete()
    with acting_as(ana.acting()), override("en"):
        assert "The service does not take the person." in [it.sentence for it in timeline(case)]


@pytest.mark.parametrize("may_tell", ["", "invented: they went there"])
def test_where_she_may_be_told_something_somebody_has_to(case, person, agreed, teo, ana, now, may_tell):
    report = report_to_police(person, teo.agency, facts="invented", source=Source.VICTIM, by=ana, now=now)
    receive_report(report, "F-1", by=teo, now=now)
    for _twice in range(2):
        record_decision(report, Decision.ACTED, words="invented", may_tell=may_tell, by=teo, now=now)
    with acting_as(ana.acting()):
        tasks = list(Task.objects.filter(case=case, kind=TaskKind.TELL))
    assert [(it.is_critical, it.due) for it in tasks] == ([(True, now + timedelta(days=1))] if may_tell else [])


@pytest.mark.parametrize("answer", [ReferralEventKind.ACCEPTED, ReferralEventKind.DECLINED])
def test_what_a_service_answers_somebody_has_to_tell_her(case, person, ask_for, ana, now, answer):
    referral = ask_for(person, "invented facts")
    link = with_link(issue_link(referral, by=ana, now=now))
    answer_by_link(
        link, answer, why_not=DeclineReason.FULL if answer == ReferralEventKind.DECLINED else None, words="", now=now
    )
    with acting_as(ana.acting()):
        task = Task.objects.get(case=case, kind=TaskKind.TELL)
        fresh = Case.objects.get(pk=case.pk)
    assert (task.is_critical, fresh.next_due <= task.due) == (True, True)


def whose(case, ana) -> list[tuple[bool, bool]]:
    with acting_as(ana.acting()):
        return list(Task.objects.filter(case=case, kind=TaskKind.WHOSE).values_list("is_open", "is_critical"))


def test_whose_the_code_is_is_asked_until_it_is_said(contact, code, given, case, person, ana, now):
    assert whose(case, ana) == [(True, False)]
    set_code_owner(given, person, by=ana, now=now)
    assert whose(case, ana) == [(False, False)]


def test_a_code_that_is_given_when_there_is_a_case_already_is_asked_of_likewise(contact, case, ana, now):
    assert whose(case, ana) == []
    end_code(ReturnCode.objects.get(pk=_given(contact, ana, now)), by=ana, now=now)
    assert whose(case, ana) == [(True, False)]
    _given(contact, ana, now)
    assert whose(case, ana) == [(True, False)]  # once


def _given(contact, ana, now):
    give_code(contact, by=ana, now=now)
    return ReturnCode.objects.get(contact=contact, ended_at=None).pk


def test_what_she_leaves_waits_for_her_team_once_before_what_is_later(case, person, code, given, ana, now, kinds):
    set_code_owner(given, person, by=ana, now=now)
    kinds()
    add_code_message(actor_of_code(code), "invented words", now=now)
    add_code_message(actor_of_code(code), "more of them", now=now)
    assert kinds() == [EntryKind.CAME_BACK] * 2
    with acting_as(ana.acting()):
        task = Task.objects.get(case=case, kind=TaskKind.READ)
        fresh = Case.objects.get(pk=case.pk)
    assert (fresh.next_task, fresh.next_due) == (task, now + timedelta(days=1))
    finish_task(task, by=ana, now=now)
    add_code_message(actor_of_code(code), "and again", now=now)
    with acting_as(ana.acting()):
        assert Task.objects.filter(case=case, kind=TaskKind.READ, is_open=True).count() == 1


def test_what_is_taken_back_with_the_code_is_told_too(case, person, code, given, agreed, ana, now, kinds):
    set_code_owner(given, person, by=ana, now=now)
    kinds()
    with acting_as(actor_of_code(code)):
        consent = live_consents_of([person.pk], now).first()
    withdraw_with_code(actor_of_code(code), consent.pk, now=now)
    assert kinds() == [EntryKind.CAME_BACK]


def test_a_closed_case_is_told_and_plans_nothing(case, person, code, given, ana, now, kinds):
    set_code_owner(given, person, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    kinds()
    add_code_message(actor_of_code(code), "invented words", now=now)
    assert kinds() == [EntryKind.CAME_BACK]
    with acting_as(ana.acting()):
        assert not Task.objects.filter(case=case, is_open=True).exists()


def test_a_code_of_nobody_yet_tells_no_case(case, code, given, now, kinds):
    add_code_message(actor_of_code(code), "invented words", now=now)
    assert kinds() == []


def test_at_the_telephone_it_says_whom_to_ask_and_not_to_call(case, person, code, given, ana, now):
    set_code_owner(given, person, by=ana, now=now)
    story = handle_code_request({"code": code, "do": "tell"}, now, is_aloud=True).story
    assert (story.case.code, story.case.holder) == (case.code, ana)
    assert handle_code_request({"code": code, "do": "tell"}, now).story.case is None
    assert not any("Call us" in line.text for line in story.lines)
