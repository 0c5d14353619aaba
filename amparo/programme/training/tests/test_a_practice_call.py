"""A trainee is called by an invented person, by real SIP and sound, and is scored and certified."""

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.demo.voices.callers import callers
from amparo.foundation.core.refusal import Refused
from amparo.programme.training.courses import courses
from amparo.programme.training.models import Practice
from amparo.programme.training.rules import begin_practice, finish_practice
from amparo.programme.training.sheet import ITEMS
from tests.hotline import hotline

from .called import practise

COURSE = courses()["first-call"]


@pytest.fixture(scope="module")
def played() -> dict:
    with hotline() as line:
        return line.do(practise)


def test_the_trainee_hears_all_that_the_invented_person_says(played):
    recordings = [f"{COURSE.caller}.{step.id}" for step in callers()[COURSE.caller].steps if step.recording]
    assert len(recordings) > 5
    assert played["heard"] == recordings


def test_the_call_is_seen_by_the_trainee_alone(played):
    assert played["seen"] == {"ana": True, "rufino": False, "marta": False}
    assert played["is_practice"]


def test_it_is_scored_by_what_a_call_shows_and_certifies_for_calls(played):
    assert set(played["met"]) == {item.name for item in ITEMS if not item.of_writing}
    assert (played["points"], played["passed"], played["queue"]) == (100, True, "calls")


def test_every_course_with_a_caller_has_their_voice():
    assert all(each.caller in callers() for each in courses().values() if each.caller)
    assert [each.code for each in courses().values() if not each.caller and not each.steps] == []


def test_it_is_not_scored_before_it_was_answered(ana, now):
    practice = begin_practice(COURSE, by=ana, now=now)
    assert practice.call is not None
    assert begin_practice(COURSE, by=ana, now=now + timedelta(minutes=1)) == practice
    with pytest.raises(Refused, match="First answer"):
        finish_practice(practice, by=ana, now=timezone.now())
    assert Practice.objects.get().is_open
