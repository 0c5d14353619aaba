"""Verbs for houses: add one with its beds, confirm its state, seal its address and open it.

Later changes of a house are in house_admin.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import HOTLINE, Agency, Kind, User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import Sealed
from amparo.foundation.vault.models import DataKey
from amparo.foundation.vault.wrapping import keyring

from .models import Bed, House, HouseAddress, Occupancy, Placement, Stay
from .occupancies import free_bed, lock_house, take_bed, violated_constraint
from .picklists import BedKind, OccupancyKind

WRONG = {
    "a_house_takes_an_age_up_to_a_higher_one": gettext_lazy("The youngest age is above the oldest: look at the two."),
    "a_house_of_families_takes_families": gettext_lazy("A house for families alone takes families: choose both."),
}
NOBODY = "address"  # a role that no user has: only one database function reads its copy of an address key


@action(permissions.approve_placements, label=gettext_lazy("added a house"))
def add_house(code_name: str, agency: Agency, *, by: User, now: datetime, **takes: Any) -> House:
    """Add a house without beds; `takes` are the columns that describe whom it accepts."""
    if agency.kind != Kind.SHELTER:
        raise Refused(_("A house is run by a shelter: choose one of the list."))
    with refuse_violations():
        return House.objects.create(code_name=code_name, agency=agency, confirmed_at=now, **takes)


@action(permissions.approve_placements, label=gettext_lazy("added a bed"))
def add_bed(house: House, *, room: int, number: int, kind: BedKind = BedKind.BED, by: User, now: datetime) -> Bed:
    lock_open_house(house, by)
    try:
        with transaction.atomic():
            bed = Bed.objects.create(house=house, room=room, number=number, kind=kind)
    except IntegrityError as error:
        raise Refused(_("The house has a bed of this number already, in use or not.")) from error
    notify("beds")
    return bed


@action(permissions.approve_placements, label=gettext_lazy("sealed where a house is"))
def seal_address(house: House, address: str, *, by: User, now: datetime) -> None:
    """Seal the address of a house under a key of its own, and destroy the previous address.

    It can be read only for an active placement.
    """
    if not address.strip():
        raise Refused(_("Write where the house is."))
    key = DataKey.objects.make(role_holder(HOTLINE, NOBODY), agency=HOTLINE, kind="address")
    HouseAddress.objects.create(house=house, key=key, address=address, kept_at=now)


@action(permissions.find_beds, label=gettext_lazy("opened where the house is"))
def open_address(placement: Placement, *, purpose: Purpose, by: User, now: datetime) -> str:
    """Return the address of a placement's house, for a placement officer or the member of staff who escorts the people.

    The database checks this, and that the placement is active, and logs the disclosure before it returns anything.
    """
    with connection.cursor() as cursor:
        cursor.execute("select * from shelters_open_address(%s)", [placement.pk])
        found = cursor.fetchone()
    if found is None:
        raise Refused(_("An address is opened by a placement officer or the escort, for an active placement."))
    row, key, sealed, wrapped, wrapping_key = found
    if row is None:
        raise Refused(_("Nobody has kept the address of this house yet."))
    kept = HouseAddress(pk=row, key=DataKey(pk=key), address=Sealed(sealed))
    kept.key.secret = keyring().named(wrapping_key).unwrap(bytes(wrapped), key.bytes)
    kept.__dict__["looked"] = True  # the function has logged it
    return str(kept.address)


@action(permissions.run_house, label=gettext_lazy("said how the beds stand"))
def confirm_beds(house: House, *, by: User, now: datetime) -> House:
    """Record that the house has checked its beds and that the page is right."""
    house = _own_house(house, by)
    house.confirmed_at = now
    house.save(update_fields=["confirmed_at"])
    notify("beds")
    return house


@action(permissions.run_house, label=gettext_lazy("said that a bed is out of order"))
def block_bed(bed: Bed, kind: OccupancyKind = OccupancyKind.REPAIR, *, by: User, now: datetime) -> Occupancy:
    """Mark a free bed as under repair, or as occupied by somebody whom the hotline did not place.

    Doing it twice changes nothing.
    """
    house = _own_house(bed.house, by)
    known = _blocked_by_house(bed, now)
    if known and known.kind == kind:
        return known
    try:
        blocked = take_bed([bed], kind, now, None)
    except Refused:
        raise Refused(_("This bed is taken. Choose another one first.")) from None
    confirm_beds(house, by=by, now=now)
    return blocked


@action(permissions.run_house, label=gettext_lazy("said that a bed is in order again"))
def unblock_bed(bed: Bed, *, by: User, now: datetime) -> Bed:
    """Free the bed again. A bed of somebody whom the hotline placed becomes free only when that person leaves."""
    house = _own_house(bed.house, by)
    if known := _blocked_by_house(bed, now):
        free_bed(known, now)
        confirm_beds(house, by=by, now=now)
    return bed


@contextmanager
def refuse_violations() -> Iterator[None]:
    """Turn a violated constraint on houses into a refusal in one sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused(
            WRONG.get(violated_constraint(error)) or _("A house has this code name already. Choose another one.")
        ) from error


def lock_open_house(house: House, by: User) -> House:
    """Lock the house until the transaction ends. Raise `Refused` if it is closed."""
    lock_house(house.pk)
    house = House.objects.visible_to(by).get_locked(house.pk)
    if house.closed_at:
        raise Refused(_("The house is closed. Open it again first."))
    return house


def _blocked_by_house(bed: Bed, now: datetime) -> Occupancy | None:
    """Return the occupancy with which the house itself blocks a bed now.

    None: the bed is free, or a person placed by the hotline is in it.
    """
    found = bed.occupancies.filter(period__contains=now, kind__in=(OccupancyKind.STAY, OccupancyKind.REPAIR)).first()
    return None if found is None or Stay.objects.filter(occupancy=found).exists() else found


def _own_house(house: House, by: User) -> House:
    found = House.objects.visible_to(by).open().filter(pk=house.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return found
