"""Charts: numbers for pictures that `core/_chart.html` draws as SVG, each with its table."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

COLUMN, GAP, HIGH = 44, 8, 120  # units of the drawing: the narrowest column with its gap, and the highest one
LETTER = 7  # the widest one of a label below a column
LONGEST, LABEL, ROW = 220, 150, 22  # of the longest bar, its label before it, and one line
NARROW = 20  # a column with its gap, where many stand beside each other
WIDE = 14  # columns; more need a whole page, or half of one if they are narrow
CELL, HOURS, DAYS = 18, 24, 7  # of the hours of a week
STEPS = 5  # shades of its cells

TOO_FEW = _("fewer than ten: not shown")


@dataclass(frozen=True)
class Bar:
    label: str
    count: int | None  # None: small, and hidden
    place: int
    highest: int
    column: int = COLUMN  # with its gap

    @property
    def shown(self) -> str:
        return "" if self.count is None else number_format(self.count, 0, force_grouping=True)

    @property
    def x(self) -> int:
        return self.place * self.column

    @property
    def thickness(self) -> int:
        return self.column - GAP

    @property
    def middle(self) -> int:
        return self.x + self.thickness // 2

    @property
    def height(self) -> int:
        return round(HIGH * (self.count or 0) / self.highest)

    @property
    def top(self) -> int:
        return HIGH + 16 - self.height

    @property
    def y(self) -> int:
        return self.place * ROW

    @property
    def text_y(self) -> int:
        return self.y + 13

    @property
    def length(self) -> int:
        return 24 if self.count is None else max(1, round(LONGEST * self.count / self.highest))

    @property
    def end(self) -> int:
        return LABEL + self.length + 6


@dataclass(frozen=True)
class Cell:
    x: int
    y: int
    count: int
    step: int
    title: str


@dataclass(frozen=True)
class Chart:
    """One picture: `shape` is "columns", "rows" or "hours"."""

    title: str
    shape: str
    note: str
    heads: tuple[str, str]  # of the table
    bars: list[Bar]
    cells: tuple[Cell, ...] = ()
    days: tuple[tuple[str | Promise, int], ...] = ()
    hidden: str | Promise = TOO_FEW  # in the table, in place of a count of None

    @property
    def is_wide(self) -> bool:
        """True if its columns need much of a page, or scroll."""
        return self.shape == "columns" and len(self.bars) > WIDE

    @property
    def is_narrow(self) -> bool:
        """True if half a page is enough for its columns."""
        return self.is_wide and self.width < WIDE * COLUMN * 1.2

    @property
    def width(self) -> int:
        return {
            "columns": sum(bar.column for bar in self.bars),
            "rows": LABEL + LONGEST + 50,
            "hours": 40 + CELL * HOURS,
        }[self.shape]

    @property
    def height(self) -> int:
        return {"columns": HIGH + 36, "rows": ROW * len(self.bars), "hours": 20 + CELL * DAYS}[self.shape]


def bars_of(counted: Iterable[tuple[str, int | None]], narrowest: int = COLUMN) -> list[Bar]:
    """Scale counts to bars, in the given order: heights relative to the highest, widths by the longest label."""
    rows: Sequence[tuple[str, int | None]] = list(counted)
    highest = max([1, *(n for _label, n in rows if n)])
    column = max([narrowest, *(LETTER * len(label) + GAP for label, _n in rows)])
    return [Bar(label, n, place, highest, column) for place, (label, n) in enumerate(rows)]


def hours_of_the_week(counted: Counter[tuple[int, int]], title: str, note: str, what: str) -> Chart:
    """Return a chart that shades each hour of the week by its count.

    `counted`: counts by ISO weekday and hour. `what`: the heading of the counts in the chart's table.
    """
    highest = max(counted.values(), default=1)
    days = [str(WEEKDAYS_ABBR[day]) for day in range(DAYS)]
    cells = tuple(
        Cell(40 + CELL * hour, 20 + CELL * day, n := counted[day + 1, hour], -(-n * STEPS // highest),
             f"{days[day]} {hour:02}:00: {n}")
        for day in range(DAYS) for hour in range(HOURS)
    )  # fmt: skip
    busy = [(f"{days[day - 1]} {hour:02}:00", n) for (day, hour), n in counted.most_common()]
    labels = tuple((name, 20 + CELL * place + 13) for place, name in enumerate(days))
    return Chart(title, "hours", note, (gettext("Hour, the busiest first"), what), bars_of(busy), cells, labels)
