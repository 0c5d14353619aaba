"""A referral is drawn as a clock, and the task that asks for its answer ends with the answer."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases.models import Case, Task
from amparo.care.cases.picklists import TaskKind
from amparo.care.cases.requests_sent import requests_sent
from amparo.care.cases.rules import finish_task
from amparo.care.referrals.by_link import answer_by_link
from amparo.care.referrals.clock import request_of
from amparo.care.referrals.models import Referral
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, issue_link, link_actor, record_referral_event, refer
from amparo.foundation.core.actor import acting_as

WORDS = "Rosa, at the door"


@pytest.fixture
def referral(person, service, permits, ana, now) -> Referral:
    permits()
    return refer(person, service, facts="invented facts of nobody", by=ana, now=now)


def drawn(referral: Referral, at) -> list[tuple[str, str]]:
    found = Referral.objects.with_state(at).get(pk=referral.pk)
    return [(str(step.label), step.state) for step in request_of(found, at).steps]


def in_case(case: Case, at, ana) -> list[tuple[str, str]]:
    with acting_as(ana.acting()):
        [sent] = requests_sent(case, at)
    return [(str(step.label), step.state) for step in sent.steps]


def open_kinds(case: Case) -> set[str]:
    return set(Task.objects.filter(case=case, is_open=True).values_list("kind", flat=True))


@pytest.mark.parametrize("clock", ["its own", "of the case"])
def test_it_runs_until_the_deadline_and_then_is_late(clock, referral, case, ana, now):
    steps = drawn if clock == "its own" else lambda _referral, at: in_case(case, at, ana)
    soon, late = now + timedelta(hours=1), now + timedelta(hours=25)
    sent = ("Requested", "done")
    assert steps(referral, soon) == [sent, ("Accepted", "running"), ("Arrived", "")]
    assert steps(referral, late) == [sent, ("Accepted", "late"), ("Arrived", "")]
    record_referral_event(referral, ReferralEventKind.ACCEPTED, words=WORDS, by=ana, now=late)
    assert steps(referral, late) == [sent, ("Accepted", "done"), ("Arrived", "running")]
    record_referral_event(referral, ReferralEventKind.ARRIVED, words=WORDS, by=ana, now=late)
    assert steps(referral, late) == [sent, ("Accepted", "done"), ("Arrived", "done")]


@pytest.mark.parametrize("clock", ["its own", "of the case"])
@pytest.mark.parametrize("end", ["Declined", "Cancelled"])
def test_what_is_over_waits_for_nothing(clock, end, referral, case, ana, now):
    if end == "Declined":
        why = DeclineReason.FULL
        record_referral_event(referral, ReferralEventKind.DECLINED, why_not=why, words=WORDS, by=ana, now=now)
    else:
        cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    late = now + timedelta(days=9)
    found = drawn(referral, late) if clock == "its own" else in_case(case, late, ana)
    assert found == [("Requested", "done"), (end, "done")]


def test_the_tab_of_the_case_says_by_how_much_it_is_late_and_repeats_no_task(referral, case, ana, now):
    due = now - timedelta(days=21)
    Referral.objects.filter(pk=referral.pk).update(sent_at=due - timedelta(hours=24), answer_by=due)
    Task.objects.filter(pk=referral.pk).update(due=due)
    Case.objects.filter(pk=case.pk).update(next_task=referral.pk, next_due=due)
    client = Client()
    client.force_login(ana)
    page = client.get(f"/cases/{case.pk}/help?language=en").content.decode()
    assert f'<h3><a href="/referrals/{referral.pk}">{referral.code}: Servicio de Ejemplo</a></h3>' in page
    assert "3\xa0weeks ago" in page
    assert 'class="task-list"' not in page


def test_the_task_ends_with_the_answer_that_was_telephoned(referral, case, ana, now):
    assert open_kinds(case) == {TaskKind.CALL, TaskKind.ASK}  # the control
    record_referral_event(referral, ReferralEventKind.ACCEPTED, words=WORDS, by=ana, now=now)
    assert open_kinds(case) == {TaskKind.CALL, TaskKind.TELL}
    task = Task.objects.get(pk=referral.pk)
    assert (task.done_by, task.was_done, task.done_at) == (ana, True, now)


def test_the_task_ends_with_the_answer_by_the_link_and_nobody_of_us_did_it(referral, case, ana, now):
    link = issue_link(referral, by=ana, now=now)
    answer_by_link(link_actor(link), ReferralEventKind.DECLINED, why_not=DeclineReason.FULL, words="", now=now)
    assert open_kinds(case) == {TaskKind.CALL, TaskKind.TELL}
    task = Task.objects.get(pk=referral.pk)
    assert (task.done_by, task.was_done) == (None, True)
    client = Client()
    client.force_login(ana)
    assert "the institution" in client.get(f"/cases/{case.pk}/tasks?language=en").content.decode()


@pytest.mark.parametrize("tab", ["", "/help", "/people"])
def test_each_tab_of_the_case_counts_the_requests_that_wait(tab, referral, case, ana, now):
    client = Client()
    client.force_login(ana)
    page, counted = f"/cases/{case.pk}{tab}?language=en", 'Help requested <span class="count" >1</span>'
    assert counted in client.get(page).content.decode()
    cancel_referral(referral, why="invented", by=ana, now=now)
    assert 'Help requested <span class="count"' not in client.get(page).content.decode()


def test_the_next_task_of_the_case_is_another_then(referral, case, ana, now):
    finish_task(Task.objects.get(case=case, kind=TaskKind.CALL), by=ana, now=now)
    case.refresh_from_db()
    assert case.next_task_id == referral.pk
    record_referral_event(referral, ReferralEventKind.ACCEPTED, words=WORDS, by=ana, now=now)
    case.refresh_from_db()
    assert case.next_task.kind == TaskKind.TELL


def test_cancelled_it_was_not_done_and_the_last_task_stays(referral, case, person, service, ana, now):
    other = refer(person, service, facts="invented facts of nobody", by=ana, now=now)
    finish_task(Task.objects.get(case=case, kind=TaskKind.CALL), by=ana, now=now)
    cancel_referral(other, why="she went elsewhere", by=ana, now=now)
    task = Task.objects.get(pk=other.pk)
    assert (task.is_open, task.was_done) == (False, False)
    cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    case.refresh_from_db()
    assert (open_kinds(case), case.next_task_id) == ({TaskKind.ASK}, referral.pk)


@pytest.mark.parametrize("task", ["the last one", "ended by hand", "not needed any more", "open"])
def test_cancelled_is_cancelled_whatever_became_of_its_task(task, referral, case, ana, now):
    if task == "the last one":
        finish_task(Task.objects.get(case=case, kind=TaskKind.CALL), by=ana, now=now)
    elif task != "open":
        finish_task(Task.objects.get(pk=referral.pk), by=ana, now=now, was_done=task == "ended by hand")
    late = now + timedelta(days=9)
    assert [step for step, _state in in_case(case, late, ana)] == ["Requested", "Accepted", "Arrived"]  # the control
    cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    assert in_case(case, late, ana) == drawn(referral, late) == [("Requested", "done"), ("Cancelled", "done")]


def test_what_was_accepted_and_then_cancelled_waits_for_no_arrival(referral, case, ana, now):
    record_referral_event(referral, ReferralEventKind.ACCEPTED, words=WORDS, by=ana, now=now)
    cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    late = now + timedelta(days=9)
    over = [("Requested", "done"), ("Accepted", "done"), ("Cancelled", "done")]
    assert in_case(case, late, ana) == drawn(referral, late) == over


def test_a_task_that_outlives_its_request_is_listed(referral, case, ana, now):
    finish_task(Task.objects.get(case=case, kind=TaskKind.CALL), by=ana, now=now)
    client = Client()
    client.force_login(ana)
    tab = f"/cases/{case.pk}/help?language=en"
    assert 'class="task-list"' not in client.get(tab).content.decode()  # the control
    cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    assert 'class="task-list"' in client.get(tab).content.decode()
