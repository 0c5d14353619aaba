"""The steps from which the verbs of a placement are made, and their entries in the case."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.tasks_planning import add_entry
from amparo.foundation.access import permissions
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from . import risk_briefing
from .models import Approval, House, Placement, Stay
from .occupancies import cut_off, free_bed, free_beds_for, lock_house_of, take_bed, violated_constraint
from .picklists import OccupancyKind, State

HOUSE_READS_FOR = timedelta(days=366)  # an upper limit: access ends when they leave


def refuse_other_states(placement: Placement, *states: State) -> None:
    if placement.state not in states:
        raise Refused(_("It is past that: it says «%(state)s» now.") % {"state": placement.get_state_display()})


def lock_unexpired(placement: Placement, by: User, now: datetime, state: State) -> Placement:
    """Lock and return the placement. Raise `Refused` if its state is not `state`, or if its hold has expired."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    refuse_other_states(placement, state)
    if not Placement.objects.running(now).filter(pk=placement.pk).exists():
        raise Refused(_("The hold expired. Reserve a bed again."))
    return placement


def record_approval(placement: Placement, by: User, now: datetime) -> None:
    """Record that this user approves the placement, in their current role."""
    Approval.objects.create(placement=placement, key=placement.key, by=by, as_role=by.acting().role, at=now)


def extend_hold(stay: Stay, to: datetime) -> None:
    """Extend the hold of the stay's bed until `to`. If somebody else has the bed then, the hold stays as it was."""
    lock_house_of(stay.occupancy.bed)
    before, end = (stay.reserved, stay.occupancy.period), max(stay.reserved.upper, to)
    stay.reserved, stay.occupancy.period = (DateTimeTZRange(period.lower, end) for period in before)
    try:
        with transaction.atomic():
            stay.occupancy.save(update_fields=["period"])
            stay.save(update_fields=["reserved"])
    except IntegrityError as error:
        if violated_constraint(error) not in ("a_bed_is_taken_once_at_a_time", "nobody_waits_for_two_beds_at_a_time"):
            raise
        stay.reserved, stay.occupancy.period = before


def end_hold(placement: Placement, state: State, kind: EntryKind, *, by: User, now: datetime) -> Placement:
    """Free the held beds and end the placement in this state, with an entry of this kind in the case."""
    lock_case(placement)
    for stay in placement.ordered_stays:
        _end_reservation(stay, now)
    placement.state = state
    placement.save(update_fields=["state"])
    record_event(placement, kind, by=by, now=now, is_over=True)
    return placement


def move_in(stay: Stay, house: House, now: datetime) -> None:
    """Put the person into the held bed or, if that hold has expired and the bed is taken, into another one.

    Raises `Refused` if no suitable bed is free, or if the person is still in another house.
    """
    bed = stay.occupancy.bed
    _end_reservation(stay, now)
    others = free_beds_for(house, is_baby=bed.kind == "cot", now=now)
    stay.occupancy = take_bed([bed, *(it for it in others if it != bed)], OccupancyKind.STAY, now, None)
    stay.stayed = DateTimeTZRange(now, None)
    try:
        with transaction.atomic():
            stay.save(update_fields=["occupancy", "reserved", "stayed"])
    except IntegrityError as error:
        if violated_constraint(error) != "nobody_stays_in_two_beds_at_a_time":
            raise
        name = {"name": stay.code_name}
        raise Refused(_("«%(name)s» is in another house. Say first that they left it.") % name) from error


def move_out(stay: Stay, now: datetime, until: datetime) -> None:
    """Hold the person's bed again until `until`, as if the person had not moved in."""
    bed = stay.occupancy.bed
    free_bed(stay.occupancy, now)
    stay.occupancy = take_bed([bed], OccupancyKind.HOLD, now, until)
    stay.reserved, stay.stayed = stay.occupancy.period, None
    stay.save(update_fields=["occupancy", "reserved", "stayed"])


def _end_reservation(stay: Stay, now: datetime) -> None:
    """Free the stay's bed from now on, and end its reservation. Both stay as they were if they have ended already."""
    free_bed(stay.occupancy, now)
    stay.reserved = cut_off(stay.reserved, now)
    stay.save(update_fields=["reserved"])


def locked_stay(stay: Stay, by: User) -> tuple[Placement, Stay]:
    """Lock the stay's placement until the transaction ends, and return both."""
    placement = Placement.objects.visible_to(by).get_locked(stay.placement_id)
    return placement, placement.stays.select_related("occupancy__bed").get(pk=stay.pk)


def share_with_house(placement: Placement, now: datetime) -> None:
    """Let the house's staff open this placement, and nothing else of the case, until the people have left.

    They may also read the risk briefing, if everybody agreed to it.
    """
    staff = role_holder(placement.house.agency_id, Role.SHELTER_STAFF)
    placement.key.give(
        staff, agency=placement.house.agency_id, purpose="placement", basis=placement.pk,
        until=now + HOUSE_READS_FOR,
    )  # fmt: skip
    risk_briefing.share_briefing(placement)


def lock_case(placement: Placement) -> None:
    """Lock the case before the house: holding a bed does so too, and another order would deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("select shelters_wait_for_case(%s)", [placement.pk])


def plan_task_of_end(placement: Placement) -> None:
    """Keep one task in the case for the earliest planned end of its stays; close it when all have left.

    The database does it, because the user may be unable to read the case.
    """
    with connection.cursor() as cursor:
        cursor.execute("select shelters_plan_end(%s, %s)", [placement.pk, settings.TIME_ZONE])


def record_event(
    placement: Placement, kind: EntryKind, *, by: User, now: datetime, is_over: bool = False, words: str = ""
) -> None:
    """Write the event on the case's timeline, without words if the actor may not read the case.

    Update the task of the hold too. When the placement is over, the house's access ends.
    """
    case = Case.objects.visible_to(by).filter(pk=placement.case_id).first() if permissions.follow_cases(by) else None
    if case:
        add_entry(case, kind, by=by, now=now, about=str(placement.pk), words=words or str(placement.house))
    with connection.cursor() as cursor:
        cursor.execute("select shelters_update_task(%s)", [placement.pk])
        cursor.execute(
            "select shelters_add_case_entry(%s, %s, %s, %s)", [placement.pk, "" if case else str(kind), now, is_over]
        )
    notify("case", placement.case_id)
    notify("beds")
