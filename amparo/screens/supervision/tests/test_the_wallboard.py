"""Every number of the wallboard equals a recount of the rows, and opens what it counts."""

import random
import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from amparo.care.directory.models import Organization, Service
from amparo.foundation.access.models import User
from amparo.foundation.audit.models import SealerStatus
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import SafeContact
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import enter_contact
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import Certificate, Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import mark_seen, set_state, take_seat
from amparo.line.roster.shift_rules import issue_certificate, plan_shift, revoke_certificate, set_ringing_rules
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert, Hours, Message, State
from amparo.screens.supervision import wallboard
from amparo.screens.supervision.wallboard_lists import due_items, waiting_by_channel

from . import recounting
from .conftest import seen_by, some_call


def shown(marta, now) -> tuple:
    found = seen_by(marta, wallboard.numbers, now)
    return found.waiting, found.longest, found.offered, found.in_time, found.abandoned, found.running, found.long


def test_the_numbers_equal_a_recount_after_every_change(marta, now):
    chance = random.Random(3)
    assert shown(marta, now) == recounting.board(now) == (0, None, 0, 0, 0, 0, 0)
    for _ in range(60):
        some_call(chance, now, days=2).save()
        assert shown(marta, now) == recounting.board(now)
    assert min(shown(marta, now)[2:]) > 0, "control: each number counted something"


def texts(marta) -> list[str]:
    """All numbers of the wallboard's page, in order."""
    client = Client()
    client.force_login(marta)
    return recounting.numbers_of(client.get("/wallboard/now").content.decode())


def test_every_number_of_the_page_equals_a_recount_and_practice_is_in_none(marta, ana, many_calls):
    now, chance = timezone.now(), random.Random(11)

    def add(practice: User | None) -> None:
        with acting_as(marta.acting()):
            keys = [DataKey.objects.make("1:supervisor", agency=1, kind=kind) for kind in ("chat", "card", "message")]
        at = {"begun_at": now, "turn_at": now, "entered_at": now, "seen_at": now}
        Chat.objects.create(key=keys[0], **at, channel=chance.choice(["chat", "sms"]), practice_of=practice)
        Call.objects.create(
            arrived_at=now, waiting_since=now, state=chance.choice(["waiting", "talking"]), practice_of=practice
        )
        if practice:
            return
        begun, hours = enter_contact(Channel.WALK_IN, now, now, "es", by=ana, now=now), chance.sample(range(24), 2)
        SafeContact.objects.create(
            contact=begun, contact_number=begun.number, key=keys[1], number="1", call_wanted=chance.random() < 0.8,
            any_hour=chance.random() < 0.3, hours_from=f"{hours[0]:02}:00", hours_to=f"{hours[1]:02}:30",
            last_attempt_at=now - timedelta(minutes=chance.choice([1, 30])),
        )  # fmt: skip
        left = Call.objects.create(arrived_at=now, ended_at=now, state="ended", ending="message")
        Message.objects.create(
            call=left, key=keys[2], left_at=now, number="1", hours=chance.choice(Hours.values),
            done_at=now if chance.random() < 0.2 else None,
        )  # fmt: skip

    for n in range(24):
        add(ana if n % 4 == 0 else None)
    calls = Call.objects.filter(practice_of=None)
    DangerAlert.objects.create(call=calls.first(), at=now)
    calls.filter(state="talking").update(danger=True)
    institution = Organization.objects.create(name="Organización inventada", description="inventada", trust="vetted")
    for days in (1, 400, 500):
        Service.objects.create(name="Inventado", organization=institution, verified_at=now - timedelta(days=days))
    found = texts(marta)
    assert found == recounting.wallboard_texts(timezone.now())
    assert [int(each) > 0 for each in (*found[:3], *found[5:7])] == [True] * 5, "control: each counted something"
    assert len(found) > 20, "who waits, by channel and language"
    SafeContact.objects.update(call_wanted=False)
    assert texts(marta) == recounting.wallboard_texts(timezone.now()) != found


def test_each_list_has_as_many_rows_as_its_number(marta, many_calls, now):
    Call.objects.filter(pk__in=[call.pk for call in many_calls[:100]]).update(danger=True)
    with acting_as(marta.acting()):
        found = wallboard.numbers(now)
        names = ("waiting", "in-time", "abandoned", "running", "in-danger")
        lists = {name: wallboard.calls_behind_number(name, now).count() for name in names}
    assert lists == {
        "waiting": found.waiting, "in-time": found.in_time, "abandoned": found.abandoned, "running": found.running,
        "in-danger": found.in_danger,
    }  # fmt: skip
    assert min(lists.values()) > 0


def test_each_number_opens_its_rows(marta, many_calls):
    client = Client()
    client.force_login(marta)
    page = client.get("/wallboard").content.decode()
    links = re.findall(r'href="(/wallboard/[a-z-]+)"', page)
    opened = [link for link in links if link != "/wallboard/screen"]
    assert len(opened) == 6
    assert {client.get(link).status_code for link in opened} == {200}
    assert client.get("/wallboard/nonsense").status_code == 404


def test_the_list_says_who_answered(marta, ana, now):
    """Ana answered a call within 20 seconds today."""
    moment = now - timedelta(hours=1)
    call = Call.objects.create(
        arrived_at=moment, waiting_since=moment, answered_at=moment + timedelta(seconds=3), ended_at=now,
        state=State.ENDED, ending="caller",
    )  # fmt: skip
    CallEvent.objects.create(call=call, at=moment, kind="answered", user=ana)
    with acting_as(marta.acting()):
        (row,) = wallboard.call_rows(wallboard.calls_behind_number("in-time", now), marta, now)
    assert row.people == [ana]


def test_the_big_screen_names_nobody(marta, many_calls):
    client = Client()
    client.force_login(marta)
    for address in ("/wallboard/screen", "/wallboard/screen/now"):
        page = client.get(address).content.decode()
        assert "Marta" not in page
        assert 'href="/wallboard' not in page
        assert "atendidas en 20 s" in page
    assert "Marta" in client.get("/wallboard").content.decode(), "control: the wallboard itself names its reader"


def test_a_call_of_half_an_hour_is_marked_where_it_is_shown_and_counted_without_a_name(marta, ana):
    def answered(minutes: float) -> None:
        Call.objects.update(answered_at=timezone.now() - timedelta(minutes=minutes))

    take_seat(by=ana, now=timezone.now())
    set_state(SeatState.READY, by=ana, now=timezone.now())
    Call.objects.create(arrived_at=timezone.now(), state=State.TALKING, operators=[ana.pk])
    client = Client()
    client.force_login(marta)
    mark, count = ">larga</span>", "1 desde hace más de 30 minutos"
    for minutes, is_long in ((29, False), (31, True)):
        answered(minutes)
        for address in ("/wallboard", "/wallboard/running"):
            mark_seen(ana.pk, timezone.now())
            assert (mark in client.get(address).content.decode().replace("\n", "")) == is_long
        for address in ("/wallboard", "/wallboard/screen", "/wallboard/screen/now"):
            assert (count in client.get(address).content.decode()) == is_long
    assert "Ana" not in client.get("/wallboard/screen").content.decode()


def test_only_supervisors_see_it(ana):
    client = Client()
    client.force_login(ana)
    for address in ("/wallboard", "/wallboard/now", "/wallboard/screen", "/wallboard/waiting", "/month", "/month.csv"):
        assert client.get(address).status_code == 404


def test_it_says_when_nobody_covers_the_line(marta, ana, now):
    with acting_as(marta.acting()):
        assert wallboard.uncovered(now) == []  # nobody plans shifts here
    plan_shift(ana, now + timedelta(hours=1), now + timedelta(hours=9), by=marta)
    with acting_as(marta.acting()):
        gaps = [(gap.start - now, gap.end - now) for gap in wallboard.uncovered(now)]
    assert gaps == [(timedelta(), timedelta(hours=1)), (timedelta(hours=9), timedelta(hours=24))]


def test_it_says_when_calls_ring_for_nobody_whatever_is_planned(marta, ana, now):
    """Ana is planned and certified. Calls ring for nobody until her console is open, and again when it closes."""
    plan_shift(ana, now - timedelta(hours=1), now + timedelta(hours=7), by=marta)
    issue_certificate(ana, Queue.CALLS, now + timedelta(days=9), by=marta, now=now - timedelta(days=1))
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    take_seat(by=ana, now=now)

    def says_so(at) -> bool:
        return seen_by(marta, wallboard.numbers, at).rings_for_nobody

    assert says_so(now)
    set_state(SeatState.READY, by=ana, now=now)
    mark_seen(ana.pk, now)
    assert not says_so(now)
    assert not says_so(now + timedelta(seconds=44))
    assert says_so(now + timedelta(seconds=45)), "the console has not reported for 45 seconds"
    mark_seen(ana.pk, now)
    revoke_certificate(Certificate.objects.get(), by=marta, now=now)
    assert says_so(now)
    Seat.objects.update(seen_at=None)
    client = Client()
    client.force_login(marta)
    for address in ("/wallboard/now", "/wallboard/screen"):
        assert "las llamadas no suenan para nadie" in client.get(address).content.decode()


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


def test_the_charts_count_each_call_of_their_span_once(marta, many_calls, now):
    by_hour, by_day = seen_by(marta, wallboard.charts, now)
    offered = [call for call in many_calls if call.direction == "incoming" and call.waiting_since]
    hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    since = {
        len(by_hour.bars): hour - timedelta(hours=23),
        len(by_day.bars): local_hour(timezone.localdate(now) - timedelta(days=6)),
    }
    for chart, bars in ((by_hour, 24), (by_day, 7)):
        counted = [call for call in offered if since[bars] <= call.arrived_at <= now]
        assert len(chart.bars) == bars
        assert sum(bar.count for bar in chart.bars) == len(counted) > 0
    last = [call for call in offered if hour <= call.arrived_at <= now]
    assert by_hour.bars[-1].count == len(last)


def test_it_says_who_waits_by_channel_and_language_and_what_is_due_around(marta, now):
    def write(language: str, **what: object) -> None:
        with acting_as(marta.acting()):
            key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
        Chat.objects.create(key=key, begun_at=now, turn_at=now, entered_at=now, seen_at=now, language=language, **what)

    for language in ("es", "es", "qu"):
        Call.objects.create(arrived_at=now, waiting_since=now, turn_at=now, state=State.WAITING, language=language)
    calls = Call.objects.filter(practice_of=None)
    DangerAlert.objects.create(call=calls.first(), at=now)
    calls.filter(state="talking").update(danger=True)
    institution = Organization.objects.create(name="Organización inventada", description="inventada", trust="vetted")
    for days in (1, 400):
        Service.objects.create(name="Inventado", organization=institution, verified_at=now - timedelta(days=days))
    write("es")
    write("en", state="ended", ended_at=now)
    with acting_as(marta.acting()):
        found = [(channel, number) for channel, _language, number in waiting_by_channel(wallboard.live_calls())]
        items = due_items(marta, now, 7)
    due = {each.address: each.number for each in items}
    assert [each.label for each in items][4:] == ["camas libres", "servicio por verificar otra vez"]
    assert found == [(str(Channel.CALL.label), 2), (str(Channel.CALL.label), 1), (str(Channel.CHAT.label), 1)]
    assert (due.pop("/wallboard/returns"), due.pop("/wallboard/abandoned")) == (0, 7)
    assert due == {"/reports": 0, "/referrals": 0, "/beds": 0, "/directory": 1}
    client = Client()
    client.force_login(marta)
    page = client.get("/wallboard").content.decode()
    assert all(client.get(address).status_code == 200 and f'href="{address}"' in page for address in due)


def test_it_says_in_one_line_what_of_the_system_does_not_work(marta):
    """No switchboard, worker or sealer runs in this test; then the sealer does. /healthz says the same."""

    def line() -> str:
        page = client.get("/wallboard/now").content.decode()
        return re.search(r"data-state>(.*?)</p>", page).group(1)

    client = Client()
    client.force_login(marta)
    names = {"switchboard": "Central telefónica", "worker": "Tareas nocturnas y en segundo plano", "ledger": "Bitácora"}
    for seen in (timedelta(hours=1), timedelta()):
        SealerStatus.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now() - seen, "trouble": []})
        health = Client().get("/healthz").json()
        assert {part for part in names if names[part] in line()} == {part for part in names if health[part] != "ok"}
        assert ("Bitácora" in line()) == bool(seen)
    all_well = client.get("/wallboard/now").context[0].flatten() | {"failing": []}
    assert "Sistema: sin problemas" in render_to_string("supervision/_board.html", all_well)
    assert client.get("/installation").status_code == 404, "hence no link: it is the administrators' page"
