"""A map of Peru with dots for services, numbered as their rows are, and one dot for the person's place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from amparo.foundation.places import outline
from amparo.foundation.places.places import place_position

BESIDE = 14  # units of the drawing: dots nearer than this are merged


@dataclass(frozen=True)
class Dot:
    x: int
    y: int
    numbers: tuple[int, ...]  # of the rows beside the map

    @property
    def label(self) -> str:
        return ", ".join(map(str, self.numbers))

    @property
    def radius(self) -> int:
        return 11 + 5 * (len(self.label) // 3)


@dataclass(frozen=True)
class ServiceMap:
    dots: tuple[Dot, ...]
    here: tuple[int, int] | None  # None: the person's place is not known
    department: str

    width, height = outline.WIDTH, outline.HEIGHT
    outlines = staticmethod(outline.outlines)

    @property
    def ring(self) -> int:
        """The radius of the ring that marks the person's place; it is larger than a service's dot there."""
        assert self.here
        x, y = self.here
        return max(
            (dot.radius + 5 for dot in self.dots if (dot.x - x) ** 2 + (dot.y - y) ** 2 < dot.radius**2), default=6
        )

    @classmethod
    def of(cls, services: Iterable[Any], ubigeo: str) -> Self:
        where = place_position(ubigeo)
        return cls(_dots(services), outline.position_on_map(*where) if where else None, ubigeo[:2])


def _dots(services: Iterable[Any]) -> tuple[Dot, ...]:
    """Return dots for public locations; those near each other share a dot. A confidential place has no dot at all."""
    shared: list[Dot] = []
    for number, service in enumerate(services, 1):
        for x, y in _public_points(service):
            near = next((dot for dot in shared if abs(dot.x - x) < BESIDE and abs(dot.y - y) < BESIDE), None)
            if near is None:
                shared.append(Dot(x, y, (number,)))
            elif number not in near.numbers:
                shared[shared.index(near)] = Dot(near.x, near.y, (*near.numbers, number))
    return tuple(shared)


def _public_points(service: Any) -> list[tuple[int, int]]:
    known = [
        (door.latitude, door.longitude) if door.latitude is not None else place_position(door.ubigeo)
        for door in service.public_places
    ]
    return [outline.position_on_map(*point) for point in known if point and outline.is_on_map(*point)]
