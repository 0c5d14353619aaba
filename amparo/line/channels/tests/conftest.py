import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from amparo.foundation.access.models import User
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import answer_in_channel
from amparo.line.channels.sms.channel import Sms
from amparo.line.channels.sms.tests.peer import PATH, SECRET, Gateway
from amparo.line.chat.models import Chat
from amparo.line.contacts.rules import take_chat

from .evening import EVENING, FROM_8_TO_12, say, writes


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.server.start()
    yield gateway
    gateway.server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, gateway) -> None:
    monkeypatch.setenv("AMPARO_SMS", f"http://127.0.0.1:{gateway.server.port}{PATH}")
    monkeypatch.setenv("AMPARO_SMS_SECRET", SECRET)


@pytest.fixture
def reply(ana: User) -> Callable[..., None]:
    """Ana answers the newest conversation, and the worker sends what may leave."""

    def reply(text: str, at: datetime, chat: Chat | None = None) -> None:
        answer_in_channel(chat or Chat.objects.latest("begun_at"), text, pk=uuid.uuid4(), by=ana, now=at)
        deliver(Sms(), at)

    return reply


@pytest.fixture
def chat(ana, gateway) -> Chat:
    """Ana has the conversation of a person who wrote in the evening; her card allows the morning from 8 to 12."""
    chat = writes(EVENING)
    contact = take_chat(chat, by=ana, now=EVENING)
    say(contact, ana, limits="yes", **FROM_8_TO_12)
    return Chat.objects.get()
