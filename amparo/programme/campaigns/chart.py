"""Coordinates of two pictures of contacts: pairs of bars, and a line over weeks. Templates draw them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .counts import Comparison

WIDTH, ROW, LABEL, BAR = 340, 62, 18, 15  # units of the drawing
LONGEST = 270  # width of the longest bar; its number is written beside it


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


def comparison_picture(rows: Sequence[tuple[str, Comparison]]) -> Picture:
    """Return a pair of bars for each labelled comparison: contacts in a span of time, and in the weeks before."""
    longest = max([1.0, *(n for _label, each in rows for n in (each.after, each.before) if n is not None)])
    return Picture(tuple(_pair(place, label, each, longest) for place, (label, each) in enumerate(rows)))


def _pair(place: int, label: str, each: Comparison, longest: float) -> Pair:
    top = place * ROW + LABEL
    after = _bar(top, each.after, longest, "after")
    before = _bar(top + BAR + 3, each.before, longest, "before")
    return Pair(label, top - 5, (after, before))


def _bar(y: float, count: int | None, longest: float, kind: str) -> Bar:
    if count is None:
        return Bar(y, 24, "", kind)
    return Bar(y, round(max(1.0, LONGEST * count / longest), 1), str(count), kind)


@dataclass(frozen=True)
class Week:
    begins: date
    contacts: int
    expected: int  # without the campaign


@dataclass(frozen=True)
class Series:
    """A picture over weeks: a line of contacts, a line of expected ones, and the interval of the effect as a band."""

    weeks: tuple[Week, ...]
    contacts: str  # points of a polyline
    expected: str
    band: str  # points of a polygon; blank: the campaign has no whole week yet
    start_x: float  # where the campaign begins
    ticks: tuple[tuple[float, int], ...]  # height and number of each line of the grid
    width, height, left, right, bottom = 700, 240, 36, 690, 215


def week_series(weeks: tuple[Week, ...], start: date, interval: tuple[float, float]) -> Series:
    """Return the lines and the band over these weeks; the scale begins at zero.

    `start`: the campaign's first Monday. `interval`: of the effect, as multiples of the expected contacts.
    """
    rows, (low, high) = [(week.begins, week.contacts, week.expected) for week in weeks], interval
    during = [(day, e) for day, _n, e in rows if day >= start]
    most = max(*(max(n, e) for _day, n, e in rows), *(e * high for _day, e in during)) * 1.05

    def x(day: date) -> float:
        share = (day - rows[0][0]).days / max((rows[-1][0] - rows[0][0]).days, 1)
        return round(Series.left + share * (Series.right - Series.left), 1)

    def y(count: float) -> float:
        return round(Series.bottom - count / most * (Series.bottom - 10), 1)

    step = max(1, round(most / 4, -1) if most >= 40 else round(most / 4))
    return Series(
        weeks, " ".join(f"{x(day)},{y(n)}" for day, n, _e in rows),
        " ".join(f"{x(day)},{y(e)}" for day, _n, e in rows),
        " ".join([*(f"{x(day)},{y(e * low)}" for day, e in during),
                  *(f"{x(day)},{y(e * high)}" for day, e in reversed(during))]), x(start),
        tuple((y(count), int(count)) for count in (step * place for place in range(int(most / step) + 1))),
    )  # fmt: skip
