"""A chat goes on by voice and a call goes on in writing: one conversation, one contact, the same safe-contact rules."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone, translation

from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.key_access import has_key
from amparo.line.chat import rules as chats
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.chat.tasks import end_unanswered
from amparo.line.chat.visits import Visit, handle_visit
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.contacts.picklists import Channel, Type
from amparo.line.contacts.rules import (
    give_chat_code,
    open_contact,
    open_contact_of_return_call,
    reopen,
    safe_number,
    save_draft,
    start_callback,
    take_chat,
    wrap_up,
)
from amparo.line.roster.models import Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import take_seat
from amparo.line.roster.shift_rules import issue_certificate, set_ringing_rules
from amparo.line.switchboard.models import Call, Direction, Language, State

from .conftest import NUMBER


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def begin(now):
    """A person begins a chat on the public page."""

    def begin_one() -> Chat:
        more = {"language": Language.SPANISH, "behind": 0, "work": None, "now": now}
        return chats.begin_chat(acting_with(new_code()), "invented words", pk=uuid.uuid4(), **more)

    return begin_one


@pytest.fixture
def chat_contact(begin, ana, now) -> Contact:
    """The contact of a chat that Ana answers; the person gave a number and wants a call now."""
    contact = take_chat(begin(), by=ana, now=now)
    given = {"limits": "yes", "safe_number": NUMBER, "safe_any_hour": "yes", "safe_wanted": "yes"}
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=given, by=ana, now=now)
    return Contact.objects.get(pk=contact.pk)


def outgoing(user, at, **more) -> Call:
    return Call.objects.create(arrived_at=at, direction=Direction.OUTGOING, operators=[user.pk], **more)


def test_a_chat_goes_on_by_voice_in_the_same_contact(chat_contact, ana, now):
    start_callback(chat_contact.pk, by=ana, now=now)
    assert safe_number(chat_contact, by=ana, now=now) == NUMBER
    call = outgoing(ana, now, answered_at=now)
    for _twice in range(2):
        assert open_contact_of_return_call(chat_contact, call, by=ana, now=now) == chat_contact
    assert open_contact(call, by=ana, now=now) == chat_contact  # what the console does when the person answers
    [only] = Contact.objects.visible_to(ana)
    assert (only.call_id, only.chat_id, only.channel) == (call.pk, chat_contact.chat_id, Channel.CHAT)
    assert SafeContact.objects.get(contact=only).attempts == 1


def test_it_is_written_into_the_ledger(chat_contact, ana, now):
    open_contact_of_return_call(chat_contact, outgoing(ana, now, answered_at=now), by=ana, now=now)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_entry where what = 'open_contact_of_return_call'")
        assert cursor.fetchone() == (1,)


def test_the_safe_hours_hold_for_a_chat_as_well(chat_contact, ana, now):
    hour = (now + timedelta(hours=5)).strftime("%H:00")
    later = (now + timedelta(hours=6)).strftime("%H:00")
    hours = {"safe_any_hour": "", "safe_from": hour, "safe_to": later}
    save_draft(chat_contact, key=uuid.uuid4(), revision=1, based_on=99, changes=hours, by=ana, now=now)
    with pytest.raises(Refused):
        safe_number(chat_contact, by=ana, now=now)


def test_after_a_call_that_nobody_answered_the_next_one_takes_its_place(chat_contact, ana, now):
    unanswered = outgoing(ana, now, ended_at=now, state=State.ENDED)
    open_contact_of_return_call(chat_contact, unanswered, by=ana, now=now)
    second = outgoing(ana, now, answered_at=now)
    assert open_contact_of_return_call(chat_contact, second, by=ana, now=now) == chat_contact
    assert Contact.objects.get(pk=chat_contact.pk).call_id == second.pk


def test_a_call_whose_contact_the_console_opened_first_follows_the_chat(chat_contact, ana, now):
    """The console may see the row of the call before the request that placed it goes on."""
    call = outgoing(ana, now, answered_at=now)
    first = open_contact(call, by=ana, now=now)
    again = open_contact_of_return_call(chat_contact, call, by=ana, now=now)
    assert (again, again.follows) == (first, chat_contact)
    assert SafeContact.objects.get(contact=chat_contact).attempts == 1


def test_a_colleagues_call_and_one_after_the_chat_have_a_contact_of_their_own(chat_contact, ana, rufino, now):
    his = open_contact_of_return_call(chat_contact, outgoing(rufino, now), by=rufino, now=now)
    assert (his.follows, his == chat_contact) == (chat_contact, False)
    chats.end_chat(chat_contact.chat, by=ana, now=now)
    chat_contact.refresh_from_db()
    later = open_contact_of_return_call(chat_contact, outgoing(ana, now), by=ana, now=now)
    assert later != chat_contact


def test_a_call_goes_on_in_writing_in_the_same_contact(contact, begin, ana, now):
    chat = begin()
    for _twice in range(2):
        assert take_chat(chat, into=contact.pk, by=ana, now=now) == contact
    [only] = Contact.objects.visible_to(ana)
    assert (only.call_id, only.chat_id, only.channel) == (contact.call_id, chat.pk, Channel.CALL)
    with acting_as(ana.acting()):
        assert [each.text for each in Chat.objects.select_related("key").get(pk=chat.pk).read()] == ["invented words"]


def test_a_chat_does_not_go_into_the_contact_of_a_colleague_nor_into_a_closed_one(contact, begin, ana, rufino, now):
    with pytest.raises(Refused):
        take_chat(begin(), into=contact.pk, by=rufino, now=now)
    with pytest.raises(Refused):
        take_chat(begin(), into=uuid.uuid4(), by=ana, now=now)
    wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now)
    waiting = begin()
    with pytest.raises(Refused):
        take_chat(waiting, into=contact.pk, by=ana, now=now)
    assert Chat.objects.get(pk=waiting.pk).operator is None
    assert Contact.objects.count() == 1


def visit(code: str, now, **sent: str) -> Visit:
    """What the public page shows to whoever types this chat code, or goes on with a mark."""
    return handle_visit({"do": "back", "receipt": code, **sent}, lambda: (0.0, None), now)


def test_a_caller_goes_on_in_writing_by_a_code_that_is_read_to_them(contact, call, ana, rufino, now):
    code = give_chat_code(contact, by=ana, now=now)
    came = visit(code, now)
    assert (came.refusal, came.chat.came_back, came.written) == ("", False, ())
    visit(code, now, do="say", mark=came.mark, text="invented words")
    [only] = Contact.objects.visible_to(ana)
    assert (only.call_id, only.chat_id, only.channel) == (call.pk, came.chat.pk, Channel.CALL)
    with acting_as(ana.acting()):
        assert [each.text for each in Chat.objects.select_related("key").get(pk=came.chat.pk).read()] == [
            "invented words"
        ]
    assert Entry.objects.filter(what="give_chat_code").count() == 1
    for user, opens in ((ana, True), (rufino, False)):
        with acting_as(user.acting()):
            assert Chat.objects.filter(has_key(user.acting()), pk=came.chat.pk).exists() == opens
    with pytest.raises(Refused, match="has a chat already"):
        give_chat_code(contact, by=ana, now=now)


def test_only_the_operator_of_an_open_call_gives_a_chat_code(contact, chat_contact, ana, rufino, now):
    for wrong, user in ((contact, rufino), (chat_contact, ana)):
        with pytest.raises(Refused):
            give_chat_code(wrong, by=user, now=now)
    of_staff = (uuid.uuid4(), uuid.uuid4(), "1:case_worker", "es", now, now, b"x", "x")  # instead of a receipt's name
    with (
        pytest.raises(ProgrammingError, match="receipt of its own"),
        transaction.atomic(),
        acting_as(ana.acting()),
        connection.cursor() as cursor,
    ):
        cursor.execute("select chat_open_for_caller(%s, %s, %s, %s, %s, %s, %s, %s)", of_staff)
    give_chat_code(contact, by=ana, now=now)  # control: by the rule
    wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now)
    with pytest.raises(Refused):
        give_chat_code(contact, by=ana, now=now)


def test_a_code_that_nobody_used_ends_with_the_next_one_and_with_the_contact(contact, call, ana, now):
    Call.objects.filter(pk=call.pk).update(ended_at=now + timedelta(minutes=2), state=State.ENDED)
    first, second = (give_chat_code(contact, by=ana, now=now) for _twice in range(2))
    assert "has ended" in visit(first, now).refusal
    with acting_as(ana.acting()), pytest.raises(Refused, match="nobody waits"):
        chats.hand_back(Contact.objects.get(pk=contact.pk).chat, by=ana, now=now)
    done = wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now + timedelta(minutes=20))
    assert done.ended == now + timedelta(minutes=2)  # with the call, not with the chat
    assert "has ended" in visit(second, now).refusal
    end_unanswered(now)
    assert all(each.key.forgotten_at for each in Chat.objects.select_related("key"))
    assert reopen(done, by=ana, now=now).is_open
    assert give_chat_code(done, by=ana, now=now)


def test_a_code_that_nobody_used_ends_with_its_days_though_the_contact_stays_open(contact, ana, now):
    code = give_chat_code(contact, by=ana, now=now)
    for hours, is_open in ((71, True), (73, False)):
        end_unanswered(now + timedelta(hours=hours))
        chat = Chat.objects.select_related("key").get()
        assert (chat.is_open, chat.key.forgotten_at is None) == (is_open, is_open)
    assert visit(code, now).opens_nothing
    assert not wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now).is_open


def test_a_day_after_its_call_a_contact_gives_no_code(contact, call, ana, now):
    Call.objects.filter(pk=call.pk).update(ended_at=now, state=State.ENDED)
    done = wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now)
    again = reopen(done, by=ana, now=now + timedelta(days=20))
    with pytest.raises(Refused, match="ended more than 24 hours ago"):
        give_chat_code(again, by=ana, now=now + timedelta(days=20))
    assert not Chat.objects.exists()
    assert give_chat_code(again, by=ana, now=now + timedelta(hours=24))  # control: within 24 hours of the call


def test_the_page_shows_the_code_once_and_says_why_it_gives_no_other(contact, call, ana, now, client):
    client.force_login(ana)
    page = client.post(f"/contacts/{contact.pk}/chat-code?language=en")
    [code] = re.findall(r'class="return-code"[^>]*>([0-9 ]{19})<', page.content.decode())
    assert "no-store" in page.headers["Cache-Control"]
    visit(code, now)
    refused = client.post(f"/contacts/{contact.pk}/chat-code?language=en")
    assert (refused.status_code, "has a chat already" in refused.content.decode()) == (422, True)
    assert code not in client.get(f"/contacts/{contact.pk}").content.decode()


def test_a_colleague_of_the_call_closes_it_only_if_nobody_used_the_code(contact, call, ana, rufino, now):
    Call.objects.filter(pk=call.pk).update(operators=[ana.pk, rufino.pk])
    open_contact(Call.objects.get(pk=call.pk), by=rufino, now=now)
    code, close = give_chat_code(contact, by=ana, now=now), {"type": Type.CRISIS, "by": rufino, "now": now}
    assert not wrap_up(contact, key=uuid.uuid4(), **close).is_open
    assert "has ended" in visit(code, now).refusal
    visit(give_chat_code(reopen(contact, by=ana, now=now), by=ana, now=now), now)
    with pytest.raises(Refused, match="End it first"):
        wrap_up(contact, key=uuid.uuid4(), **close)


def test_a_colleague_of_the_call_closes_and_reopens_it_after_its_chat_without_reading_it(
    contact, call, begin, ana, rufino, teo, now
):
    Call.objects.filter(pk=call.pk).update(operators=[ana.pk, rufino.pk])
    open_contact(Call.objects.get(pk=call.pk), by=rufino, now=now)
    chat = take_chat(begin(), into=contact.pk, by=ana, now=now).chat

    def close(by) -> None:
        with acting_as(by.acting()), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select contacts_close_records(%s, %s)", [contact.pk, now])

    def closed_at() -> object:
        return Chat.objects.values_list("key__closed_at", flat=True).get(pk=chat.pk)

    with acting_as(rufino.acting()):
        given_to_a_case = Contact.objects.get(pk=contact.pk).own_keys
    assert chat.key_id not in {key.pk for key in given_to_a_case}
    close(rufino)
    assert closed_at() is None  # the chat goes on
    chats.end_chat(chat, by=ana, now=now)
    done = wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=rufino, now=now)
    assert closed_at() == now
    assert reopen(done, by=rufino, now=now).is_open
    assert closed_at() is None
    assert not Chat.objects.filter(has_key(rufino.acting()), pk=chat.pk).exists()
    with pytest.raises(ProgrammingError, match="only who holds the key of a contact"):
        close(teo)


def test_a_chat_that_waits_takes_the_place_of_a_code_that_nobody_used(contact, begin, ana, now):
    code, chat = give_chat_code(contact, by=ana, now=now), begin()
    assert take_chat(chat, into=contact.pk, by=ana, now=now).chat_id == chat.pk
    assert "has ended" in visit(code, now).refusal


def test_a_contact_takes_one_chat(contact, begin, ana, now):
    take_chat(begin(), into=contact.pk, by=ana, now=now)
    with pytest.raises(Refused):
        take_chat(begin(), into=contact.pk, by=ana, now=now)


def test_it_is_not_wrapped_up_while_either_goes_on_and_ends_with_the_last(contact, call, begin, ana, now):
    chat = begin()
    take_chat(chat, into=contact.pk, by=ana, now=now)
    with pytest.raises(Refused):
        wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now)
    Call.objects.filter(pk=call.pk).update(ended_at=now + timedelta(minutes=2), state=State.ENDED)
    chats.end_chat(Chat.objects.get(pk=chat.pk), by=ana, now=now + timedelta(minutes=9))
    done = wrap_up(contact, type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now + timedelta(minutes=20))
    assert done.ended == now + timedelta(minutes=9)


def test_a_chat_key_is_closed_with_the_contact_it_continues(contact, begin, ana, now):
    chat = begin()
    take_chat(chat, into=contact.pk, by=ana, now=now)
    contact.refresh_from_db()
    with acting_as(ana.acting()):
        assert chat.key_id in {key.pk for key in contact.own_keys}


def from_chat(chat: Chat, user, at) -> Call:
    """The person of this chat pressed "Call from here", and this operator answered."""
    return Call.objects.create(chat=chat.pk, arrived_at=at, answered_at=at, state=State.TALKING, operators=[user.pk])


def test_a_call_from_the_page_of_a_chat_joins_its_contact(begin, ana, now):
    contact = take_chat(begin(), by=ana, now=now)
    call = from_chat(contact.chat, ana, now)
    for _twice in range(2):
        assert open_contact(call, by=ana, now=now) == contact
    [only] = Contact.objects.visible_to(ana)
    assert (only.call_id, only.chat_id, only.channel) == (call.pk, contact.chat_id, Channel.CHAT)


def test_a_colleague_who_answers_it_gets_the_contact_of_the_chat(begin, ana, rufino, now):
    contact = take_chat(begin(), by=ana, now=now)
    call = from_chat(contact.chat, rufino, now)
    assert open_contact(call, by=rufino, now=now) == contact
    assert Contact.objects.visible_to(ana).get().call_id == call.pk
    assert Chat.objects.get().operator == ana


def test_who_is_not_in_the_call_joins_nothing(begin, ana, rufino, now):
    contact = take_chat(begin(), by=ana, now=now)
    with pytest.raises(Refused):
        open_contact(from_chat(contact.chat, ana, now), by=rufino, now=now)
    contact.refresh_from_db()
    assert contact.call_id is None


def test_a_call_from_a_chat_that_waits_takes_the_chat(begin, ana, now):
    chat = begin()
    contact = open_contact(from_chat(chat, ana, now), by=ana, now=now)
    chat.refresh_from_db()
    assert (contact.chat_id, chat.operator, chat.state) == (chat.pk, ana, "talking")
    assert Contact.objects.count() == 1


def test_who_may_take_no_chats_answers_the_call_and_the_chat_waits(begin, ana, rufino, marta, now):
    """Rufino, who is certified for chats, is on shift."""
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CHATS, now + timedelta(days=1), by=marta, now=now)
    take_seat(by=rufino, now=now)
    Seat.objects.filter(pk=rufino.pk).update(state=SeatState.READY, seen_at=timezone.now())
    chat = begin()
    call = from_chat(chat, ana, now)
    with acting_as(ana.acting()):
        contact = open_contact(call, by=ana, now=now)
        assert Contact.objects.filter(pk=contact.pk).exists()  # the transaction goes on
    chat.refresh_from_db()
    assert (chat.state, contact.chat_id) == ("waiting", None)
    assert take_chat(chat, by=rufino, now=now) != contact


def test_a_call_from_a_chat_that_was_handed_back_takes_it(begin, ana, rufino, now):
    contact = take_chat(begin(), by=ana, now=now)
    chats.hand_back(contact.chat, by=ana, now=now)
    assert open_contact(from_chat(contact.chat, rufino, now), by=rufino, now=now) == contact
    assert Chat.objects.get().operator == rufino


def test_a_second_call_from_a_chat_follows_its_contact(begin, ana, now):
    contact = take_chat(begin(), by=ana, now=now)
    first = open_contact(from_chat(contact.chat, ana, now), by=ana, now=now)
    second = open_contact(from_chat(contact.chat, ana, now), by=ana, now=now)
    assert (first, second.follows) == (contact, contact)


def test_a_call_from_a_chat_whose_contact_is_closed_follows_it(begin, ana, now):
    contact = take_chat(begin(), by=ana, now=now)
    chats.end_chat(contact.chat, by=ana, now=now)
    wrap_up(Contact.objects.get(), type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=now)
    after = open_contact(from_chat(contact.chat, ana, now), by=ana, now=now)
    assert (after == contact, after.follows) == (False, contact)
