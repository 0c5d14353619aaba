"""How far reviewers agree, as coordinates of a picture that the template draws as SVG, beside its table."""

from collections.abc import Iterable
from dataclasses import dataclass

from .rubric import Item
from .rules import Agreement

LABEL, WIDE, ROW, TOP = 150, 300, 26, 8  # of the labels, the axis from 0 to 1, one line, and the first line
GOOD, POOR = 0.61, 0.4  # Landis and Koch 1977: substantial agreement from here; below, the sheet does not serve


@dataclass(frozen=True)
class KappaLine:
    item: Item
    y: int
    low: float
    high: float
    middle: float
    is_poor: bool


@dataclass(frozen=True)
class AgreementPicture:
    lines: list[KappaLine]
    ticks: list[tuple[float, str]]
    height: int

    width, left, right = LABEL + WIDE + 20, LABEL, LABEL + WIDE
    good, good_wide = LABEL + WIDE * GOOD, WIDE * (1 - GOOD)

    @property
    def bottom(self) -> int:
        return self.height - 20


def agreement_picture(agreement: Iterable[Agreement]) -> AgreementPicture | None:
    """Return the picture of the plain kappa of each item, with its interval. None: no item has enough pairs."""
    known = [(each.item, each.kappa) for each in agreement if each.kappa is not None]
    if not known:
        return None
    lines = [
        KappaLine(item, TOP + ROW * n + ROW // 2, _x(kappa.low), _x(kappa.high), _x(kappa.value), kappa.value < POOR)
        for n, (item, kappa) in enumerate(known)
    ]
    ticks = [(_x(part / 5), f"{part / 5:.1f}") for part in range(6)]
    return AgreementPicture(lines, ticks, TOP + ROW * len(lines) + 24)


def _x(value: float) -> float:
    """Return the x coordinate of a value of kappa. Values below zero are drawn at zero: no better than chance."""
    return round(LABEL + WIDE * max(0.0, value), 1)
