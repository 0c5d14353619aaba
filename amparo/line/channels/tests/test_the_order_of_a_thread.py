"""In a thread each message stands where it belongs, even if it reached us in the same moment as another."""

import uuid
from datetime import timedelta

from amparo.line.channels.channel import Arrival
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat

from .evening import EVENING, HER


def test_the_automatic_answer_stands_below_the_message_that_it_answers_and_above_the_next(db):
    """The provider's clock is ahead of ours, or the message came while the worker was looking."""
    for number in range(12):
        address = f"{HER}{number}"
        for text in ("first", "second"):
            arrival = Arrival(uuid.uuid4().hex, address, text, EVENING + timedelta(seconds=1), {"address": address})
            take_in(Sms(), arrival, now=EVENING)
    order = [[message.from_bearer for message in chat.messages.all()] for chat in Chat.objects.all()]
    assert order == [[True, False, True]] * 12
