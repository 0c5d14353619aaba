"""Somebody writes by e-mail to a real mailbox, is answered by a real SMTP server, and becomes a contact."""

import uuid

import pytest
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Grant
from amparo.line.channels.rules import answer_in_channel
from amparo.line.chat.models import Chat, ChatMessage, Delivery, OptOut, State
from amparo.line.chat.rules import UNANSWERED, end_chat, hand_back
from amparo.line.contacts.picklists import Channel, Type
from amparo.line.contacts.rules import take_chat, wrap_up

from .conftest import HER, WORDS
from .servers import ADDRESS


def texts(chat: Chat) -> list[str]:
    return [message.text for message in chat.messages.select_related("key")]


@pytest.fixture
def chat(write, minute) -> Chat:
    """An e-mail that waits."""
    write()
    minute()
    return Chat.objects.select_related("key").get()


def reply(chat: Chat, text: str, ana) -> Chat:
    return answer_in_channel(chat, text, pk=uuid.uuid4(), by=ana, now=timezone.now())


def test_an_email_waits_in_the_queue_like_a_chat(chat, mailbox, now):
    assert (chat.state, chat.channel, chat.begun_at < now) == (State.WAITING, "email", True)
    assert list(Chat.objects.waiting_in_order()) == [chat]
    assert [f"Ayuda\n\n{WORDS}"] == texts(chat)[:1]
    assert mailbox.count() == 0


def test_the_automatic_answer_says_who_reads_it_and_what_not_to_write(chat, relay):
    [sent] = relay.handler.received
    assert relay.handler.recipients == [HER]
    text = sent.get_payload(decode=True).decode()
    assert "una persona de nuestro equipo" in text
    assert all(part in text for part in ("No escriba", "BAJA"))
    assert (sent["Auto-Submitted"], sent["From"], sent["Subject"]) == ("auto-replied", ADDRESS, "Re: Ayuda")
    assert WORDS not in text
    assert "trata" not in text.casefold()


@pytest.mark.parametrize(
    ("words", "subject", "language", "answer"),
    [
        ("They took my passport, I need help please", "", "en", "a person of our team"),
        ("Ñuqa kaypi kachkani, yanapaway", "x", "qu", "BAJA"),
        ("help", "Help", "es", "una persona de nuestro equipo"),  # not clear
    ],
)
def test_the_automatic_answer_is_in_the_language_of_the_message(write, minute, relay, words, subject, language, answer):
    write(words, subject=subject)
    minute()
    assert Chat.objects.get().language == language
    [sent] = relay.handler.received
    assert answer in sent.get_payload(decode=True).decode()
    assert sent["Subject"] == f"Re: {subject or 'Your message'}"


def test_an_operator_takes_answers_and_ends_an_email_as_a_contact(chat, ana, relay, minute, now):
    contact = take_chat(chat, by=ana, now=now)
    assert contact.channel == Channel.EMAIL
    reply(chat, "an invented answer", ana)
    minute()
    sent = relay.handler.received[-1]
    assert sent.get_payload(decode=True).decode().strip() == "an invented answer"
    assert (sent["In-Reply-To"], sent["Auto-Submitted"]) == ("<0@correo.example>", None)
    end_chat(chat, by=ana, now=timezone.now())
    with acting_as(ana.acting()):
        wrapped = wrap_up(contact, type=Type.INFORMATION, key=uuid.uuid4(), by=ana, now=timezone.now())
    assert not wrapped.is_open
    chat.key.refresh_from_db()
    assert chat.key.closed_at is not None  # its retention runs, as a chat's does


def test_an_email_handed_back_waits_again(chat, ana, now):
    take_chat(chat, by=ana, now=now)
    hand_back(chat, by=ana, now=now)
    assert Chat.objects.get().state == State.WAITING


def test_a_second_email_joins_the_first_and_after_the_end_begins_a_new_one(chat, ana, write, minute, now):
    write("more words")
    minute()
    assert Chat.objects.count() == 1
    take_chat(chat, by=ana, now=now)
    end_chat(chat, by=ana, now=timezone.now())
    write("words after the end")
    minute()
    assert sorted(each.messages.filter(from_bearer=True).count() for each in Chat.objects.all()) == [1, 2]


def test_the_worker_gives_the_key_back_when_all_is_sent(chat, ana, minute, now):
    def holds() -> bool:
        return Grant.objects.filter(key=chat.key, holder=WORKER.holders[1]).exists()

    take_chat(chat, by=ana, now=now)
    minute()
    assert holds()
    end_chat(chat, by=ana, now=timezone.now())
    minute()
    assert not holds()


def test_one_word_opts_out_and_nothing_more_is_sent(chat, ana, relay, write, minute, now):
    take_chat(chat, by=ana, now=now)
    reply(chat, "an answer that is not sent yet", ana)
    write("BAJA.\n\nEl viernes, ayuda@linea.example escribió:\n> Recibimos su mensaje\n")
    minute()
    assert len(relay.handler.received) == 1  # the first answer, from before
    assert ChatMessage.objects.get(by=ana).delivery == Delivery.CANCELLED
    with pytest.raises(Refused):
        reply(chat, "another", ana)
    write("I changed my mind")
    minute()
    reply(chat, "another", ana)
    minute()
    assert len(relay.handler.received) == 2
    assert Entry.objects.filter(what="opt_out").count() == 1


def test_opting_out_works_even_when_too_many_messages_wait(write, minute, mailbox):
    for _ in range(UNANSWERED + 1):
        write()
    write("baja")
    minute()
    assert (OptOut.objects.count(), mailbox.count("Waiting")) == (1, 1)


def test_a_sentence_with_the_word_is_no_opting_out(chat, write, minute):
    write("Stop\nhe is at the door")
    minute()
    assert not OptOut.objects.exists()
    assert chat.messages.filter(from_bearer=True).count() == 2


def test_what_their_provider_refuses_is_shown_and_not_tried_again(chat, ana, relay, minute, now):
    take_chat(chat, by=ana, now=now)
    relay.handler.answer = "550 no such user"
    reply(chat, "an invented answer", ana)
    minute()
    relay.handler.answer = "250 OK"
    minute()
    assert ChatMessage.objects.get(by=ana).delivery == Delivery.REFUSED
    assert len(relay.handler.received) == 1


@pytest.mark.parametrize(
    "more",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<news.example>"}, {"sender": ADDRESS}],
)
def test_automatic_mail_is_moved_to_a_folder_and_never_answered(write, minute, mailbox, relay, more):
    write(**more)
    minute()
    assert (Chat.objects.count(), mailbox.count(), mailbox.count("Automatic")) == (0, 0, 1)
    assert relay.handler.received == []
