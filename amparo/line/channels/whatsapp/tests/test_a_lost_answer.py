"""The provider takes a message, and its answer to us is lost. Its receipt repeats our id, so nothing is doubled."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.line.channels import delivery
from amparo.line.channels.rules import answer_in_channel
from amparo.line.channels.whatsapp.channel import Whatsapp
from amparo.line.chat.models import ChatMessage, Delivery
from amparo.line.contacts.rules import take_chat

from .provider import message, post, post_of
from .test_writing_by_whatsapp import HER, chat, line, provider

__all__ = ["chat", "line", "provider"]


@pytest.fixture
def replied(chat, ana) -> datetime:
    """When Ana answered; nothing is sent yet."""
    now = timezone.now()
    take_chat(chat, by=ana, now=now)
    answer_in_channel(chat, "an answer", pk=uuid.uuid4(), by=ana, now=now)
    return now


def deliver(at: datetime) -> None:
    delivery.deliver(Whatsapp(), at)


def ours() -> str:
    return str(ChatMessage.objects.get(by__isnull=False).delivery)


@pytest.mark.parametrize("kill", [False, True])
def test_a_receipt_says_that_it_was_taken_and_it_is_not_sent_again(replied, provider, minute, monkeypatch, kill):
    if kill:
        with monkeypatch.context() as killed:
            killed.setattr(delivery, "_record_answer", die)
            with pytest.raises(KeyboardInterrupt):
                deliver(replied)
    else:
        provider.hangs_up = True
        deliver(replied)
        provider.hangs_up = False
    assert (len(provider.sent), ours()) == (2, Delivery.PENDING)
    deliver(replied + timedelta(minutes=1))  # the receipt may be read after this
    provider.receipt(1, "sent")
    minute()
    deliver(replied + timedelta(minutes=4))
    assert (len(provider.sent), ours()) == (2, Delivery.SENT)


def die(*_sent: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("lost", [{"hangs_up": True}, {"status_after_taking": 502}, {"status_after_taking": 504}])
def test_without_a_receipt_it_is_sent_again_and_in_the_end_the_thread_says_that_nobody_knows(
    replied, provider, minute, lost
):
    vars(provider).update(lost)
    for minutes, times in ((0, 1), (2, 1), (4, 2), (63, 2), (66, 3), (67, 3), (200, 3)):
        deliver(replied + timedelta(minutes=minutes))
        assert len(provider.sent) == 1 + times
    assert (ours(), len({each["biz_opaque_callback_data"] for each in provider.sent[1:]})) == (Delivery.UNCLEAR, 1)
    provider.receipt(3, "delivered")
    minute()
    assert ours() == Delivery.ARRIVED


def test_an_error_of_the_provider_holds_up_no_other_conversation(replied, provider, minute):
    provider.status_after_taking = 502
    post(post_of(message("51900000789", "invented words", "wamid.other")))
    minute()
    assert [each["to"] for each in provider.sent[1:]] == [HER, "51900000789"]


def test_control_a_provider_that_is_not_there_took_nothing_and_is_asked_each_minute(replied, provider):
    provider.server.stop()
    for minutes in range(90):
        deliver(replied + timedelta(minutes=minutes))
    provider.server.start()
    deliver(replied + timedelta(minutes=90))
    assert (len(provider.sent), ours()) == (2, Delivery.SENT)
