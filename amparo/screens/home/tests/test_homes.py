"""Everybody's home says what waits for them and how to go on; it shows nothing of files that are not theirs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import open_case
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from amparo.screens.home.homes import SOON, Home, Row, home_of

from .test_navigation import everybody

NOW = timezone.now()


def home(user: User) -> Home:
    with acting_as(user.acting()):
        return home_of(user, NOW)


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get("/home")
    assert answer.status_code == 200, user.username
    return answer.content.decode()


@pytest.fixture
def late_case(ana):
    """A case of Ana's whose next task is late."""
    then = NOW - timedelta(days=40)
    call = Call.objects.create(arrived_at=then, answered_at=then, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=then), by=ana, now=then)


@pytest.mark.django_db
def test_every_home_opens_and_says_how_to_begin():
    for user in everybody():
        text = page(user)
        found = home(user)
        assert len(found.numbers) in (0, 3), user.username
        if found.numbers:
            assert '<div class="empty">' in text, user.username


def test_a_late_case_stands_first_and_says_why(ana, late_case):
    found = home(ana)
    [row] = found.rows
    assert row.address == f"/cases/{late_case.pk}"
    assert late_case.code in row.why
    assert [section.label for section in found.sections(NOW)] == ["Ahora"]
    assert f'href="/cases/{late_case.pk}"' in page(ana)


def test_a_supervisor_sees_the_late_cases_of_everybody(marta, late_case):
    assert [row.address for row in home(marta).rows] == [f"/cases/{late_case.pk}"]
    assert home(marta).numbers[2].value == 1


def test_somebody_elses_case_is_on_no_other_home(rufino, late_case):
    ines = User.objects.create(username="ines", role=Role.CASE_WORKER)
    for user in (rufino, ines):
        assert late_case.code not in page(user)
        assert home(user).rows == []


def test_the_list_is_in_the_order_of_its_deadlines():
    due = [NOW + timedelta(days=3), NOW + SOON / 2, NOW - timedelta(hours=1)]
    rows = [Row(str(at), "", "/", "", at) for at in due] + [Row("someday", "", "/", "")]
    sections = Home(rows=rows).sections(NOW)
    assert [row.due for section in sections for row in section.rows] == [*sorted(due), None]
    assert [len(section.rows) for section in sections] == [2, 1, 1]
