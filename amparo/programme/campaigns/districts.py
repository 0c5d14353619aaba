"""The districts of one department or province during a campaign, as a map and a table."""

from dataclasses import dataclass
from itertools import combinations
from math import dist

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.places import areas, places

from .reach import BANDS, Reach

DISTRICT_BANDS = (BANDS[0], _("10 to 49"), _("50 or more"))
STEPS = ("hidden", "2", "4")  # shades on the map
RADIUS = 12  # units of a number on the map


@dataclass(frozen=True)
class District:
    name: str
    province: str
    band: int  # 0: fewer than ten; 1 or 2
    was_reached: bool  # the campaign names it, or a place around it, or no place at all
    number: int  # of the pin on the map; 0: the campaign does not name this district
    area: areas.Area | None  # None: its capital's position is unknown

    @property
    def label(self) -> str | Promise:
        return DISTRICT_BANDS[self.band]

    @property
    def shade(self) -> str:
        return STEPS[self.band]

    @property
    def is_silent(self) -> bool:
        return self.was_reached and not self.band


@dataclass(frozen=True)
class Districts:
    map: areas.DistrictMap
    rows: tuple[District, ...]  # those that the campaign names first

    radius = RADIUS
    labels = tuple(zip(STEPS, DISTRICT_BANDS, strict=True))[1:]

    @property
    def missing_on_map(self) -> list[str]:
        """Names of the districts that have no area on the map."""
        return [each.name for each in self.rows if not each.area]

    @property
    def drawn_as_dots(self) -> list[District]:
        """The districts that are drawn as a dot, because their area is too small to be seen."""
        return [each for each in self.rows if each.area and each.area.is_small]

    @property
    def names_of_dots(self) -> list[str]:
        return [each.name for each in self.drawn_as_dots]

    @property
    def numbered_on_map(self) -> list[District]:
        """The districts whose numbers are drawn on the map. Empty if two numbers would overlap."""
        named = [each for each in self.rows if each.number and each.area]
        points = [(each.area.x, each.area.y) for each in named if each.area]
        return named if all(dist(*pair) > 2 * RADIUS for pair in combinations(points, 2)) else []

    @property
    def is_partly_reached(self) -> bool:
        """Whether the campaign reached some of the districts and not others."""
        return 0 < sum(each.was_reached for each in self.rows) < len(self.rows)


def districts_of(reach: Reach, within: str) -> Districts:
    """Return the districts of a department or a province; those that the campaign names are at the top.

    Raises KeyError for an unknown department.
    """
    drawn = areas.map_of_districts(within)
    area_of = {area.ubigeo: area for area in drawn.areas}
    found = sorted(places.districts(within), key=lambda place: (place.ubigeo not in reach.named, place.ubigeo))
    rows = (
        District(
            place.name, places.place_names()[place.ubigeo[:4]],
            reach.bands.get(place.ubigeo, 0), reach.covers(place.ubigeo),
            number if place.ubigeo in reach.named else 0, area_of.get(place.ubigeo),
        )
        for number, place in enumerate(found, 1)
    )  # fmt: skip
    return Districts(drawn, tuple(rows))
