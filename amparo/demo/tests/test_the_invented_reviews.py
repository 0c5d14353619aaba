"""Two invented supervisors have reviewed enough that the page of quality shows how far they agree."""

import uuid
from datetime import datetime, timedelta
from statistics import fmean

import pytest
from django.test import Client
from django.utils import timezone

from amparo.demo import people
from amparo.demo.history.reviews import WEEKS, review_weeks
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.contacts.rules import open_contact, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rules import agreement_by_item
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call, State


def talk(by: User, at: datetime) -> None:
    call = Call.objects.create(arrived_at=at, answered_at=at, state=State.TALKING, operators=[by.pk])
    contact = open_contact(call, by=by, now=at)
    wrap_up(contact, type="information", key=uuid.uuid4(), by=by, now=at + timedelta(minutes=9))


@pytest.fixture
def reviewed(db) -> User:
    """Two conversations a week of each operator, reviewed as in the demonstration."""
    people.invent_people()
    found, now = {user.username: user for user in User.objects.filter(is_invented=True)}, timezone.now()
    monday = local_hour(monday_of(timezone.localdate(now)))
    for back in range(1, WEEKS + 1):
        for name in ("ana", "rufino"):
            for hours in (10, 40):
                talk(found[name], monday - timedelta(weeks=back) + timedelta(hours=hours))
    review_weeks(found, now)
    return found["marta"]


def test_every_line_of_the_sheet_has_both_kappas(reviewed):
    with acting_as(reviewed.acting()):
        found = agreement_by_item()
    for each in found:
        assert each.kappa is not None, each.item.name
        assert each.weighted is not None, each.item.name
        assert each.kappa.pairs == 2 * (WEEKS - 1)
    assert 0 < fmean(each.kappa.value for each in found) < 1  # of one line, sixteen drawn pairs may agree by chance
    client = Client()
    client.force_login(reviewed)
    page = client.get("/quality").content.decode()
    assert '<svg class="chart agreement"' in page
    assert "aún no hay suficientes" not in page


def test_the_last_week_leaves_something_to_review_and_to_answer(reviewed):
    with acting_as(reviewed.acting()):
        assert Sample.objects.to_review(reviewed).exists()
        assert Sample.objects.filter(ready_at__isnull=False, answer=None).exists()
