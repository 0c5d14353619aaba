"""A supervisor corrects the hours of a shift, also of the last certified person of a week that is kept."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import Exceeding, PublishedWeek, Shift
from amparo.line.roster.shift_rules import cancel_shift, change_hours, plan_shift
from tests.in_that_moment import second_while

from .week import NOW, at


@pytest.fixture
def shift(ana, marta):
    """Ana alone holds Friday from 6 to 14, in the running week."""
    return plan_shift(ana, at(4, 6), at(4, 14), by=marta)


def hours_of(shift) -> tuple:
    return Shift.objects.values_list("starts_at", "ends_at").get(pk=shift.pk)


def test_the_hours_of_the_last_person_are_corrected(shift, marta):
    """Control: to cancel the same shift is refused."""
    with pytest.raises(Refused):
        cancel_shift(shift, by=marta, now=NOW)
    for _twice in range(2):
        change_hours(shift, at(4, 5), at(4, 15), exceeding=Exceeding.AGREED, by=marta, now=NOW)
    assert hours_of(shift) == (at(4, 5), at(4, 15))
    assert Shift.objects.get().exceeding == "agreed"
    assert Entry.objects.filter(what="change_hours", user_id=marta.pk).count() == 2


def test_an_hour_that_would_be_left_to_nobody_is_refused(shift, ana, rufino, marta):
    with pytest.raises(Refused, match="viernes 27, 06:00–07:00"):
        change_hours(shift, at(4, 7), at(4, 15), by=marta, now=NOW)
    assert (shift.starts_at, *hours_of(shift)) == (at(4, 6), at(4, 6), at(4, 14))
    plan_shift(rufino, at(4, 0), at(4, 8), by=marta)
    change_hours(shift, at(4, 7), at(4, 15), by=marta, now=NOW)
    assert hours_of(shift) == (at(4, 7), at(4, 15))


def test_the_hours_and_the_rest_hold_as_for_a_new_shift(shift, ana, marta):
    plan_shift(ana, at(5, 6), at(5, 14), by=marta)
    wrong = [
        (at(4, 12), at(4, 20), "menos de 12 horas"),
        (at(4, 5), at(4, 14), "más de 8 horas"),
        (at(4, 6), at(5, 7), "16 horas"),
        (at(4, 22), at(5, 8), "tiene otro turno"),
    ]
    for start, end, reason in wrong:
        with pytest.raises(Refused, match=reason):
            change_hours(shift, start, end, by=marta, now=NOW)
    assert hours_of(shift) == (at(4, 6), at(4, 14))


def test_a_shift_that_has_begun_keeps_its_start_and_one_that_is_over_stays(ana, marta):
    running = plan_shift(ana, at(2, 8), at(2, 14), by=marta)
    for start, end in ((at(2, 9), at(2, 14)), (at(2, 8), NOW)):
        with pytest.raises(Refused, match="conserva su inicio"):
            change_hours(running, start, end, by=marta, now=NOW)
    change_hours(running, at(2, 8), at(2, 16), by=marta, now=NOW)
    assert hours_of(running) == (at(2, 8), at(2, 16))
    with pytest.raises(Refused):
        change_hours(running, at(2, 8), at(2, 18), by=marta, now=at(2, 17))


def test_only_a_supervisor_changes_them_and_not_of_a_cancelled_shift(ana, marta):
    shift = plan_shift(ana, at(10, 6), at(10, 14), by=marta)
    with pytest.raises(Refused):
        change_hours(shift, at(10, 7), at(10, 14), by=ana, now=NOW)
    cancel_shift(shift, by=marta, now=NOW)
    with pytest.raises(Refused, match="anul"):
        change_hours(shift, at(10, 7), at(10, 14), by=marta, now=NOW)
    assert hours_of(shift) == (at(10, 6), at(10, 14))


@pytest.mark.django_db(transaction=True)
def test_a_change_and_a_cancelling_in_the_same_moment_do_not_leave_an_hour_to_nobody(shift, rufino, marta):
    other = plan_shift(rufino, at(4, 6), at(4, 14), by=marta)
    (second,) = second_while(
        lambda: cancel_shift(other, by=marta, now=NOW),
        lambda: change_hours(shift, at(4, 8), at(4, 14), by=marta, now=NOW),
    )
    assert isinstance(second, Refused)
    assert hours_of(shift) == (at(4, 6), at(4, 14))


def test_the_week_has_a_form_for_the_shift_that_is_chosen(ana, marta):
    monday = monday_of(timezone.localdate()) + timedelta(days=14)
    start = local_hour(monday) + timedelta(hours=6)
    shift = plan_shift(ana, start, start + timedelta(hours=8), by=marta)
    PublishedWeek.objects.create(monday=monday, published_at=NOW, published_by=marta)
    client, operator = Client(), Client()
    client.force_login(marta)
    operator.force_login(ana)
    week, act = f"/roster?day={monday}", f"/shifts/{shift.pk}/hours"
    assert act not in client.get(week).content.decode()
    chosen = client.get(f"{week}&shift={shift.pk}").content.decode()
    assert act in chosen
    assert re.search('value="06:00"[^>]* id="id_hours_start"', chosen)
    for nonsense in ("0", "x", "99999999999999999999", shift.pk + 1):
        assert client.get(f"{week}&shift={nonsense}").status_code == 200
    assert act not in operator.get(f"{week}&shift={shift.pk}").content.decode()
    typed = {"day": f"{monday:%d/%m/%Y}", "start": "05:30", "end": "14:00"}
    assert operator.post(act, typed).status_code == 404
    refused = client.post(act, typed | {"start": "06:30"})
    assert refused.status_code == 422
    assert 'value="06:30"' in refused.content.decode()
    assert "06:00–06:30" in refused.content.decode()
    assert client.post(act, {}).status_code == 422
    assert client.post(act, typed | {"exceeding": "agreed"}).headers["Location"] == week
    assert hours_of(shift) == (start - timedelta(minutes=30), start + timedelta(hours=8))
