import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from amparo.foundation.access.models import Role, User
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import give_chat_code
from amparo.line.roster.models import Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import set_state
from amparo.line.roster.shift_rules import issue_certificate, set_ringing_rules
from amparo.line.switchboard.models import Call, CallEvent, State

from ..console import Mode, console_of
from ..queue import AT_A_GLANCE, waiting_calls
from . import scenes


@pytest.fixture
def marta(db):
    return User.objects.create(username="marta", first_name="Marta S.", role=Role.SUPERVISOR)


def mode(user) -> Mode:
    return console_of(user, timezone.now()).mode


def test_the_quiet_page_when_nothing_happens(ana):
    assert mode(ana) is Mode.IDLE


def test_a_ring_only_for_whom_it_rings(ana, rufino):
    scenes.ringing("ana")
    assert (mode(ana), mode(rufino)) == (Mode.RING, Mode.IDLE)


def test_a_ring_counts_its_own_seconds_of_those_that_the_line_has_set(ana, console):
    """Alone on shift it rings again for the same person: its clock begins anew, and is drawn anew."""
    row = scenes.ringing("ana")
    keep(LineSettings(ring_seconds=45))
    page = console.get("/console/main?language=es").content.decode()
    assert "<small>de 45</small>" in page
    assert "A los 45 s suena para otra persona, si está libre." in page
    before = console_of(ana, timezone.now()).shows
    Call.objects.filter(pk=row).update(ringing_since=timezone.now() + timedelta(seconds=45))
    assert console_of(ana, timezone.now()).shows != before


def test_a_colleague_who_is_asked_in_sees_who_asks(ana, rufino, console):
    pk = scenes.talking()
    Call.objects.filter(pk=pk).update(invited=[rufino.pk])
    shown = console_of(rufino, timezone.now())
    assert (shown.mode, shown.others_in_call) == (Mode.INVITED, [ana])


def test_before_anybody_is_asked_in_the_caller_is_to_hear_who_it_is(ana, rufino, console):
    scenes.talking()
    text = console.get("/console/main").content.decode()
    sentence, colleagues, number = (text.index(each) for each in ("Antes, dígale", "/invite", 'id="third-number"'))
    assert sentence < colleagues < number, "one sentence above both, for no recording says it"


def test_a_colleague_who_speaks_the_callers_language_is_found(ana, rufino, console):
    Seat.objects.filter(pk=rufino.pk).update(languages=["es", "qu"])
    scenes.talking()
    text = console.get("/console/main").content.decode()
    (button,) = re.findall(rf'<button[^>]* name="colleague" value="{rufino.pk}">.*?</button>', text)
    assert 'lang="qu"' in button


def test_the_call_comes_before_everything_else(ana):
    scenes.wrap_up()
    scenes.ringing()
    scenes.call(state=State.TALKING, operators=[ana.pk])
    assert mode(ana) is Mode.CALL


def test_an_open_contact_of_an_ended_call_is_wrapped_up(ana):
    scenes.wrap_up()
    assert mode(ana) is Mode.WRAP_UP


def test_a_contact_whose_person_still_writes_is_not_wrapped_up_yet(ana, rufino):
    """The chat was handed back: nothing else can be done with it here, and calls ring."""
    scenes.wrap_up()
    chat = scenes.begin_chat()
    Contact.objects.update(chat=chat)
    assert (mode(ana), mode(rufino)) == (Mode.IDLE, Mode.IDLE)
    type(chat).objects.update(state=ChatState.ENDED, ended_at=timezone.now())
    assert mode(ana) is Mode.WRAP_UP  # control: once the chat has ended


def test_a_chat_code_that_nobody_used_does_not_keep_a_contact_from_being_wrapped_up(ana, console):
    scenes.wrap_up()
    contact = Contact.objects.get()
    give_chat_code(contact, by=ana, now=timezone.now())
    assert mode(ana) is Mode.WRAP_UP
    warning = "Nobody used the chat code yet. Closing ends it."
    assert warning in console.get("/console?language=en").content.decode()
    Chat.objects.update(entries=1)  # the caller came
    assert mode(ana) is Mode.WRITING
    assert warning not in console.get("/console?language=en").content.decode()


def test_the_bar_says_in_the_wrap_up_too_that_a_call_was_practice(ana, console):
    pk = scenes.wrap_up()
    mark = "Practice: the caller is invented"
    assert mark not in console.get("/console?language=en").content.decode()
    Call.objects.filter(pk=pk).update(practice_of=ana)
    assert mark in console.get("/console?language=en").content.decode()


def test_who_left_the_call_to_a_colleague_has_nothing_to_wrap_up(ana):
    pk = scenes.wrap_up()
    CallEvent.objects.create(call_id=pk, kind=CallEvent.Kind.LEFT, user=ana, at=timezone.now())
    assert mode(ana) is Mode.IDLE


def test_the_middle_is_not_drawn_again_while_one_writes(ana, console):
    scenes.talking()
    shows = console_of(ana, timezone.now()).shows
    assert parts_of(console.get("/console/main", {"shows": shows})) == ["strips", "bar"]
    assert parts_of(console.get("/console/main", {"shows": "idle ready browser"})) == ["main", "strips", "bar"]


def parts_of(answer: HttpResponse) -> list[str]:
    return re.findall(r'data-part="(\w+)"', answer.content.decode())


SAFETY, LIMITS = "¿Puede hablar sin que nadie", "salvo en cuatro casos"


@pytest.mark.parametrize(("scene", "story"), [(scenes.ring, []), (scenes.talking, ['id="id_notes"'])])
def test_safety_comes_first_then_the_limits_then_the_story(console, scene, story):
    scene()
    text = console.get("/console/main").content.decode()
    places = [text.index(words) for words in (SAFETY, LIMITS, *story)]
    assert places == sorted(places)


@pytest.mark.parametrize("scene", scenes.ALL)
@pytest.mark.parametrize("part", ["", "/main", "/queue", "/guide"])
def test_every_part_of_every_state_is_drawn_and_kept_nowhere(ana, console, scene, part):
    scene()
    answer = console.get(f"/console{part}")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Permissions-Policy"].startswith("microphone=(self)")


def test_the_queue_says_language_line_danger_silence_and_earlier_contacts(ana, console):
    scenes.waiting()
    text = console.get("/console/queue").content.decode()
    assert "data-danger" in text
    assert all(word in text for word in ("Castellano", "Runasimi", "0800", "1 contact"))
    assert text.index("data-danger") < text.index("Runasimi")  # danger comes first


def test_answering_is_offered_to_who_may_answer_now(ana, rufino, marta, console):
    """While a certified colleague is here, the queue offers no button that would be refused, on shift or off it."""
    now = timezone.now()
    waits, writes = scenes.call(), scenes.begin_chat()

    def offered() -> tuple[bool, bool]:
        page = console.get("/console/queue").content.decode()
        return f"/calls/{waits.pk}/answer" in page, f"/chats/{writes.pk}/take" in page

    def says_that_nothing_rings() -> bool:
        return 'href="/practice"' in console.get("/console/main").content.decode()

    set_state(SeatState.READY, by=ana, now=now)
    assert (offered(), says_that_nothing_rings()) == ((True, True), False)  # no certificates are asked for
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    assert (offered(), says_that_nothing_rings()) == ((True, True), True)  # nobody certified is here
    issue_certificate(rufino, Queue.CALLS, now + timedelta(hours=1), by=marta, now=now)
    assert (offered(), says_that_nothing_rings()) == ((False, True), True)
    issue_certificate(rufino, Queue.CHATS, now + timedelta(hours=1), by=marta, now=now)
    assert offered() == (False, False)
    set_state(SeatState.OFF, by=ana, now=now)
    assert offered() == (False, False)
    issue_certificate(ana, Queue.CALLS, now + timedelta(hours=1), by=marta, now=now)
    assert offered() == (True, False)
    set_state(SeatState.READY, by=ana, now=now)
    assert not says_that_nothing_rings()


def test_the_shift_says_who_is_here_and_how_long(ana, rufino, console):
    Seat.objects.filter(user=rufino).update(seen_at=timezone.now() - timedelta(minutes=5))
    text = console.get("/console/queue").content.decode()
    assert "Ana F." in text
    assert "Rufino E." not in text  # his console is closed


@pytest.mark.parametrize("path", ["/console/main", "/console/queue", "/console/guide"])
def test_the_console_is_for_operators(db, stranger, path):
    client = Client()
    assert client.get(path).headers["Location"].startswith("/sign-in")
    client.force_login(stranger)
    assert client.get(path).status_code == 404


def test_in_a_surge_the_queue_stays_readable_and_in_order(ana, console):
    scenes.surge()
    page = console.get("/console/queue").content.decode()
    assert 'class="surge"' in page
    assert page.count('class="queue-row"') == AT_A_GLANCE
    line = waiting_calls(ana)
    assert (line.number, line.more) == (40, 10)
    assert [row.call.surge_key for row in line.next[:3]] == ["pressed", "pressed", "pending"]


def test_on_an_ordinary_night_there_is_no_word_of_it(ana, console):
    scenes.waiting()
    assert 'class="surge"' not in console.get("/console/queue").content.decode()
    assert not waiting_calls(ana).in_surge


@pytest.mark.parametrize(
    ("signalling", "sound", "says"),
    [
        (None, None, ["No está conectado", "Todavía no ha habido"]),
        (False, False, ["Sin cifrar:", "Sin cifrar:"]),
        (False, True, ["Sin cifrar:", "pero la llave"]),
        (True, True, ["Cifrada (TLS).", "Cifrado (SRTP)."]),
    ],
)
def test_the_page_of_the_desk_phone_says_what_is_encrypted(ana, signalling, sound, says):
    """tests/test_a_telephone_that_encrypts.py has the same four of real telephones."""
    Seat.objects.filter(user=ana).update(device="phone")
    phone = {"signalling": signalling, "sound": sound}
    shown = {"console": console_of(ana, timezone.now()), "desk_phone": phone}
    with translation.override("es"):
        text = render_to_string("desk/_device.html", shown)
    found = re.findall(r"<dd>(.*?)</dd>", text, re.DOTALL)
    assert len(found) == 2
    assert all(words in each for words, each in zip(says, found, strict=True)), found


@pytest.mark.parametrize("are_carried", [True, False])
def test_an_invented_telephone_stands_there_only_where_its_messages_are_carried(console, monkeypatch, are_carried):
    monkeypatch.delenv("AMPARO_DEMO_TELEPHONES", raising=False)
    if are_carried:
        monkeypatch.setenv("AMPARO_DEMO_TELEPHONES", "127.0.0.1:1")
    page = console.get("/console").content.decode()
    assert "/demo/call" in page, "the control: calls are invented all the same"
    assert ("/demo/telephones/" in page) == are_carried


@pytest.mark.parametrize(
    ("then", "is_shown"),
    [("stays", True), ("answers another call", False), ("leaves another call", False), ("is long ago", False)],
)
def test_who_left_a_call_that_was_taken_over_reads_by_whom(then, is_shown, ana, marta):
    now = timezone.now()
    call, other = (scenes.call(state=State.TALKING, operators=[marta.pk]) for _ in range(2))
    taken = CallEvent(call=call, kind=CallEvent.Kind.LEFT, user=ana, by=marta, at=now - timedelta(minutes=6))
    taken.save()
    if kind := {"answers another call": CallEvent.Kind.ANSWERED, "leaves another call": CallEvent.Kind.LEFT}.get(then):
        CallEvent.objects.create(call=other, kind=kind, user=ana, at=now - timedelta(minutes=2))
    later = now + timedelta(hours=then == "is long ago")
    assert console_of(ana, later).taken_over_by == (marta if is_shown else None)
    assert console_of(marta, now).taken_over_by is None, "control: who took it over"
