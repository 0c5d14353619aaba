"""Who answers an address that a stranger may bear sees so in the queue and in the conversation."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.line.channels.channel import Arrival
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.contacts.rules import take_chat

ADDRESS = "51900000123"
BADGE = "Sender not confirmed"


@pytest.fixture
def write(db):
    """Somebody writes from the address, or a stranger who bears it."""
    ids = iter(range(1000))

    def write(text: str, *, is_forged: bool) -> None:
        at = timezone.now() - timedelta(minutes=5)
        envelope = {"address": ADDRESS}
        take_in(Sms(), Arrival(str(next(ids)), ADDRESS, text, at, envelope, is_forged=is_forged), now=timezone.now())

    return write


@pytest.mark.parametrize("is_forged", [True, False])
def test_the_queue_and_the_conversation_say_it(write, console, ana, is_forged):
    write("invented words", is_forged=is_forged)
    chat = Chat.objects.get()
    assert (BADGE in console.get("/console/queue?language=en").content.decode()) == is_forged
    take_chat(chat, by=ana, now=timezone.now())
    assert (BADGE in console.get("/console/queue?language=en").content.decode()) == is_forged
    assert (BADGE in console.get(f"/chats/{chat.pk}/thread?language=en").content.decode()) == is_forged


@pytest.mark.parametrize("opted_out", [True, False])
def test_an_owner_who_asked_us_not_to_write_is_not_written_to_for_a_stranger(write, console, ana, opted_out):
    write("BAJA" if opted_out else "invented words", is_forged=False)
    write("words of a stranger", is_forged=True)
    chat = Chat.objects.exclude(claimed_sender=None).get()
    take_chat(chat, by=ana, now=timezone.now())
    shown = console.get(f"/chats/{chat.pk}/thread?language=en").content.decode()
    assert ("Asked us not to write" in shown) == opted_out
    console.post(f"/chats/{chat.pk}/write", {"text": "invented answer", "name": str(uuid.uuid4())})
    ours = ChatMessage.objects.filter(chat=chat, from_bearer=False)
    assert ours.count() == (0 if opted_out else 1)
