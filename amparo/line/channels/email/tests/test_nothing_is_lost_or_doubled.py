"""The same e-mail twice, in another order, with servers that are away: nothing is lost, nothing doubled."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from amparo.line.channels.delivery import deliver
from amparo.line.channels.email import channel
from amparo.line.channels.email.channel import Email
from amparo.line.channels.rules import answer_in_channel, take_in
from amparo.line.chat.models import Chat, ChatMessage, Delivery
from amparo.line.chat.rules import UNANSWERED
from amparo.line.contacts.rules import take_chat

from .conftest import HER, WORDS
from .servers import Relay

THEIRS = ChatMessage.objects.filter(from_bearer=True)


def test_the_same_message_id_arrives_once(write, minute, relay):
    for _ in range(3):
        write(id="<same@correo.example>")
        minute()
    assert (Chat.objects.count(), THEIRS.count(), len(relay.handler.received)) == (1, 1, 1)


def test_another_message_id_is_another_message(write, minute):
    write(id="<one@correo.example>"), write(id="<other@correo.example>")
    minute()
    assert THEIRS.count() == 2


def test_a_message_id_used_by_another_sender_hides_nothing(write, minute):
    write(id="<same@correo.example>"), write(id="<same@correo.example>", sender="other@correo.example")
    minute()
    assert (Chat.objects.count(), THEIRS.count()) == (2, 2)


def test_a_message_is_stored_once_even_if_the_worker_dies_before_deleting_it(write, minute, mailbox, now):
    """The worker dies after its commit: the e-mail is still in the mailbox, and comes again."""
    write()

    def keep_and_die(arrival):
        take_in(Email(), arrival, now=now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Email().receive(keep_and_die)
    assert (mailbox.count(), THEIRS.count()) == (1, 1)
    minute()
    assert (mailbox.count(), THEIRS.count()) == (0, 1)


def test_a_message_that_was_not_stored_stays_in_the_mailbox(write, minute, mailbox, now):
    write()

    def fail(arrival):
        raise OperationalError

    with pytest.raises(OperationalError):
        Email().receive(fail)
    assert mailbox.count() == 1
    minute()
    assert (mailbox.count(), THEIRS.count()) == (0, 1)


def test_a_mailbox_that_is_away_for_an_hour_delivers_later_with_its_own_times(write, minute, mailbox, now, caplog):
    write("the second", ago=10), write("the first", ago=50)
    mailbox.stop()
    for _ in range(3):
        minute()
    assert "does not answer" in caplog.text
    assert not Chat.objects.exists()
    mailbox.start()
    minute()
    chat = Chat.objects.select_related("key").get()
    assert [each.text.partition("\n\n")[2] for each in chat.read() if each.from_bearer] == ["the first", "the second"]
    assert round((now - chat.begun_at).total_seconds()) in range(10 * 60, 51 * 60)


def test_a_sender_that_is_away_for_an_hour_sends_each_answer_once(write, minute, relay, ana, now):
    write()
    minute()
    chat = Chat.objects.get()
    take_chat(chat, by=ana, now=now)
    relay.stop()
    for number in range(3):
        answer_in_channel(chat, f"answer {number}", pk=uuid.uuid4(), by=ana, now=timezone.now())
        minute()
    assert ChatMessage.objects.filter(delivery=Delivery.PENDING).count() == 3
    relay.start()
    minute(), minute()
    sent = [message.get_payload(decode=True).decode().strip() for message in relay.handler.received[1:]]
    assert sent == ["answer 0", "answer 1", "answer 2"]
    assert not ChatMessage.objects.filter(delivery=Delivery.PENDING).exists()


def test_a_temporary_refusal_is_tried_again(write, minute, relay):
    relay.handler.answer = "451 later"
    write()
    minute()
    assert ChatMessage.objects.get(automatic=True).delivery == Delivery.PENDING
    relay.handler.answer = "250 OK"
    minute()
    assert ChatMessage.objects.get(automatic=True).delivery == Delivery.SENT


def test_a_full_mailbox_of_one_person_holds_up_nobody_else(write, minute, relay, ana, now):
    full = "llena@correo.example"
    write(sender=full, ago=9)
    minute()
    take_chat(Chat.objects.get(), by=ana, now=now)
    relay.handler.answers[full] = "452 the mailbox is full"
    for number in range(2):
        answer_in_channel(Chat.objects.get(), f"answer {number}", pk=uuid.uuid4(), by=ana, now=timezone.now())
    write(ago=1)
    minute()
    assert relay.handler.recipients == [full, HER]
    relay.handler.answers.clear()
    minute()
    assert relay.handler.recipients == [full, HER, full, full]
    sent = [message.get_payload(decode=True).decode().strip() for message in relay.handler.received[2:]]
    assert sent == ["answer 0", "answer 1"]


def test_an_address_that_the_relay_cannot_name_holds_up_nobody_else(write, minute, monkeypatch):
    """A relay without SMTPUTF8 (RFC 6531)."""
    older = Relay(enable_SMTPUTF8=False)
    older.start()
    monkeypatch.setenv("AMPARO_EMAIL_SMTP", f"smtp://127.0.0.1:{older.port}")
    write(sender="ñandú@correo.example", ago=9)
    write(ago=1)
    minute()
    older.stop()
    assert older.handler.recipients == [HER]
    assert sorted(ChatMessage.objects.filter(automatic=True).values_list("delivery", flat=True)) == ["refused", "sent"]


def test_a_message_sent_again_has_the_same_id(write, minute, relay, now):
    """Killed between sending and recording: the second copy is recognised by its Message-ID."""
    write()
    minute()
    ChatMessage.objects.filter(automatic=True).update(delivery=Delivery.PENDING, delivered_at=None)
    deliver(Email(), now + timedelta(minutes=4))
    first, second = relay.handler.received
    assert first["Message-ID"] == second["Message-ID"]


def test_an_answer_of_the_relay_that_is_lost_doubles_an_email_twice_at_most(write, minute, relay, ana, now):
    """Some mailboxes show each copy, although they have one Message-ID."""
    write()
    minute()
    take_chat(Chat.objects.get(), by=ana, now=now)
    answer_in_channel(Chat.objects.get(), "an answer", pk=uuid.uuid4(), by=ana, now=now)
    relay.handler.hangs_up = True
    for minutes, times in ((0, 1), (1, 1), (2, 1), (4, 2), (5, 2), (63, 2), (66, 3), (67, 3), (200, 3)):
        deliver(Email(), now + timedelta(minutes=minutes))
        assert (len(relay.handler.received), minutes) == (1 + times, minutes)
    assert ChatMessage.objects.get(by=ana).delivery == Delivery.UNCLEAR


def test_control_a_relay_that_takes_nothing_is_asked_each_minute(write, minute, relay, ana, now):
    write()
    minute()
    take_chat(Chat.objects.get(), by=ana, now=now)
    answer_in_channel(Chat.objects.get(), "an answer", pk=uuid.uuid4(), by=ana, now=now)
    relay.handler.sender_answer = "451 later"
    for minutes in range(5):
        deliver(Email(), now + timedelta(minutes=minutes))
    assert ChatMessage.objects.get(by=ana).delivery == Delivery.PENDING
    relay.handler.sender_answer = "250 OK"
    deliver(Email(), now + timedelta(minutes=5))
    assert ChatMessage.objects.get(by=ana).delivery == Delivery.SENT
    assert len(relay.handler.received) == 2


def test_a_flood_of_one_address_stays_with_the_provider_until_it_is_answered(write, minute, mailbox):
    for _ in range(UNANSWERED + 3):
        write()
    minute()
    assert (THEIRS.count(), mailbox.count(), mailbox.count("Waiting")) == (UNANSWERED, 0, 3)


def test_a_flood_is_read_again_little_by_little_behind_what_others_wrote(write, minute, mailbox, monkeypatch, ana, now):
    monkeypatch.setattr(channel, "BACK_AT_ONCE", 2)
    for _ in range(UNANSWERED + 3):
        write()
    minute()
    write("another's", sender="other@correo.example", ago=1)
    minute()
    assert Chat.objects.count() == 2
    assert (mailbox.count(), mailbox.count("Waiting")) == (0, 3)
    chat = Chat.objects.earliest("begun_at")
    take_chat(chat, by=ana, now=now)
    answer_in_channel(chat, "we read you", pk=uuid.uuid4(), by=ana, now=now)
    minute()
    assert (THEIRS.count(), mailbox.count("Waiting")) == (UNANSWERED + 1 + 2, 1)
    minute()
    assert (THEIRS.count(), mailbox.count("Waiting")) == (UNANSWERED + 1 + 3, 0)


def test_two_machines_do_not_answer_each_other(write, minute, relay, monkeypatch):
    for number in range(5):
        write(f"{WORDS} {number}")
        minute()
        Chat.objects.update(state="ended", ended_at=timezone.now())
    assert len(relay.handler.received) == 1


EMPTY_PART = b"Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: multipart/related\n\nx\n--a--\n"


def nested(depth: int) -> bytes:
    heads = [b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)]
    return b"".join(heads) + b"Content-Type: text/plain\n\nx\n"


@pytest.mark.parametrize("parts", [EMPTY_PART, nested(3000)], ids=["a part without parts", "parts in parts"])
def test_an_email_that_the_library_cannot_read_holds_up_no_other(write, minute, mailbox, now, parts):
    head = b"MIME-Version: 1.0\nFrom: otra@correo.example\nSubject: Ayuda\nMessage-ID: <odd@correo.example>\n"
    mailbox.deliver(head + parts, now - timedelta(minutes=9))
    write()
    minute()
    assert Chat.objects.count() == 2
    assert mailbox.count() == 0


def test_an_address_that_nobody_can_be_answered_at_is_set_aside(write, minute, mailbox, relay, now):
    odd = "From: \x1c=?utf-8?q?=0d=0a?='_\x1c=?utf-8?q?=0d=0a?=a@b.example\nSubject: Ayuda\n\nx\n"
    mailbox.deliver(odd.encode(), now - timedelta(minutes=9))
    write()
    minute()
    assert Chat.objects.count() == 1
    assert len(relay.handler.received) == 1
    assert mailbox.count() == 0
