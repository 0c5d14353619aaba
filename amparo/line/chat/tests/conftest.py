import uuid
from datetime import datetime

import pytest
from django.utils import translation

from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.line.chat import rules
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.roster.models import Seat, State
from amparo.line.roster.rules import take_seat
from amparo.line.switchboard.models import Language

WORDS = "invented words of nobody"


def at_work(user: User, now: datetime) -> None:
    """An operator on shift, with the console open."""
    take_seat(by=user, now=now)
    Seat.objects.filter(user=user).update(state=State.READY, seen_at=now)


@pytest.fixture(autouse=True)
def in_english():
    """Run in English, so that tests can compare sentences."""
    with translation.override("en"):
        yield


@pytest.fixture
def begin(db, now):
    """Begin a chat with a first message."""

    def begin(receipt: str | None = None, *, work: str | None = None, behind: float = 0.0, at: datetime = now) -> Chat:
        acting = acting_with(receipt or new_code())
        return rules.begin_chat(
            acting, WORDS, pk=uuid.uuid4(), language=Language.SPANISH, behind=behind, work=work, now=at
        )

    return begin


@pytest.fixture
def receipt() -> str:
    return new_code()


@pytest.fixture
def chat(begin, receipt) -> Chat:
    return begin(receipt)
