"""Occupancies of beds over time: take a bed and free it. The database refuses overlaps."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .models import Bed, House, Occupancy
from .picklists import BedKind, OccupancyKind


def take_bed(beds: Iterable[Bed], kind: OccupancyKind, since: datetime, until: datetime | None) -> Occupancy:
    """Take the first of these beds of one house that is still free. Raises `Refused` if none is."""
    for bed in beds:
        lock_house_of(bed)
        try:
            with transaction.atomic():
                return Occupancy.objects.create(bed=bed, kind=kind, period=DateTimeTZRange(since, until))
        except IntegrityError as error:
            if violated_constraint(error) != "a_bed_is_taken_once_at_a_time":
                raise
    raise Refused(_("Somebody was quicker: no suitable bed is free any more."))


def free_bed(occupancy: Occupancy, now: datetime) -> None:
    """Free the bed from now on; an occupancy that has already ended stays as it was."""
    lock_house_of(occupancy.bed)
    occupancy.period = cut_off(occupancy.period, now)
    occupancy.save(update_fields=["period"])


def lock_house_of(bed: Bed) -> None:
    """Lock the house of the bed, so that other writers wait."""
    lock_house(bed.house_id)


def lock_house(house: int) -> None:
    """Lock a house against other writers until the transaction ends.

    Only the constraint decides whether a bed is free. But without this lock two simultaneous writers would each wait
    for the other, and the database would abort one of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('shelters_house'::regclass::int, %s)", [house])


def cut_off(period: Any, now: datetime) -> Any:
    """Return the period, cut off at `now` if it would end later."""
    if period is None or period.isempty or (period.upper is not None and period.upper <= now):
        return period
    return DateTimeTZRange(period.lower, max(period.lower, now))


def free_beds_for(house: House, *, is_baby: bool, now: datetime) -> list[Bed]:
    """Return the house's free beds, by number: for a baby cots and then beds, for anybody else no cots."""
    free = list(Bed.objects.free(now).filter(house=house).order_by("number"))
    cots = [bed for bed in free if bed.kind == BedKind.COT]
    beds = [bed for bed in free if bed.kind == BedKind.BED]
    return cots + beds if is_baby else beds


def violated_constraint(error: IntegrityError) -> str:
    """Return the name of the violated constraint, which is a sentence; blank: the database did not name one."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
