"""Answering chats from the console, with and without scripts."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import acting_as
from amparo.line.chat.models import Chat, ChatMessage, State
from amparo.line.chat.receipts import acting_with
from amparo.line.chat.rules import begin_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import mark_seen
from amparo.line.switchboard.models import UNANSWERED_AFTER, Call, DangerAlert, Language
from amparo.line.switchboard.models import State as CallState

WORDS = "invented words of nobody"


@pytest.fixture
def chat(db) -> Chat:
    now, acting = timezone.now(), acting_with(new_code())
    return begin_chat(acting, WORDS, pk=uuid.uuid4(), language=Language.QUECHUA, behind=0, work=None, now=now)


@pytest.fixture
def ask(chat, console):
    """Send one action of the chat as a form without script; return the answer."""

    def ask(verb: str, client: Client = console, **sent: str):
        return client.post(f"/chats/{chat.pk}/{verb}", sent, headers={"Sec-Fetch-Mode": "navigate"})

    return ask


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_queue_shows_who_waits_and_no_word(chat, console):
    text = console.get("/console/queue").content.decode()
    assert (f"/chats/{chat.pk}/take" in text, "Runasimi" in text, WORDS in text) == (True, True, False)


def test_nobody_writes_and_nothing_is_shown(console):
    assert "/chats/" not in console.get("/console/queue").content.decode()


def test_taking_it_shows_it_in_the_console_with_the_contact_and_makes_one_busy(chat, console, ana, ask):
    answer = ask("take")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/console?chat={chat.pk}")
    page = console.get(answer.headers["Location"]).content.decode()
    contact = Contact.objects.get(chat=chat)
    assert all(part in page for part in (WORDS, f"/contacts/{contact.pk}/draft", contact.code))
    assert Seat.objects.get(user=ana).state == SeatState.BUSY
    assert f'href="/console?chat={chat.pk}"' in console.get("/console/queue").content.decode()
    assert WORDS in console.get("/console").content.decode(), "it keeps her busy, so it is shown unasked"
    assert console.get(f"/chats/{chat.pk}").headers["Location"] == f"/console?chat={chat.pk}"


def test_who_writes_is_in_a_chat_for_everybody_and_in_wrap_up_only_once_it_has_ended(chat, ask, ana, marta):
    """For colleagues on the console, on the wallboard, on a home, where one passes on, and for Ana herself."""
    mark_seen(ana.pk, timezone.now())
    hers = browser_of(marta)

    def shows_chat() -> list[bool]:
        mark_seen(ana.pk, timezone.now())
        pages = ("/console/queue", "/wallboard/now", "/home", "/waiting")
        shown = [hers.get(page).content.decode() for page in pages] + [browser_of(ana).get("/console").content.decode()]
        return ["En chat, 1 persona" in page or "en chat</option>" in page.replace("\n", "") for page in shown]

    assert not any(shows_chat()), "control: nobody writes yet"
    ask("take")
    begin_chat(acting_with(new_code()), WORDS, pk=uuid.uuid4(), language=Language.SPANISH, behind=0, work=None,
               now=timezone.now())  # fmt: skip
    assert shows_chat() == [True] * 5
    ask("end")
    assert not any(shows_chat())


def test_a_colleague_gets_a_sentence_and_no_page(chat, ask, rufino):
    ask("take")
    his = browser_of(rufino)
    late = ask("take", his)
    assert (late.status_code, "Otra persona del turno tomó este chat" in late.content.decode()) == (409, True)
    assert his.get(f"/chats/{chat.pk}").status_code == his.get(f"/chats/{chat.pk}/thread").status_code == 404
    assert ask("write", his, text="more").status_code == 404


def test_what_is_refused_without_script_comes_back_in_its_field(chat, ask):
    ask("take")
    long = "x" * 2001
    answer = ask("write", text=long)
    assert (answer.status_code, long in answer.content.decode()) == (422, True)
    assert ask("write", text="invented answer", name="nonsense").status_code == 302
    assert ChatMessage.objects.filter(from_bearer=False).count() == 1


def test_a_script_is_answered_in_short(chat, console, ask):
    ask("take")
    sent = {"text": "invented answer", "name": str(uuid.uuid4())}
    for _ in range(2):
        assert console.post(f"/chats/{chat.pk}/write", sent).status_code == 204
    assert console.get(f"/chats/{chat.pk}/thread").content.decode().count("invented answer") == 1
    assert console.post(f"/chats/{chat.pk}/write", {"text": ""}).status_code == 409


def test_handed_back_it_waits_for_everybody(chat, ask, console):
    ask("take")
    assert ask("hand-back").status_code == 302
    assert Chat.objects.get().state == State.WAITING
    assert console.get(f"/chats/{chat.pk}").status_code == 404


def test_ended_it_leads_to_its_contact_which_waits_to_be_closed(chat, ask, console):
    ask("take")
    contact = Contact.objects.get()
    assert ask("end").headers["Location"] == f"/console?chat={chat.pk}"
    assert f'href="/console?chat={chat.pk}"' in console.get("/console/queue").content.decode()
    page = console.get(f"/console?chat={chat.pk}").content.decode()
    assert all(part in page for part in ('id="wrap-up"', f"/contacts/{contact.pk}/wrap-up", WORDS))


def test_a_supervisor_sees_who_talks_and_hands_back_what_they_cannot(chat, ask, ana):
    ask("take")
    marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
    hers = browser_of(marta)
    assert f"/chats/{chat.pk}/hand-back" in hers.get("/console").content.decode()
    assert ask("hand-back", hers).status_code == 302
    assert Chat.objects.get().operator is None


def test_what_was_forgotten_with_its_contact_is_not_here(chat, ask, console, ana):
    ask("take"), ask("end")
    with acting_as(ana.acting()):
        for record in (Contact.objects.get(), Chat.objects.get()):
            record.key.forget()
    for answer in (console.get(f"/chats/{chat.pk}"), console.get(f"/chats/{chat.pk}/thread"), ask("end")):
        assert answer.status_code == 404


def test_the_words_to_say_are_of_who_writes(chat, console, ask):
    page = console.get(ask("take").headers["Location"]).content.decode()
    assert ("¿Puede escribir sin que" in page, "¿Puede hablar sin que" in page) == (True, False)


def test_in_a_call_from_the_chat_they_are_of_who_speaks(chat, console, ana, ask):
    ask("take")
    now = timezone.now()
    call = Call.objects.create(
        chat=chat.pk, arrived_at=now, answered_at=now, state=CallState.TALKING, operators=[ana.pk]
    )
    open_contact(call, by=ana, now=now)
    page = console.get("/console").content.decode()
    assert ("¿Puede escribir sin que" in page, "¿Puede hablar sin que" in page) == (False, True)


def test_danger_in_a_chat_alerts_every_supervisor_once(chat, ask, ana, marta):
    ask("take")
    assert ask("danger").headers["Location"] == f"/console?chat={chat.pk}"
    assert ask("danger").status_code == 302
    shown = browser_of(marta).get("/danger").content.decode()
    assert all(words in shown for words in ("Por escrito:", "Ana F.", "Con la persona:"))
    assert WORDS not in shown
    [alert] = DangerAlert.objects.all()
    browser_of(marta).post("/danger/acknowledge", {"alert": alert.pk})
    shown = browser_of(marta).get("/danger").content.decode()
    assert ("usted atiende una alerta de peligro en una conversación por escrito" in shown, "Ana F." in shown) == (
        True,
        True,
    )
    assert "/danger/acknowledge" not in shown
    assert (
        "Marta Q." in browser_of(ana).get("/danger").content.decode()
    )  # the operator who raised the alert reads who answered it
    ask("end")
    assert browser_of(marta).get("/danger").status_code == 204


def test_a_supervisor_in_a_call_sees_danger_without_sound(chat, ask, marta):
    ask("take")
    ask("danger")
    assert "data-sounds" in browser_of(marta).get("/danger").content.decode()
    now = timezone.now()
    Call.objects.create(arrived_at=now, state=CallState.TALKING, answered_at=now, operators=[marta.pk])
    shown = browser_of(marta).get("/danger").content.decode()
    assert ("Ana F." in shown, "data-sounds" in shown) == (True, False)
    Call.objects.update(operators=[], invited=[marta.pk])  # only asked to join: she may be away from the screen
    assert "data-sounds" in browser_of(marta).get("/danger").content.decode()


def test_one_press_acknowledges_what_stands_in_words_and_what_waits_for_one(chat, ask, ana, rufino, marta):
    now = timezone.now()
    for n in range(5):
        DangerAlert.objects.create(call=Call.objects.create(arrived_at=now), at=now - timedelta(seconds=9 - n))
    ask("take")
    ask("danger")
    page = browser_of(marta).get("/danger").content.decode()
    numbers = re.findall(r'name="alert" value="([0-9]+)"', page)
    assert ("Ana F." in page, len(numbers)) == (True, 3)
    everything = {"alert": [str(alert.pk) for alert in DangerAlert.objects.all()]}
    browser_of(rufino).post("/danger/acknowledge", everything)  # not yet shown to him
    assert not DangerAlert.objects.exclude(acknowledged_at=None).exists()
    browser_of(marta).post("/danger/acknowledge", {"alert": numbers})
    assert DangerAlert.objects.exclude(acknowledged_at=None).count() == 3


def test_danger_that_was_acknowledged_is_raised_again(chat, ask, marta):
    ask("take")
    ask("danger")
    [alert] = DangerAlert.objects.all()
    browser_of(marta).post("/danger/acknowledge", {"alert": alert.pk})
    assert "/danger/acknowledge" not in browser_of(marta).get("/danger").content.decode()
    ask("danger")
    assert "/danger/acknowledge" in browser_of(marta).get("/danger").content.decode()
    assert [each.acknowledged_by for each in DangerAlert.objects.order_by("at")] == [marta, None]
    ask("danger")
    assert DangerAlert.objects.count() == 2  # one waits: it is not raised a third time


def test_danger_is_raised_after_the_chat_was_handed_back_or_ended(chat, ask, ana, marta):
    ask("take")
    ask("write", text="Estoy aquí.")
    ask("hand-back", browser_of(marta))
    assert ask("danger").status_code == 302
    DangerAlert.objects.all().delete()
    ask("take")
    console = browser_of(ana).get(ask("end").headers["Location"]).content.decode()
    assert f'formaction="/chats/{chat.pk}/danger"' in console
    assert ask("danger").status_code == 302
    assert DangerAlert.objects.get().chat == chat.pk


def test_danger_is_raised_by_who_wrote_nothing_and_handed_it_back(chat, ask):
    ask("take")
    ask("hand-back")
    assert ask("danger").status_code == 302
    assert DangerAlert.objects.get().chat == chat.pk


def test_who_raised_danger_is_told_after_a_minute_that_nobody_answered(chat, ask, ana):
    """The operator may be alone on shift, and then ends the danger alert alone."""
    ask("take")
    ask("danger")
    assert browser_of(ana).get("/danger").status_code == 204
    DangerAlert.objects.update(at=timezone.now() - UNANSWERED_AFTER)
    shown = browser_of(ana).get("/danger").content.decode()
    assert "Nadie le ha respondido" in shown
    browser_of(ana).post("/danger/acknowledge", {"alert": DangerAlert.objects.get().pk})
    assert DangerAlert.objects.get().acknowledged_by == ana
    assert browser_of(ana).get("/danger").status_code == 204


def test_a_chat_that_was_handed_back_is_wrapped_up_by_whoever_took_it_next(chat, ask, ana, rufino):
    now = timezone.now()
    ask("take")
    call = Call.objects.create(arrived_at=now, answered_at=now, state=CallState.ENDED, ended_at=now)
    contact = Contact.objects.get()
    Contact.objects.update(call=call)
    ask("hand-back")
    his = browser_of(rufino)
    ask("take", his)
    ask("end", his)
    pages = [each.get("/console").content.decode() for each in (his, browser_of(ana))]
    assert [f"/contacts/{contact.pk}" in page for page in pages] == [True, False]


def test_nobody_else_raises_danger_in_it_and_a_practice_alerts_nobody(chat, ask, rufino, ana):
    ask("take")
    assert ask("danger", browser_of(rufino)).status_code == 409
    Chat.objects.filter(pk=chat.pk).update(practice_of=ana)
    answer = ask("danger")
    assert (answer.status_code, "práctica" in answer.content.decode()) == (409, True)
    assert not DangerAlert.objects.exists()


def test_a_caller_who_goes_on_in_writing_stays_in_the_same_contact(chat, console, ana, ask):
    assert 'name="into"' not in console.get("/console/queue").content.decode()
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=now)
    queue = console.get("/console/queue?language=en").content.decode()
    assert f'name="into" value="{contact.pk}"' in queue
    assert f"It is the caller of {contact.code}" in queue
    assert ask("take", into=str(contact.pk)).status_code == 302
    assert (contact.code, WORDS) == tuple(
        part for part in (contact.code, WORDS) if part in console.get("/console").content.decode()
    )
    assert Contact.objects.get().chat_id == chat.pk


def test_a_contact_that_is_not_ones_own_is_refused_and_the_chat_waits(chat, ask):
    assert ask("take", into=str(uuid.uuid4())).status_code == 409
    assert ask("take", into="x").status_code == 409
    assert Chat.objects.get(pk=chat.pk).state == State.WAITING
