"""Two people act in one house at the same moment: one after the other, and neither aborts the other."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from amparo.care.cases.consents import withdraw_consent_in_case
from amparo.care.shelters import board
from amparo.care.shelters.house_admin import change_house, close_house, retire_bed
from amparo.care.shelters.models import Bed, House, Occupancy, Placement
from amparo.care.shelters.occupancies import lock_house_of
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
from amparo.foundation.core.refusal import Refused
from tests.in_that_moment import once_read

pytestmark = pytest.mark.django_db(transaction=True)
# seconds: long enough that each certainly reaches the house; the most that anybody may wait
A_WHILE, LONGEST = 0.7, 20.0


def one_behind_the_other(house, *verbs: Callable[[], object]) -> list[str]:
    """Let each verb reach the house in this order while somebody else has locked it.

    Returns each refusal, blank for done.
    """
    outcomes = ["never answered"] * len(verbs)

    def run(number: int) -> None:
        try:
            verbs[number]()
            outcomes[number] = ""
        except Refused as refusal:
            outcomes[number] = str(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(verbs))]
    with transaction.atomic():
        lock_house_of(Bed.objects.filter(house=house)[0])
        for thread in threads:
            thread.start()
            thread.join(A_WHILE)
    for thread in threads:
        thread.join(LONGEST)
    return outcomes


@pytest.fixture
def family(case, person, child, make_house, ana, now) -> Placement:
    return hold_bed(case, [person, child(9)], make_house(beds=5, takes_families=True), by=ana, now=now)


@pytest.mark.parametrize("verb", [arrive, release_bed])
def test_a_bed_is_held_for_the_child_while_her_mother_comes_or_does_not(approved, child, verb, ana, now):
    case, house, girl = approved.case, approved.house, child(15)
    outcomes = one_behind_the_other(
        house, lambda: verb(approved, by=ana, now=now), lambda: hold_bed(case, [girl], house, by=ana, now=now)
    )
    assert outcomes == ["", ""]


@pytest.mark.parametrize("verb", [approve_placement, partial(decline_placement, reason="invented")])
def test_nor_does_the_officer_who_says_yes_or_no_stand_in_the_way(requested, child, verb, olga, ana, now):
    case, house, girl = requested.case, requested.house, child(15)
    outcomes = one_behind_the_other(
        house, lambda: verb(requested, by=olga, now=now), lambda: hold_bed(case, [girl], house, by=ana, now=now)
    )
    assert outcomes == ["", ""]


def test_two_of_a_family_are_moved_by_two_at_once(family, ana, now):
    mother, girl = family.ordered_stays
    third, fourth = Bed.objects.filter(house=family.house).order_by("number")[2:4]
    outcomes = one_behind_the_other(
        family.house, lambda: move_bed(mother, third, by=ana, now=now), lambda: move_bed(girl, third, by=ana, now=now),
        lambda: move_bed(girl, fourth, by=ana, now=now), lambda: move_bed(mother, fourth, by=ana, now=now),
    )  # fmt: skip
    assert [bool(refusal) for refusal in outcomes] == [False, True, False, True]
    assert [stay.occupancy.bed for stay in family.ordered_stays] == [third, fourth]
    assert Occupancy.objects.filter(period__contains=now).count() == 2


def test_a_bed_is_held_for_the_child_while_her_mother_leaves(approved, child, ana, now):
    arrive(approved, by=ana, now=now)
    case, house, girl = approved.case, approved.house, child(15)
    outcomes = one_behind_the_other(
        house, lambda: leave_house(approved.ordered_stays[0], by=ana, now=now),
        lambda: hold_bed(case, [girl], house, by=ana, now=now),
    )  # fmt: skip
    assert outcomes == ["", ""]


def test_of_who_holds_a_bed_and_who_closes_the_house_the_first_is_heard(case, person, house, olga, ana, now):
    """The second one is refused in a sentence; nobody holds a bed of a closed house."""
    verbs = [lambda: hold_bed(case, [person], house, by=ana, now=now), lambda: close_house(house, by=olga, now=now)]
    outcomes = one_behind_the_other(house, *verbs)
    assert (outcomes[0], bool(outcomes[1]), House.objects.get().closed_at) == ("", True, None)
    release_bed(Placement.objects.get(), by=ana, now=now)
    outcomes = one_behind_the_other(house, *reversed(verbs))
    assert (outcomes[0], bool(outcomes[1]), House.objects.get().closed_at) == ("", True, now)
    assert not Occupancy.objects.filter(kind="hold", period__isempty=False).exists()


def test_of_who_holds_the_last_bed_and_who_takes_it_away_one_is_heard(case, person, make_house, olga, ana, now):
    house = make_house(beds=1)
    verbs = [
        lambda: retire_bed(house.beds.get(), by=olga, now=now),
        lambda: hold_bed(case, [person], house, by=ana, now=now),
    ]  # fmt: skip
    outcomes = one_behind_the_other(house, *verbs)
    assert (outcomes[0], bool(outcomes[1])) == ("", True)
    assert not Placement.objects.exists()


def test_two_officers_change_a_house_at_once_and_both_are_kept(house, olga, now):
    seen = House.objects.get()
    outcomes = one_behind_the_other(
        house, lambda: change_house(seen, takes_pets=True, by=olga, now=now),
        lambda: change_house(seen, to_age=17, by=olga, now=now),
        lambda: change_house(seen, to_age=12, by=olga, now=now),
    )  # fmt: skip
    assert [bool(refusal) for refusal in outcomes] == [False, False, True]
    assert House.objects.values_list("takes_pets", "to_age", "version").get() == (True, 17, 2)


def test_she_takes_back_what_the_house_is_told_while_it_is_asked_and_neither_waits_for_ever(
    reserved, person, agree, ana, ines, now
):
    """Both verbs write to the case, which is locked before the consent."""
    agreed = agree(person)
    with once_read("consent_consent", lambda: withdraw_consent_in_case(agreed, by=ana, now=now)):
        day = timezone.localdate(now)
        request_placement(reserved, planned_to=day, escort_user=ines, briefing="invented", by=ana, now=now)
    agreed.refresh_from_db()
    assert (reserved.risk_briefings.count(), bool(agreed.withdrawn_at)) == (1, True)


@pytest.mark.parametrize("how", ["closed", "bed by bed"])
def test_the_beds_are_shown_while_they_go(house, olga, now, how):
    """The query of the beds and the query of their states see different moments."""

    def goes() -> None:
        if how == "closed":
            close_house(house, by=olga, now=now)
        else:
            retire_bed(house.beds.order_by("number")[0], by=olga, now=now)

    with once_read("shelters_bed", goes):
        [row] = board.house_rows(olga, now + timedelta(minutes=1))
    assert row.free == (0 if how == "closed" else 2)
