"""Routes from origin to destination, as arrows between the centres of departments and points beside the map."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from amparo.figures.snapshot.picklists import ABROAD, TO
from amparo.foundation.places import countries, outline

WIDEST = 9  # units, the arrow of the most travelled route
VIEW = f"-12 -12 {outline.WIDTH + 72} {outline.HEIGHT + 48}"  # with room for the countries beside the map
BESIDE = {
    "EC": outline.position_on_map(-1.5, -78.6), "CO": outline.position_on_map(-0.8, -72.6),
    "BR": outline.position_on_map(-7.6, -70.4),
    "BO": outline.position_on_map(-15.6, -67.5), "CL": outline.position_on_map(-19.2, -69.6),
    ABROAD: outline.position_on_map(-13.5, -80.6),
}  # fmt: skip


@dataclass(frozen=True)
class Arrow:
    path: str  # the `d` of an SVG path; blank: within one department
    at: tuple[int, int]  # of the destination
    width: float


@dataclass(frozen=True)
class Point:
    """A foreign country, as a point drawn beside the map of Peru."""

    name: str
    at: tuple[int, int]


def arrows(counts: Iterable[tuple[str, int]]) -> list[Arrow]:
    """Return an arrow for each route, the wider the larger its count. The thinnest is last, so that none is covered."""
    counts = sorted(counts, key=lambda it: -it[1])
    most = counts[0][1] if counts else 1
    return [_arrow(cell, max(WIDEST * count / most, 1)) for cell, count in counts]


def points(cells: Iterable[str]) -> list[Point]:
    """Return the foreign countries in which these routes begin or end."""
    used = {end for cell in cells for end in cell.split(TO)}
    return [
        Point(countries.country_name(code) or _("another country"), at) for code, at in BESIDE.items() if code in used
    ]


def _arrow(cell: str, width: float) -> Arrow:
    origin, destination = cell.split(TO)
    (x1, y1), (x2, y2) = _position(origin), _position(destination)
    if origin == destination:
        return Arrow("", (x2, y2), width)
    bend = (x1 + x2) // 2 - (y2 - y1) // 5, (y1 + y2) // 2 + (x2 - x1) // 5  # there and back are two lines
    return Arrow(f"M{x1} {y1}Q{bend[0]} {bend[1]} {x2} {y2}", (x2, y2), width)


def _position(code: str) -> tuple[int, int]:
    return BESIDE[code] if code in BESIDE else _centres()[code]


@functools.cache
def _centres() -> dict[str, tuple[int, int]]:
    """Return the centre of each department's largest part, by ubigeo."""
    return {shape.ubigeo: _middle(max(shape.path.split("Z"), key=len)) for shape in outline.outlines()}


def _middle(ring: str) -> tuple[int, int]:
    """Return the centre of the box around a ring, given as the coordinates of an SVG path."""
    numbers = [int(number) for number in re.findall(r"-?\d+", ring)]
    across, down = numbers[::2], numbers[1::2]
    return (min(across) + max(across)) // 2, (min(down) + max(down)) // 2
