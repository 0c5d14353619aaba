"""Peru's departments, provinces and districts by UBIGEO code, kept in memory: 25, 196 and 1,891 of them."""

import csv
import functools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LONGEST = 80  # characters; the longest label has 63
LEVELS = {2: "department", 4: "province", 6: "district"}  # by digits of the code


@dataclass(frozen=True)
class Place:
    ubigeo: str  # 2, 4 or 6 digits; the first ones are the code of the enclosing place
    name: str
    label: str  # with the enclosing places, so that labels are unique: "Iberia, Tahuamanu, Madre de Dios"
    capital: str  # blank for a district

    @property
    def level(self) -> str:
        return LEVELS[len(self.ubigeo)]


def place_label(ubigeo: str) -> str:
    """Return the label of a place, such as "Iberia, Tahuamanu, Madre de Dios"; blank for an unknown code."""
    place = _places().get(ubigeo)
    return place.label if place else ""


@functools.cache
def place_names() -> dict[str, str]:
    """Return the name of every place by its code, without the enclosing places."""
    return {code: place.name for code, place in _places().items()}


@functools.cache
def place_vocabulary() -> dict[str, Any]:
    """Return what a script needs to find places in a text: "names" and "capitals", each by code, and "everyday", the
    names that are everyday words too.
    """
    capitals = {code: place.capital for code, place in _places().items() if place.capital}
    return {"names": place_names(), "capitals": capitals, "everyday": (DATA / "everyday.txt").read_text().split()}


def place_level(ubigeo: str) -> str:
    """Return "department", "province" or "district"; blank for an unknown code."""
    place = _places().get(ubigeo)
    return place.level if place else ""


def provinces(department: str) -> list[Place]:
    return [place for place in _places().values() if place.level == "province" and place.ubigeo[:2] == department]


def districts(within: str) -> list[Place]:
    """Return the districts of a department or a province, by their codes; blank: all of Peru."""
    return [place for code, place in _places().items() if place.level == "district" and code.startswith(within)]


def capitals_of_districts(department: str) -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of the capitals of a department's districts, by ubigeo, if they are known."""
    return {code: at for code, at in _positions().items() if len(code) == 6 and code.startswith(department)}


def place_position(ubigeo: str) -> tuple[float, float] | None:
    """Return latitude and longitude of the place's capital. None for an unknown code.

    If the data has no position for the place, this is the capital of the enclosing place.
    """
    while ubigeo:
        if found := _positions().get(ubigeo):
            return found
        ubigeo = ubigeo[:-2]
    return None


def find_places(typed: str, limit: int = 8) -> list[Place]:
    """Return places of which a word begins with the typed letters, larger places first. Accents do not matter."""
    wanted = _without_accents(typed[:LONGEST])
    if not wanted:
        return []
    starts, within = [], []
    for key, place in _by_name():
        if key.startswith(wanted):
            starts.append(place)
        elif f" {wanted}" in key:
            within.append(place)
    return list(dict.fromkeys(starts + within))[:limit]


def place_meant(typed: str) -> Place | None:
    """Return the place that somebody typed by its code, label or name, the largest of that name.

    None: there is none, or there are several of the same level.
    """
    if typed in _places():
        return _places()[typed]
    wanted = _without_accents(typed[:LONGEST])
    alike = _by_exact_name().get(wanted, [])
    exact = _by_label().get(wanted)
    widest = exact or [place for place in alike if len(place.ubigeo) == min(len(other.ubigeo) for other in alike)]
    return widest[0] if len(set(widest)) == 1 else None


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).casefold().split())


@functools.cache
def _places() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for name in ("departments", "provinces", "districts"):
        for row in _csv_rows(f"peru_{name}.csv"):
            code = row["ubigeo"]
            around = found[code[:-2]].label if code[:-2] else ""
            label = f"{row['name']}, {around}" if around else row["name"]
            found[code] = Place(code, row["name"], label, row.get("capital", ""))
    return found


@functools.cache
def _positions() -> dict[str, tuple[float, float]]:
    rows = (row for name in ("departments", "provinces", "districts") for row in _csv_rows(f"peru_{name}.csv"))
    return {row["ubigeo"]: (float(row["lat"]), float(row["lon"])) for row in rows if row["lat"] and row["lon"]}


@functools.cache
def _by_name() -> list[tuple[str, Place]]:
    """Return pairs of a name without accents and its place, larger places first. A capital also names its place."""
    names = [(place.name, place) for place in _places().values()]
    capitals = [(place.capital, place) for place in _places().values() if place.capital]
    return [
        (_without_accents(name), place)
        for name, place in sorted(names + capitals, key=lambda pair: len(pair[1].ubigeo))
    ]


@functools.cache
def _by_exact_name() -> dict[str, list[Place]]:
    """Return the places of each name of `_by_name`, by the name."""
    return _grouped(_by_name())


@functools.cache
def _by_label() -> dict[str, list[Place]]:
    return _grouped((_without_accents(place.label), place) for place in _places().values())


def _grouped(pairs: Iterable[tuple[str, Place]]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for key, place in pairs:
        found[key].append(place)
    return dict(found)


def _csv_rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
