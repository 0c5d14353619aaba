"""A carrier takes a message, and its answer is lost. SMPP 3.4 has no id by which it would know the message again."""

import socket
import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from smpplib import consts
from smpplib.client import Client

from amparo.line.channels import delivery
from amparo.line.channels.rules import answer_in_channel
from amparo.line.channels.sms import coding, smpp
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage, Delivery
from amparo.line.contacts.rules import take_chat

from .conftest import HER, WORDS

LONG = (
    "Puede venir mañana a la oficina de la avenida, pregunte por el programa y no diga a nadie adónde va. " * 3
    + "Gracias"
)


@pytest.fixture
def reply(centre, minute, ana, monkeypatch):
    """Ana answers somebody who wrote; nothing is sent yet."""
    monkeypatch.setattr(smpp, "PATIENCE", 1)
    monkeypatch.setattr(smpp, "PAUSE", 0.01)
    centre.text(HER, WORDS)
    minute()
    centre.submitted.clear()
    take_chat(Chat.objects.get(), by=ana, now=timezone.now())

    def reply(text: str) -> datetime:
        now = timezone.now()
        answer_in_channel(Chat.objects.get(), text, pk=uuid.uuid4(), by=ana, now=now)
        return now

    return reply


def deliver(at: datetime) -> None:
    delivery.deliver(Sms(), at)


def ours() -> str:
    return str(ChatMessage.objects.get(by__isnull=False).delivery)


def test_it_is_sent_three_times_at_most_and_then_the_thread_says_that_nobody_knows(centre, reply):
    now = reply("an answer")
    centre.is_silent = True
    for minutes, times in ((0, 1), (1, 1), (2, 1), (4, 2), (5, 2), (63, 2), (66, 3), (67, 3), (200, 3)):
        deliver(now + timedelta(minutes=minutes))
        assert (len(centre.submitted), minutes) == (times, minutes)
    assert ours() == Delivery.UNCLEAR


def test_an_answer_that_was_lost_once_doubles_it_once(centre, reply):
    now = reply("an answer")
    centre.is_silent = True
    deliver(now)
    centre.is_silent = False
    for minutes in (1, 4, 5, 90):
        deliver(now + timedelta(minutes=minutes))
    assert (len(centre.submitted), ours()) == (2, Delivery.SENT)


def test_killed_before_it_was_recorded_it_is_sent_once_more_and_not_each_minute(centre, reply, monkeypatch):
    now = reply("an answer")
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "_record_answer", die)
        with pytest.raises(KeyboardInterrupt):
            deliver(now)
    for minutes, times in ((1, 1), (2, 1), (4, 2), (5, 2)):
        deliver(now + timedelta(minutes=minutes))
        assert len(centre.submitted) == times
    assert ours() == Delivery.SENT


def die(*_sent: object) -> None:
    raise KeyboardInterrupt


def test_what_may_have_arrived_holds_up_the_next_answer_for_minutes_and_not_for_an_hour(centre, reply):
    now = reply("first")
    centre.is_silent = True
    for minutes in (0, 4):
        deliver(now + timedelta(minutes=minutes))
    centre.is_silent = False
    reply("second")
    deliver(now + timedelta(minutes=5))
    assert [each.short_message for each in centre.submitted] == [b"first", b"first", b"second"]


def test_control_what_the_carrier_did_not_take_is_sent_the_next_minute_and_once(centre, reply):
    now = reply("an answer")
    centre.next_answers.append(consts.SMPP_ESME_RTHROTTLED)
    deliver(now)
    assert (centre.submitted, ours()) == ([], Delivery.PENDING)
    deliver(now + timedelta(minutes=1))
    assert (len(centre.submitted), ours()) == (1, Delivery.SENT)


def test_a_part_that_has_to_wait_doubles_none_of_those_before_it(centre, reply):
    now = reply(LONG)
    parts, _data_coding, _esm_class = coding.parts_to_send(LONG, ChatMessage.objects.get(by__isnull=False).pk.int)
    assert len(parts) > 2
    centre.next_answers.extend([0, consts.SMPP_ESME_RTHROTTLED, 0, consts.SMPP_ESME_RMSGQFUL])
    deliver(now)
    assert [each.short_message for each in centre.submitted] == parts
    assert ours() == Delivery.SENT


@pytest.mark.parametrize("status", [consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RX_T_APPN])
def test_a_second_part_that_is_not_taken_doubles_the_first_twice_at_most(centre, reply, status):
    now = reply(LONG)
    for minutes, times in ((0, 1), (1, 1), (2, 1), (4, 2), (5, 2), (63, 2), (66, 3), (67, 3), (200, 3)):
        centre.next_answers.clear()
        centre.next_answers.extend([0, *[status] * 10_000])
        deliver(now + timedelta(minutes=minutes))
        assert (len(centre.submitted), minutes) == (times, minutes)
    assert ours() == Delivery.UNCLEAR


def test_a_link_that_breaks_between_two_parts_doubles_the_first_twice_at_most(centre, reply, monkeypatch):
    now = reply(LONG)
    send_pdu = Client.send_pdu

    def break_at_the_second(link: Client, pdu):
        if pdu.command == "submit_sm" and pdu.short_message[5] == 2:  # the number of the part, in its header
            link._socket.shutdown(socket.SHUT_RDWR)
        return send_pdu(link, pdu)

    monkeypatch.setattr(Client, "send_pdu", break_at_the_second)
    for minutes, times in ((0, 1), (1, 1), (2, 1), (4, 2), (5, 2), (63, 2), (66, 3), (67, 3), (200, 3)):
        deliver(now + timedelta(minutes=minutes))
        assert (len(centre.submitted), minutes) == (times, minutes)
    assert ours() == Delivery.UNCLEAR
