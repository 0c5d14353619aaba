"""A house is never fuller than it has beds, at no instant and whatever code tries: the database refuses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.care.cases.rules import add_somebody
from amparo.care.people.picklists import Part
from amparo.care.shelters.housing import put_back, take_out
from amparo.care.shelters.models import Bed, House, Occupancy
from amparo.care.shelters.picklists import State, Taken
from amparo.care.shelters.placements import Placement, Stay
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    decline_placement,
    hold_bed,
    leave_house,
    move_bed,
    release_bed,
    request_placement,
)
from amparo.care.shelters.taking import take
from amparo.ground.core.acting import need_to_know
from amparo.ground.core.refusal import Refused

from .conftest import at_risk

BED, PERSON, STEP = "a_bed_is_taken_once_at_a_time", "nobody_stays_in_two_beds_at_a_time", st.integers(0, 200)
TWICE = """select count(*) from shelters_occupancy a join shelters_occupancy b
    on a.bed_id = b.bed_id and a.id < b.id and a.period && b.period"""
IN_TWO = """select count(*) from shelters_stay a join shelters_stay b
    on a.person_id = b.person_id and a.id < b.id and a.stayed && b.stayed"""

ORDER = {
    Placement: ["held_at", "case__number"],
    Stay: ["placement__held_at", "person_id"],
    Bed: ["pk"],
}  # the same again


def asked(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@contextmanager
def without(constraint: str, table: str) -> Iterator[None]:
    """For a control: what holds the promise is gone, and comes back at the end."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_constraintdef(oid) from pg_constraint where conname = %s", [constraint])
        definition = cursor.fetchone()[0]
        cursor.execute(f"alter table {table} drop constraint {constraint}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"delete from shelters_stay; delete from {table}")
            cursor.execute(f"alter table {table} add constraint {constraint} {definition}")


def all_at_once(work, arguments: list) -> list[str]:
    """In threads of their own, each over its own connection; what each was told, blank for what was done."""
    start, said = threading.Barrier(len(arguments)), []

    def run(argument) -> None:
        start.wait()
        try:
            work(argument)
            said.append("")
        except Refused as refusal:
            said.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.mark.django_db(transaction=True)
def test_twelve_hold_the_last_three_beds_at_once(house, make_case, stranger, now):
    cases = [make_case(stranger) for _ in range(12)]
    said = all_at_once(lambda case: hold_bed(case, [at_risk(case)], house, by=stranger, now=now), cases)
    assert (said.count(""), len(said), asked(TWICE)) == (3, 12, 0)
    assert Stay.objects.count() == Placement.objects.count() == Occupancy.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_families_at_once_one_has_all_its_beds_and_the_other_none(make_house, make_case, stranger, now):
    house, cases = make_house(beds=3, takes_families=True), [make_case(stranger) for _ in range(4)]
    known = {"age_at_events": 9, "age_certainty": "sure", "gender": "feminine"}
    families = [
        (case, [at_risk(case), add_somebody(case, Part.AT_RISK, by=stranger, now=now, **known)]) for case in cases
    ]
    said = all_at_once(lambda it: hold_bed(*it, house, by=stranger, now=now), families)
    assert (said.count(""), len(said), asked(TWICE)) == (1, 4, 0)
    assert (Placement.objects.count(), Stay.objects.count(), Occupancy.objects.count()) == (1, 2, 2)


def same_bed(house, user, now) -> list[str]:
    bed = house.beds.get(number=1)

    def work(second: int) -> None:
        with need_to_know(user.acting()):
            take([bed], Taken.HOLD, now + timedelta(seconds=second), now + timedelta(hours=2))

    return all_at_once(work, list(range(10)))


@pytest.mark.django_db(transaction=True)
def test_ten_take_the_same_bed_at_once_and_one_has_it(house, stranger, now):
    assert (same_bed(house, stranger, now).count(""), asked(TWICE)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_constraint_several_have_it(house, stranger, now):
    with without(BED, "shelters_occupancy"):
        assert same_bed(house, stranger, now).count("") > 1
        assert asked(TWICE) > 0


def test_a_bed_out_of_order_is_nobodys_and_one_that_is_somebodys_is_not_out_of_order(held, house, luz, now):
    beds = list(house.beds.order_by("number"))
    with pytest.raises(Refused, match="Somebody has this bed"):
        take_out(beds[0], by=luz, now=now)
    for _ in range(2):
        take_out(beds[1], by=luz, now=now)
    assert Bed.objects.free(now).count() == 1
    put_back(beds[1], by=luz, now=now + timedelta(hours=1))
    assert Bed.objects.free(now + timedelta(hours=1)).count() == 2


class Nights(RuleBasedStateMachine):
    """Two houses of three beds, five people, and everybody who may do something, while the clock goes on."""

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
        """Done, or refused in a sentence; anything else would be a fault of ours."""
        try:
            with transaction.atomic():
                verb(*args, now=self.now, **kwargs)
                self.done += 1
        except Refused:
            pass

    def one(self, found, number):
        rows = list(found.order_by(*ORDER[found.model]))
        return rows[number % len(rows)] if rows else None

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
        if it := self.one(Placement.objects.filter(state=State.HELD), number):
            day = self.now.date()
            self.attempt(request_placement, it, planned_to=day, escort="invented", by=self.ana)
            self.attempt(approve_placement, it, by=self.olga)

    @rule(number=STEP, verb=st.sampled_from([release_bed, arrive]))
    def end_a_hold(self, number, verb):
        if it := self.one(Placement.objects.all(), number):
            self.attempt(verb, it, by=self.ana)

    @rule(number=STEP)
    def decline(self, number):
        if it := self.one(Placement.objects.all(), number):
            self.attempt(decline_placement, it, because="invented", by=self.olga)

    @rule(number=STEP, bed=STEP)
    def move(self, number, bed):
        if it := self.one(Stay.objects.all(), number):
            self.attempt(move_bed, it, self.one(Bed.objects.all(), bed), by=self.ana)

    @rule(number=STEP)
    def leave(self, number):
        if it := self.one(Stay.objects.exclude(stayed=None), number):
            self.attempt(leave_house, it, by=self.ana)

    @rule(bed=STEP, verb=st.sampled_from([take_out, put_back]))
    def repair(self, bed, verb):
        self.attempt(verb, self.one(Bed.objects.all(), bed), by=self.luz)

    @rule(bed=STEP, since=st.integers(-300, 300), lasts=st.integers(1, 600))
    def somebody_writes_past_our_code(self, bed, since, lasts):
        start = self.now + timedelta(minutes=since)
        period = DateTimeTZRange(start, start + timedelta(minutes=lasts))
        with suppress(IntegrityError), transaction.atomic():
            Occupancy.objects.create(bed=self.one(Bed.objects.all(), bed), kind=Taken.HOLD, period=period)

    @invariant()
    def no_bed_is_taken_twice_and_nobody_stays_in_two(self):
        assert (asked(TWICE), asked(IN_TWO)) == (0, 0)

    @invariant()
    def at_every_instant_a_house_is_at_most_full(self):
        with connection.cursor() as cursor:
            cursor.execute("""
                with instants as (select lower(period) at from shelters_occupancy where not isempty(period))
                select count(*) from instants i cross join shelters_house h
                where (select count(*) from shelters_occupancy o join shelters_bed b on b.id = o.bed_id
                       where b.house_id = h.id and o.period @> i.at)
                    > (select count(*) from shelters_bed b where b.house_id = h.id)""")
            assert cursor.fetchone() == (0,)

    @invariant()
    def who_is_in_a_house_has_a_bed_there_and_was_approved_by_two(self):
        for stay in Stay.objects.filter(placement__state=State.IN_HOUSE).select_related("occupancy__bed", "placement"):
            if stay.is_there:
                assert (stay.occupancy.kind, stay.occupancy.period.upper) == (Taken.STAY, None)
                assert stay.occupancy.bed.house_id == stay.placement.house_id
                assert stay.placement.approvals.count() == 2
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")

    @invariant()
    def what_has_run_out_blocks_nothing(self):
        for bed in Bed.objects.free(self.now):
            with transaction.atomic():
                take([bed], Taken.HOLD, self.now, self.now + timedelta(microseconds=1))
                transaction.set_rollback(True)


HOW = settings(
    max_examples=60, stateful_step_count=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def nights(make_house, make_case, ana, olga, luz, now):
    houses = [make_house(), make_house("Casa Queñual")]
    cases = [make_case(ana) for _ in range(5)]
    Nights.fixtures = {"ana": ana, "olga": olga, "luz": luz, "now": now, "cases": cases, "houses": houses}
    return Nights


@pytest.mark.timeout(900)
def test_whatever_is_done_in_whatever_order_while_time_passes(nights):
    run_state_machine_as_test(nights, settings=HOW)


def test_the_control_without_the_constraint_a_bed_is_taken_twice(nights):
    with connection.cursor() as cursor:
        cursor.execute(f"set constraints all immediate; alter table shelters_occupancy drop constraint {BED}")
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            nights, settings=settings(HOW, max_examples=60, phases=[Phase.generate], report_multiple_bugs=False)
        )


def test_an_approval_keeps_a_bed_no_longer_than_it_is_free(requested, olga, now):
    """A clock that is ahead has taken it from then on; found by the machine above."""
    bed, since = requested.in_beds[0].occupancy.bed, now + timedelta(hours=3)
    Occupancy.objects.create(bed=bed, kind=Taken.HOLD, period=DateTimeTZRange(since, since + timedelta(hours=2)))
    approve_placement(requested, by=olga, now=now)
    assert Stay.objects.get().held.upper == now + timedelta(hours=2)
    assert Placement.objects.get().state == State.APPROVED


def stays_twice(person, stay) -> None:
    """The same person in two beds at once, past our code."""
    other = Occupancy.objects.create(bed=House.objects.get().beds.get(number=3), kind=Taken.STAY, period=stay.stayed)
    Stay.objects.create(
        placement=stay.placement, key=stay.key, person=person, occupancy=other,
        held=DateTimeTZRange(empty=True), stayed=stay.stayed,
    )  # fmt: skip


def test_nobody_stays_in_two_beds_at_a_time(approved, person, luz, now):
    arrive(approved, by=luz, now=now)
    with pytest.raises(IntegrityError, match=PERSON), transaction.atomic():
        stays_twice(person, approved.in_beds[0])


def test_the_control_without_the_constraint_somebody_does(approved, person, luz, now):
    arrive(approved, by=luz, now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"set constraints all immediate; alter table shelters_stay drop constraint {PERSON}")
    stays_twice(person, approved.in_beds[0])
    assert asked(IN_TWO) == 1
