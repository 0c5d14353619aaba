"""A family comes into one house together or not at all; a split needs a reason in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.care.shelters.models import Bed, Occupancy, Placement
from amparo.care.shelters.picklists import State
from amparo.care.shelters.rules import approve_placement, arrive, hold_bed, leave_house, request_placement
from amparo.foundation.core.refusal import Refused


def test_all_of_a_family_or_nobody(case, person, child, make_house, ana, now):
    house = make_house(beds=2, cots=1, takes_families=True, takes_babies=True)
    family = [child(1), child(9, "masculine"), person]
    placement = hold_bed(case, family, house, by=ana, now=now)
    kinds = {stay.person.pk: stay.occupancy.bed.kind for stay in placement.ordered_stays}
    assert kinds == {family[0].pk: "cot", family[1].pk: "bed", person.pk: "bed"}


def test_with_a_bed_too_few_nothing_is_held(case, person, child, make_house, ana, now):
    house = make_house(beds=1, cots=3, takes_families=True)
    with pytest.raises(Refused, match="not enough free beds"):
        hold_bed(case, [person, child(9)], house, by=ana, now=now)
    assert not Occupancy.objects.exists()
    assert not Placement.objects.exists()


def test_a_cot_is_for_babies_alone_and_a_bed_for_a_baby_too(case, person, child, make_house, ana, now):
    only_cots = make_house("Casa Cuna", beds=0, cots=2)
    with pytest.raises(Refused, match="not enough free beds"):
        hold_bed(case, [person], only_cots, by=ana, now=now)
    no_cots = make_house("Casa Sin Cuna", beds=2, takes_babies=True)
    placement = hold_bed(case, [person, child(0)], no_cots, by=ana, now=now)
    assert [stay.occupancy.bed.kind for stay in placement.ordered_stays] == ["bed", "bed"]


def test_parted_only_with_a_reason_which_the_case_keeps(reserved, case, child, make_house, ana, now):
    other, girl = make_house("Casa Queñual"), child(15)
    with pytest.raises(Refused, match="Keep them together"):
        hold_bed(case, [girl], other, by=ana, now=now)
    hold_bed(case, [girl], other, why_apart="her brother threatens her", by=ana, now=now)
    assert "her brother threatens her" in case.entries.filter(kind="bed_held").order_by("-number")[0].words


def test_in_the_same_house_no_reason_is_asked(reserved, case, child, house, ana, now):
    hold_bed(case, [child(15)], house, by=ana, now=now)


def test_once_the_others_hold_ran_out_they_are_not_parted(reserved, case, child, make_house, ana, now):
    hold_bed(case, [child(15)], make_house("Casa Queñual"), by=ana, now=now + timedelta(hours=3))


def test_nobody_of_another_case_comes_along(case, person, make_case, stranger, house, ana, now):
    other = make_case(stranger).persons.filter(part="at_risk")[0]
    for people in ([person, other], [], [person, person]):
        with pytest.raises(Refused, match="of this case"):
            hold_bed(case, people, house, by=ana, now=now)


def test_it_is_over_when_the_last_of_them_left(case, person, child, make_house, ana, olga, now):
    house = make_house(takes_families=True)
    placement = hold_bed(case, [person, child(9)], house, by=ana, now=now)
    request_placement(placement, planned_to=timezone.localdate(now), escort="invented", by=ana, now=now)
    approve_placement(placement, by=olga, now=now)
    arrive(placement, by=ana, now=now)
    first, last = placement.ordered_stays
    leave_house(first, by=ana, now=now + timedelta(days=1))
    assert Placement.objects.get().state == State.IN_HOUSE
    leave_house(last, by=ana, now=now + timedelta(days=2))
    assert Placement.objects.get().state == State.LEFT
    assert Bed.objects.free(now + timedelta(days=2)).count() == 3


def test_who_leaves_a_child_behind_in_a_house_is_parted_from_her(case, person, child, make_house, ana, olga, now):
    """They are parted no longer once the child has left the house too."""
    house, other = make_house(takes_families=True), make_house("Casa Queñual")
    placement = hold_bed(case, [person, child(9)], house, by=ana, now=now)
    request_placement(placement, planned_to=timezone.localdate(now), escort="invented", by=ana, now=now)
    approve_placement(placement, by=olga, now=now)
    arrive(placement, by=ana, now=now)
    girl = next(stay for stay in placement.ordered_stays if stay.person_id != person.number)
    with pytest.raises(Refused, match="Keep them together"):
        hold_bed(case, [person], other, by=ana, now=now)
    leave_house(girl, by=ana, now=now)
    hold_bed(case, [person], other, by=ana, now=now)
