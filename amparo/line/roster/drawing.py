"""Pictures of cover and need, as coordinates that templates draw as SVG. Each has its table on the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from .cover import Cell, Week
from .need import Outcome

LEFT, TOP, BASE, STEP = 16, 6, 96, 6  # of one day: its axis, its highest and lowest line, and the width of an hour
HOUR_WIDE = 4  # of the week's forecast
LEAST_HEIGHT = 4  # people, so that a quiet week does not look busy
FROM, EDGE, WIDE, HIGH, FOOT = 44, 12, 420, 150, 24  # of a curve: its left line, first point, width, height, room below


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
    """How many calls are lost, or answered in time, by seat-hours in a week."""

    title: str
    path: str
    dots: list[tuple[float, float]]
    marks: list[tuple[float, float]]  # the plans
    heights: list[tuple[float, str]]
    widths: list[tuple[float, int]]

    width, height = FROM + EDGE + WIDE + 16, TOP + HIGH + FOOT
    right = FROM + EDGE + WIDE


@dataclass(frozen=True)
class Forecast:
    """Calls that are expected in each hour of the week, with the band in which the true rate lies nine times in ten."""

    band: str  # closed path
    line: str
    heights: list[tuple[float, str]]
    days: list[tuple[float, int]]  # the middle of each day, Monday 0

    left, right = FROM, FROM + HOUR_WIDE * 24 * 7
    width, height, over = FROM + HOUR_WIDE * 24 * 7 + 16, TOP + HIGH + FOOT, 8


def draw_forecast(rates: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Forecast:
    """Draw the expected calls of a week with their band. Each argument: calls an hour, from Monday 0:00."""
    highest = max(1.0, *high)

    def path(values: Sequence[float], *, backwards: bool = False) -> str:
        points = [f"{FROM + HOUR_WIDE * (n + 0.5):g} {TOP + HIGH * (1 - value / highest):.1f}"
                  for n, value in enumerate(values)]  # fmt: skip
        return "L".join(reversed(points) if backwards else points)

    return Forecast(
        f"M{path(high)}L{path(low, backwards=True)}Z", f"M{path(rates)}",
        [(round(TOP + HIGH * (1 - part), 1), f"{highest * part:.1f}") for part in (0, 0.5, 1)],
        [(FROM + HOUR_WIDE * 24 * (day + 0.5), day) for day in range(7)],
    )  # fmt: skip


def draw_days(week: Week) -> list[DayPicture]:
    highest = max([LEAST_HEIGHT, *(max(cell.people, cell.needed) for cells in week.cover for cell in cells)])
    return [_draw_day(day, cells, highest) for day, cells in zip(week.days, week.cover, strict=True)]


def draw_curves(best: Sequence[Outcome], plans: Iterable[Outcome]) -> list[Curve]:
    """Draw calls that give up and calls in time, by seat-hours: the best possible as curves, these plans as marks.

    The mean wait has no curve of its own: by Erlang A it is abandonment times patience.
    """
    plans = list(plans)
    return [
        _draw_curve(
            _("Calls that give up, of 100"), *([(it.hours, it.lost_percent) for it in some] for some in (best, plans))
        ),
        _draw_curve(
            _("Calls in time, of 100"), *([(it.hours, it.in_time_percent) for it in some] for some in (best, plans))
        ),
    ]


def _draw_day(day: date, cells: list[Cell], highest: int) -> DayPicture:
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


def _draw_curve(title: str, points: list[tuple[int, float]], marks: list[tuple[int, float]]) -> Curve:
    hours_of = [hours for hours, _value in points] + [hours for hours, _value in marks]
    least, most = min(hours_of), max(hours_of)
    highest = max([1.0, *(value for _hours, value in points), *(value for _hours, value in marks)])

    def x(hours: float) -> float:
        return round(FROM + EDGE + WIDE * (hours - least) / max(1, most - least), 1)

    def y(value: float) -> float:
        return round(TOP + HIGH * (1 - value / highest), 1)

    dots = [(x(hours), y(value)) for hours, value in points]
    return Curve(
        title, "M" + "L".join(f"{a} {b}" for a, b in dots), dots,
        [(x(hours), y(value)) for hours, value in marks],
        [(y(highest * part), f"{highest * part:.0f}") for part in (0, 0.5, 1)],
        [(x(hours), hours) for hours, _value in points],
    )  # fmt: skip
