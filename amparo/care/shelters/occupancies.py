"""Beds as time goes over them: taken, and given back. What must not overlap, the database refuses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .models import Bed, House, Occupancy
from .picklists import BedKind, OccupancyKind


def take(beds: Iterable[Bed], kind: OccupancyKind, since: datetime, until: datetime | None) -> Occupancy:
    """The first of these beds that nobody took a moment ago; all of them are of one house."""
    for bed in beds:
        wait_for(bed)
        try:
            with transaction.atomic():
                return Occupancy.objects.create(bed=bed, kind=kind, period=DateTimeTZRange(since, until))
        except IntegrityError as error:
            if violated(error) != "a_bed_is_taken_once_at_a_time":
                raise
    raise Refused(_("Somebody was quicker: no bed for her is free any more."))


def give_back(occupancy: Occupancy, now: datetime) -> None:
    """From now on the bed is nobody's; what has run out stays as it was."""
    wait_for(occupancy.bed)
    occupancy.period = until(occupancy.period, now)
    occupancy.save(update_fields=["period"])


def wait_for(bed: Bed) -> None:
    """One after the other in its house."""
    wait_in(bed.house_id)


def wait_in(house: int) -> None:
    """One after the other in a house, until the transaction ends. Whether a bed is free the constraint says, and it
    alone; but two who write at once would each wait for the other, and the database would end one of them."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('shelters_house'::regclass::int, %s)", [house])


def until(period: Any, now: datetime) -> Any:
    """The same period, over by now at the latest."""
    if period is None or period.isempty or (period.upper is not None and period.upper <= now):
        return period
    return DateTimeTZRange(period.lower, max(period.lower, now))


def beds_for(house: House, *, is_baby: bool, now: datetime) -> list[Bed]:
    """Cots are for babies alone; a baby for whom none is free sleeps in a bed."""
    free = list(Bed.objects.free(now).filter(house=house).order_by("number"))
    cots = [bed for bed in free if bed.kind == BedKind.COT]
    beds = [bed for bed in free if bed.kind == BedKind.BED]
    return cots + beds if is_baby else beds


def violated(error: IntegrityError) -> str:
    """The name of the constraint that refused, which is a sentence; blank: the database did not say."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
