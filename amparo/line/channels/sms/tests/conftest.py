from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.utils import timezone, translation

from amparo.foundation.access.models import User
from amparo.line.channels import tasks
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import written_channels
from amparo.line.roster.rules import take_seat

from .. import channel
from .centre import MessageCentre

HER = "51900000123"
WORDS = "palabras inventadas"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ana(db, now) -> User:
    user = User.objects.create(username="ana", first_name="Ana F.")
    take_seat(by=user, now=now)
    return user


@pytest.fixture
def centre() -> Iterator[MessageCentre]:
    server = MessageCentre()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, centre) -> None:
    """A line with text messages."""
    for name, value in {
        "": f"smpp://127.0.0.1:{centre.port}", "_NUMBER": "1818", "_USER": "amparo", "_PASSWORD": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_SMS{name}", value)
    monkeypatch.setattr(channel, "QUIET", 1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def minute(db) -> Callable[[], None]:
    """What the worker does each minute."""

    def minute() -> None:
        tasks.receive_all(timezone.now())
        deliver(written_channels(), timezone.now())

    return minute
