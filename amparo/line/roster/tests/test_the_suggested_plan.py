"""A plan is suggested beside the planned week. Supervisors see it, and nothing of it holds until they accept it."""

from datetime import timedelta

import holidays
import icalendar
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour, week_of
from amparo.line.roster.demand import record_demand
from amparo.line.roster.models import Certificate, Queue, Shift, ShiftKind, SuggestedShift, Variant, Wish, WishKind
from amparo.line.roster.plan_rules import (
    accept_suggestions,
    choose_variant,
    discard_suggestions,
    suggest_plan,
    wish_day,
    withdraw_wish,
    workers_of,
)
from amparo.line.roster.shift_rules import (
    call_in,
    issue_certificate,
    plan_shift,
    record_absence,
    revoke_certificate,
    set_ringing_rules,
)
from amparo.line.roster.suggesting import WorkingLimits, possible_shifts, suggest_shifts

from .week import MONDAY, NOW, at

BEFORE = at(-1, 12)  # the Sunday before


@pytest.fixture
def team(ana, rufino, marta) -> list[User]:
    made = [User.objects.create(username=f"op{n}", first_name=f"Op {n}") for n in range(3)]
    record_demand(np.ones((7, 24)), 1, answered=0, talked=0, abandoned=0, waited=0, by=marta, now=NOW)
    return [ana, rufino, *made]


def suggested(reader: User) -> list[SuggestedShift]:
    with acting_as(reader.acting()):
        return list(SuggestedShift.objects.order_by("starts_at", "pk"))


def test_nothing_is_planned_until_a_supervisor_accepts(team, marta):
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    assert len(found) > 10
    assert not Shift.objects.exists()
    (first,) = accept_suggestions([found[0]], by=marta, now=BEFORE)
    assert (first.user, first.starts_at, first.planned_by) == (found[0].user, found[0].starts_at, marta)
    assert len(suggested(marta)) == len(found) - 1
    accept_suggestions(suggested(marta), by=marta, now=BEFORE)
    assert Shift.objects.count() == len(found)
    assert suggested(marta) == []


def test_three_plans_are_compared_and_a_supervisor_keeps_one(team, marta, ana):
    client = Client()
    client.force_login(marta)
    suggest_plan(MONDAY, list(Variant), by=marta, now=BEFORE)
    hours = {variant: sum(each.variant == variant for each in suggested(marta)) for variant in Variant}
    assert 0 < hours["sparing"] < hours["wanted"] <= hours["ample"]
    page = client.get(f"/shifts/staffing?day={MONDAY}")
    outcomes = {variant: outcome for variant, _label, outcome in page.context["plans"]}
    assert list(outcomes) == ["", "sparing", "wanted", "ample"]
    assert outcomes["sparing"].gives_up > outcomes["wanted"].gives_up
    after_sunday = 6  # hours of its night shift
    assert {each: outcomes[each].hours + after_sunday for each in Variant} == {
        each: 8 * hours[each] for each in Variant
    }
    assert page.content.decode().count('<circle class="plan"') == 4 * 2, "each in both pictures"
    assert {each.variant for each in week_of(MONDAY).suggested} == {"wanted"}
    with pytest.raises(Refused):
        choose_variant(MONDAY, Variant.SPARING, by=ana, now=BEFORE)
    assert client.post("/shifts/choose", {"day": f"{MONDAY}", "variant": "nonsense"}).status_code == 409
    client.post("/shifts/choose", {"day": f"{MONDAY}", "variant": "sparing"})
    assert {each.variant for each in suggested(marta)} == {"sparing"}
    assert not Shift.objects.exists(), "nothing is decided alone"


def test_a_new_suggestion_takes_the_place_of_the_last_and_a_discarded_one_leaves_nothing(team, marta):
    first = suggest_plan(MONDAY, by=marta, now=BEFORE)
    again = suggest_plan(MONDAY, by=marta, now=BEFORE)
    assert [each.pk for each in suggested(marta)] == sorted(each.pk for each in again) != [each.pk for each in first]
    discard_suggestions(MONDAY, by=marta)
    assert suggested(marta) == []


def test_operators_neither_suggest_nor_see_nor_accept(team, ana, marta):
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    assert suggested(ana) == []
    for attempt in (
        lambda: suggest_plan(MONDAY, by=ana, now=BEFORE),
        lambda: accept_suggestions(found, by=ana, now=BEFORE),
        lambda: discard_suggestions(MONDAY, by=ana),
    ):
        with pytest.raises(Refused):
            attempt()
    assert len(suggested(marta)) == len(found)


def test_what_does_not_fit_any_more_is_left_out(team, ana, rufino, marta):
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    by_ana, by_rufino = (next(each for each in found if each.user_id == user.pk) for user in (ana, rufino))
    plan_shift(ana, by_ana.starts_at, by_ana.ends_at, by=marta)
    wish_day(timezone.localdate(by_rufino.starts_at), WishKind.CANNOT, by=rufino, now=BEFORE)
    assert accept_suggestions([by_ana, by_rufino], by=marta, now=BEFORE) == []
    assert accept_suggestions(suggested(marta), by=marta, now=at(8, 0)) == []  # they have begun
    assert Shift.objects.count() == 1


def test_a_suggestion_for_who_may_not_answer_any_more_is_left_out(team, ana, rufino, marta):
    for person in (ana, rufino):
        issue_certificate(person, Queue.CALLS, at(8, 0), by=marta, now=at(-3, 0))
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    certificate = Certificate.objects.get(user=ana)
    revoke_certificate(certificate, by=marta, now=BEFORE)
    by_rufino = [each for each in found if each.user_id == rufino.pk]
    kept = accept_suggestions([each for each in found if each not in by_rufino[1:]], by=marta, now=BEFORE)
    assert [each.user_id for each in kept] == [rufino.pk]
    User.objects.filter(pk=rufino.pk).update(is_active=False)
    locked_now = SuggestedShift.objects.select_related("user").filter(user=rufino)
    assert accept_suggestions(locked_now, by=marta, now=BEFORE) == []


def test_nobody_is_suggested_without_a_certificate_where_the_line_asks_for_it(team, ana, marta):
    issue_certificate(ana, Queue.CALLS, at(3, 0), by=marta, now=at(-3, 0))
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    assert {each.user_id for each in found} == {ana.pk}
    assert max(each.ends_at for each in found) <= at(3, 0)


def test_a_day_that_somebody_cannot_work_is_left_free(team, ana, marta):
    for day in range(7):
        wish_day(MONDAY + timedelta(days=day), WishKind.CANNOT, by=ana, now=BEFORE)
    assert ana.pk not in {each.user_id for each in suggest_plan(MONDAY, by=marta, now=BEFORE)}
    with acting_as(ana.acting()):
        wishes = list(Wish.objects.all())
    for each in wishes:
        withdraw_wish(each, by=ana)
    assert ana.pk in {each.user_id for each in suggest_plan(MONDAY, by=marta, now=BEFORE)}


def test_who_cannot_come_to_a_shift_is_not_suggested_for_that_day(team, ana, marta):
    for day in range(7):
        record_absence(plan_shift(ana, at(day, 6), at(day, 14), exceeding="agreed", by=marta), by=marta, now=BEFORE)
    assert ana.pk not in {each.user_id for each in suggest_plan(MONDAY, by=marta, now=BEFORE)}


def test_a_suggestion_for_who_turns_out_absent_that_day_is_left_out(ana, rufino, marta):
    """Control: the same hours are accepted for a colleague."""
    for user in (ana, rufino):
        SuggestedShift.objects.create(user=user, starts_at=at(4, 22), ends_at=at(5, 6), suggested_at=NOW)
    record_absence(plan_shift(ana, at(5, 6), at(5, 14), by=marta), by=marta, now=NOW)
    (kept,) = accept_suggestions(SuggestedShift.objects.select_related("user"), by=marta, now=NOW)
    assert kept.user == rufino


def test_a_wish_is_seen_by_its_person_and_supervisors_and_withdrawn_by_its_person(ana, rufino, marta):
    wish = wish_day(MONDAY, WishKind.RATHER_NOT, by=ana, now=BEFORE)
    wish_day(MONDAY, WishKind.CANNOT, by=ana, now=BEFORE)  # the last word holds
    for reader, kinds in ((ana, ["cannot"]), (marta, ["cannot"]), (rufino, [])):
        with acting_as(reader.acting()):
            assert [each.kind for each in Wish.objects.all()] == kinds, reader
    with pytest.raises(Refused):
        withdraw_wish(wish, by=marta)
    with pytest.raises(Refused):
        wish_day(MONDAY - timedelta(days=9), WishKind.CANNOT, by=ana, now=BEFORE)


def test_a_plan_needs_counted_calls_and_a_week_to_come(ana, marta, db):
    with pytest.raises(Refused, match="llamadas"):
        suggest_plan(MONDAY, by=marta, now=BEFORE)
    record_demand(np.ones((7, 24)), 1, answered=0, talked=0, abandoned=0, waited=0, by=marta, now=NOW)
    with pytest.raises(Refused):
        suggest_plan(MONDAY, by=marta, now=at(7, 0))


def test_it_is_in_the_ledger(team, marta):
    accept_suggestions(suggest_plan(MONDAY, by=marta, now=BEFORE)[:1], by=marta, now=BEFORE)
    assert {"suggest_plan", "accept_suggestions"} <= {entry.what for entry in Entry.objects.all()}


def test_the_pages_suggest_accept_and_discard(team, ana, marta):
    monday = monday_of(timezone.localdate()) + timedelta(days=7)
    client = Client()
    client.force_login(marta)
    client.post("/shifts/suggest", {"day": monday.isoformat()})
    page = client.get(f"/roster?day={monday}").content.decode()
    shown = [each for each in suggested(marta) if each.variant == Variant.WANTED]
    assert page.count('data-state="suggested"') == len(shown) > 10
    one = shown[0]
    assert client.post(f"/shifts/suggestions/{one.pk}/accept").status_code == 302
    assert client.post(f"/shifts/suggestions/{one.pk}/accept").status_code == 404
    client.post("/shifts/suggestions/accept", {"day": monday.isoformat()})
    with acting_as(marta.acting()):
        assert week_of(monday).suggested == []
    client.post("/shifts/suggest", {"day": monday.isoformat()})
    client.post("/shifts/suggestions/discard", {"day": monday.isoformat()})
    assert suggested(marta) == []
    client.force_login(ana)
    assert client.post("/shifts/suggest", {"day": monday.isoformat()}).status_code == 404
    assert client.post("/roster/wishes", {"day": f"{monday:%d/%m/%Y}", "kind": "cannot"}).status_code == 302
    assert "no puede" in client.get(f"/roster?day={monday}").content.decode()
    assert client.post("/roster/wishes", {"day": "31/12/2001", "kind": "cannot"}).status_code == 422


def test_holidays_of_peru_stand_on_the_week(marta):
    day = next(iter(sorted(holidays.country_holidays("PE", years=2026))))
    client = Client()
    client.force_login(marta)
    page = client.get(f"/roster?day={day}").content.decode()
    assert "Año Nuevo" in page
    assert "Año Nuevo" not in client.get("/roster?day=2026-11-25").content.decode()


def test_ones_own_shifts_come_as_a_calendar(ana, rufino, marta):
    tomorrow = local_hour(timezone.localdate() + timedelta(days=1))
    for person in (ana, rufino):
        plan_shift(person, tomorrow, tomorrow + timedelta(hours=8), by=marta)
    client = Client()
    client.force_login(ana)
    answer = client.get("/roster.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (tomorrow, tomorrow + timedelta(hours=8))
    assert b"Ana" not in answer.content


def test_time_on_call_is_no_work_and_no_time_for_a_shift(team, ana, marta):
    """Seven nights on call leave somebody all their hours; a shift that they overlap is not suggested."""
    nights = [plan_shift(ana, at(day, 22), at(day + 1, 6), kind=ShiftKind.ON_CALL, by=marta) for day in range(7)]
    worker = next(each for each in workers_of(MONDAY) if each.pk == ana.pk)
    assert (worker.shifts, worker.hours_planned, len(worker.on_call)) == ((), 0, 7)
    possible = possible_shifts(worker, WorkingLimits())
    assert {each.start % 24 for each in possible} == {6, 14}, "also right after the night"
    needed = [int(hour % 24 >= 22 or hour % 24 < 6) for hour in range(168)]
    assert suggest_shifts(workers_of(MONDAY), needed, WorkingLimits()), "who is on call covers no hour"
    found = suggest_plan(MONDAY, by=marta, now=BEFORE)
    assert ana in {each.user for each in found}
    assert len(accept_suggestions(found, by=marta, now=BEFORE)) == len(found), "the rule of the law refuses none"
    with acting_as(marta.acting()):
        call_in(nights[2], by=marta, now=at(2, 22))
    worker = next(each for each in workers_of(MONDAY) if each.pk == ana.pk)
    assert (70.0, 78.0) in worker.shifts, "who was called in has worked"
