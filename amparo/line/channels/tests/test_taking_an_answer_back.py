"""An answer that waits to be sent can be taken back, and then never leaves. A provider must not have taken it."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.channels import delivery
from amparo.line.channels.channel import Outgoing
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import answer_in_channel
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage, Delivery, State
from amparo.line.chat.rules import end_chat, hand_back, take_back
from amparo.line.chat.tasks import requeue_abandoned
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import take_chat

from .evening import EVENING, HOUR, MINUTE, MORNING, OTHER, ours, say, writes


class Watched(Sms):
    """Text messages, with something that happens just before each leaves."""

    def __init__(self, before: Callable[[Outgoing], None]) -> None:
        self.before = before

    @contextmanager
    def outbox(self) -> Iterator[Callable[[Outgoing], None]]:
        with super().outbox() as send:

            def watched(outgoing: Outgoing) -> None:
                self.before(outgoing)
                send(outgoing)

            yield watched


def last() -> ChatMessage:
    return ChatMessage.objects.filter(by__isnull=False).latest("at")


@pytest.mark.parametrize("ended", [False, True])
def test_what_waits_for_the_safe_hours_is_taken_back_and_never_leaves(chat, gateway, reply, ana, ended):
    reply("an answer", EVENING + HOUR)
    if ended:
        end_chat(chat, by=ana, now=EVENING + HOUR)
    for _twice in range(2):
        take_back(chat, last().pk, by=ana, now=EVENING + 2 * HOUR)
    for at in (EVENING + 2 * HOUR, MORNING, MORNING + 24 * HOUR):
        deliver(Sms(), at)
    assert (gateway.texts[1:], ours()) == ([], [Delivery.TAKEN_BACK])
    assert Entry.objects.filter(what="take_back", about=f"chat {chat.pk}").exists()


def test_what_was_written_beside_it_still_leaves(chat, gateway, reply, ana):
    reply("first", EVENING + HOUR)
    taken = last().pk
    reply("second", EVENING + HOUR + MINUTE)
    take_back(chat, taken, by=ana, now=EVENING + HOUR + 2 * MINUTE)
    deliver(Sms(), MORNING)
    assert (gateway.texts[1:], ours()) == (["second"], [Delivery.TAKEN_BACK, Delivery.SENT])


def test_an_answer_that_was_taken_back_sets_nothing_free(chat, gateway, reply, ana):
    reply("first", EVENING + HOUR)
    writes(EVENING + 2 * HOUR, "do not write to me now")
    now = EVENING + 2 * HOUR + MINUTE
    answer_in_channel(chat, "second", pk=uuid.uuid4(), by=ana, now=now)
    take_back(chat, last().pk, by=ana, now=now)
    deliver(Sms(), now)
    assert gateway.texts[1:] == []


def test_what_waits_because_the_gateway_is_away_is_taken_back(chat, gateway, reply, ana):
    gateway.server.stop()
    reply("an answer", MORNING)
    take_back(chat, last().pk, by=ana, now=MORNING)
    gateway.server.start()
    deliver(Sms(), MORNING + MINUTE)
    assert (gateway.texts[1:], ours()) == ([], [Delivery.TAKEN_BACK])


def test_what_was_sent_cannot_be_taken_back(chat, gateway, reply, ana):
    reply("an answer", MORNING)
    with pytest.raises(Refused, match="too late"):
        take_back(chat, last().pk, by=ana, now=MORNING)
    assert (gateway.texts[1:], ours()) == (["an answer"], [Delivery.SENT])


def test_what_the_provider_may_have_cannot_be_taken_back(chat, gateway, reply, ana):
    say(Contact.objects.get(), ana, safe_any_hour="yes")
    gateway.hangs_up = True
    reply("an answer", EVENING + HOUR)
    with pytest.raises(Refused, match="too late"):
        take_back(chat, last().pk, by=ana, now=EVENING + HOUR)
    assert ours() == [Delivery.PENDING]


def test_in_the_moment_it_leaves_it_is_too_late_for_it_and_not_for_the_next_one(chat, gateway, ana):
    refused = []

    def take_all_back(_outgoing: Outgoing) -> None:
        for pk in ChatMessage.objects.filter(by__isnull=False).order_by("at").values_list("pk", flat=True):
            try:
                take_back(chat, pk, by=ana, now=MORNING)
            except Refused:
                refused.append(pk)

    for number in range(2):
        answer_in_channel(chat, f"{number}", pk=uuid.uuid4(), by=ana, now=EVENING + HOUR + number * MINUTE)
    deliver(Watched(take_all_back), MORNING)
    deliver(Sms(), MORNING + MINUTE)
    assert (gateway.texts[1:], ours(), len(refused)) == (["0"], [Delivery.SENT, Delivery.TAKEN_BACK], 1)


def test_who_does_not_have_the_conversation_takes_nothing_back(chat, reply, ana, rufino: User):
    reply("an answer", EVENING + HOUR)
    with pytest.raises(Refused, match="not yours"):
        take_back(chat, last().pk, by=rufino, now=EVENING + HOUR)
    hand_back(chat, by=ana, now=EVENING + HOUR)
    with pytest.raises(Refused, match="not yours"):
        take_back(chat, last().pk, by=ana, now=EVENING + HOUR)
    assert ours() == [Delivery.PENDING]


def test_once_the_conversation_is_nobodys_a_supervisor_takes_it_back(chat, gateway, reply, ana, marta):
    reply("an answer", EVENING + HOUR)
    with pytest.raises(Refused, match=f"{ana} has this conversation, and can take back"):
        take_back(chat, last().pk, by=marta, now=EVENING + HOUR)  # the control: Ana has it, and can
    hand_back(chat, by=ana, now=EVENING + HOUR)
    assert Chat.objects.get().operator_id is None
    take_back(chat, last().pk, by=marta, now=EVENING + 2 * HOUR)
    deliver(Sms(), MORNING)
    assert (gateway.texts[1:], ours()) == ([], [Delivery.TAKEN_BACK])


def test_once_its_operator_is_gone_and_it_waits_again_a_supervisor_takes_it_back(chat, gateway, reply, ana, marta, now):
    for number in range(2):
        reply(f"{number}", EVENING + HOUR + number * MINUTE)
    later = max(now, EVENING + HOUR) + HOUR
    requeue_abandoned(later)
    assert Chat.objects.get().state == State.WAITING
    with pytest.raises(Refused, match="not yours"):
        take_back(chat, last().pk, by=ana, now=later)
    take_back(chat, last().pk, by=marta, now=later)
    deliver(Sms(), MORNING)
    assert (gateway.texts[1:], ours()) == (["0"], [Delivery.SENT, Delivery.TAKEN_BACK])


def test_what_is_taken_back_just_before_its_attempt_holds_up_nothing(chat, gateway, ana, monkeypatch, caplog):
    for number in range(2):
        answer_in_channel(chat, f"{number}", pk=uuid.uuid4(), by=ana, now=EVENING + HOUR + number * MINUTE)
    first = ChatMessage.objects.filter(by__isnull=False).earliest("at").pk

    def ready_and_taken_back(pk: uuid.UUID, now: datetime) -> Outgoing | None:
        found = ready(pk, now)
        if pk == first:
            take_back(chat, pk, by=ana, now=now)
        return found

    ready = delivery._decrypt_if_due
    monkeypatch.setattr(delivery, "_decrypt_if_due", ready_and_taken_back)
    deliver(Sms(), MORNING)
    assert (gateway.texts[1:], ours()) == (["1"], [Delivery.TAKEN_BACK, Delivery.SENT])
    assert "does not take messages" not in caplog.text


def test_the_words_of_the_person_and_what_waits_in_another_conversation_are_out_of_reach(chat, gateway, reply, ana):
    theirs = chat.messages.filter(from_bearer=True).get().pk
    other = writes(EVENING + MINUTE, address=OTHER)
    take_chat(other, by=ana, now=EVENING + MINUTE)
    gateway.server.stop()
    reply("an answer", EVENING + MINUTE, other)
    for pk in (theirs, last().pk, uuid.uuid4()):
        with pytest.raises(Refused, match="too late"):
            take_back(chat, pk, by=ana, now=EVENING)
    assert ours() == [Delivery.PENDING]
