"""A plan for the hours that lack people: an integer programme, solved by HiGHS (docs/decisions/0037).

All times are hours from Monday 0:00. The solver knows no names, and decides nothing: it proposes.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import highspy
from highspy.highs import highs_linear_expression

from .models.planning import HOURS_OF_WEEK

FIRST, LONGEST = 6, 8  # the local hour at which the first shift of a day begins, and the length of a shift
SECONDS, NEAR = 10, 0.01  # the time after which the best plan so far is taken, and how near to the best is enough

# What the plan pays for, and so what it avoids first. A language alone adds no shift: its hour costs less than `HOUR`.
NOBODY, SHORT, ALONE_IN_LANGUAGE, AGAINST_A_WISH, HOUR, UNEVEN = 40.0, 5.0, 0.2, 12.0, 0.3, 0.05

type Span = tuple[float, float]


@dataclass(frozen=True)
class Worker:
    """Somebody who may be planned."""

    pk: int
    languages: frozenset[str] = frozenset({"es"})
    shifts: tuple[Span, ...] = ()  # work that is planned already, also that of the weeks before and after
    on_call: tuple[Span, ...] = ()  # no work, and no time for a shift (working_hours.py)
    cannot: frozenset[int] = frozenset()  # days, Monday 0; 7 is the Monday after, into which Sunday's night reaches
    rather_not: frozenset[int] = frozenset()
    may_answer: tuple[Span, ...] = ((0, float("inf")),)  # while certified

    @property
    def hours_planned(self) -> float:
        """Hours planned already that begin in this week."""
        return sum(end - start for start, end in self.shifts if 0 <= start < HOURS_OF_WEEK)

    @property
    def days_planned(self) -> set[int]:
        """Days on which a shift begins already, also of the weeks before and after."""
        return {int(start // 24) for start, _end in self.shifts}


@dataclass(frozen=True)
class WorkingLimits:
    hours_a_day: int = 8
    hours_a_week: int = 48
    rest_hours: int = 12
    days_in_a_row: int = 6
    weekly_rest_hours: int = 24  # at a stretch


@dataclass(frozen=True)
class ProposedShift:
    worker: int
    start: int
    end: int


@dataclass
class _Programme:
    """The integer programme while it is built."""

    highs: highspy.Highs
    chosen: dict[ProposedShift, highspy.highs_var] = field(default_factory=dict)
    costs: list[highs_linear_expression] = field(default_factory=list)


def suggest_shifts(
    workers: Sequence[Worker],
    needed: Sequence[int],
    limits: WorkingLimits,
    *,
    earliest: float = 0,
    seconds: float = SECONDS,
) -> list[ProposedShift]:
    """Return shifts to add, in order. `needed`: people by hour of the week. Shifts planned already stay as they are.

    Never breaks the hours of the law, a day on which somebody cannot work, or a certificate. Wishes, languages and an
    even share are weighed against hours without enough people. `earliest`: no shift begins before it. `seconds`: for
    the solver.
    """
    programme = _Programme(highspy.Highs())  # type: ignore[no-untyped-call]
    programme.highs.silent()
    for option, value in {"time_limit": seconds, "mip_rel_gap": NEAR, "threads": 1, "random_seed": 1}.items():
        programme.highs.setOptionValue(option, value)
    for worker in workers:
        _add_worker(programme, worker, limits, earliest)
    if not programme.chosen:
        return []
    _cover_hours(programme, workers, needed)
    _cover_languages(programme, workers, needed)
    _share_hours(programme, workers)
    programme.highs.minimize(programme.highs.qsum(programme.costs))
    if not programme.highs.getInfo().valid:
        return []
    taken = [each for each, variable in programme.chosen.items() if programme.highs.val(variable) > 0.5]
    return sorted(taken, key=lambda each: (each.start, each.worker))


def possible_shifts(worker: Worker, limits: WorkingLimits, earliest: float = 0) -> list[ProposedShift]:
    """The shifts that this person could take, each by itself."""
    length = min(LONGEST, limits.hours_a_day)
    starts = [24 * day + hour % 24 for day in range(7) for hour in range(FIRST, FIRST + 24, length)]
    return [
        ProposedShift(worker.pk, start, start + length)
        for start in starts
        if start >= earliest
        and start // 24 not in worker.days_planned
        and not worker.cannot & {start // 24, (start + length - 1) // 24}
        and any(begins <= start and start + length <= ends for begins, ends in worker.may_answer)
        and not any(_too_near((start, start + length), other, limits) for other in worker.shifts)
        and not any(begins < start + length and start < ends for begins, ends in worker.on_call)
    ]


def _add_worker(programme: _Programme, worker: Worker, limits: WorkingLimits, earliest: float) -> None:
    """Add a variable for each possible shift of this person, and their limits of hours, rest and days of work."""
    highs = programme.highs
    own = {each: highs.addBinary() for each in possible_shifts(worker, limits, earliest)}
    if not own:
        return
    programme.chosen |= own
    for one, other in itertools.combinations(own, 2):
        if _too_near((one.start, one.end), (other.start, other.end), limits):
            highs.addConstr(own[one] + own[other] <= 1)
    highs.addConstr(
        highs.qsum((each.end - each.start) * taken for each, taken in own.items())
        <= max(0, limits.hours_a_week - worker.hours_planned)
    )
    most = limits.days_in_a_row
    for first in range(-most, 7):  # of each `most + 1` days one is free
        days = range(first, first + most + 1)
        within = [taken for each, taken in own.items() if each.start // 24 in days]
        if within:
            highs.addConstr(highs.qsum(within) <= max(0, most - len(worker.days_planned.intersection(days))))
    _add_weekly_rest(highs, worker, own, limits)
    for each, taken in own.items():
        dislike = AGAINST_A_WISH if each.start // 24 in worker.rather_not else 0
        programme.costs.append((HOUR * (each.end - each.start) + dislike) * taken)


def _add_weekly_rest(
    highs: highspy.Highs, worker: Worker, own: dict[ProposedShift, highspy.highs_var], limits: WorkingLimits
) -> None:
    """Require the weekly rest within a week of each shift, unless shifts planned already leave no room for it."""
    rest, week = limits.weekly_rest_hours, 24 * (limits.days_in_a_row + 1)
    rests = {}  # by the hour at which a rest may begin; above 0 only if no shift lies in it
    for hour in {end for _start, end in worker.shifts if end > -week} | {each.end for each in own}:
        if any(start < hour + rest and hour < end for start, end in worker.shifts):
            continue
        rests[hour] = highs.addVariable(lb=0, ub=1)
        for each, taken in own.items():
            if each.start < hour + rest and hour < each.end:
                highs.addConstr(rests[hour] + taken <= 1)
    for begin in {start for start, _end in worker.shifts if start > -week}:
        if within := [variable for hour, variable in rests.items() if begin < hour <= begin + week - rest]:
            highs.addConstr(highs.qsum(within) >= 1)
    for each, taken in own.items():
        within = [variable for hour, variable in rests.items() if each.start < hour <= each.start + week - rest]
        highs.addConstr(highs.qsum(within) >= taken)


def _cover_hours(programme: _Programme, workers: Sequence[Worker], needed: Sequence[int]) -> None:
    """Add the costs of hours that lack people: by number of people, and far more for an hour that has nobody."""
    highs, by_hour = programme.highs, _variables_by_hour(programme.chosen)
    present = _workers_present(workers)
    for hour, most in enumerate(needed):
        there = len(present[hour])
        if there >= most:
            continue
        missing = highs.addVariable(lb=0)
        highs.addConstr(highs.qsum(by_hour[hour]) + missing >= most - there)
        programme.costs.append(SHORT * missing)
        if not there:
            nobody = highs.addVariable(lb=0)
            highs.addConstr(highs.qsum(by_hour[hour]) + nobody >= 1)
            programme.costs.append(NOBODY * nobody)


def _cover_languages(programme: _Programme, workers: Sequence[Worker], needed: Sequence[int]) -> None:
    """Add the cost of each language that somebody of the team speaks, but nobody at work in that hour."""
    highs, present = programme.highs, _workers_present(workers)
    for language in sorted({spoken for worker in workers for spoken in worker.languages}):
        speakers = {worker.pk for worker in workers if language in worker.languages}
        by_hour = _variables_by_hour(
            {each: taken for each, taken in programme.chosen.items() if each.worker in speakers}
        )
        for hour, most in enumerate(needed):
            if most and by_hour[hour] and not speakers & present[hour]:
                missing = highs.addVariable(lb=0)
                highs.addConstr(highs.qsum(by_hour[hour]) + missing >= 1)
                programme.costs.append(ALONE_IN_LANGUAGE * missing)


def _share_hours(programme: _Programme, workers: Sequence[Worker]) -> None:
    """Add a small cost for the longest week that anybody works, so that hours are shared."""
    highs, longest = programme.highs, programme.highs.addVariable(lb=0)
    for worker in workers:
        own = [(each.end - each.start) * taken for each, taken in programme.chosen.items() if each.worker == worker.pk]
        if own:
            highs.addConstr(highs.qsum(own) + worker.hours_planned <= longest)
    programme.costs.append(UNEVEN * longest)


def _variables_by_hour(chosen: dict[ProposedShift, highspy.highs_var]) -> defaultdict[int, list[highspy.highs_var]]:
    found = defaultdict[int, list[highspy.highs_var]](list)
    for each, taken in chosen.items():
        for hour in range(each.start, min(each.end, HOURS_OF_WEEK)):
            found[hour].append(taken)
    return found


def _workers_present(workers: Iterable[Worker]) -> list[set[int]]:
    """Return the ids of the workers who are planned already and certified for the full hour, by hour of the week."""
    return [
        {
            worker.pk
            for worker in workers
            if any(start <= hour and hour + 1 <= end for start, end in worker.shifts)
            and any(start <= hour and hour + 1 <= end for start, end in worker.may_answer)
        }
        for hour in range(HOURS_OF_WEEK)
    ]


def _too_near(one: Span, other: Span, limits: WorkingLimits) -> bool:
    """Whether one person may not have both shifts: they overlap, begin on one day, or leave too little rest."""
    first, second = sorted((one, other))
    return second[0] < first[1] + limits.rest_hours or first[0] // 24 == second[0] // 24
