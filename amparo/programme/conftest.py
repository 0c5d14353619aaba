"""Fixtures that all rooms of this wing share."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from amparo.foundation.access.models import User, sessions
from amparo.foundation.core import published_documents
from amparo.foundation.core.dates import monday_of
from amparo.line.contacts.picklists import Type
from amparo.line.roster.cover import local_hour
from tests.contacts import record_contacts


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Tests compare sentences with the English message ids."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_published() -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    for folder in (settings.ENVIRONMENT.home / "published").glob("*"):
        published_documents.replace_documents(folder.name, {})


@pytest.fixture
def now(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """This moment, or as many days ago as a test says; then the clock of the pages says so too."""
    days = getattr(request, "param", 0)
    moment = timezone.now() - timedelta(days=days)
    if days:
        for clock, name in ((timezone, "now"), (sessions, "utc_now")):
            monkeypatch.setattr(clock, name, lambda: moment)
    return moment


@pytest.fixture
def midnight(now: datetime) -> datetime:
    """Of the Monday of this week: the weeks before it are whole."""
    return local_hour(monday_of(timezone.localdate(now)))


@pytest.fixture
def at() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def called(ana: User) -> Callable[..., None]:
    """Record that many closed contacts from a moment on, one each second, on one of the hotline's numbers."""

    def call(many: int, at: datetime, line: str = "", type: str = Type.INFORMATION, **more: str) -> None:
        record_contacts(ana, [at + timedelta(seconds=number) for number in range(many)], line=line, type=type, **more)

    return call
