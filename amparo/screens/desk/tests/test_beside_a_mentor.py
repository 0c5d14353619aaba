"""A mentor follows the calls of their trainee, a trainee listens to the mentor, and nobody else does either."""

import asyncio
import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.access.rules import change_role, lock_person, unlock_person
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import NotificationHub, conninfo
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.line.roster.models import Mentor, Queue
from amparo.line.roster.rules import mentor_of, trainees_of
from amparo.line.roster.shift_rules import issue_certificate, name_mentor, set_ringing_rules
from amparo.line.switchboard.models import Call, State
from amparo.line.switchboard.seats import Seats
from amparo.screens.desk.console import Mode, console_of

from .test_what_a_supervisor_sees import browser_of

ALLOWED, HIDDEN = 503, 404  # the switchboard is away in these tests: who may ask it learns that
VERBS = ("listen", "whisper", "write-whisper", "speak", "take-over")


def a_call_of(user: User) -> Call:
    now = timezone.now()
    return Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[user.pk])


def answers(user: User, call: Call) -> list[int]:
    browser = browser_of(user)
    return [browser.post(f"/calls/{call.pk}/{verb}", {"words": "una frase"}).status_code for verb in VERBS]


def test_the_mentor_listens_and_whispers_and_the_trainee_only_listens(ana, rufino, marta):
    of_ana, of_rufino = a_call_of(ana), a_call_of(rufino)
    assert answers(rufino, of_ana) == answers(ana, of_rufino) == [HIDDEN] * 5, "control: strangers"
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    assert answers(rufino, of_ana) == [ALLOWED] * 5
    assert answers(ana, of_rufino) == [ALLOWED, *[HIDDEN] * 4]
    assert answers(marta, of_ana) == [ALLOWED] * 5
    name_mentor(ana, None, by=marta, now=timezone.now())
    assert answers(rufino, of_ana) == answers(ana, of_rufino) == [HIDDEN] * 5
    assert Entry.objects.filter(what="name_mentor", user_id=marta.pk).count() == 2


def test_only_a_supervisor_names_a_mentor_and_nobody_is_their_own(ana, rufino, marta):
    now = timezone.now()
    for trainee, mentor, by in ((ana, rufino, rufino), (ana, ana, marta)):
        with pytest.raises(Refused):
            name_mentor(trainee, mentor, by=by, now=now)
    with pytest.raises(Exception, match="row-level security"), acting_as(rufino.acting()):
        Mentor.objects.create(trainee=ana, mentor=rufino)
    name_mentor(ana, rufino, by=marta, now=now)
    name_mentor(ana, marta, by=marta, now=now)
    with acting_as(ana.acting()):
        assert (mentor_of(ana), trainees_of(marta, now), trainees_of(rufino, now)) == (marta.pk, {ana.pk}, set())


def test_a_mentor_is_certified_where_certificates_are_asked_for(ana, rufino, marta):
    now = timezone.now()
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    with pytest.raises(Refused):
        name_mentor(ana, rufino, by=marta, now=now)
    issue_certificate(rufino, Queue.CALLS, now + timezone.timedelta(days=1), by=marta, now=now)
    name_mentor(ana, rufino, by=marta, now=now + timezone.timedelta(seconds=1))


def test_a_mentor_whose_certificate_expired_follows_no_call_of_the_trainee(ana, rufino, marta):
    now = timezone.now()
    call = a_call_of(ana)
    name_mentor(ana, rufino, by=marta, now=now)
    assert answers(rufino, call) == [ALLOWED] * 5, "control: no certificate is asked for"
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    assert answers(rufino, call) == [HIDDEN] * 5
    issue_certificate(rufino, Queue.CALLS, now + timezone.timedelta(days=1), by=marta, now=now)
    assert answers(rufino, call) == [ALLOWED] * 5
    assert answers(marta, call) == [ALLOWED] * 5, "a supervisor needs none"


def test_who_has_a_mentor_and_a_trainee_whispers_beside_the_trainee_alone(ana, rufino, marta, switchboard):
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    name_mentor(rufino, marta, by=marta, now=timezone.now())
    call = a_call_of(ana)
    Call.objects.filter(pk=call.pk).update(operators=[marta.pk, ana.pk])
    for verb in ("listen", "whisper"):
        assert browser_of(rufino).post(f"/calls/{call.pk}/{verb}").status_code == 204
    assert [set(each["beside"]) for each in switchboard] == [{marta.pk, ana.pk}, {ana.pk}]


def test_the_switchboard_learns_whose_place_a_mentor_or_supervisor_takes(ana, rufino, marta, switchboard):
    call = a_call_of(ana)
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    for user in (rufino, marta):
        assert browser_of(user).post(f"/calls/{call.pk}/take-over").status_code == 204
        assert Entry.objects.filter(what="take_over", user_id=user.pk, about=f"call {call.pk}").exists()
    assert [each["trainees"] for each in switchboard] == [[ana.pk], None]


def test_a_call_with_a_colleague_is_taken_over_by_who_may_and_by_nobody_alone(ana, rufino, marta):
    call = a_call_of(ana)

    def shown(user: User) -> bool:
        return f"/calls/{call.pk}/take-over" in browser_of(user).get("/console/main").content.decode()

    Call.objects.filter(pk=call.pk).update(operators=[ana.pk, rufino.pk, marta.pk])
    assert [shown(user) for user in (ana, rufino, marta)] == [False, False, True]
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    assert [shown(user) for user in (ana, rufino, marta)] == [False, True, True]
    Call.objects.filter(pk=call.pk).update(operators=[marta.pk])
    assert not shown(marta), "nobody else is in the call"


def test_it_is_named_on_the_page_of_shifts(ana, rufino, marta):
    boss, operator = Client(), Client()
    boss.force_login(marta)
    operator.force_login(ana)
    typed = {"user": ana.pk, "mentor": rufino.pk}
    assert operator.post("/shifts/mentor", typed).status_code == 404
    assert boss.post("/shifts/mentor", {"user": ana.pk, "mentor": ana.pk}).status_code == 422
    assert boss.post("/shifts/mentor", typed).status_code == 302
    assert "con Rufino E." in operator.get("/roster").content.decode()


def test_the_forms_of_the_page_of_shifts_choose_nobody_at_first(ana, rufino, marta):
    """One *Save* by mistake would plan a shift for the first person, or end their mentorship."""
    boss = Client()
    boss.force_login(marta)
    page = boss.get("/roster").content.decode()
    people = re.findall(r'<select name="user"[^>]*>\s*<option value="([^"]*)"', page)
    assert people == [""] * 4, "the forms of shifts, certificates, employment and mentors"
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    assert boss.post("/shifts/mentor", {"user": "", "mentor": ""}).status_code == 422
    assert mentor_of(ana) == rufino.pk


@pytest.mark.parametrize("is_allowed", [True, False])
def test_the_console_offers_it_where_listening_is_allowed(ana, rufino, marta, settings, is_allowed):
    keep(LineSettings(listening=is_allowed))
    call = a_call_of(ana)
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    shown = browser_of(rufino).get("/console/queue").content.decode()
    assert (f"/calls/{call.pk}/listen" in shown) == is_allowed
    assert f"/calls/{call.pk}/listen" not in browser_of(ana).get("/console/queue").content.decode()


def test_the_switchboard_learns_beside_whom_a_mentor_or_trainee_sits(ana, rufino, marta, switchboard):
    of_ana, of_rufino = a_call_of(ana), a_call_of(rufino)
    name_mentor(ana, rufino, by=marta, now=timezone.now())
    for user, call, verb in (
        (rufino, of_ana, "listen"),
        (rufino, of_ana, "whisper"),
        (ana, of_rufino, "listen"),
        (marta, of_ana, "whisper"),
    ):
        assert browser_of(user).post(f"/calls/{call.pk}/{verb}").status_code == 204
    assert [each["beside"] for each in switchboard] == [[ana.pk], [ana.pk], [rufino.pk], None]


@pytest.mark.django_db(transaction=True)
async def test_the_switchboard_reads_who_sits_beside_whom(ana, rufino, marta, stranger):
    seats, now = Seats(), timezone.now()
    both = {(ana.pk, rufino.pk), (rufino.pk, ana.pk)}
    for mentor, expected in ((rufino, both), (None, set()), (rufino, both)):
        await sync_to_async(name_mentor)(ana, mentor, by=marta, now=now)
        await seats.refresh()
        assert seats.mentorships == expected
    await sync_to_async(lock_person)(rufino, by=stranger)
    await seats.refresh()
    assert seats.mentorships == {(ana.pk, rufino.pk)}, "who is locked listens to nobody"
    await sync_to_async(unlock_person)(rufino, by=stranger)
    await seats.refresh()
    assert seats.mentorships == both, "control"
    await sync_to_async(set_ringing_rules)(by_shift=False, by_certificate=True, by=marta)
    await seats.refresh()
    assert seats.mentorships == {(ana.pk, rufino.pk)}, "whose certificate expired follows no trainee"


@pytest.mark.django_db(transaction=True)
async def test_the_switchboard_learns_at_once_who_supervises(marta, stranger, monkeypatch):
    monkeypatch.setattr("amparo.line.switchboard.seats.REREAD", 3600)
    seats = Seats()
    following = asyncio.create_task(seats.follow(NotificationHub(conninfo())))
    steps = [
        (change_role, {"role": Role.OPERATOR}, set()),
        (change_role, {"role": Role.SUPERVISOR}, {marta.pk}),
        (lock_person, {}, set()),
        (unlock_person, {}, {marta.pk}),
    ]
    async with asyncio.timeout(20):
        while seats.supervisors != {marta.pk}:
            await asyncio.sleep(0.01)
        for verb, arguments, expected in steps:
            await sync_to_async(verb)(marta, **arguments, by=stranger)
            while seats.supervisors != expected:
                await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


def test_a_trainee_who_listens_sees_that_the_mentor_asks_them_in(ana, rufino):
    call = a_call_of(rufino)
    Call.objects.filter(pk=call.pk).update(listeners=[ana.pk])
    assert console_of(ana, timezone.now()).mode == Mode.MONITOR, "control"
    Call.objects.filter(pk=call.pk).update(invited=[ana.pk])
    assert console_of(ana, timezone.now()).mode == Mode.INVITED
