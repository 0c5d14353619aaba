"""What the wallboard calls urgent, in its order, each with one button; and its count of people at work."""

import re
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from amparo.care.police_reports.models import Escalation
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import take_seat
from amparo.line.switchboard.models import Call, DangerAlert, State
from amparo.screens.supervision import wallboard

from . import recounting


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def wall(marta) -> Client:
    client = Client()
    client.force_login(marta)
    return client


def urgent_on(page: str) -> list[tuple[str, str]]:
    """What the page calls urgent: the first words of each row, and where its button leads."""
    rows = re.findall(r'<li data-tone="[a-z]+">.*?</li>', page, re.DOTALL)
    return [
        (re.sub(r"<[^>]*>", "", re.search(r"<b>(.*?)(?:<time|</b>)", row, re.DOTALL)[1]).strip(), address)
        for row in rows for address in re.findall(r'(?:<a [^>]*href|action)="([^"]*)"', row)
    ]  # fmt: skip


def rows(wall: Client) -> list[tuple[str, str]]:
    return urgent_on(wall.get("/wallboard/now").content.decode())


def chat_of(marta: User, **what: object) -> Chat:
    now = timezone.now()
    with acting_as(marta.acting()):
        key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
    at = {"begun_at": now, "turn_at": now, "entered_at": now, "seen_at": now}
    return Chat.objects.create(key=key, **(at | what))


def test_what_is_urgent_has_one_button_each_danger_first(marta, wall, now):
    """A danger, a voice that waits two minutes, and a message that waits four. A moment before, none was urgent."""
    chat = chat_of(marta, channel="sms")
    call = Call.objects.create(arrived_at=now, waiting_since=now, state=State.WAITING, ringing_for=marta)

    def after(voice: timedelta, writing: timedelta) -> list[tuple[str, str]]:
        Call.objects.update(waiting_since=timezone.now() - voice)
        Chat.objects.update(begun_at=timezone.now() - writing, entered_at=timezone.now())
        return rows(wall)

    minute = timedelta(minutes=1)  # a slow machine may need seconds for a page
    assert after(wallboard.LONG_WAIT - minute, wallboard.LONG_WAIT_IN_WRITING - minute) == []
    alert = DangerAlert.objects.create(call=call, at=now)
    assert after(timedelta(minutes=2), timedelta(minutes=4)) == [
        ("Peligro: nadie se hace cargo,", "/danger/acknowledge"),
        ("Castellano: lleva mucho esperando,", "/waiting"), ("Castellano: sin respuesta por escrito,", "/waiting"),
    ]  # fmt: skip
    answer = wall.post("/danger/acknowledge", {"alert": alert.pk, "from": "wallboard"})
    assert (answer.status_code, answer["Location"]) == (302, "/wallboard")
    assert "Peligro" not in str(after(timedelta(minutes=2), timedelta(minutes=4)))
    assert (chat.pk, Chat.objects.get().state) == (Chat.objects.get().pk, "waiting"), "nothing was taken from the queue"


def test_the_big_screen_says_what_is_urgent_without_a_button(wall, now):
    Call.objects.create(arrived_at=now, waiting_since=timezone.now() - timedelta(minutes=3), state=State.WAITING)
    page = wall.get("/wallboard/screen/now").content.decode()
    assert "lleva mucho esperando," in page
    assert "<button" not in page
    assert "<a " not in page


def test_two_alerts_have_a_button_each_with_its_own_name(marta, wall):
    now = timezone.now()
    calls = [Call.objects.create(arrived_at=now, state=State.TALKING, operators=[marta.pk]) for _ in range(2)]
    for seconds, call in enumerate(calls):
        DangerAlert.objects.create(call=call, at=now - timedelta(seconds=seconds))
    page = wall.get("/wallboard/now").content.decode()
    assert [words for words, _address in urgent_on(page)] == ["Peligro: nadie se hace cargo,"] * 2
    names = re.findall(r'<button class="button"[^>]*>Me encargo<span class="hidden-words">(.*?)</span>', page)
    assert len(set(names)) == 2
    assert 'href="#urgent"' in page, "the number of dangers leads to them"


def test_of_many_that_wait_it_shows_the_first_and_says_how_many_more(marta, wall):
    now = timezone.now()
    for minutes in range(5, 12):
        Call.objects.create(
            arrived_at=now, waiting_since=now - timedelta(minutes=minutes), state=State.WAITING, ringing_for=marta
        )
    chat_of(marta, begun_at=now - timedelta(minutes=9))
    for minutes in range(8):
        chat_of(marta, begun_at=now - timedelta(minutes=10 + minutes))
    found = [words for words, _address in rows(wall)]
    assert found == [
        *["Castellano: lleva mucho esperando,"] * 5, "y 2 más en la misma situación",
        *["Castellano: sin respuesta por escrito,"] * 5, "y 4 más en la misma situación",
    ]  # fmt: skip


def test_a_chat_that_was_handed_back_waits_without_a_false_clock_and_hides_nobody(marta, ana, wall):
    """Six people were answered, and handed back after an hour. One whom nobody has answered is still named."""
    now = timezone.now()
    for _ in range(6):
        chat_of(marta, begun_at=now - timedelta(hours=1), taken_at=now - timedelta(minutes=50))
    returned = ("6 conversaciones por escrito fueron devueltas y esperan.", "/waiting")
    assert rows(wall) == [returned]
    page = wall.get("/wallboard/now").content.decode()
    assert recounting.numbers_of(page)[1] == "6", "they wait"
    assert "sin respuesta por escrito" not in page
    chat_of(marta, begun_at=now - timedelta(minutes=5))
    assert rows(wall) == [("Castellano: sin respuesta por escrito,", "/waiting"), returned]


def test_a_call_that_rings_is_not_the_one_for_whom_nobody_is_free(marta, wall):
    """The clock of the sentence is that of the call that rings for nobody, not of one that rings longer."""
    now = timezone.now()
    at = {"arrived_at": now, "state": State.WAITING}
    Call.objects.create(**at, waiting_since=now - timedelta(seconds=90), ringing_for=marta)
    assert rows(wall) == [], "control: it rings"
    stranded = Call.objects.create(**at, waiting_since=now - timedelta(seconds=30))
    page = wall.get("/wallboard/now").content.decode()
    assert [words for words, _address in urgent_on(page)] == ["Alguien espera y nadie está libre:"]
    assert f'nadie está libre: <time data-since="{stranded.waiting_since.isoformat()}"' in page


def test_a_unit_that_is_late_with_somebody_in_danger_is_red_and_before_who_waits(marta, wall):
    now = timezone.now()
    unit = Agency.objects.create(name="Unidad inventada", kind=Kind.POLICE)
    Call.objects.create(
        arrived_at=now, waiting_since=now - timedelta(minutes=3), state=State.WAITING, ringing_for=marta
    )

    def late(number: int, is_danger: bool) -> None:
        Escalation.objects.create(
            report_id=uuid.uuid4(), report_number=number, to_agency=unit,
            is_danger=is_danger, late="received", at=now - timedelta(minutes=number),
        )  # fmt: skip

    voice, others = (
        ("Castellano: lleva mucho esperando,", "/waiting"),
        ("2 respuestas de unidades policiales están atrasadas.", "/reports"),
    )
    late(1, False)
    late(2, False)
    assert rows(wall) == [voice, others]
    late(3, True)
    danger = ("Peligro, y la unidad policial no responde:", "/reports")
    page = wall.get("/wallboard/now").content.decode()
    assert urgent_on(page) == [danger, voice, others]
    assert page.index("Unidad inventada") < page.index("sin número registrado"), "its telephone beside the unit"
    assert re.search(r'<li data-tone="danger">.*?Peligro, y la unidad', page, re.DOTALL)
    assert "sin número registrado" not in wall.get("/wallboard/screen/now").content.decode()


@pytest.mark.parametrize(("state", "others"), [("ready", (1, 1, 0)), ("break", (0, 1, 1)), ("busy", (0, 1, 0))])
def test_it_counts_who_is_free_on_shift_and_on_a_break(marta, ana, wall, state, others):
    now = timezone.now()
    for user in (ana, marta):
        take_seat(by=user, now=now)
    Seat.objects.filter(user=ana).update(state=state, since=now, seen_at=now)
    closed = now - timedelta(hours=1)  # her console
    Seat.objects.filter(user=marta).update(state="ready", since=closed, seen_at=closed)
    found = wall.get("/wallboard/now").context["numbers"]
    assert (found.free, found.on_shift, found.on_break) == others
    texts = recounting.numbers_of(wall.get("/wallboard/now").content.decode())
    assert texts == recounting.wallboard_texts(timezone.now())


@pytest.mark.parametrize("state", ["ready", "break", "busy"])
def test_who_writes_is_in_a_chat_whatever_else_they_chose_but_ready(state):
    """A break is chosen while the last person still writes; ready says that a call may ring."""
    colleague = SimpleNamespace(seat=SimpleNamespace(state=state), call=None, writing=1, since=timezone.now())
    page = render_to_string("desk/_seat_mark.html", {"colleague": colleague})
    assert ("En chat" in page) == (state != "ready")
