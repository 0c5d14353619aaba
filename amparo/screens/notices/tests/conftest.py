"""A line with e-mail and text messages, at servers of the tests, and people of it who can be reached."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.channels.email.tests.servers import ADDRESS, PASSWORD, Relay
from amparo.line.channels.sms.tests.peer import PATH, SECRET, Gateway
from amparo.line.roster.shift_rules import plan_shift

from .. import ladder, rules, sending
from ..finding import Look
from ..models import NoticeAddress, Route

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)  # ten in the morning in Lima, a Wednesday
MOBILE = "+51900000321"
MAILBOX = "{}@personal.example"


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.server.start()
    yield gateway
    gateway.server.stop()


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, relay: Relay, gateway: Gateway) -> None:
    for name, value in {
        "EMAIL": ADDRESS, "EMAIL_PASSWORD": PASSWORD, "EMAIL_IMAP": "imap://127.0.0.1:1",
        "EMAIL_SMTP": f"smtp://127.0.0.1:{relay.port}",
        "SMS": f"http://127.0.0.1:{gateway.server.port}{PATH}", "SMS_SECRET": SECRET,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_{name}", value)


@pytest.fixture
def reach(line: None) -> Callable[..., None]:
    """Somebody gives an address and confirms it."""

    def reach(user: User, route: Route = Route.EMAIL, address: str = "", now: datetime = NOW) -> None:
        typed = address or (MOBILE if route == Route.SMS else MAILBOX.format(user.username))
        rules.give_address(route, typed, by=user, now=now - timedelta(hours=3))
        assert rules.confirm_address(route, code_of(user, route), by=user, now=now - timedelta(hours=3))

    return reach


@pytest.fixture
def on_shift(marta: User) -> Callable[[User], None]:
    def on_shift(user: User) -> None:
        plan_shift(user, NOW - timedelta(hours=2), NOW + timedelta(hours=5), by=marta)

    return on_shift


def code_of(user: User, route: Route) -> str:
    with acting_as(user.acting()):
        row = NoticeAddress.objects.get(user=user, route=route)
        assert row.code is not None
        return str(row.code)


def note(look: Look) -> None:
    for is_danger in (True, False):
        ladder.note_events(look, is_danger=is_danger)


def minute(now: datetime) -> None:
    """What the worker does each minute, with a machine that is well."""
    for is_danger in (True, False):
        ladder.note_events(Look(now, []), is_danger=is_danger)
        ladder.notify_people(now)
    sending.send_pending(now)


def words_in(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
