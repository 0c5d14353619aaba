"""Fixtures that the tests of all screens share: invented people, the real hotline, a browser."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from amparo.foundation.access.models import Role, User
from amparo.line.roster.models import Seat, State
from amparo.line.roster.rules import take_seat
from tests.browser import chromium
from tests.hotline import Hotline, hotline


def at_work(username: str, name: str) -> User:
    user = User.objects.create(username=username, first_name=name, role=Role.OPERATOR)
    take_seat(by=user, now=timezone.now())
    Seat.objects.filter(user=user).update(state=State.READY, seen_at=timezone.now())
    return user


@pytest.fixture
def ana(db: None) -> User:
    """An operator who is ready, with the console open."""
    return at_work("ana", "Ana F.")


@pytest.fixture
def rufino(ana: User) -> User:
    return at_work("rufino", "Rufino E.")


@pytest.fixture
def console(ana: User) -> Client:
    """Ana's browser, sending requests as a script of the page does."""
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(ana)
    return client


@pytest.fixture(scope="session")
def line() -> Iterator[Hotline]:
    """The real hotline, started once for all browser tests."""
    with hotline() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: while it runs, no test of this process may use the database directly."""
    with chromium() as running:
        yield running
