"""Who joins or leaves a team does so at once; the next page offers the inverse, and both stand in the ledger."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.rules import finish_task, plan_task, resume_task
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused


@pytest.fixture
def browser(db, ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def offered(shown: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of the offer on a page; blank: it offers nothing."""
    found = re.search(r'<div class="undo".*?action="([^"]*)".*?</form></div>', shown, re.S)
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', found[0]) if found else []
    return (found[1], {name: value for name, value in fields if "csrf" not in name}) if found else ("", {})


def in_team(case) -> set[int]:
    return set(case.team.filter(until=None).values_list("user", flat=True))


def test_who_was_added_is_removed_again(browser, case, ana, ines):
    shown = browser.post(f"/cases/{case.pk}/team", {"user": ines.pk}, follow=True).content.decode()
    assert in_team(case) == {ana.pk, ines.pk}
    action, fields = offered(shown)
    browser.post(action, fields)
    assert in_team(case) == {ana.pk}
    verbs = Entry.objects.filter(key=case.key_id).values_list("what", flat=True)
    assert {"add_member", "remove_member"} <= set(verbs)


def test_who_was_removed_is_added_again(browser, team, ana, ines):
    shown = browser.post(f"/cases/{team.pk}/team/{ines.pk}/leave", follow=True).content.decode()
    assert in_team(team) == {ana.pk}
    action, fields = offered(shown)
    browser.post(action, fields)
    assert in_team(team) == {ana.pk, ines.pk}


def test_a_task_that_was_ended_by_mistake_is_open_again(browser, case, ana, tomorrow, now):
    task = plan_task(case, TaskKind.ASK, tomorrow, by=ana, now=now)
    ended = {"was_done": "yes", "result": "r"}
    shown = browser.post(f"/cases/{case.pk}/tasks/{task.pk}/finish", ended, follow=True).content.decode()
    case.refresh_from_db()
    assert case.next_task != task
    action, fields = offered(shown)
    browser.post(action, fields)
    case.refresh_from_db()
    task.refresh_from_db()
    assert (task.is_open, task.result, case.next_task) == (True, None, task)
    kinds = case.entries.values_list("kind", flat=True)
    assert {EntryKind.DONE, EntryKind.NOT_DONE} <= set(kinds)


def test_a_colleague_or_somebody_late_plans_the_task_anew(team, ana, ines, tomorrow, now):
    task = plan_task(team, TaskKind.ASK, tomorrow, by=ana, now=now)
    finish_task(task, by=ana, now=now)
    for by, at in ((ines, now), (ana, now + timedelta(minutes=11))):
        with pytest.raises(Refused):
            resume_task(task, by=by, now=at)
    assert resume_task(task, by=ana, now=now).is_open
    assert resume_task(task, by=ana, now=now).is_open  # twice is once
    assert team.entries.filter(kind=EntryKind.NOT_DONE).count() == 1


def test_a_refused_form_a_forged_cookie_and_an_old_one_offer_nothing(browser, case, ines):
    refused = browser.post(f"/cases/{case.pk}/team", {"user": 10**6})
    assert (refused.status_code, offered(refused.content.decode())) == (422, ("", {}))
    answer = browser.post(f"/cases/{case.pk}/team", {"user": ines.pk})
    assert answer.cookies["undo"]["max-age"] == 8
    assert ines.first_name.split()[0] not in answer.cookies["undo"].value
    browser.cookies["undo"] = browser.cookies["undo"].value.replace("joined", "left")
    assert offered(browser.get(f"/cases/{case.pk}").content.decode()) == ("", {})


def test_who_leaves_is_asked_first_because_there_is_no_way_back(browser, team, ana):
    shown = browser.get(f"/cases/{team.pk}?language=en").content.decode()
    question = re.search(r'<section class="confirm" id="leaving".*?</section>', shown, re.S)
    assert question
    assert f"/team/{ana.pk}/leave" in question[0]
    answer = browser.post(f"/cases/{team.pk}/team/{ana.pk}/leave")
    assert (answer["Location"], "undo" in answer.cookies) == ("/cases", False)
