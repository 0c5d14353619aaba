"""Whatever happens to two houses in any order while time passes: no bed is taken twice."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amparo.care.cases.models import Task
from amparo.care.cases.picklists import TaskKind
from amparo.care.shelters import house_admin
from amparo.care.shelters.house_admin import close_house, open_house, restore_bed, retire_bed
from amparo.care.shelters.house_rules import add_bed, block_bed, unblock_bed
from amparo.care.shelters.models import Bed, House, Occupancy, Placement, Stay
from amparo.care.shelters.occupancies import take_bed
from amparo.care.shelters.picklists import OccupancyKind, State
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    decline_placement,
    hold_bed,
    leave_house,
    move_bed,
    plan_stay,
    release_bed,
    request_placement,
)
from amparo.foundation.core.refusal import Refused
from tests.repetitions import repeat

from .conftest import at_risk, otherwise
from .test_occupancy import BED, IN_TWO, TWICE, count_rows

STEP = st.integers(0, 200)
ORDER = {Placement: ["reserved_at", "case__number"], Stay: ["placement__reserved_at", "person_id"], Bed: ["pk"]}


class Nights(RuleBasedStateMachine):
    """Two houses of three beds, five people, and everybody who may act, while time passes."""

    fixtures: dict = {}

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        made = self.fixtures
        self.ana, self.olga, self.luz, self.now = made["ana"], made["olga"], made["luz"], made["now"]
        self.cases, self.houses = made["cases"], made["houses"]
        self.done = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def attempt(self, verb, *args, **kwargs):
        """Run a verb: it works, or it is refused in a sentence. Anything else is a fault."""
        try:
            with transaction.atomic():
                verb(*args, now=self.now, **kwargs)
                self.done += 1
        except Refused:
            pass

    def one(self, found, number):
        rows = list(found.order_by(*ORDER[found.model]))
        return rows[number % len(rows)] if rows else None

    @initialize(there=st.integers(0, 3))
    def some_are_there_already(self, there):
        for number in range(there):
            self.hold(number, number)
            self.ask_and_approve(number)
            self.end_a_hold(number, arrive)
        if there:
            self.close_or_open(0, close_house)  # refused: somebody stays in it

    @rule(minutes=st.integers(1, 900))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(case=STEP, house=STEP)
    def hold(self, case, house):
        case = self.cases[case % len(self.cases)]
        it = self.houses[house % len(self.houses)]
        self.attempt(hold_bed, case, [at_risk(case)], it, by=self.ana)

    @rule(number=STEP)
    def ask_and_approve(self, number):
        if it := self.one(Placement.objects.filter(state=State.RESERVED), number):
            day = timezone.localdate(self.now)
            self.attempt(request_placement, it, planned_to=day, escort="invented", by=self.ana)
            self.attempt(approve_placement, it, by=self.olga)

    @rule(number=STEP, verb=st.sampled_from([release_bed, arrive]))
    def end_a_hold(self, number, verb):
        if it := self.one(Placement.objects.all(), number):
            self.attempt(verb, it, by=self.ana)

    @rule(number=STEP)
    def decline(self, number):
        if it := self.one(Placement.objects.all(), number):
            self.attempt(decline_placement, it, reason="invented", by=self.olga)

    @rule(number=STEP, bed=STEP)
    def move(self, number, bed):
        if it := self.one(Stay.objects.all(), number):
            self.attempt(move_bed, it, self.one(Bed.objects.all(), bed), by=self.ana)

    @rule(number=STEP)
    def leave(self, number):
        if it := self.one(Stay.objects.exclude(stayed=None), number):
            self.attempt(leave_house, it, by=self.ana)

    @rule(bed=STEP, verb=st.sampled_from([block_bed, unblock_bed]))
    def repair(self, bed, verb):
        self.attempt(verb, self.one(Bed.objects.all(), bed), by=self.luz)

    @rule(bed=STEP, verb=st.sampled_from([retire_bed, restore_bed]))
    def take_away_or_bring_back(self, bed, verb):
        self.attempt(verb, self.one(Bed.objects.all(), bed), by=self.olga)

    @rule(house=STEP, number=st.integers(1, 5))
    def one_more_bed(self, house, number):
        self.attempt(add_bed, self.houses[house % len(self.houses)], room=1, number=number, by=self.olga)

    @rule(house=STEP, verb=st.sampled_from([close_house, open_house]))
    def close_or_open(self, house, verb):
        self.attempt(verb, self.houses[house % len(self.houses)], by=self.olga)

    @rule(number=STEP, days=st.integers(0, 9))
    def stay_longer(self, number, days):
        if it := self.one(Placement.objects.all(), number):
            self.attempt(plan_stay, it, timezone.localdate(self.now) + timedelta(days=days), by=self.ana)

    @rule(bed=STEP, since=st.integers(-300, 300), lasts=st.integers(1, 600))
    def somebody_writes_past_our_code(self, bed, since, lasts):
        start = self.now + timedelta(minutes=since)
        period = DateTimeTZRange(start, start + timedelta(minutes=lasts))
        with suppress(IntegrityError), transaction.atomic():
            Occupancy.objects.create(bed=self.one(Bed.objects.all(), bed), kind=OccupancyKind.HOLD, period=period)

    @invariant()
    def no_bed_is_taken_twice_and_nobody_stays_in_two(self):
        assert (count_rows(TWICE), count_rows(IN_TWO)) == (0, 0)

    @invariant()
    def at_every_instant_a_house_is_at_most_full(self):
        with connection.cursor() as cursor:
            cursor.execute("""
                with instants as (select lower(period) at from shelters_occupancy where not isempty(period))
                select count(*) from instants i cross join shelters_house h
                where (select count(*) from shelters_occupancy o join shelters_bed b on b.id = o.bed_id
                       where b.house_id = h.id and o.period @> i.at and o.kind not in ('gone', 'closed'))
                    > (select count(*) from shelters_bed b where b.house_id = h.id and not exists (
                        select from shelters_occupancy o
                        where o.bed_id = b.id and o.period @> i.at and o.kind in ('gone', 'closed')))""")
            assert cursor.fetchone() == (0,)

    @invariant()
    def a_closed_house_has_nobody_and_waits_for_nobody(self):
        for house in House.objects.exclude(closed_at=None):
            since = DateTimeTZRange(house.closed_at, None)
            beds = Occupancy.objects.filter(bed__house=house, period__overlap=since)
            assert not beds.filter(kind__in=(OccupancyKind.HOLD, OccupancyKind.STAY)).exists()
            assert not house.placements.filter(state__in=(State.APPROVED, State.IN_HOUSE)).exists()
            assert not Bed.objects.free(self.now).filter(house=house).exists()

    @invariant()
    def whose_stay_is_planned_has_one_task_for_its_end(self):
        for case in self.cases:
            there = Placement.objects.filter(case=case, state=State.IN_HOUSE).exists()
            assert Task.objects.filter(case=case, kind=TaskKind.STAY, is_open=True).count() == there

    @invariant()
    def who_is_in_a_house_has_a_bed_there_and_was_approved_by_two(self):
        for stay in Stay.objects.filter(placement__state=State.IN_HOUSE).select_related("occupancy__bed", "placement"):
            if stay.is_there:
                assert (stay.occupancy.kind, stay.occupancy.period.upper) == (OccupancyKind.STAY, None)
                assert stay.occupancy.bed.house_id == stay.placement.house_id
                assert stay.placement.approvals.count() == 2
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")

    @invariant()
    def what_has_run_out_blocks_nothing(self):
        for bed in Bed.objects.free(self.now):
            with transaction.atomic():
                take_bed([bed], OccupancyKind.HOLD, self.now, self.now + timedelta(microseconds=1))
                transaction.set_rollback(True)


HOW = settings(
    max_examples=repeat(15, 600),
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def nights(make_house, make_case, ana, olga, luz, now):
    houses = [make_house(), make_house("Casa Queñual")]
    cases = [make_case(ana) for _ in range(5)]
    Nights.fixtures = {"ana": ana, "olga": olga, "luz": luz, "now": now, "cases": cases, "houses": houses}
    return Nights


@pytest.mark.soak
@pytest.mark.timeout(repeat(900, 20_000))
def test_whatever_is_done_in_whatever_order_while_time_passes(nights):
    run_state_machine_as_test(nights, settings=HOW)


def test_the_control_without_the_constraint_a_bed_is_taken_twice(nights):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # else pending checks forbid to alter a table
        cursor.execute(f"alter table shelters_occupancy drop constraint {BED}")
        cursor.execute("set constraints all deferred")
    with pytest.raises(AssertionError):
        run_state_machine_as_test(nights, settings=settings(HOW, phases=[Phase.generate], report_multiple_bugs=False))


def red_of(nights) -> str:
    """Return the one invariant that fails."""
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(nights, settings=settings(HOW, phases=[Phase.generate], report_multiple_bugs=False))
    return found.traceback[-1].name


def test_the_control_were_a_house_closed_with_somebody_in_it_it_would_show(nights, monkeypatch):
    monkeypatch.setattr(house_admin, "_refuse_while_needed", lambda *_of: None)
    assert red_of(nights) == "a_closed_house_has_nobody_and_waits_for_nobody"


def test_the_control_were_no_end_of_a_stay_planned_it_would_show(nights):
    otherwise("shelters_plan_end", "begin", "begin return;")
    assert red_of(nights) == "whose_stay_is_planned_has_one_task_for_its_end"
