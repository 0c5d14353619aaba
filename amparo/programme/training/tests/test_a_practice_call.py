"""A trainee is called by an invented person, by real SIP and sound, and is scored and certified."""

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.core.refusal import Refused
from amparo.line.practice_phone.voices.callers import check_recordings
from amparo.programme.training.courses import VOICES, courses
from amparo.programme.training.models import Practice
from amparo.programme.training.rules import begin_practice, finish_practice
from amparo.programme.training.sheet import ITEMS
from tests.hotline import hotline

from .called import practise
from .conftest import pass_quiz

COURSE = courses()["first-call"]


@pytest.fixture(scope="module")
def played() -> dict:
    with hotline() as line:
        return line.do(practise)


def test_the_invented_person_reacts_to_notes_to_silence_and_to_a_voice(played):
    """`called` waits until the trainee's telephone has heard each of these lines to its end."""
    assert played["path"] == [
        ["start", ""], ["offer", "noted"], ["bar", "else"], ["age", "noted"], ["there", "silent"], ["wish", "else"],
        ["thanks", "else"],
    ]  # fmt: skip


def test_the_call_is_seen_by_the_trainee_alone(played):
    assert played["seen"] == {"ana": True, "rufino": False, "marta": False}
    assert played["is_practice"]


def test_it_is_scored_by_what_a_call_shows_and_certifies_for_calls(played):
    assert set(played["met"]) == {item.name for item in ITEMS if not item.of_writing}
    assert (played["points"], played["passed"], played["queue"]) == (100, True, "calls")


def test_six_invented_people_call_in_spanish_with_voices():
    calls = [each for each in courses().values() if each.caller]
    assert len({each.persona for each in calls}) == 6
    for course in calls:
        assert "inventad" in course.persona
        assert course.language == "es"
        assert [line for line in course.lines if not course.sound(line)] == []
        signals = {branch.signal for step in course.steps.values() for branch in step.branches}
        assert signals >= {"noted", "silent", "long", "else"}
    assert courses()["first-chat"].caller == ""


def test_every_recording_of_practice_calls_is_complete():
    assert check_recordings(VOICES) == []


def test_it_is_not_scored_before_it_was_answered(ana, now):
    pass_quiz(ana, now)
    practice = begin_practice(COURSE, by=ana, now=now)
    assert practice.call is not None
    assert begin_practice(COURSE, by=ana, now=now + timedelta(minutes=1)) == practice
    with pytest.raises(Refused, match="First answer"):
        finish_practice(practice, by=ana, now=timezone.now())
    assert Practice.objects.get().is_open
