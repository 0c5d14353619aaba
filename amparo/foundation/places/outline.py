"""A map of Peru: the outlines of its departments as SVG paths, and the position of a point on it.

It loads no map tiles: a tile server would learn what is looked at, and by whom.
"""

import functools
import json
from dataclasses import dataclass
from math import cos, radians

from .places import DATA

WEST, NORTH, EAST, SOUTH = -81.4, 0.1, -68.6, -18.4  # degrees; with a little sea around it
UPWARDS = 500  # height in units, from south to north
NARROWER = cos(radians((NORTH + SOUTH) / 2))  # a degree of longitude, in degrees of latitude
SCALE = UPWARDS / (NORTH - SOUTH)
WIDTH, HEIGHT = round((EAST - WEST) * NARROWER * SCALE), UPWARDS


@dataclass(frozen=True)
class Outline:
    ubigeo: str
    name: str
    path: str  # the `d` of an SVG path


def at(latitude: float, longitude: float) -> tuple[int, int]:
    """Position of a point on the map, from its upper left corner."""
    return round((longitude - WEST) * NARROWER * SCALE), round((NORTH - latitude) * SCALE)


def is_on_it(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


@functools.cache
def outlines() -> tuple[Outline, ...]:
    features = json.loads((DATA / "peru_departments.geojson").read_text(encoding="utf-8"))["features"]
    return tuple(
        Outline(feature["properties"]["ubigeo"], feature["properties"]["name"], _path(feature["geometry"]))
        for feature in features
    )


def _path(geometry: dict[str, list[list[list[list[float]]]]]) -> str:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]  # type: ignore[comparison-overlap]
    return "".join(_ring(ring) for shape in shapes for ring in shape)  # type: ignore[arg-type]


def _ring(ring: list[list[float]]) -> str:
    """In whole units, without repeated points: finer than a screen shows, and a third of the size."""
    points: list[tuple[int, int]] = []
    for longitude, latitude in ring:
        if not points or points[-1] != at(latitude, longitude):
            points.append(at(latitude, longitude))
    return "M" + " ".join(f"{x} {y}" for x, y in points) + "Z"
