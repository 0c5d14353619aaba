"""How people heard of us is asked after safety, never before; "not asked" and "does not know" are two answers."""

import pytest
from django.db import ProgrammingError

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.fields import FieldRefused
from amparo.line.contacts.models import CodeWord


@pytest.mark.parametrize("answer", ["radio", "not_known"])
def test_an_answer_before_the_question_about_safety_is_refused(write, fresh, answer):
    with pytest.raises(FieldRefused) as refusal:
        write(heard_of_us=answer)
    assert refusal.value.field == "heard_of_us"
    assert fresh().heard_of_us == ""


@pytest.mark.parametrize("safety", ["yes", "no"])
def test_an_answer_after_the_question_about_safety_is_kept(write, fresh, safety):
    write(safe_to_talk=safety)
    write(heard_of_us="poster")
    assert fresh().heard_of_us == "poster"


def test_not_asked_and_does_not_know_are_kept_apart(write, fresh):
    write(heard_of_us="not_asked")
    assert fresh().heard_of_us == "not_asked"
    write(safe_to_talk="yes", heard_of_us="not_known")
    assert fresh().heard_of_us == "not_known"


@pytest.fixture
def code_word(db):
    officer = User.objects.create(username="carla", role=Role.CAMPAIGN_OFFICER)
    with acting_as(officer.acting()):
        return CodeWord.objects.create(word="TERMINAL")


def test_a_code_word_is_one_of_the_campaigns_and_never_other_text(write, fresh, code_word):
    with pytest.raises(FieldRefused) as refusal:
        write(safe_to_talk="yes", heard_code="Rosa")
    assert (refusal.value.field, fresh().heard_code) == ("heard_code", "")
    write(safe_to_talk="yes", heard_code="TERMINAL")
    assert fresh().heard_code == "TERMINAL"


def test_a_code_word_before_the_question_about_safety_is_refused(write, fresh, code_word):
    with pytest.raises(FieldRefused) as refusal:
        write(heard_code="TERMINAL")
    assert (refusal.value.field, fresh().heard_code) == ("heard_code", "")


def test_operators_add_no_code_word(ana, contact):
    with pytest.raises(ProgrammingError), acting_as(ana.acting()):
        CodeWord.objects.create(word="ROSA")
