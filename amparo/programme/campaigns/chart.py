"""A picture with pairs of bars: after, and the mean before. The template draws it; here are its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from .counts import Comparison

WIDTH, ROW, LABEL, BAR = 340, 62, 18, 15  # units of the drawing
LONGEST = 270  # of the longest bar; the number stands beside it


@dataclass(frozen=True)
class Bar:
    y: float
    width: float
    text: str  # blank: not shown, and the bar is hatched
    kind: str  # "after" or "before"

    @property
    def text_x(self) -> float:
        return self.width + 6

    @property
    def text_y(self) -> float:
        return self.y + BAR - 3


@dataclass(frozen=True)
class Pair:
    label: str
    label_y: float
    bars: tuple[Bar, Bar]


@dataclass(frozen=True)
class Picture:
    pairs: tuple[Pair, ...]
    width = WIDTH
    bar = BAR

    @property
    def height(self) -> int:
        return ROW * len(self.pairs)


def picture(rows: Sequence[tuple[str, Comparison]]) -> Picture:
    longest = max([1.0, *(n for _label, each in rows for n in (each.after, each.before) if n is not None)])
    return Picture(tuple(_pair(place, label, each, longest) for place, (label, each) in enumerate(rows)))


def _pair(place: int, label: str, each: Comparison, longest: float) -> Pair:
    top = place * ROW + LABEL
    after = _bar(top, each.after, longest, "after")
    before = _bar(top + BAR + 3, each.before, longest, "before")
    return Pair(label, top - 5, (after, before))


def _bar(y: float, count: float | None, longest: float, kind: str) -> Bar:
    if count is None:
        return Bar(y, 24, "", kind)
    return Bar(y, round(max(1.0, LONGEST * count / longest), 1), f"{count:g}", kind)
