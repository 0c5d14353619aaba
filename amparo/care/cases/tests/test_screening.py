"""Screening: ticked in any order, never a verdict, and what was signed stays and can be computed anew."""

import pytest
from django.db import ProgrammingError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import close_case, sign_assessment
from amparo.care.people.picklists import Age
from amparo.care.people.rules import describe_person
from amparo.care.screening import answers, indicators
from amparo.care.screening.determination import Known, Result
from amparo.care.screening.models import Assessment, Screening
from amparo.care.screening.rules import AnsweredElsewhere, answer
from amparo.care.screening.versions import KEPT
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

ALL_THREE = {"act.recruitment": "yes", "means.deception": "yes", "purpose.labour_exploitation": "yes"}


@pytest.fixture
def person(case):
    return case.persons[0]


def test_one_item_after_the_other_in_any_order(person, ana, now):
    for key in reversed(ALL_THREE):
        answer(person, {key: "yes"}, based_on=9, by=ana, now=now)
    assert Screening.objects.get().answers == ALL_THREE
    assert answers.result(ALL_THREE, Age.ADULT) == Result.POSSIBLE_VICTIM


@pytest.mark.parametrize("wrong", [{"act.dancing": "yes"}, {"act.recruitment": "perhaps"}])
def test_what_is_not_known_is_refused(person, ana, now, wrong):
    with pytest.raises(Refused):
        answer(person, wrong, by=ana, now=now)
    assert not Screening.objects.exists()


def test_the_same_item_answered_unseen_is_not_overwritten(team, person, ana, ines, now):
    answer(person, {"act.recruitment": "yes"}, by=ana, now=now)
    answer(person, {"act.transfer": "no"}, by=ines, now=now)
    with pytest.raises(AnsweredElsewhere):
        answer(person, {"act.recruitment": "no", "act.receipt": "yes"}, by=ines, now=now)
    assert Screening.objects.get().answers == {"act.recruitment": "yes", "act.transfer": "no"}


def test_an_empty_form_says_nothing_and_cannot_be_signed(person, ana, now):
    assert answers.result({}, Age.ADULT) == Result.INSUFFICIENT_INFORMATION
    with pytest.raises(Refused, match="says nothing"):
        sign_assessment(person, by=ana, now=now)


def test_what_is_signed_is_told_and_stays(case, person, ana, now):
    describe_person(person, age_at_events=17, age_certainty="sure", by=ana, now=now)
    answer(person, {"act.recruitment": "yes", "purpose.sexual": "yes"}, by=ana, now=now)
    first = sign_assessment(person, remark="invented words", by=ana, now=now)
    answer(person, {"purpose.sexual": "no", "purpose.ruled_out": "yes"}, based_on=9, by=ana, now=now)
    sign_assessment(person, by=ana, now=now)
    first.refresh_from_db()
    assert (first.result, first.answers["purpose.sexual"]) == (Result.POSSIBLE_VICTIM, "yes")
    assert [entry.about for entry in case.entries.filter(kind=EntryKind.ASSESSED).order_by("number")] == [
        Result.POSSIBLE_VICTIM, Result.NOT_INDICATED,
    ]  # fmt: skip


def test_nobody_changes_what_was_signed(person, ana, now):
    describe_person(person, age_at_events=30, age_certainty="sure", by=ana, now=now)
    answer(person, ALL_THREE, by=ana, now=now)
    signed = sign_assessment(person, by=ana, now=now)
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(ana.acting()):
        Assessment.objects.filter(pk=signed.pk).update(result=Result.NOT_INDICATED)
    assert Assessment.objects.get().result == Result.POSSIBLE_VICTIM


@given(
    given=some.dictionaries(some.sampled_from(sorted(answers.every_item())), some.sampled_from(Known.values)),
    age=some.sampled_from(Age),
    rule=some.sampled_from(list(KEPT.values())),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_assessment_is_computed_anew_by_its_rule_and_is_no_verdict(given, age, rule):
    signed = Assessment(answers=given, age=age, rule=rule.version, **rule.compute(given, age))
    assert signed.computed_anew == {"result": signed.result, "finding": signed.finding}
    assert signed.result in Result.values
    assert "actual" not in signed.result


@given(
    given=some.dictionaries(some.sampled_from(sorted(answers.every_item())), some.sampled_from(Known.values)),
    said=some.lists(some.sampled_from(["yes", "no", "unknown"]), min_size=3, max_size=9),
    age=some.sampled_from(Age),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_asking_what_is_asked_for_comes_to_an_end(given, said, age):
    """Whatever she answers, the same is never asked twice; and in the end there is nothing to ask."""
    asked: list[str] = []
    for turn in range(200):
        question = answers.next_question(given, age, age_was_asked=turn > 0)
        if question is None:
            return
        assert question.words not in asked
        asked.append(question.words)
        given = given | dict.fromkeys(asked_for(question), said[turn % len(said)])
    raise AssertionError("it asks for ever")


def asked_for(question: answers.Question) -> list[str]:
    """The items that a question is about: the first of its element, or the sign itself."""
    for which in answers.Element:
        if question.words == str(answers.QUESTIONS[which]):
            return [f"{which}.{answers.ITEMS[which].values[0]}"]
    return [sign.key for sign in indicators.by_key().values() if sign.local_label == question.words]


@pytest.mark.parametrize("age", Age)
def test_what_she_does_not_know_is_not_asked_again(age):
    did_not_know = {"act.recruitment": "unknown", "means.force": "no", "purpose.sexual": "unknown"}
    words = answers.next_question(did_not_know, age, age_was_asked=True).words
    assert words not in {str(it) for it in answers.QUESTIONS.values()}


def test_a_stranger_answers_nothing(person, stranger, now):
    with pytest.raises(Refused):
        answer(person, ALL_THREE, by=stranger, now=now)


def test_what_she_does_not_know_is_not_said_to_be_missing(case, person, ana):
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening"
    shown = client.post(where + "?language=en", {"act.recruitment": "unknown", "version": 0}).content.decode()
    assert ("Act: she does not know" in shown, "Purpose: missing" in shown) == (True, True)


def test_the_page_keeps_a_tick_and_says_what_is_missing(case, person, ana):
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening"
    shown = client.post(where + "?language=en", {"act.recruitment": "yes", "version": 0}).content.decode()
    assert "Act: known" in shown
    assert Screening.objects.get().answers == {"act.recruitment": "yes"}
    assert client.get(where).status_code == 200


def test_without_a_script_only_what_was_changed_is_sent_on(team, person, ana, ines, now):
    """A page that was loaded before a colleague ticked does not undo the colleague's tick."""
    client = Client()
    client.force_login(ines)
    answer(person, {"act.recruitment": "yes"}, by=ana, now=now)
    sent = {"was": "{}", "version": 0, "act.recruitment": "not_asked", "means.threat": "yes"}
    client.post(f"/cases/{team.pk}/people/{person.pk}/screening", sent)
    assert Screening.objects.get().answers == {"act.recruitment": "yes", "means.threat": "yes"}


def test_in_a_closed_case_nothing_is_signed(case, person, ana, now):
    answer(person, ALL_THREE, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    with pytest.raises(Refused):
        sign_assessment(person, by=ana, now=now)
