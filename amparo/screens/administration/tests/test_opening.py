"""From trial to real: what is missing is said, nobody ticks what the system checks, and two people open the line."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.core.refusal import Refused
from amparo.screens.administration import opening, readiness
from amparo.screens.administration.models import TOGETHER, Opening, Question

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def nothing_is_missing(monkeypatch) -> None:
    """A machine, a carrier and a roster that are ready: what the checks say of them is tested below."""
    monkeypatch.setattr(opening, "needs", lambda user, now: [])


def press(by, at=NOW, *, opens=True):
    return opening.press(opens=opens, by=by, now=at)


@pytest.mark.usefixtures("nothing_is_missing")
def test_two_people_of_two_roles_open_the_line_and_close_it(stranger, marta):
    press(stranger)
    assert not opening.is_open()
    with pytest.raises(Refused):
        press(stranger)  # one person twice
    done = press(marta, NOW + timedelta(minutes=9))
    assert (opening.is_open(), done.first, done.second) == (True, stranger, marta)
    with pytest.raises(Refused):
        press(marta)  # it is open already
    press(marta, NOW + timedelta(days=1), opens=False)
    assert opening.is_open()
    press(stranger, NOW + timedelta(days=1), opens=False)
    assert not opening.is_open()


@pytest.mark.usefixtures("nothing_is_missing")
def test_a_second_person_after_ten_minutes_begins_anew(stranger, marta):
    press(stranger)
    press(marta, NOW + TOGETHER + timedelta(seconds=1))
    assert not opening.is_open()
    assert Opening.objects.count() == 2


@pytest.mark.usefixtures("nothing_is_missing")
def test_two_of_one_role_do_not_open_it(marta):
    other = User.objects.create(username="otra", role=Role.SUPERVISOR, agency_id=HOTLINE)
    press(marta)
    with pytest.raises(Refused):
        press(other)
    assert not opening.is_open()


def test_with_something_missing_it_is_not_opened(stranger, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=True)
    with pytest.raises(Refused):
        press(stranger)
    assert not Opening.objects.exists()


def test_each_sees_a_half_and_nobody_ticks_what_the_system_checks(stranger, marta, ines):
    for who in (stranger, marta):
        found = readiness.needs(who, NOW)
        assert sum(need.is_met is None for need in found) == 1
        assert {need.question for need in found if need.question} == set(Question)
    with pytest.raises(Refused):
        opening.state("backup", is_settled=True, by=stranger, now=NOW)
    with pytest.raises(Refused):
        opening.state(Question.LAWYER, is_settled=True, by=ines, now=NOW)


def test_a_question_is_settled_and_taken_back_by_name(stranger):
    def settled() -> list[str]:
        return [str(need.statement.by) for need in readiness.needs(stranger, NOW) if need.statement]

    opening.state(Question.LAWYER, is_settled=True, by=stranger, now=NOW)
    assert settled() == [str(stranger)]
    opening.state(Question.LAWYER, is_settled=False, by=stranger, now=NOW)
    assert settled() == []


def test_a_roster_with_a_gap_and_no_test_call_is_missing(marta):
    missing = [need for need in readiness.needs(marta, NOW) if need.is_missing and not need.question]
    assert [need.page for need in missing] == ["roster", "console"]


def test_the_page_says_what_is_missing_and_refuses_in_a_sentence(stranger, ines):
    client = Client()
    client.force_login(stranger)
    page = client.get("/ready?language=en").content.decode()
    assert "This is the demonstration" in page
    answer = client.post("/ready/open?language=en")
    assert answer.status_code == 422
    assert "missing. See to" in answer.content.decode()
    client.post("/ready/lawyer/state", {"settled": "1"})
    assert "Take it back: A lawyer" in client.get("/ready?language=en").content.decode()
    client.force_login(ines)
    assert client.get("/ready").status_code == 404
