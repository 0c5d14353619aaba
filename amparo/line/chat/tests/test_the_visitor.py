"""What the bearer of a receipt can see and do, and what they never see."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from amparo.foundation.access.bearers import bearer_of
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.foundation.vault.models import DataKey, Grant
from amparo.line.chat import rules
from amparo.line.chat.models import LASTS, Chat, ChatMessage, State
from amparo.line.chat.receipts import acting_with, entry_of, page_mark
from amparo.line.chat.visits import SILENT, chat_of_caller, handle_visit, record_call
from amparo.line.contacts.rules import take_chat
from amparo.line.switchboard.fair_queue import WITHOUT_WORK

from .conftest import WORDS, at_work

QUICK = ("yes", "no", "unsure", "later")


def nowhere() -> tuple[float, None]:
    """A place in the queue, without a proof of work."""
    return 0.0, None


def ask(receipt, now, *, entry: int | None = 1, **sent):
    page = {"mark": page_mark(receipt, entry)} if entry else {}
    return handle_visit({"receipt": receipt, "name": str(uuid.uuid4()), **page, **sent}, nowhere, now)


def read(visit) -> list[str]:
    return [each.text for each in visit.written]


@pytest.fixture
def begun(receipt, now, db):
    return ask(receipt, now, do="begin", text=WORDS)


def test_she_begins_and_waits(begun, receipt):
    chat = Chat.objects.get()
    assert (begun.status, read(begun), chat.state) == (200, [WORDS], State.WAITING)
    assert receipt.replace(" ", "") not in str(chat.__dict__)


def test_beginning_twice_is_beginning_once(begun, receipt, now):
    name = ChatMessage.objects.get().pk
    again = ask(receipt, now, do="begin", text=WORDS, name=str(name))
    assert (Chat.objects.count(), read(again), again.chat.entries) == (1, [WORDS], 1)


@pytest.mark.django_db(transaction=True)
def test_beginning_twice_at_once_is_beginning_once(ana, receipt, now):
    ready, name, seen = threading.Barrier(2), str(uuid.uuid4()), []

    def begin_it() -> None:
        try:
            ready.wait(timeout=10)
            seen.append(read(ask(receipt, now, do="begin", text=WORDS, name=name)))
        finally:
            connection.close()

    threads = [threading.Thread(target=begin_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Chat.objects.count(), seen) == (1, [[WORDS]] * 2)


def test_she_goes_on_and_what_is_sent_twice_is_kept_once(begun, receipt, now):
    name = str(uuid.uuid4())
    for _ in range(2):
        visit = ask(receipt, now + timedelta(seconds=1), do="say", text="more", name=name)
    assert read(visit) == [WORDS, "more"]


def test_other_words_of_a_page_that_heard_no_answer_are_kept_too(begun, receipt, now):
    name = str(uuid.uuid4())
    for second, text in enumerate(("more", "and more"), start=1):
        visit = ask(receipt, now + timedelta(seconds=second), do="say", text=text, name=name)
    assert read(visit) == [WORDS, "more", "and more"]


def test_an_answer_by_one_tap_is_written_in_the_words_of_her_page(begun, receipt, now):
    with translation.override("es"):
        texts = [read(ask(receipt, now + timedelta(seconds=n), quick=it))[-1] for n, it in enumerate(QUICK, start=1)]
    assert texts == ["Sí", "No", "No sé", "Ahora no"]


def test_a_page_that_shows_all_there_is_opens_no_word(begun, receipt, now):
    visit = ask(receipt, now, do="watch", shown=begun.version)
    assert (visit.has_changed, visit.written) == (False, ())
    ask(receipt, now, do="say", text="more")
    assert ask(receipt, now, do="watch", shown=begun.version).has_changed


def test_whoever_comes_back_by_the_receipt_reads_nothing_older(begun, receipt, now):
    later = now + timedelta(minutes=1)
    back = ask(receipt, later, entry=None, do="back")
    assert (back.status, read(back), back.chat.entries) == (200, [], 2)
    ask(receipt, later, entry=2, do="say", text="more")
    assert read(ask(receipt, later, entry=2, do="look")) == ["more"]
    assert ChatMessage.objects.count() == 2  # the control: the operator still has the older message


def test_the_page_before_goes_on_no_more(begun, receipt, now):
    ask(receipt, now, entry=None, do="back")
    old = ask(receipt, now, do="look")
    assert (old.chat, old.status, "another page" in old.refusal) == (None, 422, True)
    assert Chat.objects.get().entries == 2  # and the other page continues


def test_a_page_that_was_silent_for_long_is_taken_for_closed(begun, receipt, now):
    assert read(ask(receipt, now + SILENT, do="look")) == [WORDS]
    assert read(ask(receipt, now + SILENT * 2 + timedelta(seconds=1), do="look")) == []


@pytest.mark.parametrize("forged", ["", "1", "1.", "2.x", "x.y", "1" * 40, "1.é"])
def test_a_mark_that_is_not_ours_is_none(begun, receipt, now, forged):
    assert entry_of(receipt, forged) is None
    assert (
        read(handle_visit({"receipt": receipt, "mark": forged, "do": "look"}, nowhere, now + timedelta(seconds=1)))
        == []
    )


def test_the_mark_of_one_chat_opens_no_other(begin, receipt, now):
    other = new_code()
    begin(receipt), begin(other)
    assert read(handle_visit({"receipt": receipt, "mark": page_mark(other)}, nowhere, now + timedelta(seconds=1))) == []


@pytest.mark.parametrize("typed", ["", "123", "1" * 15, "x" * 200])
def test_a_slip_is_told_and_what_was_typed_is_kept(db, now, typed):
    visit = handle_visit({"receipt": typed, "do": "back"}, nowhere, now)
    assert (visit.status, visit.typed, visit.opens_nothing) == (422, typed[:60], False)


def test_a_receipt_of_nobody_opens_nothing_and_counts_as_a_guess(db, now):
    visit = ask(new_code(), now, entry=None, do="back")
    assert (visit.status, visit.chat, visit.opens_nothing) == (422, None, True)


def test_a_receipt_opens_for_a_weekend_and_no_longer(begun, receipt, now):
    Grant.objects.filter(holder__contains=":chat_").update(expires_at=now - timedelta(seconds=1))
    assert ask(receipt, now, entry=None, do="back").opens_nothing
    assert timedelta(days=3) == LASTS


def test_nothing_and_too_much_are_refused_in_words_and_kept(begun, receipt, now):
    for text in ("", "  ", "x" * (rules.LONGEST + 1)):
        visit = ask(receipt, now, do="say", text=text)
        assert (visit.status, visit.text, bool(visit.refusal)) == (422, text, True)
    assert ChatMessage.objects.count() == 1


def test_who_writes_without_end_is_asked_to_wait(chat, receipt, now, ana):
    for _ in range(rules.UNANSWERED - 1):
        assert ask(receipt, now, do="say", text="more").status == 200
    assert "until a person answers" in ask(receipt, now + timedelta(minutes=2), do="say", text="more").refusal
    take_chat(chat, by=ana, now=now)
    assert "Wait a minute" in ask(receipt, now, do="say", text="more").refusal
    assert ask(receipt, now + timedelta(minutes=2), do="say", text="more").status == 200


def test_she_is_told_how_many_are_before_her_and_that_nobody_is_there(begin, begun, receipt, ana, now):
    assert "Nobody is on shift" in begun.stands
    begin(work="w", at=now - timedelta(hours=1))
    at_work(ana, now)
    assert "1 person is" in ask(receipt, now, do="look").stands
    Chat.objects.filter(work="w").update(state=State.ENDED, ended_at=now)
    assert "you are the next" in ask(receipt, now, do="look").stands


def test_she_is_told_when_who_answers_her_is_away(chat, receipt, ana, now):
    at_work(ana, now)
    take_chat(chat, by=ana, now=now)
    with_her = ask(receipt, now, do="watch")
    assert "A person is with you" in with_her.stands
    away = ask(receipt, now + timedelta(minutes=1), do="watch", shown=with_her.version)
    assert "away for a moment" in away.stands


def test_she_is_told_that_another_person_answers_now(chat, receipt, ana, rufino, now):
    at_work(ana, now)
    at_work(rufino, now)
    take_chat(chat, by=ana, now=now)
    rules.answer_chat(chat, "invented answer", pk=uuid.uuid4(), by=ana, now=now)
    rules.hand_back(chat, by=ana, now=now)
    assert "you are the next" in ask(receipt, now, do="watch").stands
    take_chat(chat, by=ana, now=now)
    with_ana = ask(receipt, now, do="watch")
    assert with_ana.stands == "A person is with you, and reads what you write.", "control: the same person again"
    rules.hand_back(chat, by=ana, now=now)
    take_chat(chat, by=rufino, now=now)
    with_rufino = ask(receipt, now, do="watch", shown=with_ana.version)
    assert with_rufino.stands == "Another person from the team is with you now, and reads what you write."
    rules.answer_chat(chat, "another answer", pk=uuid.uuid4(), by=rufino, now=now)
    assert "Another person" in ask(receipt, now, do="watch", shown=with_rufino.version).stands


def test_no_receipt_reads_or_writes_in_the_chat_of_another(begin, now):
    mine, other = new_code(), new_code()
    chat, theirs = begin(mine), begin(other)
    with acting_as(acting_with(mine)):
        assert [it.pk for it in Chat.objects.only("pk")] == [chat.pk]
        assert {it.chat_id for it in ChatMessage.objects.all()} == {chat.pk}
        with connection.cursor() as cursor:
            for verb in ("chat_reenter", "chat_mark_seen"):
                cursor.execute(f"select {verb}(%s, %s)", [theirs.pk, now + timedelta(days=1)])
            cursor.execute("select before from chat_queue_position(%s, %s)", [theirs.pk, now])
            assert cursor.fetchone() == (None,)
            for of_others in ("chat_operator", "chat_has_changed_hands"):
                cursor.execute(f"select {of_others}(%s)", [theirs.pk])
                assert cursor.fetchone() == (None,)
    theirs.refresh_from_db()
    assert (theirs.entries, theirs.seen_at) == (1, now)


def test_a_visitor_writes_in_nobodys_name_and_nowhere_else(begin, receipt, ana, now):
    chat, theirs = begin(receipt), begin()
    honest: dict = {"chat": chat, "from_bearer": True, "by": None}
    for lie in ({"from_bearer": False, "by": ana}, {"chat": theirs}):
        with pytest.raises(DatabaseError, match="row-level security"):
            insert(receipt, now, **honest | lie)
    insert(receipt, now, **honest)  # the control


def insert(receipt, now, **what) -> None:
    """Insert as SQL injected into the visitor's request would."""
    acting = acting_with(receipt)
    with acting_as(acting):
        mine = Chat.objects.of(acting)
        ChatMessage(pk=uuid.uuid4(), key=mine.key, text="forged", at=now, **what).save(force_insert=True)


def test_nobody_comes_into_a_chat_that_ended_meanwhile(chat, receipt, ana, now):
    """The page was answered from what stood before the end; what it asks then is refused."""
    acting = acting_with(receipt)
    with acting_as(acting):
        seen = Chat.objects.of(acting)
    take_chat(chat, by=ana, now=now)
    rules.end_chat(chat, by=ana, now=now)
    with pytest.raises(Refused, match="has ended"), acting_as(acting):
        rules.come_in(seen, now=now)
    chat.refresh_from_db()
    assert (chat.entries, chat.entered_at) == (1, now)
    back = ask(receipt, now, entry=None, do="back", text="more")
    assert (back.status, "has ended" in back.refusal, back.text, back.opens_nothing) == (422, True, "more", False)


@pytest.mark.parametrize(
    "statement",
    ["update chat_chat set entered_at = begun_at", "delete from chat_chatmessage", "select operator_id from chat_chat",
     "select * from contacts_contact", "insert into vault_grant (holder) values ('u1')", "select chat_grant_key(null)",
     "update chat_chatmessage set at = now()", "select vault_make_key(null, 1, '', '{u1}', '', '')"],
)  # fmt: skip
def test_the_role_of_a_visitor_can_do_nothing_else(chat, receipt, statement):
    with pytest.raises(DatabaseError, match="permission denied"):
        run(acting_with(receipt), statement)


def run(acting, statement, *values) -> None:
    with acting_as(acting), connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def test_one_receipt_has_one_chat_and_a_return_code_none(chat, receipt, now):
    for acting in (acting_with(receipt), bearer_of("code", new_code().replace(" ", ""))):
        key = DataKey.objects.drawn(agency=1, kind="chat")
        with pytest.raises(DatabaseError, match="a receipt has one chat"):
            run(acting, "select chat_make_key(%s, %s, %s, %s)", key.pk, now, *key.wrapped_for(1))


def test_a_receipt_opens_no_longer_than_the_database_says(db, receipt):
    key = DataKey.objects.drawn(agency=1, kind="chat")
    run(acting_with(receipt), "select chat_make_key(%s, '9000-01-01Z', %s, %s)", key.pk, *key.wrapped_for(1))
    assert Grant.objects.get(holder__contains=":chat_").expires_at <= timezone.now() + LASTS


def test_a_code_makes_no_chat_of_the_key_that_it_opens(ana, now):
    """Otherwise the operator who takes the chat would hold the key of a case."""
    code = bearer_of("code", new_code().replace(" ", ""))
    with acting_as(ana.acting()):
        key = DataKey.objects.make(code.holders[1], agency=1, kind="case")
    with pytest.raises(DatabaseError, match="a_chat_begins_by_waiting"), acting_as(code):
        Chat(key=key, begun_at=now, turn_at=now, entered_at=now, seen_at=now).save(force_insert=True)


def test_who_brings_work_stands_before_who_brings_none(begin, now):
    without, with_work = begin(), begin(work="a" * 16, at=now + timedelta(seconds=10))
    assert list(Chat.objects.waiting_in_order()) == [with_work, without]
    assert without.turn_at == now + timedelta(seconds=WITHOUT_WORK)


def test_a_work_serves_once_and_nobody_is_refused(begin, now):
    first, second = begin(work="a" * 16), begin(work="a" * 16)
    assert (first.work, first.turn_at) == ("a" * 16, now)
    assert (second.work, second.turn_at) == (None, now + timedelta(seconds=WITHOUT_WORK))


def test_an_ended_chat_says_so_and_takes_no_more(chat, receipt, ana, now):
    take_chat(chat, by=ana, now=now)
    rules.end_chat(chat, by=ana, now=now)
    visit = ask(receipt, now, do="say", text="more")
    assert (visit.status, "has ended" in visit.stands, visit.text) == (422, True, "more")
    with pytest.raises(Refused):
        rules.begin_chat(acting_with(new_code()), "", pk=uuid.uuid4(), language="es", behind=0, work=None, now=now)
    assert issubclass(RateLimited, Refused)


def test_the_open_page_of_a_chat_may_call_and_is_led_to_its_operator(begun, receipt, ana, now):
    page = {"receipt": receipt, "mark": page_mark(receipt, 1)}
    chat = Chat.objects.get()
    assert chat_of_caller(page) == (chat.pk, None)
    take_chat(chat, by=ana, now=now)
    assert chat_of_caller(page) == (chat.pk, ana.pk)
    record_call(page)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_entry where what = 'call_from_chat'")
        assert cursor.fetchone() == (1,)  # to ask who has it is no call


@pytest.mark.parametrize("entry", [None, 2])
def test_without_the_mark_of_its_page_nobody_calls_from_a_chat(begun, receipt, entry):
    with pytest.raises(Refused):
        chat_of_caller({"receipt": receipt, "mark": page_mark(receipt, entry) if entry else ""})


def test_nobody_calls_from_a_chat_of_somebody_else_or_one_that_ended(begun, receipt, ana, now):
    other = new_code()
    with pytest.raises(Refused):
        chat_of_caller({"receipt": other, "mark": page_mark(other, 1)})
    chat = Chat.objects.get()
    take_chat(chat, by=ana, now=now)
    rules.end_chat(Chat.objects.get(), by=ana, now=now)
    with pytest.raises(Refused, match="has ended"):
        chat_of_caller({"receipt": receipt, "mark": page_mark(receipt, 1)})
