"""A refused form says at its head what is wrong: the focus goes there, and each line leads to its field."""

import re

import pytest
from django.test import Client


@pytest.fixture
def browser(db, ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def summary(shown: str) -> str:
    found = re.search(r'<div class="banner error-summary".*?</div></div>', shown, re.S)
    return found[0] if found else ""


def test_each_line_leads_to_a_field_that_says_it_again(browser, case):
    typed = {"kind": "dance", "due": "yesterday", "words": "invented"}
    shown = browser.post(f"/cases/{case.pk}/tasks?language=en", typed).content.decode()
    head = summary(shown)
    assert "autofocus" in head
    anchors = re.findall(r'href="#([^"]+)"', head)
    assert anchors == ["task-kind", "task-due"]
    for anchor in anchors:
        assert f'id="{anchor}"' in shown
        assert f'id="{anchor}_error"' in shown


def test_a_refusal_by_a_rule_is_a_sentence_without_a_link(browser, case):
    answer = browser.post(f"/cases/{case.pk}/tasks/{case.next_task_id}/finish?language=en", {"was_done": "yes"})
    head = summary(answer.content.decode())
    assert (answer.status_code, "always has a next task" in head, "<a " in head) == (422, True, False)


def test_a_page_that_was_not_refused_has_no_summary_and_marks_what_may_stay_empty(browser, case):
    shown = browser.get(f"/cases/{case.pk}/tasks?language=en").content.decode()
    assert summary(shown) == ""
    labels = {row.split("</label>")[0].rpartition(">")[2]: "optional" in row for row in shown.split("label-row")[1:]}
    assert labels == {"What is to be done": False, "In words": True, "By when": False, "Who": True}
