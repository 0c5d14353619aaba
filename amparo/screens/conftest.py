"""Fixtures that the tests of all screens share: invented people, the real hotline, a browser."""

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

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


@pytest.fixture
def switchboard(settings: Any, tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """The commands that the web process sends to a switchboard that accepts them all."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    received: list[dict[str, Any]] = []

    class Agree(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            received.append(json.loads(self.rfile.readline()))
            self.wfile.write(b"{}\n")

    with socketserver.UnixStreamServer(str(settings.ENVIRONMENT.control_socket), Agree) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield received
        server.shutdown()


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
