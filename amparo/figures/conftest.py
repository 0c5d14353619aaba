"""Fixtures that all rooms of this wing share: two publishers, and contacts within one quarter."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from amparo.figures.publishing import published_file
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.rules import newest_countable
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import State, Type
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call

NOW = timezone.now()  # real time, because the database checks with its own clock that the quarter is over
IN_THE_QUARTER = newest_countable(NOW).ends - timedelta(days=40)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Tests compare sentences with the English message ids."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def no_published_file() -> Iterator[None]:
    published_file.place().unlink(missing_ok=True)
    yield
    published_file.place().unlink(missing_ok=True)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def quarter() -> Quarter:
    return newest_countable(NOW)


@pytest.fixture
def bruno(db: None) -> User:
    return User.objects.create(username="bruno", first_name="Bruno S.", role=Role.PUBLISHER)


@pytest.fixture
def called(ana: User) -> Callable[..., None]:
    """Record that many contacts, from one place, all wrapped up."""

    def call(many: int, ubigeo: str = "", type: str = Type.CRISIS, at: datetime = IN_THE_QUARTER, **more: str) -> None:
        for number in range(many):
            call = Call.objects.create(arrived_at=at, answered_at=at, operators=[ana.pk])
            contact = open_contact(call, by=ana, now=at + timedelta(seconds=number))
            about = {"state": State.WRAPPED, "type": type, "ubigeo": ubigeo, "ended": at + timedelta(hours=1), **more}
            with acting_as(ana.acting()):
                Contact.objects.filter(pk=contact.pk).update(**about)

    return call
