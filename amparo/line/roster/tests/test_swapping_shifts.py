"""An operator offers a shift; a colleague takes it if the shift keeps its languages and certificates."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour, week_of
from amparo.line.roster.models import Exceeding, Queue, Shift, ShiftOffer, StaffingRules
from amparo.line.roster.plan_rules import set_staffing_rules
from amparo.line.roster.rules import set_languages, take_seat
from amparo.line.roster.shift_rules import (
    change_hours,
    issue_certificate,
    plan_shift,
    record_absence,
    set_ringing_rules,
)
from amparo.line.roster.swap_rules import needed_languages, offer_shift, take_shift, withdraw_offer
from tests.in_that_moment import second_while

from .week import MONDAY, NOW, at


def speaks(user, *languages):
    set_languages(take_seat(by=user, now=NOW), list(languages), by=user)


@pytest.fixture
def lucia(db):
    return User.objects.create(username="lucia", first_name="Lucía E.")


@pytest.fixture
def shift(ana, marta):
    return plan_shift(ana, at(4, 6), at(4, 14), by=marta)


@pytest.fixture
def offer(shift, ana):
    return offer_shift(shift, by=ana, now=NOW)


def test_a_colleague_takes_it_and_the_supervisor_sees_both_names(offer, ana, rufino, marta):
    assert offer_shift(offer.shift, by=ana, now=NOW) == offer, "twice changes nothing"
    assert take_shift(offer, by=rufino, now=NOW).user == rufino
    offer.refresh_from_db()
    assert (offer.offered_by, offer.taken_by, offer.taken_at) == (ana, rufino, NOW)
    assert Shift.objects.count() == 1
    with pytest.raises(Refused):
        take_shift(offer, by=marta, now=NOW)
    done = Entry.objects.filter(what__in=["offer_shift", "take_shift"]).order_by("id").values_list("what", "user_id")
    assert list(done) == [("offer_shift", ana.pk)] * 2 + [("take_shift", rufino.pk)]


def test_the_taker_exceeds_no_hours_though_the_shift_did(ana, rufino, marta):
    plan_shift(ana, at(4, 14), at(4, 20), by=marta)
    shift = plan_shift(ana, at(4, 6), at(4, 14), exceeding=Exceeding.AGREED, by=marta)
    assert take_shift(offer_shift(shift, by=ana, now=NOW), by=rufino, now=NOW).exceeding == ""


@pytest.mark.django_db(transaction=True)
def test_a_second_press_in_the_same_moment_finds_the_offer(shift, ana):
    def offers():
        return offer_shift(shift, by=ana, now=NOW)

    assert second_while(offers, offers) == [ShiftOffer.objects.get()]


@pytest.mark.django_db(transaction=True)
def test_two_swaps_in_the_same_moment_do_not_take_the_language_away(offer, ana, rufino, marta, lucia):
    """Each alone would be right, for the other still speaks it."""
    speaks(ana, "es", "qu")
    speaks(rufino, "es", "qu")
    speaks(marta, "es")
    speaks(lucia, "es")
    other = offer_shift(plan_shift(rufino, at(4, 6), at(4, 14), by=marta), by=rufino, now=NOW)
    (second,) = second_while(lambda: take_shift(offer, by=marta, now=NOW), lambda: take_shift(other, by=lucia, now=NOW))
    assert isinstance(second, Refused)
    assert set(Shift.objects.values_list("user", flat=True)) == {marta.pk, rufino.pk}


def test_only_ones_own_shift_that_has_not_begun_is_offered(shift, ana, rufino, marta):
    for by, now in ((rufino, NOW), (marta, NOW), (ana, at(4, 6))):
        with pytest.raises(Refused):
            offer_shift(shift, by=by, now=now)
    record_absence(shift, by=marta, now=NOW)
    with pytest.raises(Refused):
        offer_shift(shift, by=ana, now=NOW)


def test_the_database_lets_nobody_offer_the_shift_of_another(shift, ana, rufino):
    """Control: the same statement works for its person."""
    row = {"shift": shift, "offered_at": NOW}
    with pytest.raises(Exception, match="row-level security"), acting_as(rufino.acting()):
        ShiftOffer.objects.create(offered_by=rufino, **row)
    with acting_as(ana.acting()):
        ShiftOffer.objects.create(offered_by=ana, **row)


def test_what_was_withdrawn_cancelled_or_has_begun_is_taken_by_nobody(offer, ana, rufino, marta):
    with pytest.raises(Refused):
        withdraw_offer(offer, by=rufino, now=NOW)
    with pytest.raises(Refused):
        take_shift(offer, by=rufino, now=at(4, 6))
    withdraw_offer(offer, by=ana, now=NOW)
    with pytest.raises(Refused):
        take_shift(offer, by=rufino, now=NOW)
    again = offer_shift(offer.shift, by=ana, now=NOW)
    record_absence(offer.shift, by=marta, now=NOW)
    with pytest.raises(Refused):
        take_shift(again, by=rufino, now=NOW)
    assert Shift.objects.get().user == ana


def test_nobody_takes_their_own_not_even_in_the_database(offer, ana):
    with acting_as(ana.acting()), connection.cursor() as cursor:
        cursor.execute("select roster_take_shift(%s, %s)", [offer.pk, NOW])
        assert cursor.fetchone() == (False,)


def test_the_shift_keeps_a_language_that_nobody_else_speaks(offer, ana, rufino, marta):
    speaks(ana, "es", "qu")
    speaks(rufino, "es")
    assert needed_languages(offer.shift, NOW) == {"es", "qu"}
    with pytest.raises(Refused, match="nadie más atiende en"):
        take_shift(offer, by=rufino, now=NOW)
    speaks(marta, "qu")
    plan_shift(marta, at(4, 6), at(4, 13), by=marta)
    assert needed_languages(offer.shift, NOW) == {"es", "qu"}, "an hour would lack it"
    plan_shift(marta, at(4, 13), at(4, 14), exceeding=Exceeding.AGREED, by=marta)
    speaks(rufino, "es", "qu")
    assert take_shift(offer, by=rufino, now=NOW).user == rufino


def test_the_line_is_left_to_nobody_without_a_certificate(offer, ana, rufino, marta):
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    issue_certificate(ana, Queue.CALLS, at(9, 0), by=marta, now=NOW)
    with pytest.raises(Refused):
        take_shift(offer, by=rufino, now=NOW)
    issue_certificate(rufino, Queue.CHATS, at(9, 0), by=marta, now=NOW)
    issue_certificate(rufino, Queue.CALLS, at(4, 13), by=marta, now=NOW)
    with pytest.raises(Refused):
        take_shift(offer, by=rufino, now=NOW)
    issue_certificate(rufino, Queue.CALLS, at(4, 14), by=marta, now=NOW)
    with acting_as(marta.acting()):
        before = week_of(MONDAY).gaps
    take_shift(offer, by=rufino, now=NOW)
    with acting_as(marta.acting()):
        assert week_of(MONDAY).gaps == before


def test_who_is_not_certified_leaves_the_language_to_nobody(offer, ana, rufino, marta, lucia):
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CALLS, at(9, 0), by=marta, now=NOW)
    for user, languages in ((ana, "es qu"), (rufino, "es"), (lucia, "qu")):
        speaks(user, *languages.split())
    plan_shift(lucia, at(4, 6), at(4, 14), by=marta)
    issue_certificate(lucia, Queue.CALLS, at(4, 13), by=marta, now=NOW)
    with pytest.raises(Refused, match="nadie más atiende en"):
        take_shift(offer, by=rufino, now=NOW)
    issue_certificate(lucia, Queue.CALLS, at(4, 14), by=marta, now=NOW)
    assert take_shift(offer, by=rufino, now=NOW).user == rufino


def test_chats_keep_somebody_certified(offer, ana, rufino, marta, lucia):
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    for user, queue in ((ana, Queue.CHATS), (rufino, Queue.CALLS)):
        issue_certificate(user, queue, at(9, 0), by=marta, now=NOW)
    with pytest.raises(Refused, match="certificado para chats"):
        take_shift(offer, by=rufino, now=NOW)
    issue_certificate(lucia, Queue.CHATS, at(9, 0), by=marta, now=NOW)
    plan_shift(lucia, at(4, 6), at(4, 14), by=marta)
    assert take_shift(offer, by=rufino, now=NOW).user == rufino


def test_nobody_works_twice_at_a_time(offer, rufino, marta):
    plan_shift(rufino, at(4, 13), at(4, 20), by=marta)
    with pytest.raises(Refused):
        take_shift(offer, by=rufino, now=NOW)


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([((3, 10), (3, 18)), ((5, 2), (5, 10))], ""),  # 12 hours of rest before and after
        ([((3, 11), (3, 19))], "menos de 12 horas"),
        ([((5, 1), (5, 9))], "menos de 12 horas"),
        ([((4, 1), (4, 2))], "menos de 12 horas"),
        ([((day, 6), (day, 14)) for day in (1, 2, 3, 5, 6)], ""),  # 48 hours, and a day of rest
        ([((day, 6), (day, 15)) for day in (1, 2, 3, 5, 6)], "más de 48 horas"),
        ([((day, 6), (day, 10)) for day in (0, 1, 2, 3, 5, 6)], "más de 6 días seguidos"),
        ([((day, 6), (day, 10)) for day in (-1, 0, 1, 2, 3, 5)], "más de 6 días seguidos"),  # begins a week earlier
        ([((4, hour), (4, hour + 4)) for hour in (-129, -102, -75, -48, -21, 37)], "24 horas seguidas"),
        ([((day, 6), (day, 10)) for day in (-1, 1, 2, 3, 5, 6, 8)], ""),  # first and last are in other weeks
    ],
)
def test_who_takes_it_keeps_the_hours_of_the_law(offer, rufino, marta, others, reason):
    """The shift on offer is on Friday from 6 to 14. The suggested plan keeps the same rules."""
    for start, end in others:
        plan_shift(rufino, at(*start), at(*end), exceeding=Exceeding.AGREED, by=marta)
    if not reason:
        assert take_shift(offer, by=rufino, now=NOW).user == rufino
        return
    with pytest.raises(Refused, match=reason):
        take_shift(offer, by=rufino, now=NOW)


def test_the_hours_are_those_that_a_supervisor_set(offer, rufino, marta):
    defaults = {name: getattr(StaffingRules.current(), name) for name in StaffingRules.BOUNDS}
    plan_shift(rufino, at(4, 22), at(4, 23), by=marta)
    set_staffing_rules({**defaults, "rest_hours": 9}, by=marta)
    with pytest.raises(Refused, match="menos de 9 horas"):
        take_shift(offer, by=rufino, now=NOW)
    set_staffing_rules({**defaults, "rest_hours": 8}, by=marta)
    with pytest.raises(Refused, match="más de 8 horas"):
        take_shift(offer, by=rufino, now=NOW)
    set_staffing_rules({**defaults, "rest_hours": 8, "hours_a_day": 9}, by=marta)
    assert take_shift(offer, by=rufino, now=NOW).user == rufino


def test_it_is_done_on_the_page_of_shifts(ana, rufino, marta):
    now = timezone.now()
    shift = plan_shift(ana, now + timezone.timedelta(hours=2), now + timezone.timedelta(hours=6), by=marta)
    pages = {}
    for user in (ana, rufino, marta):
        pages[user] = Client()
        pages[user].force_login(user)
    where = f"/roster?day={timezone.localdate(shift.starts_at)}"
    assert pages[rufino].post(f"/roster/shifts/{shift.pk}/offer").status_code == 409
    assert f"/roster/shifts/{shift.pk}/offer" in pages[ana].get(where).content.decode()
    assert pages[ana].post(f"/roster/shifts/{shift.pk}/offer").status_code == 302
    offer = ShiftOffer.objects.get()
    assert f"/roster/offers/{offer.pk}/withdraw" in pages[ana].get(where).content.decode()
    assert f"/roster/offers/{offer.pk}/take" in pages[rufino].get(where).content.decode()
    assert pages[rufino].post(f"/roster/offers/{offer.pk}/take").status_code == 302
    for user in (ana, rufino, marta):
        assert f"{rufino} lo cubre en lugar de {ana}" in pages[user].get(where).content.decode()


def test_new_hours_withdraw_the_offer_and_both_people_read_it(ana, rufino, marta):
    """The control: a change that changes nothing leaves the offer open."""
    start = local_hour(monday_of(timezone.localdate()) + timedelta(days=16)) + timedelta(hours=6)
    end, now = start + timedelta(hours=8), timezone.now()
    shift = plan_shift(ana, start, end, by=marta)
    offer = offer_shift(shift, by=ana, now=now)
    change_hours(shift, start, end, by=marta, now=now)
    assert ShiftOffer.objects.open(now).get() == offer
    change_hours(shift, start, end - timedelta(hours=1), by=marta, now=now)
    assert not ShiftOffer.objects.open(now).exists()
    with pytest.raises(Refused, match="cambió el horario de este turno"):
        take_shift(offer, by=rufino, now=now)
    giver, taker = Client(), Client()
    giver.force_login(ana)
    taker.force_login(rufino)
    for address in (f"/roster?day={start.date()}", "/home"):
        assert "se retiró su oferta" in giver.get(address).content.decode(), address
        assert "se retiró su oferta" not in taker.get(address).content.decode(), address
    again = offer_shift(shift, by=ana, now=now)
    for address in (f"/roster?day={start.date()}", "/home"):
        assert "se retiró su oferta" not in giver.get(address).content.decode(), address
    assert take_shift(again, by=rufino, now=now).ends_at == end - timedelta(hours=1)


@pytest.mark.parametrize(("days", "is_news"), [(2, True), (4, False)])
def test_after_three_days_the_page_of_shifts_alone_says_that_the_offer_was_withdrawn(ana, marta, days, is_news):
    start = local_hour(monday_of(timezone.localdate()) + timedelta(days=16)) + timedelta(hours=6)
    then = timezone.now() - timedelta(days=days)
    shift = plan_shift(ana, start, start + timedelta(hours=8), by=marta)
    offer_shift(shift, by=ana, now=then)
    change_hours(shift, start, start + timedelta(hours=7), by=marta, now=then)
    giver = Client()
    giver.force_login(ana)
    assert "se retiró su oferta" in giver.get(f"/roster?day={start.date()}").content.decode()
    assert ("se retiró su oferta" in giver.get("/home").content.decode()) == is_news


@pytest.mark.django_db(transaction=True)
def test_hours_that_change_while_a_colleague_takes_the_shift_are_taken_by_nobody_unread(offer, ana, rufino, marta):
    plan_shift(marta, at(4, 6), at(4, 14), by=marta)  # no hour is left to nobody
    (second,) = second_while(
        lambda: change_hours(offer.shift, at(4, 7), at(4, 14), by=marta, now=NOW),
        lambda: take_shift(ShiftOffer.objects.select_related("shift").get(), by=rufino, now=NOW),
    )
    assert isinstance(second, Refused)
    assert Shift.objects.get(pk=offer.shift_id).user == ana


def test_in_the_database_only_a_supervisor_withdraws_the_offer_of_another(offer, ana, rufino, marta):
    for user, open_offers in ((rufino, 1), (ana, 1), (marta, 0)):
        with acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select roster_withdraw_offer(%s, %s)", [offer.shift_id, NOW])
        assert ShiftOffer.objects.open(NOW).count() == open_offers
