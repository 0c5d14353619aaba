import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import ask_for_review, review
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call, State

MARKS = dict.fromkeys(NAMES, "3")


@pytest.fixture
def monday(now) -> datetime:
    """The start of the last full week."""
    return local_hour(monday_of(timezone.localdate(now)) - timedelta(days=7))


@pytest.fixture
def nelly(db) -> User:
    return User.objects.create(username="nelly", first_name="Nelly C.", role=Role.SUPERVISOR)


@pytest.fixture
def talk(monday) -> Callable[..., Contact]:
    """Have somebody answer a call of the last full week, and wrap it up."""

    def talk(by: User, hours: float = 10, *, danger: bool = False) -> Contact:
        at = monday + timedelta(hours=hours)
        call = Call.objects.create(arrived_at=at, answered_at=at, state=State.TALKING, operators=[by.pk], danger=danger)
        contact = open_contact(call, by=by, now=at)
        return wrap_up(contact, type="information", key=uuid.uuid4(), by=by, now=at + timedelta(minutes=9))

    return talk


@pytest.fixture
def sample(talk, ana, now) -> Sample:
    """A conversation that Ana wants reviewed."""
    contact = talk(ana)
    ask_for_review(contact, by=ana, now=now)
    with acting_as(ana.acting()):
        return Sample.objects.get(contact=contact)


@pytest.fixture
def reviewed(sample, marta, now) -> Sample:
    review(sample, MARKS, "Listened well.", by=marta, now=now)
    return sample
