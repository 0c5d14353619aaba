"""A house is changed, its beds are taken out of use and come back, it is closed and reopened: never while somebody
needs the bed.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from amparo.care.shelters import board
from amparo.care.shelters.house_admin import change_house, close_house, open_house, restore_bed, retire_bed
from amparo.care.shelters.house_rules import add_bed, block_bed, confirm_beds, open_address, seal_address, unblock_bed
from amparo.care.shelters.matching import Party
from amparo.care.shelters.models import Bed, House, HouseAddress, Occupancy, Placement, Stay
from amparo.care.shelters.picklists import OccupancyKind
from amparo.care.shelters.rules import approve_placement, arrive, hold_bed, leave_house, release_bed
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry as InLedger
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.refusal import Refused

from .test_occupancy import BED


def fresh(house) -> House:
    return House.objects.get(pk=house.pk)


def in_use(house, now) -> list[int]:
    return list(house.beds.in_use(now).order_by("number").values_list("number", flat=True))


def of(verb: str) -> list[str]:
    return list(InLedger.objects.filter(what=verb).values_list("about", flat=True))


def test_whom_it_takes_is_changed_and_counts_for_who_comes_next(house, case, person, olga, ana, now):
    placement = hold_bed(case, [person], house, by=ana, now=now)
    change_house(house, code_name="Casa Loro", to_age=17, takes_babies=True, by=olga, now=now)
    assert (fresh(house).code_name, fresh(house).to_age, fresh(house).takes_babies) == ("Casa Loro", 17, True)
    assert of("change_house") == [f"house {house.pk}"]
    assert Placement.objects.running(now).get() == placement  # an expected placement stays so
    release_bed(placement, by=ana, now=now)
    with pytest.raises(Refused, match="Casa Loro does not fit: up to 17"):
        hold_bed(case, [person], fresh(house), by=ana, now=now)


def test_two_change_different_things_and_both_are_kept_of_the_same_the_second_is_asked(house, olga, now):
    seen = fresh(house).version
    change_house(house, takes_pets=True, based_on=seen, by=olga, now=now)
    change_house(house, to_age=17, based_on=seen, by=olga, now=now)
    assert (fresh(house).takes_pets, fresh(house).to_age) == (True, 17)
    with pytest.raises(EditConflict, match="changed this") as meanwhile:
        change_house(house, to_age=12, based_on=seen, by=olga, now=now)
    assert (meanwhile.value.field, meanwhile.value.theirs, fresh(house).to_age) == ("to_age", 17, 17)


def test_a_house_is_changed_to_nothing_that_a_new_one_could_not_be(house, make_house, olga, now):
    make_house("Casa Queñual")
    for wrong, message in (
        ({"code_name": "Casa Queñual"}, "this code name already"), ({"from_age": 18, "to_age": 12}, "above the oldest"),
        ({"only_families": True}, "takes families"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=message):
            change_house(fresh(house), **wrong, by=olga, now=now)
    assert fresh(house).version == 0


def test_houses_are_kept_by_officers_alone(house, ana, marta, luz, stranger, now):
    bed = house.beds.get(number=1)
    for who in (ana, marta, luz, stranger):
        for verb, about in ((change_house, house), (close_house, house), (open_house, house), (retire_bed, bed)):
            with pytest.raises(Refused, match="not for your role"):
                verb(about, by=who, now=now)


def test_nor_by_sql_of_who_holds_beds_or_stands_in_the_house(house, ana, luz, olga, now):
    retire_bed(house.beds.get(number=1), by=olga, now=now)
    for who in (ana, luz):
        for changes in ({"code_name": "Casa Ajena"}, {"closed_at": now}, {"version": 7}):
            with pytest.raises(DatabaseError, match="placement officers say"), acting_as(who.acting()):
                House.objects.filter(pk=house.pk).update(**changes)
        with pytest.raises(DatabaseError, match="placement officers say"), acting_as(who.acting()):
            Occupancy.objects.filter(kind=OccupancyKind.GONE).update(period=DateTimeTZRange(now, now))
        with pytest.raises(DatabaseError, match="placement officers say"), acting_as(who.acting()):
            Occupancy.objects.create(
                bed=house.beds.get(number=2), kind=OccupancyKind.GONE, period=DateTimeTZRange(now, None)
            )
    confirm_beds(house, by=luz, now=now)  # the control: what the staff may change


def test_the_control_without_the_trigger_the_house_is_renamed_by_sql(house, ana):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table shelters_house disable trigger a_house_is_changed_by_officers")
    with acting_as(ana.acting()):
        assert House.objects.filter(pk=house.pk).update(code_name="Casa Ajena") == 1


def test_a_bed_goes_out_of_use_and_comes_back(house, olga, luz, now):
    bed, later = house.beds.get(number=2), now + timedelta(hours=1)
    for _ in range(2):
        retire_bed(bed, by=olga, now=now)
    assert (in_use(house, now), Bed.objects.free(now).count()) == ([1, 3], 2)
    unblock_bed(bed, by=luz, now=now)  # not the house's to change
    with pytest.raises(Refused, match="This bed is taken"):
        block_bed(bed, by=luz, now=now)
    assert in_use(house, now) == [1, 3]
    with pytest.raises(Refused, match="of this number already, in use or not"):
        add_bed(house, room=1, number=2, by=olga, now=now)
    for _ in range(2):
        restore_bed(bed, by=olga, now=later)
    assert (in_use(house, later), Bed.objects.free(later).count()) == ([1, 2, 3], 3)
    assert of("retire_bed") == of("restore_bed") == [f"bed {bed.pk}"] * 2


def test_one_that_is_out_of_order_goes_and_comes_back_in_order(house, olga, luz, now):
    bed = house.beds.get(number=2)
    block_bed(bed, by=luz, now=now)
    retire_bed(bed, by=olga, now=now + timedelta(days=1))
    restore_bed(bed, by=olga, now=now + timedelta(days=9))
    assert Bed.objects.free(now + timedelta(days=9)).count() == 3


@pytest.mark.parametrize("how", ["reserved", "slept in", "slept in by somebody not of the line", "held later"])
def test_no_bed_goes_while_somebody_is_in_it_or_it_is_held_now_or_later(house, requested, olga, luz, now, how):
    bed = requested.ordered_stays[0].occupancy.bed
    if how == "slept in":
        arrive(approve_placement(requested, by=olga, now=now), by=luz, now=now)
    if how == "slept in by somebody not of the line":
        bed = house.beds.get(number=3)
        block_bed(bed, OccupancyKind.STAY, by=luz, now=now)
    if how == "held later":
        bed, since = house.beds.get(number=3), now + timedelta(days=9)
        Occupancy.objects.create(
            bed=bed, kind=OccupancyKind.HOLD, period=DateTimeTZRange(since, since + timedelta(hours=2))
        )
    with pytest.raises(Refused, match="This bed is taken or held"):
        retire_bed(bed, by=olga, now=now)
    # without our code, the database refuses the same
    with pytest.raises(IntegrityError, match=BED), transaction.atomic():
        Occupancy.objects.create(bed=bed, kind=OccupancyKind.GONE, period=DateTimeTZRange(now, None))
    assert in_use(house, now) == [1, 2, 3]


def test_a_closed_house_is_in_no_list_and_no_matching_and_opens_with_the_beds_it_had(
    house, make_house, case, person, olga, ana, luz, now
):
    other, later = make_house("Casa Queñual"), now + timedelta(days=1)
    retire_bed(house.beds.get(number=1), by=olga, now=now)
    block_bed(house.beds.get(number=2), by=luz, now=now)
    for _ in range(2):
        close_house(house, by=olga, now=now)
    for who in (ana, olga, luz):
        assert [row.house for row in board.house_rows(who, now)] == [other]
    assert list(House.objects.that_fit(Party.of([person]), now)) == [other]
    for verb, about in ((block_bed, house.beds.get(number=3)), (unblock_bed, house.beds.get(number=2))):
        with pytest.raises(Refused):
            verb(about, by=luz, now=now)
    with pytest.raises(Refused, match="Casa Tucán is closed"):
        hold_bed(case, [person], house, by=ana, now=now)
    with pytest.raises(Refused, match="Open it again first"):
        add_bed(house, room=1, number=9, by=olga, now=now)
    with pytest.raises(Refused, match="Open it again first"):
        change_house(house, to_age=17, by=olga, now=now)
    for _ in range(2):
        open_house(house, by=olga, now=later)
    assert (fresh(house).closed_at, in_use(house, later)) == (None, [2, 3])
    assert Bed.objects.free(later).filter(house=house).get().number == 3  # the second is still under repair
    assert hold_bed(case, [person], house, by=ana, now=later)
    assert of("close_house") == of("open_house") == [f"house {house.pk}"] * 2


@pytest.mark.parametrize(
    ("how", "sentence"),
    [("reserved", "is held"), ("approved", "is held"), ("run out", "is on the way"), ("there", "Somebody stays"),
     ("there, not of the line", "Somebody stays")],
)  # fmt: skip
def test_no_house_closes_while_somebody_is_there_or_on_the_way(requested, house, olga, luz, now, how, sentence):
    later = now
    if how != "reserved":
        approve_placement(requested, by=olga, now=now)
    if how == "run out":
        later = now + timedelta(days=1)
    if how == "there":
        arrive(requested, by=luz, now=now)
    if how == "there, not of the line":
        block_bed(house.beds.get(number=3), OccupancyKind.STAY, by=luz, now=now)
    with pytest.raises(Refused, match=sentence):
        close_house(house, by=olga, now=later)
    assert (fresh(house).closed_at, len(in_use(house, later))) == (None, 3)


def test_what_was_of_a_closed_house_stays(approved, house, olga, luz, now):
    arrive(approved, by=luz, now=now)
    leave_house(approved.ordered_stays[0], by=luz, now=now + timedelta(days=3))
    before = set(Occupancy.objects.filter(kind=OccupancyKind.STAY).values_list("pk", "period"))
    close_house(house, by=olga, now=now + timedelta(days=4))
    assert set(Occupancy.objects.filter(kind=OccupancyKind.STAY).values_list("pk", "period")) == before
    assert Stay.objects.get().placement.house == house


def test_where_a_closed_house_is_stays_sealed_and_opens_to_nobody(approved, house, olga, luz, now):
    seal_address(house, "Calle Inventada 1", by=olga, now=now)
    assert open_address(approved, purpose=Purpose.CARE, by=olga, now=now) == "Calle Inventada 1"
    arrive(approved, by=luz, now=now)
    leave_house(approved.ordered_stays[0], by=luz, now=now)
    close_house(house, by=olga, now=now)
    with pytest.raises(Refused, match="for an active placement"):
        open_address(approved, purpose=Purpose.CARE, by=olga, now=now)
    assert HouseAddress.objects.get().key.forgotten_at is None
