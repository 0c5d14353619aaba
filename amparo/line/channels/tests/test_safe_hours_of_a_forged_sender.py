"""Somebody writes under another person's address: an answer keeps the safe hours of that person."""

import pytest

from amparo.foundation.core.actor import acting_as
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import outside_hours
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.rules import end_chat
from amparo.line.contacts.rules import take_chat

from .evening import EVENING, HOUR, MINUTE, MORNING, OTHER, say, writes


@pytest.mark.parametrize("card", [{}, {"limits": "yes", "safe_any_hour": "yes"}], ids=["no card", "its own card"])
@pytest.mark.parametrize("is_over", [False, True])
def test_an_answer_waits_for_the_hours_of_the_owner_of_the_address(chat, gateway, reply, ana, card, is_over):
    if is_over:
        end_chat(chat, by=ana, now=EVENING)
    forged = writes(EVENING + HOUR, is_forged=True)
    say(take_chat(forged, by=ana, now=EVENING + HOUR), ana, **card)
    forged.refresh_from_db()
    reply("an answer", EVENING + HOUR + MINUTE, forged)  # a minute after the stranger wrote
    with acting_as(ana.acting()):
        shown = outside_hours(forged, EVENING + HOUR + MINUTE)
    assert ("an answer" in gateway.texts, shown.window_ends_at, shown.has_pending) == (False, None, True)
    deliver(Sms(), MORNING)
    assert gateway.texts[-1:] == ["an answer"]


def test_control_an_owner_without_hours_holds_up_no_answer(chat, gateway, reply, ana):
    forged = writes(EVENING + HOUR, address=OTHER, is_forged=True)
    take_chat(forged, by=ana, now=EVENING + HOUR)
    reply("an answer", EVENING + HOUR + MINUTE, forged)
    assert gateway.texts[-1:] == ["an answer"]
