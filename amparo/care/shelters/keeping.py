"""What becomes of a house in time: whom it takes is changed, beds go out of use and come back, it is closed and opened.

A bed that is out of use, and each bed of a closed house, is taken like any other: by the same constraint, nobody is in
it or on the way to it, and what is counted of a night still knows which beds there were.
"""

from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from amparo.ground.access import may
from amparo.ground.access.action import action
from amparo.ground.access.models import User
from amparo.ground.core import edits
from amparo.ground.core.live import note
from amparo.ground.core.refusal import Refused

from .housing import as_a_house_can_be, still_open
from .models import Bed, House, Occupancy
from .picklists import State, Taken
from .placements import Placement
from .taking import give_back, take, wait_in


@action(may.approve_placements)
def change_house(house: House, *, based_on: int | None = None, by: User, now: datetime, **known: Any) -> House:
    """Correct what a house is told by. Who is there or on the way stays; who runs it is never another one.

    `based_on` is the version that was seen; None: that of this `house`. Raises `Changed`, and keeps nothing, when
    somebody else wrote the same column meanwhile.
    """
    seen = house.version if based_on is None else based_on
    house = still_open(house, by)
    columns = edits.write(house, known, based_on=seen, by=by, now=now)
    with as_a_house_can_be():
        house.save(update_fields=columns)
    note("beds")
    return house


@action(may.approve_placements)
def take_bed_away(bed: Bed, *, by: User, now: datetime) -> Occupancy:
    """It is no bed of the house any more, until it comes back. One out of order may go; twice changes nothing."""
    still_open(bed.house, by)
    known = bed.occupancies.filter(period__upper_inf=True, kind__in=(Taken.REPAIR, Taken.GONE)).first()
    if known and known.kind == Taken.GONE:
        return known
    if known:
        give_back(known, now)
    try:
        gone = take([bed], Taken.GONE, now, None)
    except Refused:
        raise Refused(_("Somebody has this bed, or it is held. Give her another one first.")) from None
    note("beds")
    return gone


@action(may.approve_placements)
def bring_bed_back(bed: Bed, *, by: User, now: datetime) -> Bed:
    """It is a bed again, and free; twice changes nothing."""
    still_open(bed.house, by)
    _give_all_back([bed], Taken.GONE, now)
    note("beds")
    return bed


@action(may.approve_placements)
def close_house(house: House, *, by: User, now: datetime) -> House:
    """It takes nobody any more; what was of it stays, and its address as sealed as it was. Twice changes nothing."""
    wait_in(house.pk)
    house = House.objects.visible_to(by).hold(house.pk)
    if house.closed_at:
        return house
    _refuse_while_needed(house, by, now)
    for bed in house.beds.exclude(occupancies__period__upper_inf=True):  # what is out of order stays so
        take([bed], Taken.CLOSED, now, None)
    house.closed_at = now
    house.save(update_fields=["closed_at"])
    note("beds")
    return house


@action(may.approve_placements)
def open_house(house: House, *, by: User, now: datetime) -> House:
    """As it was when it was closed, with the same beds; twice changes nothing."""
    wait_in(house.pk)
    house = House.objects.visible_to(by).hold(house.pk)
    _give_all_back(list(house.beds.all()), Taken.CLOSED, now)
    house.closed_at = None
    house.save(update_fields=["closed_at"])
    note("beds")
    return house


def _refuse_while_needed(house: House, by: User, now: datetime) -> None:
    from_now_on = Occupancy.objects.filter(bed__house=house, period__overlap=DateTimeTZRange(now, None))
    if from_now_on.filter(kind=Taken.STAY).exists():
        raise Refused(_("Somebody stays in %(house)s. Close it when nobody does.") % {"house": house})
    if from_now_on.filter(kind=Taken.HOLD).exists():
        raise Refused(_("A bed of %(house)s is held. Release it first, or wait.") % {"house": house})
    if Placement.objects.visible_to(by).filter(house=house, state=State.APPROVED).exists():
        raise Refused(_("Somebody is on the way to %(house)s. Say first that she did not come.") % {"house": house})


def _give_all_back(beds: list[Bed], kind: Taken, now: datetime) -> None:
    for gone in Occupancy.objects.filter(bed__in=beds, kind=kind, period__upper_inf=True).select_related("bed"):
        give_back(gone, now)
