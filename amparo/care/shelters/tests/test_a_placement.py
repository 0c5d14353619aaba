"""Hold, request, two approvals, arrival, departure: each once, written in the case, refused to those without
permission.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from amparo.care.cases.models import Case, CaseEntry
from amparo.care.cases.picklists import EntryKind
from amparo.care.shelters.matching import Party, PersonToPlace
from amparo.care.shelters.models import Approval, Bed, Placement, Stay, UnmetNeed
from amparo.care.shelters.picklists import State
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    decline_placement,
    hold_bed,
    leave_house,
    move_bed,
    record_unmet_need,
    release_bed,
    request_placement,
)
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry as InLedger
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused


def fresh(placement) -> Placement:
    return Placement.objects.get(pk=placement.pk)


def free(house, now) -> int:
    return Bed.objects.free(now).filter(house=house).count()


def timeline_of(case) -> list[str]:
    return list(
        case.entries.filter(kind__in=[k for k in EntryKind if "bed" in k or "house" in k or k == "arrived"])
        .order_by("number")
        .values_list("kind", flat=True)
    )


def test_from_the_hold_to_the_day_she_leaves(reserved, house, case, ana, ines, olga, luz, now):
    assert (reserved.state, free(house, now)) == (State.RESERVED, 2)
    planned = timezone.localdate(now) + timedelta(days=30)
    request_placement(reserved, planned_to=planned, escort="", escort_user=ines, briefing="", by=ana, now=now)
    approve_placement(reserved, by=olga, now=now)
    arrive(reserved, by=luz, now=now)
    stay = reserved.ordered_stays[0]
    assert (fresh(reserved).state, stay.is_there, free(house, now)) == (State.IN_HOUSE, True, 2)
    move_bed(stay, Bed.objects.get(house=house, number=3), by=luz, now=now)
    leave_house(stay, by=luz, now=now + timedelta(days=3))
    assert (fresh(reserved).state, free(house, now + timedelta(days=3))) == (State.LEFT, 3)
    assert timeline_of(case) == ["bed_held", "bed_asked", "bed_approved", "arrived", "moved_bed", "left_house"]


def test_the_house_reads_its_placement_from_the_approval_until_they_left(requested, olga, luz, elsewhere, now):
    def seen(user):
        with acting_as(user.acting()):
            assert not Case.objects.exists()
            return Placement.objects.count(), Stay.objects.count()

    assert seen(luz) == (0, 0)
    approve_placement(requested, by=olga, now=now)
    assert (seen(luz), seen(elsewhere)) == ((1, 1), (0, 0))
    arrive(requested, by=luz, now=now)
    leave_house(requested.ordered_stays[0], by=luz, now=now)
    assert seen(luz) == (0, 0)


def test_an_officer_sees_it_once_it_is_asked_for(reserved, ana, olga, now):
    def seen():
        with acting_as(olga.acting()):
            return Placement.objects.visible_to(olga).count(), Placement.objects.count()

    assert seen() == (0, 0)
    planned = timezone.localdate(now)
    request_placement(reserved, planned_to=planned, escort="invented", by=ana, now=now)
    assert seen() == (1, 1)


def test_a_stranger_and_the_house_do_nothing_with_a_hold(reserved, stranger, luz, olga, now):
    for verb, who in ((release_bed, stranger), (arrive, stranger), (arrive, luz), (approve_placement, olga)):
        with pytest.raises(Refused):
            verb(reserved, by=who, now=now)
    assert fresh(reserved).state == State.RESERVED


def test_who_asks_does_not_approve_nor_does_anybody_but_an_officer(requested, ana, marta, ines, now):
    for who in (ana, marta, ines):
        with pytest.raises(Refused, match="not for your role"):
            approve_placement(requested, by=who, now=now)


def test_an_officer_who_asked_before_her_role_changed_does_not_approve_herself(requested, ana, now):
    ana.role = Role.PLACEMENT_OFFICER
    ana.save()
    with pytest.raises(Refused, match="Somebody else approves"):
        approve_placement(requested, by=ana, now=now)


def test_nobody_comes_before_two_approved(reserved, requested, ana, luz, now):
    with pytest.raises(Refused, match="Two people"):
        arrive(requested, by=ana, now=now)


def test_twice_changes_nothing(approved, ana, luz, olga, now):
    for _ in range(2):
        approve_placement(approved, by=olga, now=now)
    for _ in range(2):
        arrive(approved, by=luz, now=now)
    for who in (luz, ana):  # the house sees the placement no longer
        leave_house(approved.ordered_stays[0], by=who, now=now)
    assert CaseEntry.objects.filter(kind="arrived").count() == CaseEntry.objects.filter(kind="left_house").count() == 1


def test_declined_with_a_reason_the_bed_is_free_again(requested, house, olga, now):
    with pytest.raises(Refused, match="why"):
        decline_placement(requested, reason=" ", by=olga, now=now)
    decline_placement(requested, reason="invented reason", by=olga, now=now)
    assert (fresh(requested).because, free(house, now)) == ("invented reason", 3)


def test_released_the_bed_is_free_again_and_can_be_held_again(reserved, case, person, house, ana, now):
    for _ in range(2):
        release_bed(reserved, by=ana, now=now + timedelta(minutes=5))
    assert free(house, now + timedelta(minutes=5)) == 3
    hold_bed(case, [person], house, by=ana, now=now + timedelta(minutes=5))


def test_a_hold_that_ran_out_blocks_nothing(reserved, make_case, house, ana, ines, now):
    later = now + timedelta(hours=2)
    assert free(house, later - timedelta(seconds=1)) == 2
    assert free(house, later) == 3
    again = hold_bed(reserved.case, list(reserved.case.persons.filter(part="at_risk")), house, by=ana, now=later)
    assert again.ordered_stays[0].occupancy.bed_id == reserved.ordered_stays[0].occupancy.bed_id
    with pytest.raises(Refused, match="expired"):
        request_placement(
            reserved, planned_to=timezone.localdate(later), escort="invented", by=ana, now=later + timedelta(seconds=1)
        )


def test_she_waits_for_one_bed_at_a_time(reserved, case, person, make_house, ana, now):
    other = make_house("Casa Queñual")
    with pytest.raises(Refused, match="held for"):
        hold_bed(case, [person], other, why_apart="invented", by=ana, now=now)
    assert free(other, now) == 3


def test_the_approval_keeps_the_bed_for_the_way_there(approved, house, now):
    assert free(house, now + timedelta(hours=11)) == 2
    assert free(house, now + timedelta(hours=13)) == 3


def test_who_comes_late_gets_another_bed_if_there_is_one(approved, case, house, make_case, stranger, luz, now):
    late = now + timedelta(hours=13)
    others = [make_case(stranger) for _ in range(3)]
    for other in others[:2]:
        hold_bed(other, list(other.persons.filter(part="at_risk")), house, by=stranger, now=late)
    arrive(approved, by=luz, now=late)
    assert free(house, late) == 0
    assert Stay.objects.get(placement=approved).is_there


def test_who_comes_late_to_a_full_house_is_refused_and_nothing_is_half_done(
    approved, house, make_case, stranger, luz, now
):
    late = now + timedelta(hours=13)
    for _ in range(3):
        other = make_case(stranger)
        hold_bed(other, list(other.persons.filter(part="at_risk")), house, by=stranger, now=late)
    with pytest.raises(Refused, match="quicker"):
        arrive(approved, by=luz, now=late)
    assert fresh(approved).state == State.APPROVED


def test_she_is_in_one_house_at_a_time(approved, case, person, make_house, ana, ines, olga, luz, now):
    arrive(approved, by=luz, now=now)
    other = make_house("Casa Queñual")
    next_one = hold_bed(case, [person], other, by=ana, now=now)
    request_placement(next_one, planned_to=timezone.localdate(now), escort="invented", by=ana, now=now)
    approve_placement(next_one, by=olga, now=now)
    with pytest.raises(Refused, match="another house"):
        arrive(next_one, by=ana, now=now)
    leave_house(approved.ordered_stays[0], by=ana, now=now)
    arrive(next_one, by=ana, now=now)


def test_a_hold_and_a_stay_are_next_tasks_of_the_case(requested, case, now):
    due = {task.kind: task.due for task in case.tasks.open()}
    assert due["shelter"] == now + timedelta(hours=2)
    assert due["review"] == now + timedelta(days=7)


def test_every_verb_is_in_the_ledger(approved, ana, luz, olga, now):
    arrive(approved, by=luz, now=now)
    leave_house(approved.ordered_stays[0], by=luz, now=now)
    verbs = set(InLedger.objects.filter(key=approved.key_id).values_list("what", flat=True))
    assert {"request_placement", "approve_placement", "arrive", "leave_house"} <= verbs
    assert InLedger.objects.filter(key=approved.case.key_id, what="hold_bed").exists()


def test_no_bed_that_fits_is_counted_once_a_day_and_never_by_name(case, person, ana, now):
    party = Party.of([person])
    assert record_unmet_need(party, "full", case=case, by=ana, now=now).gender == "feminine"
    assert record_unmet_need(party, "full", case=case, by=ana, now=now + timedelta(hours=3)) is None
    record_unmet_need(Party((PersonToPlace(),)), "age", by=ana, now=now)
    assert UnmetNeed.objects.count() == 2
    columns = {field.name for field in UnmetNeed._meta.get_fields()}
    assert columns == {"id", "at", "noted_by", "people", "age", "gender", "why"}
    assert timeline_of(case) == ["no_bed"]


# What the database guarantees alone, whatever code tries.


def sign(placement, user: User) -> None:
    with acting_as(user.acting()):
        Approval.objects.create(
            placement=placement, key=placement.key, by=user, as_role=user.acting().role, at=timezone.now()
        )


def set_as(user: User, placement, **columns) -> None:
    with acting_as(user.acting()):
        Placement.objects.filter(pk=placement.pk).update(**columns)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_nobody_approves_in_the_name_of_another(requested, ana, olga):
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        Approval.objects.create(
            placement=requested, key=requested.key, by=olga, as_role=olga.acting().role, at=timezone.now()
        )
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        Approval.objects.create(
            placement=requested, key=requested.key, by=ana, as_role=olga.acting().role, at=timezone.now()
        )
    with pytest.raises(IntegrityError, match="who_approved_said_so"), transaction.atomic():
        set_as(ana, requested, state="approved", approved_by=olga, approved_as="hotline/placement_officer")


def test_two_different_people_approve_and_one_of_them_is_an_officer(requested, ana, ines):
    with pytest.raises(IntegrityError, match="nobody_comes_before_two"), transaction.atomic():
        set_as(ana, requested, state="approved")
    with pytest.raises(IntegrityError, match="two_people_approve"), transaction.atomic():
        set_as(ana, requested, state="approved", approved_by=ana, approved_as="hotline/placement_officer")
    sign(requested, ines)
    with pytest.raises(IntegrityError, match="one_of_them_is"), transaction.atomic():
        set_as(ana, requested, state="approved", approved_by=ines, approved_as="hotline/case_worker")


@pytest.mark.parametrize("without", ["two_people_approve", "who_approved_said_so_in_that_role"])
def test_the_control_without_a_constraint_one_person_is_enough(requested, ana, olga, without):
    """Without the constraint, what was refused above is accepted."""
    with connection.cursor() as cursor:
        cursor.execute(f"set constraints all immediate; alter table shelters_placement drop constraint {without}")
        cursor.execute("alter table shelters_placement drop constraint if exists who_approved_said_so_in_that_role")
    by = ana if without == "two_people_approve" else olga
    set_as(ana, requested, state="approved", approved_by=by, approved_as="hotline/placement_officer")
    assert fresh(requested).state == State.APPROVED
