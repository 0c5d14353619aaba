"""A shift is handed over on one page: each sees their own cases, and how many others there are."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import TaskKind
from amparo.care.cases.rules import open_case
from amparo.care.cases.tasks_planning import plan_task
from amparo.care.cases.team import add_member
from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Retention
from amparo.foundation.vault.retention import destroy_due_keys
from amparo.line.chat.rules import raise_danger_in_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency
from amparo.line.contacts.rules import take_chat
from amparo.line.roster.models import ShiftHandOver
from amparo.line.roster.rules import ShiftCounts, acknowledge_shift, hand_over_shift
from amparo.line.switchboard.models import DangerAlert

from ..hand_over import Sheet, sheet_of
from . import scenes

COUNTS = ShiftCounts(alerts=0, in_danger=1, urgent=2, promises=3, return_calls=4)
WORDS = "the heater of room two is out"


def sheet(user: User) -> Sheet:
    with acting_as(user.acting()):
        return sheet_of(user, timezone.now())


def case_of(user: User, urgency: Urgency) -> Case:
    contact = Contact.objects.get(call=scenes.wrap_up())
    contact.urgency = urgency
    contact.save(update_fields=["urgency"])
    return open_case(contact, by=user, now=timezone.now())


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User) -> str:
    answer = browser(user).get("/hand-over?language=en")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def left(ana) -> ShiftHandOver:
    return hand_over_shift(COUNTS, WORDS, by=ana, now=timezone.now())


@pytest.mark.parametrize(("urgency", "where"), [(Urgency.IMMEDIATE, "in_danger"), (Urgency.URGENT, "urgent")])
def test_a_case_stands_where_its_urgency_puts_it(ana, urgency, where):
    case = case_of(ana, urgency)
    found = sheet(ana)
    shown = {name: [each.case for each in getattr(found, name)] for name in ("in_danger", "urgent")}
    assert shown == {"in_danger": [], "urgent": []} | {where: [case]}
    assert f"/cases/{case.pk}" in page(ana)


@pytest.mark.parametrize("urgency", [Urgency.SOON, Urgency.ROUTINE])
def test_a_case_without_hurry_is_left_out(ana, urgency):
    case = case_of(ana, urgency)
    assert sheet(ana).counts.urgent == sheet(ana).counts.in_danger == 0
    assert case.code not in re.sub(r"(?s)aria-labelledby=.promises.*", "", page(ana))


def test_a_colleague_learns_how_many_there_are_and_not_which(ana, rufino, marta):
    case = case_of(ana, Urgency.IMMEDIATE)
    assert sheet(ana).counts == sheet(rufino).counts == sheet(marta).counts
    assert sheet(rufino).counts.in_danger == sheet(rufino).hidden.in_danger == 1
    assert sheet(rufino).in_danger == sheet(rufino).promises == []
    text = page(rufino)
    assert (case.code in text, str(case.pk) in text, "and 1 more of another team" in text) == (False, False, True)
    assert case.code in page(marta)
    add_member(case, rufino, by=ana, now=timezone.now())
    assert case.code in page(rufino)


def test_nobody_but_who_takes_calls_learns_how_many_there_are(ana, stranger):
    case_of(ana, Urgency.IMMEDIATE)
    for user, number in ((ana, 1), (stranger, 0)):
        with acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select in_danger from cases_for_shift(now())")
            assert cursor.fetchone() == (number,), user.username


@pytest.mark.parametrize(
    ("kind", "hours", "is_promise"),
    [(TaskKind.CALL, 3, True), (TaskKind.TELL, 23, True), (TaskKind.VISIT, 25, False), (TaskKind.REVIEW, 3, False)],
)
def test_a_promise_is_what_she_was_told_that_we_do_within_a_day(ana, kind, hours, is_promise):
    case, now = case_of(ana, Urgency.ROUTINE), timezone.now()
    before = sheet(ana)
    plan_task(case, kind, due=now + timedelta(hours=hours), by=ana, now=now)
    assert sheet(ana).counts.promises - before.counts.promises == is_promise
    assert len(sheet(ana).promises) == sheet(ana).counts.promises


def test_danger_marked_in_a_call_is_shown_for_a_day(ana, rufino):
    scenes.talking(danger=True)
    contact, now = Contact.objects.get(), timezone.now()
    alert = DangerAlert.objects.create(call=contact.call, at=now - timedelta(hours=23), raised_by=ana)
    assert [each.contact for each in sheet(ana).alerts] == [contact]
    assert [(each.alert, each.contact) for each in sheet(rufino).alerts] == [(alert, None)]  # not who it is
    DangerAlert.objects.update(at=now - timedelta(hours=25))
    assert sheet(ana).alerts == []


def test_danger_marked_in_a_chat_is_shown_with_its_contact(ana, rufino):
    chat = scenes.begin_chat()
    contact = take_chat(chat, by=ana, now=timezone.now())
    raise_danger_in_chat(chat, by=ana, now=timezone.now())
    assert [each.contact for each in sheet(ana).alerts] == [contact]
    assert [each.contact for each in sheet(rufino).alerts] == [None]


def test_return_calls_are_shown_without_a_number(ana):
    scenes.left_behind()
    text = page(ana)
    assert sheet(ana).counts.return_calls == 3
    assert "987000" not in text
    assert "hilos" not in text


def test_who_leaves_writes_a_sentence_and_who_comes_acknowledges_it(ana, rufino):
    case_of(ana, Urgency.URGENT)
    assert browser(ana).post("/hand-over/write", {"words": WORDS}).status_code == 302
    left = ShiftHandOver.objects.get()
    assert left.urgent == 1
    text = page(rufino)
    assert WORDS in text
    assert "urgent 1" in text
    assert browser(rufino).post(f"/hand-over/{left.pk}/acknowledge").status_code == 302
    left.refresh_from_db()
    assert left.read_by == rufino
    assert "Read by Rufino E." in page(ana)


def test_nobody_acknowledges_their_own(left, ana, rufino):
    with pytest.raises(Refused, match="otra persona, no quien la escribe"):
        acknowledge_shift(left, by=ana, now=timezone.now())
    assert f"/hand-over/{left.pk}/acknowledge" not in page(ana)
    assert f"/hand-over/{left.pk}/acknowledge" in page(rufino)  # control
    with pytest.raises(IntegrityError, match="a_shift_is_taken_over_by_somebody_else"), transaction.atomic():
        ShiftHandOver.objects.update(read_at=timezone.now(), read_by=ana)


def test_the_first_acknowledgement_is_kept(left, rufino, marta):
    acknowledge_shift(left, by=rufino, now=timezone.now())
    assert acknowledge_shift(left, by=marta, now=timezone.now()).read_by == rufino


def test_a_stranger_neither_writes_nor_acknowledges(left, stranger):
    with pytest.raises(Refused):
        hand_over_shift(COUNTS, by=stranger, now=timezone.now())
    with pytest.raises(Refused):
        acknowledge_shift(left, by=stranger, now=timezone.now())
    with acting_as(stranger.acting()):
        assert not ShiftHandOver.objects.exists()


def test_the_sentence_is_sealed_and_each_look_at_it_is_in_the_ledger(left, rufino):
    with connection.cursor() as cursor:
        cursor.execute("select words from roster_shifthandover")
        assert WORDS.encode() not in bytes(cursor.fetchone()[0])
    looks = Entry.objects.filter(what__startswith="look", about=f"shifthandover {left.pk}")
    assert not looks.exists()
    page(rufino)
    assert looks.get().user_id == rufino.pk


def test_it_is_forgotten_after_its_period(left, rufino):
    Retention.objects.create_defaults()  # a test before this one may have emptied the table
    destroy_due_keys(timezone.now() + timedelta(days=29))
    assert ShiftHandOver.objects.exists()
    destroy_due_keys(timezone.now() + timedelta(days=31))
    assert not ShiftHandOver.objects.exists()
    assert "heater" not in page(rufino)


def test_a_sentence_that_is_too_long_is_refused_and_kept(ana):
    answer = browser(ana).post("/hand-over/write", {"words": "x" * 500})
    assert answer.status_code == 422
    assert "x" * 500 in answer.content.decode()
    assert not ShiftHandOver.objects.exists()


@pytest.mark.parametrize(("language", "says"), [("es", "1 entrega de turno por leer"), ("en", "1 hand-over to read")])
def test_the_console_and_the_bar_say_that_one_waits(left, ana, rufino, language, says):
    client = browser(rufino)
    assert says in client.get(f"/console/queue?language={language}").content.decode()
    assert says not in browser(ana).get(f"/console/queue?language={language}").content.decode()
    acknowledge_shift(left, by=rufino, now=timezone.now())
    assert says not in client.get(f"/console/queue?language={language}").content.decode()
