"""The rule changes; what was signed under the one before is computed by that one, and what is signed now by the new."""

import json
import shutil
from functools import partial

import pytest
from django.test import Client

from amparo.care.cases.rules import sign_assessment
from amparo.care.people.picklists import Age
from amparo.care.people.rules import describe_person
from amparo.care.screening import answers, indicators
from amparo.care.screening.indicators import Finding
from amparo.care.screening.models import Assessment
from amparo.care.screening.picklists import Result
from amparo.care.screening.rules import answer
from amparo.care.screening.versions import KEPT, Rule, UnknownRule, newest_rule

WITHOUT_MEANS = {
    "act.harbouring": "yes", "purpose.forced_labour": "yes", "exploitation.excessive_hours": "yes",
    "exploitation.low_salary": "yes", "exploitation.bad_living": "yes",
}  # fmt: skip


def of_anybody(given: answers.Answers, age: Age) -> Result:
    """An invented change of the law: the means matter for no one. What stood before is left as it was."""
    return answers.legal_result(given, Age.CHILD)


@pytest.fixture
def second(tmp_path, monkeypatch) -> Rule:
    """The rule after an invented change, with lists in which nothing weighs anything, in a file of their own."""
    lists = json.loads(indicators.data_file(indicators.VERSION).read_text())
    lists["dimensions"] = [it | {"indicators": []} for it in lists["dimensions"]]
    monkeypatch.setattr(indicators, "DATA", shutil.copytree(indicators.DATA, tmp_path / "data"))
    indicators.data_file("invented").write_text(json.dumps(lists))
    return Rule("invented-law/2 invented", of_anybody, partial(answers.combined_finding, lists="invented"))


@pytest.fixture
def person(case, ana, now):
    person = case.persons[0]
    describe_person(person, age_at_events=30, age_certainty="sure", by=ana, now=now)
    answer(person, WITHOUT_MEANS, by=ana, now=now)
    return person


def test_each_is_computed_anew_by_its_own(person, second, monkeypatch, ana, now):
    sign_assessment(person, by=ana, now=now)
    monkeypatch.setitem(KEPT, second.version, second)  # as the table is added to: the newest last
    assert newest_rule() == second
    sign_assessment(person, by=ana, now=now)
    older, newer = Assessment.objects.order_by("rule").reverse()
    assert (older.rule, newer.rule) == ("palermo-129a/1 ilo-delphi-2009/1", second.version)
    assert older.recomputed == {"result": Result.INSUFFICIENT_INFORMATION, "finding": Finding.EXPLOITATION_ONLY}
    assert newer.recomputed == {"result": Result.POSSIBLE_VICTIM, "finding": Finding.NOT_INDICATED}
    for it in (older, newer):
        assert it.recomputed == {"result": it.result, "finding": it.finding}


def test_the_page_says_what_would_be_signed_now_and_by_which_rule_each_was(case, person, second, monkeypatch, ana, now):
    client = Client()
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening?language=en"
    sign_assessment(person, by=ana, now=now)
    before = client.get(where).content.decode()
    monkeypatch.setitem(KEPT, second.version, second)
    after = client.get(where).content.decode()
    assert [standing(page) for page in (before, after)] == ["Not enough is known", "Possible victim of trafficking"]
    assert "by the rule Palermo and article 129-A, version 1; ILO 2009, version 1" in after


def standing(page: str) -> str:
    return page.split('class="verdict"')[1].split("<b>")[1].split("</b>")[0]


def test_under_a_rule_that_is_not_kept_nothing_is_guessed(person, second, monkeypatch, ana, now):
    with monkeypatch.context() as later:
        later.setitem(KEPT, second.version, second)
        signed = sign_assessment(person, by=ana, now=now)
    with pytest.raises(UnknownRule, match="invented-law/2"):
        assert signed.recomputed
