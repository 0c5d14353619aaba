"""A house over time: change whom it accepts, take beds out of use and bring them back, close and reopen it.

A bed out of use, and each bed of a closed house, is an `Occupancy` like any other. The same constraint then guarantees
that nobody is in it or on the way to it, and a count of a past night still knows which beds there were.
"""

from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .house_rules import lock_open_house, refuse_violations
from .models import Bed, House, Occupancy, Placement
from .occupancies import free_bed, lock_house, take_bed
from .picklists import OccupancyKind, State


@action(permissions.approve_placements, label=gettext_lazy("changed a house"))
def change_house(house: House, *, based_on: int | None = None, by: User, now: datetime, **known: Any) -> House:
    """Change the description of a house. Current and expected placements stay; the agency never changes.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = house.version if based_on is None else based_on
    house = lock_open_house(house, by)
    columns = edit_conflicts.merge_edits(house, known, based_on=seen, by=by, now=now)
    with refuse_violations():
        house.save(update_fields=columns)
    notify("beds")
    return house


@action(permissions.approve_placements, label=gettext_lazy("took a bed out of use"))
def retire_bed(bed: Bed, *, by: User, now: datetime) -> Occupancy:
    """Take a bed out of use until it comes back.

    A bed under repair may be taken away. Doing it twice changes nothing.
    """
    lock_open_house(bed.house, by)
    known = bed.occupancies.filter(period__upper_inf=True, kind__in=(OccupancyKind.REPAIR, OccupancyKind.GONE)).first()
    if known and known.kind == OccupancyKind.GONE:
        return known
    if known:
        free_bed(known, now)
    try:
        gone = take_bed([bed], OccupancyKind.GONE, now, None)
    except Refused:
        raise Refused(_("This bed is taken or held. Choose another one first.")) from None
    notify("beds")
    return gone


@action(permissions.approve_placements, label=gettext_lazy("took a bed into use again"))
def restore_bed(bed: Bed, *, by: User, now: datetime) -> Bed:
    """Bring a bed back into use, free. Doing it twice changes nothing."""
    lock_open_house(bed.house, by)
    _end_occupancies([bed], OccupancyKind.GONE, now)
    notify("beds")
    return bed


@action(permissions.approve_placements, label=gettext_lazy("closed a house"))
def close_house(house: House, *, by: User, now: datetime) -> House:
    """Close a house: it accepts nobody any more. Raises `Refused` while somebody is in it or expected.

    Its records stay, and its address stays sealed. Doing it twice changes nothing.
    """
    lock_house(house.pk)
    house = House.objects.visible_to(by).get_locked(house.pk)
    if house.closed_at:
        return house
    _refuse_while_needed(house, by, now)
    for bed in house.beds.exclude(occupancies__period__upper_inf=True):  # a bed out of use stays so
        take_bed([bed], OccupancyKind.CLOSED, now, None)
    house.closed_at = now
    house.save(update_fields=["closed_at"])
    notify("beds")
    return house


@action(permissions.approve_placements, label=gettext_lazy("opened a house again"))
def open_house(house: House, *, by: User, now: datetime) -> House:
    """Reopen a house as it was when it was closed, with the same beds. Doing it twice changes nothing."""
    lock_house(house.pk)
    house = House.objects.visible_to(by).get_locked(house.pk)
    _end_occupancies(list(house.beds.all()), OccupancyKind.CLOSED, now)
    house.closed_at = None
    house.save(update_fields=["closed_at"])
    notify("beds")
    return house


def _refuse_while_needed(house: House, by: User, now: datetime) -> None:
    from_now_on = Occupancy.objects.filter(bed__house=house, period__overlap=DateTimeTZRange(now, None))
    if from_now_on.filter(kind=OccupancyKind.STAY).exists():
        raise Refused(_("Somebody stays in %(house)s. Close it when nobody does.") % {"house": house})
    if from_now_on.filter(kind=OccupancyKind.HOLD).exists():
        raise Refused(_("A bed of %(house)s is held. Release it first, or wait.") % {"house": house})
    if Placement.objects.visible_to(by).filter(house=house, state=State.APPROVED).exists():
        raise Refused(_("Somebody is on the way to %(house)s. Say first that they did not arrive.") % {"house": house})


def _end_occupancies(beds: list[Bed], kind: OccupancyKind, now: datetime) -> None:
    for gone in Occupancy.objects.filter(bed__in=beds, kind=kind, period__upper_inf=True).select_related("bed"):
        free_bed(gone, now)
