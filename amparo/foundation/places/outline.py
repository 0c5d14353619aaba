"""Peru on one small sheet: the outlines of its departments as SVG paths, and where a point lies upon it.

No tile of a map is asked of anybody: whoever serves tiles learns what is looked at, and by whom.
"""

import functools
import json
from dataclasses import dataclass
from math import cos, radians

from .places import DATA

WEST, NORTH, EAST, SOUTH = -81.4, 0.1, -68.6, -18.4  # degrees; a little sea around it
UPWARDS = 500  # units of the sheet from south to north
NARROWER = cos(radians((NORTH + SOUTH) / 2))  # a degree of longitude, beside one of latitude
SCALE = UPWARDS / (NORTH - SOUTH)
WIDTH, HEIGHT = round((EAST - WEST) * NARROWER * SCALE), UPWARDS


@dataclass(frozen=True)
class Outline:
    ubigeo: str
    name: str
    path: str  # the `d` of an SVG path


def at(latitude: float, longitude: float) -> tuple[int, int]:
    """Where a point lies on the sheet, from its upper left corner."""
    return round((longitude - WEST) * NARROWER * SCALE), round((NORTH - latitude) * SCALE)


def is_on_it(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


@functools.cache
def outlines() -> tuple[Outline, ...]:
    features = json.loads((DATA / "peru_departments.geojson").read_text(encoding="utf-8"))["features"]
    return tuple(
        Outline(it["properties"]["ubigeo"], it["properties"]["name"], _path(it["geometry"])) for it in features
    )


def _path(geometry: dict[str, list[list[list[list[float]]]]]) -> str:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]  # type: ignore[comparison-overlap]
    return "".join(_ring(ring) for shape in shapes for ring in shape)  # type: ignore[arg-type]


def _ring(ring: list[list[float]]) -> str:
    """In whole units, each point once: finer than a screen shows, and a third of the size."""
    points: list[tuple[int, int]] = []
    for longitude, latitude in ring:
        if not points or points[-1] != at(latitude, longitude):
            points.append(at(latitude, longitude))
    return "M" + " ".join(f"{x} {y}" for x, y in points) + "Z"
