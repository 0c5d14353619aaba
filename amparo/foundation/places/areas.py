"""A map of the districts of a department or a province: an area around the capital of each.

The outlines of districts are in no source that we may copy. So an area is all that is nearer to its capital than to
another capital of the department (a Voronoi cell); whoever draws it cuts it along the outline of the department.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from . import outline, places

LONGEST = 480  # units: the longer side of the map
LEAST = 6  # square units: an eye does not find less
MARGIN, LEAST_MARGIN = 0.15, 0.03  # around the capitals of a province: share of the longer side, and degrees

type Point = tuple[float, float]
type Ring = Sequence[Point]  # the last corner is the first
type Box = tuple[float, float, float, float]  # west, north, east, south


@dataclass(frozen=True)
class Area:
    ubigeo: str
    path: str  # the `d` of an SVG path
    x: int  # of the capital
    y: int
    is_small: bool  # less of it is on the land than an eye finds


@dataclass(frozen=True)
class DistrictMap:
    width: int
    height: int
    outline: str  # of the department: the `d` of an SVG path
    areas: tuple[Area, ...]  # of the districts whose capital has a known position


@functools.lru_cache(maxsize=64)
def map_of_districts(within: str) -> DistrictMap:
    """Draw the districts of a department or a province, by its ubigeo. Raises KeyError for an unknown department."""
    _name, rings = outline.departments()[within[:2]]
    capitals = {code: (lon, lat) for code, (lat, lon) in places.capitals_of_districts(within[:2]).items()}
    shown = {code: point for code, point in capitals.items() if code.startswith(within)}
    land = _bounding_box((lon, lat) for ring in rings for lon, lat in ring)
    window = land if len(within) == 2 else _box_with_margin(shown.values())
    west, north, east, south = window
    scale = LONGEST / max((east - west) * outline.NARROWER, north - south)

    def at(latitude: float, longitude: float) -> tuple[int, int]:
        return round((longitude - west) * outline.NARROWER * scale), round((north - latitude) * scale)

    def area(code: str, point: Point) -> Area:
        path = outline.svg_path([_voronoi_cell(point, capitals.values(), _ring_of_box(land))], at)
        visible = sum(
            _size_of_ring(_voronoi_cell(point, capitals.values(), [(lon, lat) for lon, lat in ring])) for ring in rings
        )
        return Area(code, path, *at(point[1], point[0]), visible * outline.NARROWER * scale**2 < LEAST)

    areas = tuple(area(code, point) for code, point in shown.items())
    return DistrictMap(*at(south, east), outline.svg_path(rings, at), areas)


def _ring_of_box(box: Box) -> Ring:
    west, north, east, south = box
    return [(west, north), (east, north), (east, south), (west, south), (west, north)]


def _size_of_ring(ring: Ring) -> float:
    """Return the area within a ring, in square degrees."""
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairwise(ring))) / 2


def _voronoi_cell(mine: Point, others: Iterable[Point], land: Ring) -> Ring:
    """Return the part of `land` that is nearer to `mine` than to the others (a Voronoi cell)."""
    cell = land
    for other in sorted(others, key=lambda each: _distance(mine, each)):
        if _distance(mine, other) > 2 * max((_distance(mine, corner) for corner in cell), default=0):
            break  # neither this one nor any farther one reaches the cell
        if other != mine:
            cell = _nearer_part(cell, mine, other)
    return cell


def _nearer_part(cell: Ring, mine: Point, other: Point) -> Ring:
    """Return the part of `cell` that is nearer to `mine` than to `other` (Sutherland and Hodgman, 1974)."""

    def beyond(corner: Point) -> float:
        return _distance(corner, mine) ** 2 - _distance(corner, other) ** 2

    kept: list[Point] = []
    for start, end in pairwise(cell):
        before, after = beyond(start), beyond(end)
        if before <= 0:
            kept.append(start)
        if before * after < 0:
            share = before / (before - after)
            kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    return [*kept, *kept[:1]]


def _distance(one: Point, other: Point) -> float:
    """Return the distance in degrees of latitude."""
    return hypot((one[0] - other[0]) * outline.NARROWER, one[1] - other[1])


def _bounding_box(points: Iterable[Point]) -> Box:
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), max(latitudes), max(longitudes), min(latitudes)


def _box_with_margin(points: Iterable[Point]) -> Box:
    west, north, east, south = _bounding_box(points)
    margin = max(MARGIN * max(east - west, north - south), LEAST_MARGIN)
    return west - margin, north + margin, east + margin, south - margin
