"""The invented shelters of the demonstration, with some beds taken. Their addresses do not exist."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from amparo.care.shelters.house_rules import add_bed, add_house, block_bed, seal_address
from amparo.care.shelters.models import House
from amparo.care.shelters.picklists import BedKind, OccupancyKind, Region
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as

WOMEN = ("feminine", "transgender_feminine")


@dataclass(frozen=True)
class InventedHouse:
    """A shelter to invent: its code name, its beds, and whom it takes."""

    name: str
    rooms: tuple[str, ...]  # one letter for each bed: f free, t taken, o out of order, c a free cot
    takes: dict[str, Any] = field(default_factory=dict)


HOUSES = (
    InventedHouse(
        "Casa Tucán", ("tt", "ff", "tc"),
        {"region": Region.JUNGLE_SOUTH, "genders": WOMEN, "from_age": 12, "to_age": 17, "takes_babies": True,
         "languages": ["es", "qu"]},
    ),
    InventedHouse(
        "Casa Queñual", ("fff", "to"),
        {"region": Region.HIGHLANDS_SOUTH, "genders": WOMEN, "from_age": 15, "is_step_free": True,
         "languages": ["es", "qu", "ay"]},
    ),
    InventedHouse(
        "Casa Vicuña", ("ttt", "ffc"),
        {"region": Region.COAST_CENTRE, "genders": (*WOMEN, "masculine"), "only_families": True, "takes_families": True,
         "takes_babies": True, "takes_pets": True, "languages": ["es"]},
    ),
    InventedHouse(
        "Casa Ishpingo", ("tttt",),
        {"region": Region.JUNGLE_NORTH, "genders": WOMEN, "from_age": 18, "languages": ["es"]},
    ),
)  # fmt: skip


def invent_houses() -> None:
    """Create the shelters once. Later changes by people stay."""
    olga, luz, now = User.objects.get(username="olga"), User.objects.get(username="luz"), timezone.now()
    with acting_as(olga.acting()):  # the owner of somebody else's server sees no shelter
        if House.objects.exists():
            return
    for number, it in enumerate(HOUSES, start=1):
        house = add_house(it.name, luz.agency, by=olga, now=now, **it.takes)
        seal_address(house, f"Pasaje Inventado {number}, Ciudad de Ejemplo", by=olga, now=now)
        _add_beds(house, it.rooms, olga, luz)


def _add_beds(house: House, rooms: tuple[str, ...], olga: User, luz: User) -> None:
    now = timezone.now()
    beds = [(room, letter) for room, letters in enumerate(rooms, start=1) for letter in letters]
    for number, (room, letter) in enumerate(beds, start=1):
        kind = BedKind.COT if letter == "c" else BedKind.BED
        bed = add_bed(house, room=room, number=number, kind=kind, by=olga, now=now)
        if letter in "to":
            block_bed(bed, OccupancyKind.STAY if letter == "t" else OccupancyKind.REPAIR, by=luz, now=now)
