"""Screening: ticked in any order, never a verdict, and what was signed stays and can be computed anew."""

import pytest
from django.db import ProgrammingError
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import close_case, sign_assessment
from amparo.care.people.picklists import Age
from amparo.care.people.rules import describe_person
from amparo.care.screening import answers, questions
from amparo.care.screening.models import Assessment, Screening
from amparo.care.screening.picklists import Answer, Result
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
    assert answers.legal_result(ALL_THREE, Age.ADULT) == Result.POSSIBLE_VICTIM


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
    assert answers.legal_result({}, Age.ADULT) == Result.INSUFFICIENT_INFORMATION
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
    given=some.dictionaries(some.sampled_from(sorted(answers.item_keys())), some.sampled_from(Answer.values)),
    age=some.sampled_from(Age),
    rule=some.sampled_from(list(KEPT.values())),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_assessment_is_computed_anew_by_its_rule_and_is_no_verdict(given, age, rule):
    signed = Assessment(answers=given, age=age, rule=rule.version, **rule.compute(given, age))
    assert signed.recomputed == {"result": signed.result, "finding": signed.finding}
    assert signed.result in Result.values
    assert "actual" not in signed.result


@given(
    given=some.dictionaries(some.sampled_from(sorted(answers.item_keys())), some.sampled_from(Answer.values)),
    replies=some.lists(some.sampled_from(["yes", "no", "unknown"]), min_size=3, max_size=9),
    age=some.sampled_from(Age),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_conversation_comes_to_an_end(given, replies, age):
    """Whatever she answers, the same is never asked twice; and in the end there is nothing to ask."""
    keys: list[str] = []
    for turn in range(200):
        question = questions.next_question(given, age, age_was_asked=turn > 0)
        if question is None:
            return
        assert question.key not in keys
        keys.append(question.key)
        if question.key != questions.AGE:
            given = given | {question.key: replies[turn % len(replies)]}
    raise AssertionError("it asks for ever")


@pytest.mark.parametrize("age", Age)
def test_an_element_that_is_known_is_not_asked_again(age):
    """One yes is enough; after a "no" or "does not know" the next item of the element is asked."""
    yes = {"act.recruitment": "yes", "means.force": "yes"}
    assert questions.next_question(yes, age, age_was_asked=True).key == "purpose.sexual"
    no = {"act.recruitment": "no", "act.transportation": "unknown"}
    assert questions.next_question(no, age, age_was_asked=True).key == "act.transfer"


def test_the_means_are_asked_of_an_adult_alone():
    given = {"act.recruitment": "yes", "purpose.sexual": "yes"}
    following = {age: questions.next_question(given, age, age_was_asked=True).element for age in (Age.CHILD, Age.ADULT)}
    assert following[Age.ADULT] == "means"
    assert questions.next_question(given, Age.CHILD, age_was_asked=True).dimension is not None


def test_every_item_but_ruled_out_has_a_question_in_both_languages():
    with_question = {key for key in answers.item_keys() if questions.has_question(key)}
    assert {key.split(".")[1] for key in answers.item_keys() - with_question} == {"ruled_out"}
    for language in ("es", "en"):
        with override(language):
            assert len({questions.question_text(key) for key in with_question}) == len(with_question)


def test_a_stranger_answers_nothing(person, stranger, now):
    with pytest.raises(Refused):
        answer(person, ALL_THREE, by=stranger, now=now)


def test_what_she_does_not_know_is_not_said_to_be_missing(case, person, ana):
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening/signs"
    shown = client.post(where + "?language=en", {"act.recruitment": "unknown", "version": 0}).content.decode()
    assert ("Act: the person does not know" in shown, "Purpose: missing" in shown) == (True, True)


def test_the_page_keeps_a_tick_and_says_what_is_missing(case, person, ana):
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening/signs"
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
    client.post(f"/cases/{team.pk}/people/{person.pk}/screening/signs", sent)
    assert Screening.objects.get().answers == {"act.recruitment": "yes", "means.threat": "yes"}


@pytest.fixture
def conversation(case, person, ana):
    """Post to the conversation as its script does, and return the part that comes back."""
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}/screening?language=en"
    return lambda **sent: client.post(where, {"version": "0", **sent}).content.decode()


def test_an_answer_brings_the_next_question(person, conversation, ana, now):
    describe_person(person, age_at_events=30, age_certainty="sure", by=ana, now=now)
    shown = conversation(**{"act.recruitment": "yes"})
    assert "What do they ask you" not in shown  # the act is known; the means come before the purpose
    assert 'name="means.force" value="yes"' in shown
    assert Screening.objects.get().answers == {"act.recruitment": "yes"}


def test_a_question_left_for_later_is_no_answer_and_comes_no_more(person, conversation, ana, now):
    describe_person(person, age_at_events=30, age_certainty="sure", by=ana, now=now)
    shown = conversation(leave="act.recruitment", later="act.transportation")
    assert 'name="later" value="act.transportation act.recruitment"' in shown
    assert 'name="act.transfer" value="yes"' in shown
    assert Screening.objects.get().answers == {}


def test_an_answer_can_be_changed_and_taken_back(person, conversation, ana, now):
    answer(person, {"act.recruitment": "yes"}, by=ana, now=now)
    again = conversation(again="act.recruitment", version="1")
    assert 'name="act.recruitment" value="yes" data-answer="yes" data-press="1" aria-pressed="true"' in again
    conversation(leave="act.recruitment", version="1")
    assert Screening.objects.get().answers == {"act.recruitment": "not_asked"}


def test_what_is_no_question_is_ignored(conversation):
    assert 'id="question"' in conversation(leave="act.dancing", later="x y", again="<b>")


def test_no_strength_is_shown_where_ilo_s_list_is_not_shipped(person, conversation, ana, now):
    describe_person(person, age_at_events=15, age_certainty="sure", by=ana, now=now)
    shown = conversation(**{"act.recruitment": "yes", "purpose.sexual": "yes"})
    assert "its signs are asked without a strength" in shown
    assert "<span>Strong</span>" not in shown
    signed = conversation(**{"coercive_recruitment.violence_victim": "yes", "version": "1"})
    assert "Strongest sign" not in signed
    labour = conversation(**{"purpose.sexual": "no", "purpose.forced_labour": "yes", "version": "2"})
    assert "<span>Strong</span>" in labour  # the control
    assert "Strongest sign" in labour
    assert "By ILO's signs of labour exploitation of a child" in labour


def test_the_page_of_all_signs_says_which_lists_of_ilo_it_has(case, person, ana, now):
    client = Client()
    client.force_login(ana)
    answer(person, {"act.recruitment": "yes", "purpose.sexual": "yes"}, by=ana, now=now)
    shown = client.get(f"/cases/{case.pk}/people/{person.pk}/screening/signs?language=en").content.decode()
    assert "Its two lists for sexual exploitation are not in Amparo" in shown
    assert "its signs are asked without a strength" in shown


def test_in_a_closed_case_nothing_is_signed(case, person, ana, now):
    answer(person, ALL_THREE, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    with pytest.raises(Refused):
        sign_assessment(person, by=ana, now=now)
