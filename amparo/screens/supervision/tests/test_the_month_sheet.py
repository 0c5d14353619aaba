"""The five numbers at the head of a month: their targets, and the month they are compared with."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from amparo.line.switchboard.models import Call, Ending, State
from amparo.screens.supervision.measures import work_of_month
from amparo.screens.supervision.month_sheet import sheet_of

from .conftest import seen_by


@pytest.fixture
def first(now) -> date:
    return timezone.localdate(now).replace(day=1)


@pytest.mark.parametrize(
    ("in_time", "abandoned", "shown"),
    [
        (80, 5, [("80", "80 %", "good"), ("5", "5 %", "good")]),
        (79.6, 5.4, [("79.6", "80 %", "wait"), ("5.4", "5 %", "wait")]),  # rounded, both would look met
        (79, 6, [("79", "80 %", "wait"), ("6", "5 %", "wait")]),
    ],
)
def test_a_target_is_judged_before_rounding(marta, first, now, in_time, abandoned, shown):
    """1,000 offered calls, of which these shares were answered in time or given up; the targets are 80 and 5 %."""
    at = timezone.make_aware(datetime(first.year, first.month, 1, 0, 5))

    def call(n: int) -> Call:
        found = Call(arrived_at=at, waiting_since=at, state=State.ENDED, ended_at=at + timedelta(minutes=2))
        if n < 10 * abandoned:
            found.ending = Ending.GAVE_UP
        else:
            is_late = n >= 10 * (abandoned + in_time)
            found.answered_at, found.ending = at + timedelta(seconds=60 if is_late else 5), Ending.CALLER
        return found

    Call.objects.bulk_create([call(n) for n in range(1000)])
    sheet = seen_by(marta, sheet_of, seen_by(marta, work_of_month, first, now))
    found = [(str(each.value), re.search(r"\d+ %", each.target)[0], each.tone) for each in sheet.numbers[1:3]]
    assert found == shown


def test_the_first_month_of_a_line_is_compared_with_nothing(marta, first, now):
    start = timezone.make_aware(datetime(first.year, first.month, 1, 12))
    last = start - timedelta(days=15)  # in the month before, which is over

    def changes() -> list[str]:
        month = seen_by(marta, work_of_month, last.date().replace(day=1), now)
        return [each.change for each in seen_by(marta, sheet_of, month).numbers]

    Call.objects.create(arrived_at=last, waiting_since=last, state=State.ENDED, ended_at=last, ending=Ending.GAVE_UP)
    assert changes() == [""] * 5
    earlier = last - timedelta(days=31)
    Call.objects.create(
        arrived_at=earlier, waiting_since=earlier, state=State.ENDED, ended_at=earlier, ending=Ending.GAVE_UP
    )
    assert any(changes()), "control: a month with a call before it is compared"
