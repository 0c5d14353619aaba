"""Pictures of cover and need, as coordinates that templates draw as SVG. Each has its table on the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from .cover import Cell, Week
from .need import Outcome

LEFT, TOP, BASE, STEP = 16, 6, 96, 6  # of one day: its axis, its highest and lowest line, and the width of an hour
LEAST_HEIGHT = 4  # people, so that a quiet week does not look busy
FROM, WIDE, HIGH, FOOT = 44, 420, 150, 24  # of a curve: its left edge, width and height, and the room below


@dataclass(frozen=True)
class Bar:
    x: int
    y: float
    height: float
    cover: str  # as in `Cell`


@dataclass(frozen=True)
class DayPicture:
    """People and need, hour by hour."""

    day: date
    bars: list[Bar]
    need: str  # path of the line of need
    grid: list[tuple[float, int]]  # height, and the number of people there
    worst: str  # "none", "one", "short" or "enough": the worst hour


@dataclass(frozen=True)
class Curve:
    """What callers pay, by seat-hours in a week."""

    title: str
    path: str
    dots: list[tuple[float, float]]
    marks: list[tuple[float, float]]  # the plans
    heights: list[tuple[float, str]]
    widths: list[tuple[float, int]]

    width, height = FROM + WIDE + 16, TOP + HIGH + FOOT
    right, base = FROM + WIDE, TOP + HIGH


def days_of(week: Week) -> list[DayPicture]:
    highest = max([LEAST_HEIGHT, *(max(cell.people, cell.needed) for cells in week.cover for cell in cells)])
    return [_day(day, cells, highest) for day, cells in zip(week.days, week.cover, strict=True)]


def curves(best: Sequence[Outcome], plans: Iterable[Outcome]) -> list[Curve]:
    """Abandonment and mean wait by seat-hours: the best that is possible, and these plans as marks."""
    plans = list(plans)
    lost = [(each.hours, each.lost_percent) for each in best]
    waits = [(each.hours, each.mean_wait) for each in best]
    return [
        _curve(_("Calls that give up, of 100"), lost, [(it.hours, it.lost_percent) for it in plans]),
        _curve(_("Mean wait in seconds"), waits, [(it.hours, it.mean_wait) for it in plans]),
    ]


def _day(day: date, cells: list[Cell], highest: int) -> DayPicture:
    def y(people: int) -> float:
        return round(BASE - (BASE - TOP) * people / highest, 1)

    bars = [
        Bar(LEFT + STEP * hour, y(cell.people), round(BASE - y(cell.people), 1), cell.cover)
        for hour, cell in enumerate(cells)
    ]
    steps = "".join(f"V{y(cell.needed)}H{LEFT + STEP * (hour + 1)}" for hour, cell in enumerate(cells))
    grid = [(y(people), people) for people in range(0, highest + 1, 2)]
    covers = {cell.cover for cell in cells}
    worst = next(cover for cover in ("none", "one", "short", "enough") if cover in covers)
    return DayPicture(day, bars, f"M{LEFT} {y(cells[0].needed)}{steps}", grid, worst)


def _curve(title: str, points: list[tuple[int, float]], marks: list[tuple[int, float]]) -> Curve:
    hours_of = [hours for hours, _value in points] + [hours for hours, _value in marks]
    least, most = min(hours_of), max(hours_of)
    highest = max([1.0, *(value for _hours, value in points), *(value for _hours, value in marks)])

    def x(hours: float) -> float:
        return round(FROM + WIDE * (hours - least) / max(1, most - least), 1)

    def y(value: float) -> float:
        return round(TOP + HIGH * (1 - value / highest), 1)

    dots = [(x(hours), y(value)) for hours, value in points]
    return Curve(
        title, "M" + "L".join(f"{a} {b}" for a, b in dots), dots,
        [(x(hours), y(value)) for hours, value in marks],
        [(y(highest * part), f"{highest * part:.0f}") for part in (0, 0.5, 1)],
        [(x(hours), hours) for hours, _value in points],
    )  # fmt: skip
