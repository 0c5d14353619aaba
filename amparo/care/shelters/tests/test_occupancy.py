"""A house is never fuller than it has beds, at any instant and whatever code tries: the database refuses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from amparo.care.cases.rules import add_person_to_case
from amparo.care.people.picklists import Part
from amparo.care.shelters.house_rules import block_bed, unblock_bed
from amparo.care.shelters.models import Bed, House, Occupancy, Placement, Stay
from amparo.care.shelters.occupancies import take_bed
from amparo.care.shelters.picklists import OccupancyKind, State
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    hold_bed,
    move_bed,
    release_bed,
    request_placement,
)
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .conftest import at_risk

BED, PERSON = "a_bed_is_taken_once_at_a_time", "nobody_stays_in_two_beds_at_a_time"
TWICE = """select count(*) from shelters_occupancy a join shelters_occupancy b
    on a.bed_id = b.bed_id and a.id < b.id and a.period && b.period"""
IN_TWO = """select count(*) from shelters_stay a join shelters_stay b
    on a.person_id = b.person_id and a.id < b.id and a.stayed && b.stayed"""


def count_rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@contextmanager
def without(constraint: str, table: str) -> Iterator[None]:
    """As a control, drop what enforces the promise, and restore it at the end."""
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
    """Run them in threads, each on its own connection. Returns each refusal, blank for done."""
    start, outcomes = threading.Barrier(len(arguments)), []

    def run(argument) -> None:
        start.wait()
        try:
            work(argument)
            outcomes.append("")
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_twelve_hold_the_last_three_beds_at_once(house, make_case, stranger, now):
    cases = [make_case(stranger) for _ in range(12)]
    refusals = all_at_once(lambda case: hold_bed(case, [at_risk(case)], house, by=stranger, now=now), cases)
    assert (refusals.count(""), len(refusals), count_rows(TWICE)) == (3, 12, 0)
    assert Stay.objects.count() == Placement.objects.count() == Occupancy.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_families_at_once_one_has_all_its_beds_and_the_other_none(make_house, make_case, stranger, now):
    house, cases = make_house(beds=3, takes_families=True), [make_case(stranger) for _ in range(4)]
    known = {"age_at_events": 9, "age_certainty": "sure", "gender": "feminine"}
    families = [
        (case, [at_risk(case), add_person_to_case(case, Part.AT_RISK, by=stranger, now=now, **known)]) for case in cases
    ]
    refusals = all_at_once(lambda it: hold_bed(*it, house, by=stranger, now=now), families)
    assert (refusals.count(""), len(refusals), count_rows(TWICE)) == (1, 4, 0)
    assert (Placement.objects.count(), Stay.objects.count(), Occupancy.objects.count()) == (1, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_eight_hold_and_release_again_and_again_and_the_database_ends_none_of_them(make_house, make_case, stranger):
    house, cases = make_house(beds=2), [make_case(stranger) for _ in range(8)]

    def work(case) -> None:
        for _ in range(5):
            with suppress(Refused):
                placement = hold_bed(case, [at_risk(case)], house, by=stranger, now=timezone.now())
                release_bed(placement, by=stranger, now=timezone.now())

    assert all_at_once(work, cases) == [""] * 8
    assert (count_rows(TWICE), Bed.objects.free(timezone.now()).count()) == (0, 2)


def same_bed(house, user, now) -> list[str]:
    bed = house.beds.get(number=1)

    def work(second: int) -> None:
        with acting_as(user.acting()):
            take_bed([bed], OccupancyKind.HOLD, now + timedelta(seconds=second), now + timedelta(hours=2))

    return all_at_once(work, list(range(10)))


@pytest.mark.django_db(transaction=True)
def test_ten_take_the_same_bed_at_once_and_one_has_it(house, stranger, now):
    assert (same_bed(house, stranger, now).count(""), count_rows(TWICE)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_constraint_several_have_it(house, stranger, now):
    with without(BED, "shelters_occupancy"):
        assert same_bed(house, stranger, now).count("") > 1
        assert count_rows(TWICE) > 0


def test_a_bed_out_of_order_is_nobodys_and_one_that_is_somebodys_is_not_out_of_order(reserved, house, luz, now):
    beds = list(house.beds.order_by("number"))
    with pytest.raises(Refused, match="This bed is taken"):
        block_bed(beds[0], by=luz, now=now)
    for _ in range(2):
        block_bed(beds[1], by=luz, now=now)
    assert Bed.objects.free(now).count() == 1
    unblock_bed(beds[1], by=luz, now=now + timedelta(hours=1))
    assert Bed.objects.free(now + timedelta(hours=1)).count() == 2


def test_an_approval_keeps_a_bed_no_longer_than_it_is_free(requested, olga, now):
    """A clock that runs ahead took the bed from then on; found by test_nights.py."""
    bed, since = requested.ordered_stays[0].occupancy.bed, now + timedelta(hours=3)
    Occupancy.objects.create(
        bed=bed, kind=OccupancyKind.HOLD, period=DateTimeTZRange(since, since + timedelta(hours=2))
    )
    approve_placement(requested, by=olga, now=now)
    assert Stay.objects.get().reserved.upper == now + timedelta(hours=2)
    assert Placement.objects.get().state == State.APPROVED


def stays_twice(person, stay) -> None:
    """Put the same person in two beds at once, past our code."""
    other = Occupancy.objects.create(
        bed=House.objects.get().beds.get(number=3), kind=OccupancyKind.STAY, period=stay.stayed
    )
    Stay.objects.create(
        placement=stay.placement, key=stay.key, person=person, occupancy=other,
        reserved=DateTimeTZRange(empty=True), stayed=stay.stayed,
    )  # fmt: skip


def test_nobody_stays_in_two_beds_at_a_time(approved, person, luz, now):
    arrive(approved, by=luz, now=now)
    with pytest.raises(IntegrityError, match=PERSON), transaction.atomic():
        stays_twice(person, approved.ordered_stays[0])


def test_the_control_without_the_constraint_somebody_does(approved, person, luz, now):
    arrive(approved, by=luz, now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"set constraints all immediate; alter table shelters_stay drop constraint {PERSON}")
    stays_twice(person, approved.ordered_stays[0])
    assert count_rows(IN_TWO) == 1


def test_a_bed_she_was_moved_to_is_hers_from_then_on(reserved, make_case, house, ana, stranger, olga, now):
    """Somebody had the other bed before: the approval does not cover that time, and the person loses no hour by it."""
    soon, other = now + timedelta(minutes=10), make_case(stranger)
    before = hold_bed(other, [at_risk(other)], house, by=stranger, now=now)
    bed = before.ordered_stays[0].occupancy.bed
    release_bed(before, by=stranger, now=soon)
    move_bed(reserved.ordered_stays[0], bed, by=ana, now=soon)
    request_placement(reserved, planned_to=timezone.localdate(now), escort="invented", by=ana, now=soon)
    approve_placement(reserved, by=olga, now=soon)
    stay = reserved.ordered_stays[0]
    assert (stay.occupancy.period.lower, stay.occupancy.period.upper) == (soon, soon + timedelta(hours=12))
    assert stay.reserved.upper == soon + timedelta(hours=12)
