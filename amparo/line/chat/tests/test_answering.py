"""What an operator does in a chat: take it, write, hand it back, end it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.keys import KeyDestroyed
from amparo.foundation.vault.models import Retention
from amparo.foundation.vault.retention import destroy_due_keys
from amparo.line.chat.models import LASTS, Chat, ChatMessage, State
from amparo.line.chat.rules import answer_chat, end_chat, hand_back
from amparo.line.chat.tasks import GONE, end_unanswered, requeue_abandoned
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Answer, Channel, Right
from amparo.line.contacts.rights import answer_request, receive_request
from amparo.line.contacts.rules import take_chat, wrap_up
from amparo.line.roster.models import Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import take_seat
from amparo.line.roster.shift_rules import issue_certificate, set_ringing_rules

from .conftest import WORDS, at_work


@pytest.fixture
def taken(chat, ana, now) -> Chat:
    take_chat(chat, by=ana, now=now)
    return Chat.objects.get(pk=chat.pk)


def answer(chat, by, now, text="invented answer"):
    return answer_chat(chat, text, pk=uuid.uuid4(), by=by, now=now)


def read_by(user, chat) -> list[str]:
    with acting_as(user.acting()):
        return [each.text for each in Chat.objects.get(pk=chat.pk).read()]


def entries() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("what", flat=True))


def test_who_has_no_certificate_takes_no_chat_while_a_certified_colleague_is_here(chat, ana, rufino, now):
    marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
    at_work(rufino, now)
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CHATS, now + timedelta(days=1), by=marta, now=now)
    with pytest.raises(Refused):
        take_chat(chat, by=ana, now=now)
    Seat.objects.filter(pk=rufino.pk).update(state=SeatState.OFF)
    take_chat(chat, by=ana, now=now)  # nobody certified is here: nobody waits for a paper


def test_the_shift_sees_that_somebody_waits_and_no_word(chat, ana, stranger):
    with acting_as(ana.acting()):
        assert list(Chat.objects.waiting_in_order()) == [chat]
        assert not ChatMessage.objects.exists()
    with acting_as(stranger.acting()):
        assert not Chat.objects.exists()


def test_who_takes_it_reads_it_and_its_contact_is_there_before_the_first_word(chat, taken, ana, rufino):
    contact = Contact.objects.get(chat=chat)
    assert (contact.channel, contact.operator, taken.state) == (Channel.CHAT, ana, State.TALKING)
    assert read_by(ana, chat) == [WORDS]
    assert read_by(rufino, chat) == []


def test_one_gets_it_and_the_other_a_sentence(taken, ana, rufino, now):
    with pytest.raises(Refused, match="A colleague has taken this chat"):
        take_chat(taken, by=rufino, now=now)
    assert take_chat(taken, by=ana, now=now) == Contact.objects.get()  # taking it twice changes nothing


def test_what_is_sent_twice_is_kept_once(taken, ana, now):
    name = uuid.uuid4()
    for _ in range(2):
        answer_chat(taken, "invented answer", pk=name, by=ana, now=now + timedelta(seconds=1))
    assert read_by(ana, taken) == [WORDS, "invented answer"]


def test_nobody_else_writes_hands_back_or_ends(chat, taken, ana, rufino, stranger, now):
    def back(chat, by, now):
        hand_back(chat, by=by, now=now)

    def end(chat, by, now):
        end_chat(chat, by=by, now=now)

    for verb in (answer, back, end):
        with pytest.raises(Refused, match="not yours"):
            verb(taken, rufino, now)
        with pytest.raises(Refused, match="not for your role"):
            verb(taken, stranger, now)
    with pytest.raises(Refused, match="not for your role"):
        take_chat(chat, by=stranger, now=now)
    assert Chat.objects.get().state == State.TALKING


def test_handed_back_it_waits_in_its_old_place_and_a_colleague_goes_on_in_its_contact(begin, taken, ana, rufino, now):
    begin(work="a" * 16, at=now + timedelta(hours=1))
    hand_back(taken, by=ana, now=now)
    assert Chat.objects.waiting_in_order().first() == taken
    with pytest.raises(Refused, match="not yours"):
        answer(taken, ana, now)
    contact = take_chat(taken, by=rufino, now=now)
    assert contact == Contact.objects.get()
    answer(taken, rufino, now + timedelta(seconds=1))
    assert read_by(rufino, taken) == [WORDS, "invented answer"]


def test_a_supervisor_hands_back_what_an_operator_cannot(taken, marta, now):
    hand_back(taken, by=marta, now=now)
    assert Chat.objects.get().operator is None


def test_ending_it_twice_ends_it_once_and_then_it_is_wrapped_up(taken, ana, now):
    contact = Contact.objects.get()
    with pytest.raises(Refused, match="goes on"):
        wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=now)
    for minutes in (1, 2):
        end_chat(taken, by=ana, now=now + timedelta(minutes=minutes))
    with pytest.raises(Refused, match="has ended"):
        answer(taken, ana, now)
    wrapped = wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=now + timedelta(hours=1))
    assert wrapped.ended == now + timedelta(minutes=1)
    taken.key.refresh_from_db()
    assert taken.key.closed_at == now + timedelta(hours=1)


def test_every_deed_and_look_is_in_the_ledger_and_no_word(taken, ana, now):
    answer(taken, ana, now)
    read_by(ana, taken)
    end_chat(taken, by=ana, now=now)
    assert entries() == ["begin_chat", "take_chat", "answer_chat", "look", "end_chat"]
    assert WORDS not in str(list(Entry.objects.values()))


def test_it_is_forgotten_with_its_contact(taken, ana, marta, now):
    end_chat(taken, by=ana, now=now)
    data_request = receive_request(Contact.objects.get(), Right.ERASE, by=ana, now=now)
    answer_request(data_request, Answer.DONE, code=Contact.objects.get().code, by=marta, now=now)
    assert (ChatMessage.objects.count(), Chat.objects.count()) == (0, 1)
    with pytest.raises(KeyDestroyed):
        _ = Chat.objects.get().key.secret


def test_it_is_forgotten_in_time(taken, ana, now):
    Retention.objects.update_or_create(kind="chat", defaults={"days": 90})
    end_chat(taken, by=ana, now=now)
    wrap_up(Contact.objects.get(), type="crisis", key=uuid.uuid4(), by=ana, now=now)
    destroy_due_keys(now + timedelta(days=89))
    assert ChatMessage.objects.exists()
    destroy_due_keys(now + timedelta(days=91))
    assert not ChatMessage.objects.exists()
    assert Contact.objects.get().key.forgotten_at is None  # the contact has a longer retention period


def test_what_nobody_answered_ends_with_its_receipt_and_is_forgotten_unread(chat, begin, ana, now):
    taken = begin(at=now)
    take_chat(taken, by=ana, now=now)
    hand_back(taken, by=ana, now=now)
    end_unanswered(now + LASTS - timedelta(seconds=1))
    assert Chat.objects.waiting_in_order().count() == 2
    end_unanswered(now + LASTS + timedelta(seconds=1))
    assert list(Chat.objects.waiting_in_order()) == [taken]  # an operator read it, and its contact is still open
    assert [it.chat_id for it in ChatMessage.objects.all()] == [taken.pk]


def test_a_chat_whose_operator_went_waits_again_in_its_old_place(chat, taken, begin, ana, rufino, now):
    at_work(ana, now)
    younger = begin(work="w", at=now + timedelta(seconds=1))
    Chat.objects.filter(pk=chat.pk).update(turn_at=now)
    requeue_abandoned(now + GONE - timedelta(seconds=1))
    assert list(Chat.objects.waiting_in_order()) == [younger]
    requeue_abandoned(now + GONE + timedelta(seconds=1))
    assert list(Chat.objects.waiting_in_order()) == [taken, younger]
    assert "requeue_chat" in entries()
    with pytest.raises(Refused, match="take it first, or it was handed back"):
        answer(taken, ana, now)
    take_chat(taken, by=rufino, now=now)
    assert read_by(rufino, taken) == [WORDS]
    assert Contact.objects.count() == 1


def test_who_answers_without_a_script_has_not_gone(chat, taken, ana, now):
    take_seat(by=ana, now=now)  # a page without a script has no live stream to record it as open
    minute = timedelta(minutes=1)
    requeue_abandoned(now + minute)
    assert Chat.objects.get().operator == ana
    answer(taken, ana, now + 2 * minute)
    requeue_abandoned(now + GONE + minute)
    assert Chat.objects.get().operator == ana
    requeue_abandoned(now + GONE + 3 * minute)
    assert Chat.objects.get().state == State.WAITING


def test_nobody_of_us_passes_the_chat_of_a_colleague_on(chat, taken, rufino, now):
    with acting_as(rufino.acting()), connection.cursor() as cursor:
        cursor.execute("select * from chat_requeue_abandoned(%s)", [now + GONE])
    assert Chat.objects.get().state == State.TALKING


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_it_while_the_worker_looks_has_it(chat, ana, now):
    late, ending = now + LASTS + timedelta(seconds=1), threading.Event()

    def end_them() -> None:
        ending.set()
        end_unanswered(late)
        connection.close()

    worker = threading.Thread(target=end_them)
    with transaction.atomic():
        take_chat(chat, by=ana, now=now)
        worker.start()
        ending.wait(10)
        worker.join(1)  # the job waits for the lock, or skips the chat
    worker.join()
    assert (Chat.objects.get().state, ChatMessage.objects.count()) == (State.TALKING, 1)
