"""A shift that a supervisor types obeys the hours of the law and the rest, as suggestions, copies and swaps do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import Exceeding, Shift, ShiftKind, StaffingRules, SuggestedShift
from amparo.line.roster.plan_rules import accept_suggestions, set_staffing_rules
from amparo.line.roster.shift_rules import call_in, copy_week, plan_shift

from .week import MONDAY, NOW, at

# Each shift begins 23 hours after the one before. No shift begins on Sunday, but that of Saturday ends on it, at 1.
EVER_LATER = [((0, 6 + 27 * turn), (0, 10 + 27 * turn)) for turn in range(6)]
WRONG = [  # shifts of before, the shift that is typed, and the words of the refusal
    ([((3, 11), (3, 19))], ((4, 6), (4, 14)), "menos de 12 horas"),
    ([((5, 1), (5, 9))], ((4, 6), (4, 14)), "menos de 12 horas"),
    ([], ((4, 6), (4, 15)), "más de 8 horas"),
    ([((day, 6), (day, 14)) for day in (0, 1, 2, 3, 5, 6)], ((4, 6), (4, 7)), "más de 48 horas"),
    ([((day, 6), (day, 10)) for day in (0, 1, 2, 3, 5, 6)], ((4, 6), (4, 10)), "más de 6 días seguidos de trabajo"),
    ([((day, 6), (day, 10)) for day in range(1, 7)], ((7, 6), (7, 10)), "más de 6 días seguidos de trabajo"),
    (
        [((day, 6), (day, 10)) for day in (*range(4, 7), *range(8, 12))],
        ((7, 6), (7, 10)),
        "más de 6 días seguidos de trabajo",
    ),
    ([((day, 22), (day + 1, 2)) for day in range(2, 8)], ((8, 22), (9, 2)), "más de 6 días seguidos de trabajo"),
    (EVER_LATER, ((7, 0), (7, 4)), "24 horas seguidas de descanso en 7 días"),
    ([*EVER_LATER[:3], *EVER_LATER[4:], ((7, 0), (7, 4))], EVER_LATER[3], "24 horas seguidas de descanso en 7 días"),
]


@pytest.mark.parametrize(("others", "typed", "reason"), WRONG)
def test_what_exceeds_the_hours_or_the_rest_is_refused_or_taken_with_a_reason(ana, marta, others, typed, reason):
    for start, end in others:
        plan_shift(ana, at(*start), at(*end), by=marta)
    start, end = (at(*each) for each in typed)
    with pytest.raises(Refused, match=rf"Ana F\.: .*{reason}.*otras horas"):
        plan_shift(ana, start, end, by=marta)
    shift = plan_shift(ana, start, end, exceeding=Exceeding.AGREED, by=marta)
    assert Shift.objects.get(pk=shift.pk).exceeding == "agreed"


def test_days_in_a_row_begin_anew_after_a_free_day_and_the_line_may_allow_more(ana, marta):
    for day in (*range(6), *range(7, 13)):
        plan_shift(ana, at(day, 6), at(day, 10), by=marta)
    with pytest.raises(Refused, match="días seguidos"):
        plan_shift(ana, at(6, 6), at(6, 10), by=marta)
    defaults = {name: getattr(StaffingRules(), name) for name in StaffingRules.BOUNDS}
    set_staffing_rules({**defaults, "days_in_a_row": 12}, by=marta)
    with pytest.raises(Refused, match="más de 12 días seguidos"):
        plan_shift(ana, at(6, 6), at(6, 10), by=marta)
    assert plan_shift(ana, at(13, 6), at(13, 10), by=marta), "control: seven in a row are fewer than twelve"


def test_a_rest_at_a_stretch_is_enough_after_which_the_week_begins_anew(ana, marta):
    for start, end in EVER_LATER:
        plan_shift(ana, at(*start), at(*end), by=marta)
    defaults = {name: getattr(StaffingRules(), name) for name in StaffingRules.BOUNDS}
    set_staffing_rules({**defaults, "weekly_rest_hours": 36}, by=marta)
    with pytest.raises(Refused, match="36 horas seguidas"):
        plan_shift(ana, at(7, 1), at(7, 9), by=marta)
    set_staffing_rules(defaults, by=marta)
    for day in range(7, 13):
        assert plan_shift(ana, at(day, 1), at(day, 9), by=marta), "control: the rest is from Sunday, 1 to Monday, 1"


@pytest.mark.parametrize(
    ("last_hours", "left_out"), [(10, {0, 5}), (9, {5})], ids=["23 hours of rest", "24 hours: control"]
)
def test_a_copied_week_keeps_a_rest_at_a_stretch(ana, marta, last_hours, left_out):
    """The rest lies between Saturday's shift, which ends on Sunday by an exception, and the copy of Monday's."""
    begins = range(0, 6 * 27, 27)  # hours; three hours later on each day
    for begin, hours in zip(begins, [4, 4, 4, 4, 4, last_hours], strict=True):
        plan_shift(ana, at(0, begin), at(0, begin + hours), exceeding=Exceeding.AGREED, by=marta)
    assert copy_week(MONDAY + timedelta(days=7), by=marta) == 6 - len(left_out)
    copied = Shift.objects.filter(starts_at__gte=at(7, 0)).order_by("starts_at").values_list("starts_at", flat=True)
    assert list(copied) == [at(7, begin) for turn, begin in enumerate(begins) if turn not in left_out]


def test_a_shift_within_the_hours_keeps_no_reason(ana, marta):
    assert plan_shift(ana, at(4, 6), at(4, 14), exceeding=Exceeding.EMERGENCY, by=marta).exceeding == ""


def test_an_exception_is_not_repeated_by_a_copy_and_no_copy_exceeds_the_hours(ana, rufino, marta):
    plan_shift(ana, at(0, 6), at(0, 14), by=marta)
    plan_shift(ana, at(1, 6), at(1, 16), exceeding=Exceeding.AGREED, by=marta)
    plan_shift(rufino, at(0, 6), at(0, 14), by=marta)
    plan_shift(rufino, at(6, 22), at(7, 2), by=marta)
    plan_shift(rufino, at(7, 14), at(7, 20), by=marta)  # of the next week, on the day of the copy
    assert copy_week(MONDAY + timedelta(days=7), by=marta) == 2
    copied = Shift.objects.filter(starts_at__gte=at(7, 0)).exclude(starts_at=at(7, 14))
    assert set(copied.values_list("user", "starts_at")) == {(ana.pk, at(7, 6)), (rufino.pk, at(13, 22))}


def test_a_suggestion_that_exceeds_them_by_now_does_not_fit(ana, rufino, marta):
    for user in (ana, rufino):
        SuggestedShift.objects.create(user=user, starts_at=at(4, 6), ends_at=at(4, 14), suggested_at=NOW)
    plan_shift(ana, at(3, 14), at(3, 22), by=marta)
    (kept,) = accept_suggestions(SuggestedShift.objects.select_related("user"), by=marta, now=NOW)
    assert kept.user == rufino


def test_time_on_call_is_no_work_until_somebody_is_called_in(ana, marta):
    on_call = plan_shift(ana, at(2, 8), at(2, 16), kind=ShiftKind.ON_CALL, by=marta)
    plan_shift(ana, at(2, 16), at(3, 0), by=marta)
    plan_shift(ana, at(3, 0), at(3, 12), kind=ShiftKind.ON_CALL, by=marta)
    call_in(on_call, by=marta, now=NOW)
    with pytest.raises(Refused, match="menos de 12 horas"):
        plan_shift(ana, at(2, 1), at(2, 7), by=marta)


def test_the_page_asks_for_the_reason_and_shows_it(ana, marta):
    monday = monday_of(timezone.localdate()) + timedelta(days=7)
    client = Client()
    client.force_login(marta)
    form = {"user": ana.pk, "day": f"{monday:%d/%m/%Y}", "start": "06:00", "end": "16:00"}
    refused = client.post("/shifts/plan", form)
    assert refused.status_code == 422
    assert "más de 8 horas" in refused.content.decode()
    assert client.post("/shifts/plan", form | {"exceeding": "nonsense"}).status_code == 422
    assert client.post("/shifts/plan", form | {"exceeding": "agreed"}).status_code == 302
    assert "la persona lo aceptó" in client.get(f"/roster?day={monday}").content.decode()
    assert Shift.objects.get().starts_at == local_hour(monday) + timedelta(hours=6)
