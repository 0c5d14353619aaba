"""A month of calls on the real routing: nobody without a certificate is rung, and no gap goes unnoticed.

Three languages, sickness, a night on which everybody is ill, certificates that end in the night, and one flood.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.line.roster.cover import week_of
from amparo.line.switchboard import distribution
from amparo.line.switchboard.models import CallEvent
from amparo.line.switchboard.seats import Seats
from amparo.line.switchboard.tally import COUNTS, line_calls
from amparo.screens.supervision import wallboard
from tests.repetitions import repeat
from tests.simulated_month import DAY, EXPIRY_DAY, GRIPPE_DAY, HOUR, MINUTE, SimulatedMonth

BEGIN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # a Monday, midnight in Lima
DAYS = repeat(7, 30)
CALLS_A_DAY = 34
LOOKS_EVERY = repeat(HOUR, MINUTE)  # and after each change


@pytest.fixture
def simulate(transactional_db, monkeypatch) -> Callable[..., SimulatedMonth]:
    """Run so many days. Only the clock of the simulation says what time it is."""

    def simulate(days: int, every: float) -> SimulatedMonth:
        with asyncio.Runner() as runner:

            async def build() -> SimulatedMonth:
                return SimulatedMonth(BEGIN, runner, days=days, calls_a_day=CALLS_A_DAY, seed=19)

            month = runner.run(build())
            monkeypatch.setattr(timezone, "now", lambda: month.moment)
            month.open()
            month.run(every)
            return month

    return simulate


@pytest.mark.soak
@pytest.mark.timeout(repeat(3600, 20_000))  # on a machine that others share
def test_no_minute_without_a_certified_person_goes_unnoticed(simulate):
    month = simulate(DAYS, LOOKS_EVERY)
    print(month.figures())
    assert not +month.faults
    assert month.seen["looks"] > DAYS * DAY / LOOKS_EVERY + len(month.all_callers), "also after each change"
    gaps_are_those_of_sickness_and_certificates(month)
    nobody_is_dropped_and_the_counted_calls_are_those_that_came(month)


def gaps_are_those_of_sickness_and_certificates(month: SimulatedMonth) -> None:
    gaps = [(start, end) for start, end in month.gaps if end - start > HOUR]
    ill, ended = gaps[:2]
    assert GRIPPE_DAY * DAY + 22 * HOUR <= ill[0] < ill[1] - 7 * HOUR, "control: nobody came that night"
    assert ended == (EXPIRY_DAY * DAY + 3 * HOUR, EXPIRY_DAY * DAY + 6 * HOUR), "control: certificates ended in it"
    foreseen = [
        (month.begin + timedelta(seconds=start), month.begin + timedelta(seconds=end)) for start, end in (ended,)
    ]
    with acting_as(month.marta.acting()):
        planned = [(gap.start, gap.end) for gap in week_of(BEGIN.date()).gaps]
    assert foreseen == [gap for gap in planned if gap[0] == foreseen[0][0]], "the plan shows what it can know"
    assert not [gap for gap in planned if gap[0] < month.begin + timedelta(seconds=ill[1]) < gap[1]]


def nobody_is_dropped_and_the_counted_calls_are_those_that_came(month: SimulatedMonth) -> None:
    callers = month.all_callers
    assert all((caller.answered_at is None) != (caller.gave_up_at is None) for caller in callers)
    assert {caller.language for caller in callers if caller.answered_at is not None} == {"es", "qu", "en"}
    with acting_as(month.marta.acting()):
        counted = line_calls(BEGIN, BEGIN + timedelta(days=DAYS + 1)).aggregate(**COUNTS)
        alerts = CallEvent.objects.filter(kind=CallEvent.Kind.DANGER).count()
    answered = [caller for caller in callers if caller.answered_at is not None]
    assert counted == {
        "offered": len(callers), "answered": len(answered), "abandoned": len(callers) - len(answered),
        "in_time": sum(caller.waited <= 20 for caller in answered), "left_message": 0, "cut_off": 0, "still_waiting": 0,
    }  # fmt: skip
    assert alerts == sum(caller.in_danger for caller in callers) > 0
    assert len([caller for caller in callers if caller.is_person]) > 0.9 * CALLS_A_DAY * DAYS


def ring_without_a_certificate(monkeypatch):
    monkeypatch.setattr(Seats, "answering_operators", lambda self, now: list(self.on_shift.values()))


def know_the_plan_alone(monkeypatch):
    """The wallboard shows hours that nobody covers by the plan, but not that nobody came."""

    def by_plan(queue, now):
        return any(gap.start <= now for gap in wallboard.uncovered(now))

    monkeypatch.setattr(wallboard, "rings_for_nobody", by_plan)


def ignore_languages(monkeypatch):
    monkeypatch.setattr(distribution, "_best_operator", lambda call, free, now: next(iter(free), None))


@pytest.mark.parametrize(
    ("mistake", "fault", "days"),
    [
        (ring_without_a_certificate, "rings for somebody without a certificate", 1),
        (know_the_plan_alone, "a gap that the wallboard does not show", GRIPPE_DAY + 1),
        (ignore_languages, "rings for somebody without the language", 1),
    ],
)
def test_the_control_a_mistake_is_found(simulate, monkeypatch, mistake, fault, days):
    mistake(monkeypatch)
    assert simulate(days, HOUR).faults[fault] > 0
