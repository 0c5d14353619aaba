"""What the tests of every provider share: who answers, and what the worker does each minute."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.utils import timezone, translation

from amparo.foundation.access.models import User
from amparo.line.channels import tasks
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import written_channels
from amparo.line.roster.rules import take_seat


@pytest.fixture
def ana(db: None, now: datetime) -> User:
    user = User.objects.create(username="ana", first_name="Ana F.")
    take_seat(by=user, now=now)
    return user


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def minute(db: None) -> Callable[[], None]:
    """What the worker does each minute."""

    def minute() -> None:
        for channel in written_channels():
            tasks.receive_from(channel, timezone.now())
            deliver(channel, timezone.now())

    return minute
