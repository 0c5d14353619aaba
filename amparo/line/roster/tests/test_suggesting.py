"""The suggested plan keeps the law's hours, days that people cannot work, and certificates; and fills the gaps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.line.roster.suggesting import ProposedShift, Worker, WorkingLimits, possible_shifts, suggest_shifts

WEEK = 168
LAW = WorkingLimits()


def people(found, needed_hour: int) -> int:
    return sum(each.start <= needed_hour < each.end for each in found)


def spans(worker: Worker, found):
    return sorted([*worker.shifts, *((each.start, each.end) for each in found if each.worker == worker.pk)])


def has_rest(shifts, begin, limits) -> bool:
    """Whether a week that begins at this hour has a rest of a day at a stretch."""
    end, latest = begin, begin + 24 * (limits.days_in_a_row + 1)
    for start, until in sorted(span for span in shifts if begin <= span[0] < latest):
        if start - end >= limits.weekly_rest_hours:
            return True
        end = until
    return latest - end >= limits.weekly_rest_hours


def faults(workers, found, limits=LAW) -> list[str]:
    """What the plan breaks, as sentences."""
    wrong = []
    for worker in workers:
        own, new = spans(worker, found), [each for each in found if each.worker == worker.pk]
        inside = [(start, end) for start, end in own if 0 <= start < WEEK]
        if new and sum(end - start for start, end in inside) > limits.hours_a_week:
            wrong.append("too many hours a week")
        for begin, _end in own:
            if has_rest(worker.shifts, begin, limits) and not has_rest(own, begin, limits):
                wrong.append("no rest of a day at a stretch")
        days_of_work = {start // 24 for start, _end in own}
        for first in {each.start // 24 - before for each in new for before in range(limits.days_in_a_row + 1)}:
            if days_of_work.issuperset(range(first, first + limits.days_in_a_row + 1)):
                wrong.append("no day of rest")
        for each in new:
            others = [span for span in own if span != (each.start, each.end)]
            near = any(s < each.end + limits.rest_hours and each.start < e + limits.rest_hours for s, e in others)
            wrong += ["too little rest"] if near else []
            days = {each.start // 24, (each.end - 1) // 24}
            wrong += ["on a day that they cannot work"] if days & worker.cannot else []
            wrong += ["longer than a day's hours"] if each.end - each.start > limits.hours_a_day else []
            certified = any(a <= each.start and each.end <= b for a, b in worker.may_answer)
            wrong += [] if certified else ["without a certificate"]
    return wrong


def test_enough_people_leave_no_hour_alone():
    team = [Worker(pk) for pk in range(9)]
    found = suggest_shifts(team, [2] * WEEK, LAW)
    assert faults(team, found) == []
    assert {people(found, hour) for hour in range(6, WEEK)} == {2}  # the night of Sunday belongs to the week before


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_no_plan_breaks_what_must_hold(data):
    days = st.frozensets(st.integers(0, 6), max_size=3)
    team = [
        Worker(
            pk,
            shifts=tuple(
                (24 * day + start, 24 * day + start + 8)
                for day, start in zip(data.draw(st.sets(st.integers(-1, 7), max_size=2)), (6, 14), strict=False)
            )[:1]
            + tuple((24 * day + 6, 24 * day + 14) for day in range(data.draw(st.integers(-8, -1)), -1)),
            cannot=data.draw(days),
            rather_not=data.draw(days),
            may_answer=((0, data.draw(st.sampled_from([40.0, 100.0, float("inf")]))),),
        )
        for pk in range(4)
    ]
    limits = WorkingLimits(
        8,
        data.draw(st.sampled_from([24, 48])),
        data.draw(st.sampled_from([12, 16])),
        data.draw(st.sampled_from([3, 6])),
        data.draw(st.sampled_from([24, 36])),
    )
    found = suggest_shifts(team, [data.draw(st.integers(0, 3))] * WEEK, limits)
    assert faults(team, found, limits) == []


def test_a_plan_that_breaks_the_law_is_found():
    """The control of `faults`."""
    team = [Worker(1, cannot=frozenset({2}), may_answer=((0, 100),))]
    found = [ProposedShift(1, start, start + 12) for start in range(6, 168, 22)]
    assert set(faults(team, found)) == {
        "too many hours a week", "no day of rest", "no rest of a day at a stretch", "too little rest",
        "on a day that they cannot work", "longer than a day's hours", "without a certificate",
    }  # fmt: skip


def test_a_night_does_not_reach_into_a_day_that_somebody_cannot_work():
    nights = [each for each in possible_shifts(Worker(1, cannot=frozenset({1, 7})), LAW) if each.start % 24 == 22]
    assert {each.start // 24 for each in nights} == {2, 3, 4, 5}  # not Monday's, Tuesday's and Sunday's


@pytest.mark.parametrize(("limit", "free"), [(6, {0}), (5, {0}), (7, set())])
def test_days_of_work_in_a_row_are_counted_over_the_border_of_a_week(limit, free):
    last_week = tuple((24 * day + 6, 24 * day + 14) for day in range(-6, 0))  # Tuesday to Sunday
    needed = [int(hour % 24 in range(6, 14)) for hour in range(WEEK)]
    found = suggest_shifts([Worker(1, shifts=last_week)], needed, WorkingLimits(days_in_a_row=limit))
    worked = {each.start // 24 for each in found}
    assert free.isdisjoint(worked)
    assert len(worked) == min(limit, 6), "control: the other days are filled"


@pytest.mark.parametrize(("last", "rest", "found"), [(-25, 24, []), (-26, 24, [6]), (-26, 25, [])])
def test_each_week_has_its_rest_at_a_stretch(last, rest, found):
    """Each shift of last week began 23 hours after the one before; the last ended on Sunday, 23 or 24 hours ago."""
    last_week = (*((last - 27 * turn, last - 27 * turn + 4) for turn in range(1, 6)), (last, last + 8))
    needed = [int(6 <= hour < 14) for hour in range(WEEK)]
    limits = WorkingLimits(weekly_rest_hours=rest)
    assert [each.start for each in suggest_shifts([Worker(1, shifts=last_week)], needed, limits)] == found


@pytest.mark.parametrize("hours", range(4, 13))
def test_shifts_of_any_length_can_cover_each_hour(hours):
    shifts = possible_shifts(Worker(1), WorkingLimits(hours_a_day=hours))
    assert {hour for each in shifts for hour in range(each.start, each.end)} >= set(range(24, WEEK))


def test_nothing_is_suggested_where_enough_are_planned():
    planned = tuple((24 * day, 24 * day + 24) for day in range(7))
    assert suggest_shifts([Worker(1, shifts=planned), Worker(2)], [1] * WEEK, LAW) == []


def test_a_wish_is_heard_while_somebody_else_can():
    needed = [int(30 <= hour < 38) for hour in range(WEEK)]  # Tuesday 6 to 14
    wishes = Worker(1, rather_not=frozenset({1}))
    assert {each.worker for each in suggest_shifts([wishes, Worker(2)], needed, LAW)} == {2}
    assert {each.worker for each in suggest_shifts([wishes], needed, LAW)} == {1}  # better than nobody
    assert suggest_shifts([Worker(1, cannot=frozenset({1}))], needed, LAW) == []  # a hard constraint


def test_who_speaks_what_nobody_else_speaks_is_suggested():
    needed = [int(30 <= hour < 38) for hour in range(WEEK)]
    team = [Worker(1), Worker(2, languages=frozenset({"es", "qu"})), Worker(3)]
    assert {each.worker for each in suggest_shifts(team, needed, LAW)} == {2}


def test_hours_are_shared():
    needed = [int(hour % 24 in range(6, 14)) for hour in range(WEEK)]
    found = suggest_shifts([Worker(1), Worker(2)], needed, LAW)
    assert sorted(sum(each.worker == pk for each in found) for pk in (1, 2)) == [3, 4]


@pytest.mark.parametrize("earliest", [50, 100])
def test_nothing_is_suggested_for_what_has_passed(earliest):
    found = suggest_shifts([Worker(pk) for pk in range(3)], [1] * WEEK, LAW, earliest=earliest)
    assert found
    assert min(each.start for each in found) >= earliest
