"""How people heard of us is asked after safety, never before; "not asked" and "does not know" are two answers."""

import pytest

from amparo.line.contacts.fields import FieldRefused


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
