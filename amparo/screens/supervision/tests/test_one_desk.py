"""A supervisor sees all waiting calls and chats in one list, and passes one on to an operator."""

import asyncio
import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.chat.rules import end_chat, hand_back, pass_chat_to
from amparo.line.chat.tasks import requeue_abandoned
from amparo.line.contacts.rules import open_contact, take_chat
from amparo.line.roster.models import Employer, Queue, Seat, Skill
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.shift_rules import issue_certificate, set_employment, set_ringing_rules
from amparo.line.switchboard import control
from amparo.line.switchboard.listening import Listening
from amparo.line.switchboard.models import Call, DangerAlert, State
from amparo.screens.desk.queue import AT_A_GLANCE
from amparo.screens.supervision.triage import SHOWN, waiting_conversations

from .conftest import seen_by

WORDS = "frase-inventada-7720"


def chat(marta: User, minutes: int, **what: object) -> Chat:
    with acting_as(marta.acting()):
        key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
    at = timezone.now() - timedelta(minutes=minutes)
    return Chat.objects.create(key=key, begun_at=at, turn_at=at, entered_at=at, seen_at=at, **what)


def call(minutes: int, **what: object) -> Call:
    at = timezone.now() - timedelta(minutes=minutes)
    return Call.objects.create(**{"state": State.WAITING, "arrived_at": at, "waiting_since": at, "turn_at": at, **what})


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen_in(answer: HttpResponse) -> dict[str, str]:
    """What the form of the first row would send."""
    form = re.search(r'<form class="pass-on".*?</form>', answer.content.decode(), re.DOTALL)[0]
    field, chosen = r'name="{}"[^>]*? value="([^"]*)"', re.search(r'<option value="(\d+)" selected', form)
    typed = re.search(field.format("words"), form)
    return {
        "instead_of": re.search(field.format("instead_of"), form)[1], "colleague": chosen[1] if chosen else "",
        "words": typed[1] if typed else "",
    }  # fmt: skip


@pytest.fixture
def sentences(settings, tmp_path):
    """The switchboard's own memory of sentences, which the web asks over the real socket."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    ready, loop, memory = threading.Event(), asyncio.new_event_loop(), Listening(None, None, None, None)

    async def listen():
        verbs = {
            "write_sentence_on_chat": memory.write_sentence_on_chat,
            "read_sentence_on_chat": memory.read_sentence_on_chat,
        }
        await control.serve(settings.ENVIRONMENT.control_socket, verbs)
        ready.set()

    def run():
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield lambda chat, user: control.ask("read_sentence_on_chat", chat=str(chat.pk), user=user.pk)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def test_everybody_who_waits_is_in_one_list_danger_first_and_then_the_longest(marta, ana):
    call(50, state=State.ENDED, pseudonym=b"q" * 16, ended_at=timezone.now(), answered_at=timezone.now())
    by_phone = call(5, language="qu", danger=True, silent=True, pseudonym=b"p" * 16)
    written = chat(marta, 9, entries=2)
    email = chat(marta, 1, channel="email", language="en")
    DangerAlert.objects.create(chat=email.pk, at=timezone.now())
    chat(marta, 90, practice_of=ana)
    chat(marta, 90, state="talking", operator=ana, taken_at=timezone.now())
    call(90, practice_of=ana)
    call(90, state=State.TALKING)
    waiting, number = seen_by(marta, waiting_conversations)
    assert [(each.pk, each.language, each.is_in_danger, each.is_silent, each.came_back) for each in waiting] == [
        (str(by_phone.pk), "qu", True, True, False),
        (str(email.pk), "en", True, False, False),
        (str(written.pk), "es", False, False, True),
    ]
    assert number == 3
    page = client_of(marta).get("/waiting").content.decode()
    assert re.findall(r'action="(/(?:calls|chats)/[0-9a-f-]+/pass-to)"', page) == [
        f"/calls/{by_phone.pk}/pass-to", f"/chats/{email.pk}/pass-to", f"/chats/{written.pk}/pass-to",
    ]  # fmt: skip


def test_danger_is_on_the_page_in_a_flood(marta):
    for minutes in range(SHOWN):
        call(100 + minutes)
    by_phone, written = call(2, danger=True), chat(marta, 1)
    DangerAlert.objects.create(chat=written.pk, at=timezone.now())
    waiting, number = seen_by(marta, waiting_conversations)
    assert [each.pk for each in waiting[:2]] == [str(by_phone.pk), str(written.pk)]
    assert (len(waiting), number) == (SHOWN, SHOWN + 2)
    assert "No hay nadie en turno." in client_of(marta).get("/waiting").content.decode(), "nobody to pass on to"


def test_a_chat_is_passed_on_and_anybody_may_take_it_all_the_same(marta, ana, rufino):
    waits = chat(marta, 3)
    place = waits.turn_at
    pass_chat_to(waits, ana, by=marta, now=timezone.now())
    waits.refresh_from_db()
    assert (waits.passed_to, waits.turn_at, waits.state) == (ana, place, "waiting")
    assert Entry.objects.filter(what="pass_chat_to", user_id=marta.pk, about=f"chat {waits.pk}").count() == 1
    assert "Se lo pasaron a usted" in client_of(ana).get("/console/queue").content.decode()
    assert "Se lo pasaron a usted" not in client_of(rufino).get("/console/queue").content.decode()
    take_chat(waits, by=rufino, now=timezone.now())
    waits.refresh_from_db()
    hand_back(waits, by=rufino, now=timezone.now())
    waits.refresh_from_db()
    assert (waits.passed_to, waits.turn_at) == (None, place)


def test_a_chat_that_is_passed_on_is_the_first_that_waits_for_its_operator(marta, ana, rufino):
    older = [chat(marta, 100 + minutes) for minutes in range(AT_A_GLANCE)]
    last, later = chat(marta, 3), chat(marta, 2)
    first = f'action="/chats/{older[-1].pk}/take"'
    for each in (later, last):
        pass_chat_to(each, ana, by=marta, now=timezone.now())
    found = re.findall(r'action="/chats/([0-9a-f-]+)/take"', client_of(ana).get("/console/queue").content.decode())
    assert found[:3] == [str(each.pk) for each in (last, later, older[-1])]
    assert len(found) == AT_A_GLANCE
    of_others = client_of(rufino).get("/console/queue").content.decode()
    assert re.search(r'action="/chats/[0-9a-f-]+/take"', of_others)[0] == first, (
        "control: for others it keeps its place"
    )
    assert str(last.pk) not in of_others


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["ends", "is handed back", "waits again"])
def test_the_sentence_about_a_chat_ends_with_it(marta, ana, sentences, how):
    waits = chat(marta, 3)
    assert client_of(marta).post(f"/chats/{waits.pk}/pass-to", {"colleague": ana.pk, "words": WORDS}).status_code == 302
    take_chat(waits, by=ana, now=timezone.now())
    assert sentences(waits, ana) == {"by": marta.pk, "words": WORDS}
    assert WORDS in client_of(ana).get(f"/console?chat={waits.pk}").content.decode()
    if how == "ends":
        end_chat(waits, by=ana, now=timezone.now())
        assert WORDS not in client_of(ana).get(f"/console?chat={waits.pk}").content.decode()
    elif how == "is handed back":
        hand_back(waits, by=ana, now=timezone.now())
    else:
        requeue_abandoned(timezone.now() + timedelta(hours=1))
    assert sentences(waits, ana) == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_supervisors_the_second_sees_whom_the_first_chose_and_loses_no_word(marta, ana, rufino, sentences):
    waits, other = chat(marta, 3), "otra-frase-7721"
    address, page = f"/chats/{waits.pk}/pass-to", client_of(marta)
    before = seen_in(page.get("/waiting"))
    assert page.post(address, before | {"colleague": ana.pk, "words": WORDS}).status_code == 302
    answer = page.post(address, before | {"colleague": rufino.pk, "words": other})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "se pasó a Ana F." in shown
    assert WORDS not in shown
    assert sentences(waits, ana) == {"by": marta.pk, "words": WORDS}
    typed = seen_in(answer)
    assert (typed["colleague"], typed["words"]) == (str(rufino.pk), other)
    assert page.post(address, typed).status_code == 302
    assert sentences(waits, rufino) == {"by": marta.pk, "words": other}
    assert sentences(waits, ana) == {}


@pytest.mark.parametrize("others", [0, 12])
def test_the_list_asks_as_often_for_many_as_for_few(marta, ana, others):
    answered = call(90, state=State.TALKING, pseudonym=bytes(16), operators=[ana.pk])
    open_contact(answered, by=ana, now=timezone.now())
    for number in range(1 + others):
        call(number, pseudonym=bytes([number]) * 16)
        DangerAlert.objects.create(chat=chat(marta, number).pk, at=timezone.now())
    with acting_as(marta.acting()), CaptureQueriesContext(connection) as queries:
        waiting, number = waiting_conversations()
    assert (len(waiting), number) == (2 + 2 * others,) * 2
    assert [each.earlier for each in waiting if each.earlier] == [1]
    assert len(queries) == 6, "two counts, calls, their earlier contacts, chats, their answers that wait to be sent"


def test_skills_stand_beside_whoever_can_be_chosen(marta, ana, rufino):
    call(1)
    call(1, state=State.TALKING, operators=[rufino.pk], answered_at=timezone.now())
    set_employment(ana, Employer.LINE, [Skill.CHILDREN], by=marta)
    listed = client_of(marta).get("/waiting").content.decode()
    options = dict(re.findall(r'<option value="(\d+)">([^<]*)', listed))
    assert "niñas, niños y adolescentes" in options[str(ana.pk)]
    assert "·" not in options[str(rufino.pk)], "control: nothing is written of Rufino"
    transfer = client_of(rufino).get("/console").content.decode()
    assert "niñas, niños y adolescentes" in transfer


@pytest.mark.django_db(transaction=True)
def test_a_chat_is_passed_on_while_the_switchboard_is_away(marta, ana, rufino):
    waits = chat(marta, 3)
    address = f"/chats/{waits.pk}/pass-to"
    assert client_of(marta).post(address, {"colleague": ana.pk}).status_code == 302
    again = {"colleague": rufino.pk, "words": WORDS, "instead_of": ana.pk}
    answer = client_of(marta).post(address, again)
    assert (answer.status_code, "sin su frase" in answer.content.decode()) == (503, True)
    waits.refresh_from_db()
    assert waits.passed_to == rufino


def test_a_chat_goes_to_nobody_who_could_not_take_it(marta, ana, rufino):
    now = timezone.now()
    waits = chat(marta, 3)
    Seat.objects.filter(pk=ana.pk).update(state=SeatState.BREAK)
    with pytest.raises(Refused):
        pass_chat_to(waits, ana, by=marta, now=now)
    Seat.objects.filter(pk=ana.pk).update(state=SeatState.READY)
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CHATS, now + timedelta(hours=1), by=marta, now=now)
    with pytest.raises(Refused):
        pass_chat_to(waits, ana, by=marta, now=now + timedelta(seconds=1))
    pass_chat_to(waits, rufino, by=marta, now=now + timedelta(seconds=1))
    take_chat(waits, by=rufino, now=now + timedelta(seconds=2))
    with pytest.raises(Refused):
        pass_chat_to(waits, rufino, by=marta, now=now + timedelta(seconds=3))


def test_only_a_supervisor_passes_on_and_only_with_one_sentence(marta, ana):
    """Bad words go nowhere. Good ones ask the switchboard, which is away in this test."""
    waits, written = call(1), chat(marta, 1)
    for address in (f"/calls/{waits.pk}/pass-to", f"/chats/{written.pk}/pass-to"):
        assert client_of(ana).post(address, {"colleague": ana.pk}).status_code == 404
        for bad in ({"colleague": ""}, {"colleague": ana.pk, "words": "a" * 141}, {"colleague": 10**6}):
            assert client_of(marta).post(address, bad).status_code == 409
    assert client_of(marta).post(f"/calls/{waits.pk}/pass-to", {"colleague": ana.pk}).status_code == 503
    assert not Entry.objects.filter(what="pass_to").exists()
    for address in ("/waiting", "/waiting/now"):
        assert client_of(ana).get(address).status_code == 404
        assert client_of(marta).get(address).status_code == 200
