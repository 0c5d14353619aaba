"""Shifts and certificates decide for whom a call rings, to the second. Nobody is dropped for want of either."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Queue, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.ringing import ALWAYS, RingingLimits
from amparo.line.roster.rules import set_state, start_rest_after_hard_contact, take_seat
from amparo.line.roster.shift_rules import issue_certificate, plan_shift, set_ringing_rules
from amparo.line.switchboard.seats import Seats, _read_roster


def limit(exchange, user, **limits):
    exchange.seats.on_shift[user] = replace(exchange.seats.on_shift[user], **limits)


@pytest.fixture
async def live(exchange):
    """A waiting call. The test itself runs the distribution."""
    exchange.distributing.cancel()
    await exchange.waiting()
    return next(iter(exchange.board.calls.values()))


async def test_it_rings_for_who_is_certified(exchange, live):
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    limit(exchange, 1, certified_until=0.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2


async def test_a_certificate_that_expires_stops_the_ringing_at_that_moment(exchange, live):
    exchange.sit(1)
    now = timezone.now()
    limit(exchange, 1, certified_until=(now + timedelta(seconds=5)).timestamp())
    exchange.board.distribution.distribute(now + timedelta(seconds=4.9))
    assert live.row.ringing_for_id == 1
    exchange.board.distribution.distribute(now + timedelta(seconds=5))
    assert live.row.ringing_for_id is None
    assert live.is_waiting


async def test_who_is_off_shift_is_not_rung_while_a_colleague_is_on(exchange, live):
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0, is_ready=False)
    limit(exchange, 1, planned_until=0.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id is None  # a colleague is on shift, and busy
    exchange.sit(2, ready_since=2.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 2


async def test_with_nobody_planned_it_rings_for_everybody_certified(exchange, live):
    exchange.sit(1)
    limit(exchange, 1, planned_until=0.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id == 1


async def test_with_nobody_certified_the_caller_stays_and_a_person_may_answer_by_hand(exchange, live):
    operator = await exchange.desk_phone(1)
    limit(exchange, 1, certified_until=0.0)
    exchange.board.distribution.distribute(timezone.now())
    assert live.row.ringing_for_id is None
    await exchange.until(lambda: live.is_waiting)
    await exchange.board.answer(str(live.row.pk), 1, None)
    assert await operator.hears(440)


async def test_without_a_certificate_nobody_takes_a_call_from_certified_colleagues(exchange, live):
    exchange.sit(1)
    exchange.sit(2)
    limit(exchange, 1, certified_until=0.0)
    with pytest.raises(Refused):
        await exchange.board.answer(str(live.row.pk), 1, None)
    assert live.is_waiting


async def test_who_is_off_shift_takes_no_call_without_a_certificate_from_certified_colleagues(exchange, live):
    await exchange.desk_phone(1)
    exchange.sit(2, is_ready=False)
    del exchange.seats.on_shift[2], exchange.seats.on_shift[1]  # both pressed "End shift"
    exchange.seats.limits = RingingLimits(certified={2: ALWAYS}, planned=None)
    now = timezone.now()
    assert exchange.seats.may_answer(1, now)  # nobody certified is here: the caller does not wait for a paper
    exchange.sit(3, is_ready=False)
    assert exchange.seats.may_answer(2, now)  # certified, so also off shift
    with pytest.raises(Refused, match="ertific"):
        await exchange.board.answer(str(live.row.pk), 1, None)
    assert live.is_waiting
    exchange.seats.limits = RingingLimits(certified=None, planned=None)
    assert exchange.seats.may_answer(1, now)  # this line asks for no certificates


async def test_a_line_without_certified_people_offers_to_call_back_at_once(exchange, live):
    exchange.sit(1)
    assert not exchange.board._menu_of(live).nobody_is_on_shift()
    limit(exchange, 1, certified_until=0.0)
    assert exchange.board._menu_of(live).nobody_is_on_shift()


@pytest.fixture
def at_work(db):
    now = timezone.now()
    marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
    people = [User.objects.create(username=name, first_name=name) for name in ("ana", "rufino")]
    for user in people:
        take_seat(by=user, now=now)
        Seat.objects.filter(pk=user.pk).update(state=SeatState.READY, seen_at=now)
    return (*people, marta)


def ready_now(at=None) -> set[int]:
    places, *_others = _read_roster()
    seats = Seats({place.user: place for place in places})
    return {place.user for place in seats.ready_operators(at or timezone.now())}


@pytest.mark.django_db(transaction=True)
def test_the_switchboard_reads_what_the_roster_says(at_work):
    ana, rufino, marta = at_work
    now = timezone.now()
    assert ready_now() == {ana.pk, rufino.pk}  # both rules are off
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    assert ready_now() == set()
    made = issue_certificate(ana, Queue.CALLS, now + timedelta(hours=1), by=marta, now=now)
    issue_certificate(rufino, Queue.CHATS, now + timedelta(hours=1), by=marta, now=now)
    assert ready_now() == {ana.pk}  # nobody has a shift: everybody certified
    assert ready_now(made.expires_at) == set()
    issue_certificate(rufino, Queue.CALLS, now + timedelta(hours=1), by=marta, now=now)
    plan_shift(rufino, now - timedelta(hours=1), now + timedelta(minutes=30), by=marta)
    assert ready_now() == {rufino.pk}
    assert ready_now(now + timedelta(minutes=30)) == {ana.pk, rufino.pk}  # the shift is over, and no other began


async def test_it_rings_for_who_does_not_rest_also_if_the_other_was_ready_first(exchange, live):
    now = timezone.now()
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    exchange.sit(3, "qu", ready_since=0.0)
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 1  # control: while nobody rests
    live.ring_for(None)
    limit(exchange, 1, rests_until=(now + timedelta(minutes=15)).timestamp())
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 2


async def test_who_rests_and_speaks_the_language_is_rung_before_who_does_not_speak_it(exchange, live):
    now = timezone.now()
    exchange.sit(1)
    exchange.sit(2, "qu")
    limit(exchange, 1, rests_until=(now + timedelta(minutes=15)).timestamp())
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 1


async def test_who_rests_is_rung_when_nobody_else_is_free(exchange, live):
    now = timezone.now()
    exchange.sit(1)
    exchange.sit(2, is_ready=False)
    limit(exchange, 1, rests_until=(now + timedelta(minutes=15)).timestamp())
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 1


async def test_who_rests_is_rung_after_the_others_missed_it(exchange, live):
    now = timezone.now()
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    limit(exchange, 1, rests_until=(now + timedelta(minutes=15)).timestamp())
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 2
    exchange.board.distribution.distribute(now + timedelta(seconds=20))
    assert live.row.ringing_for_id == 1


async def test_a_rest_ends_at_its_moment(exchange, live):
    now = timezone.now()
    exchange.sit(1, ready_since=1.0)
    exchange.sit(2, ready_since=2.0)
    limit(exchange, 1, rests_until=now.timestamp())
    exchange.board.distribution.distribute(now)
    assert live.row.ringing_for_id == 1


@pytest.mark.django_db(transaction=True)
async def test_the_switchboard_reads_the_certificates_of_those_off_shift_too(at_work):
    ana, rufino, marta = at_work

    def off_shift():
        set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
        for user in (ana, rufino):
            issue_certificate(user, Queue.CALLS, timezone.now() + timedelta(hours=1), by=marta, now=timezone.now())
        set_state(SeatState.OFF, by=ana, now=timezone.now())

    await asyncio.to_thread(off_shift)
    seats = Seats()
    await seats.refresh()
    assert set(seats.on_shift) == {rufino.pk}
    assert seats.may_answer(ana.pk, timezone.now())
    assert not seats.may_answer(marta.pk, timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_switchboard_reads_rests_from_the_database(transactional_db):
    now = timezone.now()
    ana = User.objects.create(username="ana", first_name="Ana F.")
    take_seat(by=ana, now=now)
    Seat.objects.filter(user=ana).update(state=SeatState.READY, seen_at=now)
    with acting_as(ana.acting()):
        start_rest_after_hard_contact(1, wants_to_talk=True, by=ana, now=now)
    (place,), *_others = _read_roster()
    assert place.rests_until == (now + timedelta(minutes=15)).timestamp()
