"""Somebody on call is reachable, covers nothing and is not rung, until a supervisor calls them in."""

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.calendar_file import own_calendar
from amparo.line.roster.cover import week_of
from amparo.line.roster.models import Queue, Shift, ShiftKind
from amparo.line.roster.ringing import ringing_limits
from amparo.line.roster.shift_rules import call_in, copy_week, plan_shift, set_ringing_rules

from .week import MONDAY, NOW, at


@pytest.fixture
def shift(ana, marta):
    """Ana is on call from 8 to 16 on Wednesday; it is noon."""
    set_ringing_rules(by_shift=True, by_certificate=False, by=marta)
    return plan_shift(ana, at(2, 8), at(2, 16), kind=ShiftKind.ON_CALL, by=marta)


def planned(marta, now=NOW) -> set[int]:
    with acting_as(marta.acting()):
        return set(ringing_limits(Queue.CALLS, now).planned)


def people(marta, hour: int) -> tuple[int, int]:
    """Who covers this hour of Wednesday, as the week and as the database count it."""
    with acting_as(marta.acting()), connection.cursor() as cursor:
        cursor.execute("select roster_people_by_hour(%s, 1)", [at(2, hour)])
        return week_of(MONDAY).cover[2][hour].people, cursor.fetchone()[0][0]


def test_it_rings_for_them_only_once_they_are_called_in(shift, ana, marta):
    assert planned(marta) == set()
    assert people(marta, 13) == (0, 0)
    call_in(shift, by=marta, now=NOW)
    call_in(shift, by=marta, now=NOW)
    assert planned(marta) == {ana.pk}
    assert planned(marta, at(2, 16)) == set()
    assert people(marta, 13) == (1, 1)
    assert Entry.objects.filter(what="call_in", user_id=marta.pk).count() == 2


def test_only_a_supervisor_calls_in_and_only_while_they_are_on_call(shift, ana, rufino, marta):
    with pytest.raises(Refused):
        call_in(shift, by=ana, now=NOW)
    for now in (at(2, 7), at(2, 16)):
        with pytest.raises(Refused):
            call_in(shift, by=marta, now=now)
    at_the_line = plan_shift(rufino, at(2, 8), at(2, 16), by=marta)
    with pytest.raises(Refused):
        call_in(at_the_line, by=marta, now=NOW)
    assert planned(marta) == {rufino.pk}


def test_it_is_copied_and_stands_in_ones_calendar(shift, ana, marta):
    with acting_as(ana.acting()):
        (event,) = icalendar.Calendar.from_ical(own_calendar(ana, NOW)).walk("VEVENT")
    assert event["summary"] == "De retén"
    assert copy_week(MONDAY + timezone.timedelta(days=7), by=marta) == 1
    assert set(Shift.objects.values_list("kind", flat=True)) == {ShiftKind.ON_CALL}


def test_nobody_is_on_call_and_at_the_line_at_a_time(shift, ana, marta):
    with pytest.raises(Refused):
        plan_shift(ana, at(2, 15), at(2, 20), by=marta)


def test_a_supervisor_calls_in_from_the_pages(ana, marta):
    now = timezone.now()
    begun, ends = now - timezone.timedelta(minutes=30), now + timezone.timedelta(hours=2)
    shift = plan_shift(ana, begun, ends, kind=ShiftKind.ON_CALL, by=marta)
    boss, operator = Client(), Client()
    boss.force_login(marta)
    operator.force_login(ana)
    call = f"/shifts/{shift.pk}/call-in"
    for address in ("/wallboard", f"/roster?day={timezone.localdate(begun)}"):
        assert call in boss.get(address).content.decode()
    assert call not in operator.get(f"/roster?day={timezone.localdate(begun)}").content.decode()
    assert operator.post(call).status_code == 404
    assert boss.post(call).status_code == 302
    assert call not in boss.get("/wallboard").content.decode()
