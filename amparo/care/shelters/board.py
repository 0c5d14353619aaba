"""The page of beds: each house with its beds as they are now, whom it accepts, and who is on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Sum, prefetch_related_objects
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.foundation.access.models import User

from .bed_search import BedSearch
from .matching import accepted_ages, asks_age, reasons_against
from .models import Bed, House, Occupancy, Placement, Stay, UnmetNeed
from .picklists import NO_BED, BedKind, OccupancyKind, State

STATES = {
    OccupancyKind.HOLD: "reserved",
    OccupancyKind.STAY: "taken",
    **dict.fromkeys((OccupancyKind.REPAIR, *NO_BED), "out"),
}


@dataclass(frozen=True)
class BedTile:
    """One bed on the page of beds."""

    bed: Bed
    state: str  # free, reserved, taken, out
    until: datetime | None  # when a hold expires
    is_hotline_placement: bool  # taken by a placement of the hotline

    @property
    def is_cot(self) -> bool:
        return self.bed.kind == BedKind.COT


@dataclass(frozen=True)
class HouseRow:
    house: House
    rooms: list[list[BedTile]]
    wrong: list[str]  # why the house does not fit; empty: it fits, or nobody is searched for
    is_understood: bool  # the staff speak one of the person's languages
    is_silent: bool
    ages: str
    asks_age: bool

    @property
    def tiles(self) -> list[BedTile]:
        return [tile for room in self.rooms for tile in room]

    @property
    def free(self) -> int:
        return sum(tile.state == "free" for tile in self.tiles)


@dataclass(frozen=True)
class PlacementRow:
    """One placement in the list of the page of beds."""

    placement: Placement
    names: list[str]
    beds: list[int]
    code: str  # the case's code; blank: hidden from this user
    until: datetime | None  # when the hold expires; None: they are in the house
    is_beyond: bool  # there for longer than planned

    def is_of(self, house: House) -> bool:
        return self.placement.house_id == house.pk


def house_rows(user: User, now: datetime, seek: BedSearch | None = None) -> list[HouseRow]:
    """Return the houses with their beds: those that fit the search first, then those with more free beds."""
    houses = House.objects.visible_to(user).open()
    found = houses.with_fit_for(seek.party, now) if seek else houses
    lines = set(Stay.objects.filter(stayed__contains=now).values_list("occupancy", flat=True))
    shown = [
        _row_of_house(house, seek, now, lines)
        for house in found.prefetch_related(_prefetch_beds(now)).order_by("code_name")
    ]
    return sorted(shown, key=lambda row: (bool(row.wrong), not row.is_understood, -row.free if seek else 0))


def placement_rows(user: User, now: datetime) -> list[PlacementRow]:
    """Return placements: first stays beyond their plan, then arrivals by expiry of the hold, then the other stays."""
    found = Placement.objects.visible_to(user).unsettled(now).defer("escort", "because")
    related = found.select_related("house", "requested_by", "approved_by", "escort_user").prefetch_related(
        prefetch_stays()
    )
    placements = list(related)
    cases = Case.objects.visible_to(user).filter(pk__in=[it.case_id for it in placements]).only("number")
    codes = {case.pk: case.code for case in cases}
    return most_urgent_first(placement_row(it, now, codes.get(it.case_id, "")) for it in placements)


def house_row(house: House, now: datetime) -> HouseRow:
    """Return one house as it is now, closed or open."""
    prefetch_related_objects([house], _prefetch_beds(now))
    return _row_of_house(house, None, now, set())


def most_urgent_first(lines: Iterable[PlacementRow]) -> list[PlacementRow]:
    """Sort the rows: stays beyond their plan, then arrivals by expiry of the hold, then the other stays."""
    return sorted(lines, key=lambda it: (not it.is_beyond, it.until is None, it.until or it.placement.reserved_at))


def placement_row(placement: Placement, now: datetime, code: str = "") -> PlacementRow:
    stays = [it for it in placement.stays.all() if it.stayed is None or it.is_there]
    waits = placement.state != State.IN_HOUSE and stays and not stays[0].reserved.isempty
    return PlacementRow(
        placement, [it.code_name for it in stays], [it.occupancy.bed.number for it in stays], code,
        stays[0].reserved.upper if waits else None, placement.is_beyond(timezone.localdate(now)),
    )  # fmt: skip


def unmet_this_month(now: datetime) -> int:
    """Return for how many people no bed was suitable this month. A case counts at most once a day."""
    begin = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted: Any = UnmetNeed.objects.filter(at__gte=begin, at__lte=now).aggregate(people=Sum("people"))
    return counted["people"] or 0


def _row_of_house(house: House, seek: BedSearch | None, now: datetime, lines: set[int]) -> HouseRow:
    beds = sorted(house.beds.all(), key=lambda bed: (bed.room, bed.number))
    rooms = [[_bed_tile(bed, lines) for bed in room] for _number, room in groupby(beds, key=lambda bed: bed.room)]
    spoken = {code for it in seek.people for code in it.languages} if seek else set()
    return HouseRow(
        house, rooms, reasons_against(house, seek.party) if seek else [],
        not spoken or bool(spoken & set(house.languages)), house.is_silent(now), accepted_ages(house),
        bool(seek and asks_age(house, seek.party)),
    )  # fmt: skip


def _bed_tile(bed: Any, lines: set[int]) -> BedTile:
    taken = next(iter(bed.now_taken), None)
    if taken is None:
        return BedTile(bed, "free", None, False)
    until = taken.period.upper if taken.kind == OccupancyKind.HOLD else None
    return BedTile(bed, STATES[OccupancyKind(taken.kind)], until, until is not None or taken.pk in lines)


def _prefetch_beds(now: datetime) -> "Prefetch[Any]":
    taken = Occupancy.objects.filter(period__contains=now)
    return Prefetch(
        "beds", Bed.objects.in_use(now).prefetch_related(Prefetch("occupancies", taken, to_attr="now_taken"))
    )


def prefetch_stays() -> "Prefetch[Any]":
    return Prefetch("stays", Stay.objects.select_related("occupancy__bed").order_by("person_id"))
