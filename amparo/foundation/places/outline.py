"""A map of Peru: the outlines of its departments as SVG paths, and the position of a point on it.

It loads no map tiles: a tile server would learn what is looked at, and by whom.
"""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

from .places import DATA

WEST, NORTH, EAST, SOUTH = -81.4, 0.1, -68.6, -18.4  # degrees; with a little sea around it
UPWARDS = 500  # height in units, from south to north
NARROWER = cos(radians((NORTH + SOUTH) / 2))  # a degree of longitude, in degrees of latitude
SCALE = UPWARDS / (NORTH - SOUTH)
NEAR = 0.75  # units: less than a screen shows
NEAR_ON_A_PAGE = 1.75  # units: two pixels of the map of departments, which public pages carry in full
WIDTH, HEIGHT = round((EAST - WEST) * NARROWER * SCALE), UPWARDS

type Ring = Sequence[Sequence[float]]  # longitude and latitude of each point; the last one is the first
type At = Callable[[float, float], tuple[int, int]]  # where a latitude and a longitude are drawn


@dataclass(frozen=True)
class Outline:
    ubigeo: str
    name: str
    path: str  # the `d` of an SVG path


def position_on_map(latitude: float, longitude: float) -> tuple[int, int]:
    """Return where a point is drawn: units to the right and down from the upper left corner of the map."""
    return round((longitude - WEST) * NARROWER * SCALE), round((NORTH - latitude) * SCALE)


def is_on_map(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


@functools.cache
def outlines() -> tuple[Outline, ...]:
    found = departments().items()
    return tuple(
        Outline(ubigeo, name, svg_path(rings, position_on_map, NEAR_ON_A_PAGE)) for ubigeo, (name, rings) in found
    )


@functools.cache
def departments() -> dict[str, tuple[str, list[Ring]]]:
    """Return the name and the rings of each department, by ubigeo."""
    features = json.loads((DATA / "peru_departments.geojson").read_text(encoding="utf-8"))["features"]
    return {each["properties"]["ubigeo"]: (each["properties"]["name"], _rings(each["geometry"])) for each in features}


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for shape in shapes for ring in shape]


def svg_path(rings: Iterable[Ring], at: At, near: float = NEAR) -> str:
    """Return rings as the `d` of an SVG path. `at` gives the units at which a point is drawn.

    Points that change the line by at most `near` units are left out.
    """
    return "".join(_svg_ring([at(latitude, longitude) for longitude, latitude in ring], near) for ring in rings)


def _svg_ring(points: list[tuple[int, int]], near: float) -> str:
    """Return one ring as a part of an SVG path. Each point is relative to the one before: a quarter of the bytes.

    Blank for an islet of one unit.
    """
    points = _simplified(
        [point for point, before in zip(points, [None, *points], strict=False) if point != before], near
    )
    if len(points) <= 2:  # an islet of one unit
        return ""
    steps = [f"{x - before_x} {y - before_y}" for (before_x, before_y), (x, y) in pairwise(points)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps).replace(' -', '-')}z"


def _simplified(line: list[tuple[int, int]], near: float) -> list[tuple[int, int]]:
    """Leave out points that change the line by at most `near` units (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    (x, y), (end_x, end_y) = line[0], line[-1]
    length = hypot(end_x - x, end_y - y)

    def off(point: tuple[int, int]) -> float:
        if not length:
            return hypot(point[0] - x, point[1] - y)
        return abs((end_x - x) * (y - point[1]) - (x - point[0]) * (end_y - y)) / length

    farthest = max(range(1, len(line) - 1), key=lambda place: off(line[place]))
    if off(line[farthest]) <= near:
        return [line[0], line[-1]]
    return _simplified(line[: farthest + 1], near)[:-1] + _simplified(line[farthest:], near)
