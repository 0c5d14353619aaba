"""Before an answer is written, the page of a conversation says when it leaves: the safe hours hold in writing, too."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.line.channels.channel import Arrival
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage, Delivery
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import save_draft, take_chat

ADDRESS = "51900000123"


@pytest.fixture
def opens() -> datetime:
    return timezone.localtime() + timedelta(hours=2)


BY_FORM = {"Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def thread(console, ana, opens):
    """Ana has the conversation of a person who wrote so long ago, whose safe hours begin in two hours, and wrote an
    answer. What the page shows.
    """

    def thread(wrote: timedelta, **card: str) -> str:
        now = timezone.now()
        hours = {"safe_from": f"{opens:%H:%M}", "safe_to": f"{opens + timedelta(hours=1):%H:%M}"}
        take_in(Sms(), Arrival("1", ADDRESS, "invented words", now - wrote, {"address": ADDRESS}), now=now - wrote)
        with acting_as(WORKER):
            ChatMessage.objects.filter(automatic=True).update(delivery=Delivery.SENT, delivered_at=now)
        take_chat(Chat.objects.get(), by=ana, now=now)
        given = {"limits": "yes", **hours, **card}
        contact = Contact.objects.get()
        save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=given, by=ana, now=now)
        console.post(f"/chats/{contact.chat_id}/write", {"text": "invented answer", "name": str(uuid.uuid4())})
        return console.get(f"/chats/{contact.chat_id}/thread?language=en").content.decode()

    return thread


def test_it_says_from_when_an_answer_leaves_and_that_the_last_one_waits(thread, opens):
    shown = thread(wrote=timedelta(hours=1))
    assert f"your answer waits and leaves on {opens:%d/%m/%Y} {opens:%H:%M}" in shown
    assert "waits for the safe hours" in shown
    assert "Your answer is sent" not in shown


def test_it_says_until_when_somebody_who_has_just_written_is_answered_at_once(thread):
    shown = thread(wrote=timedelta(minutes=1))
    until = timezone.localtime(Chat.objects.get().seen_at) + timedelta(minutes=15)
    assert f"until {until:%H:%M} your answer leaves at once" in shown
    assert "waits for the safe hours" not in shown


def test_at_any_hour_it_says_nothing_of_hours(thread):
    shown = thread(wrote=timedelta(hours=1), safe_any_hour="yes")
    assert ("safe hours" in shown, "Your answer is sent" in shown) == (False, True)


def test_hours_that_begin_and_end_at_once_are_to_be_corrected(thread):
    assert "correct the card" in thread(wrote=timedelta(hours=1), safe_from="08:00", safe_to="08:00")


def test_an_answer_that_waits_is_not_sent_at_the_press_of_a_button_that_is_gone_afterwards(thread, console):
    assert "Do not send it" in thread(wrote=timedelta(hours=1))
    chat, waiting = Chat.objects.get(), ChatMessage.objects.get(by__isnull=False)
    contact = f"/contacts/{Contact.objects.get().pk}?language=en"
    assert "An answer still waits to be sent" in console.get(contact).content.decode()
    pressed = console.post(f"/chats/{chat.pk}/messages/{waiting.pk}/take-back")
    assert pressed.status_code == 204
    shown = console.get(f"/console?chat={chat.pk}&language=en").content.decode()
    assert ("not sent: it was taken back" in shown, "Do not send it" in shown) == (True, False)
    assert "An answer still waits to be sent" not in console.get(contact).content.decode()


def test_an_answer_that_has_left_has_no_such_button_and_a_late_press_says_why(thread, console):
    thread(wrote=timedelta(hours=1))
    chat, waiting = Chat.objects.get(), ChatMessage.objects.get(by__isnull=False)
    with acting_as(WORKER):
        ChatMessage.objects.filter(pk=waiting.pk).update(delivery=Delivery.SENT, delivered_at=timezone.now())
    assert "Do not send it" not in console.get(f"/chats/{chat.pk}/thread?language=en").content.decode()
    pressed = console.post(f"/chats/{chat.pk}/messages/{waiting.pk}/take-back?language=en", headers=BY_FORM)
    assert (pressed.status_code, "too late to take it back" in pressed.content.decode()) == (422, True)
