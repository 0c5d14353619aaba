"""A released crossed table as pages and files show it: rows and columns in reading order, with labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from amparo.figures.snapshot.picklists import TO
from amparo.figures.snapshot.tables import OF, Crossing, Definition, Table

from .analysis.breakdowns import CROSSINGS, CrossedBreakdown
from .crossings import REST
from .shown_numbers import shade

TOTAL = "total"  # in the code of a sum, in place of its row or column


@dataclass(frozen=True)
class Cell:
    column: str
    count: int | None  # None: not shown
    step: str  # shade: "hidden", or 1 to 5


@dataclass(frozen=True)
class Line:
    row: str
    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class CrossedTable:
    breakdown: CrossedBreakdown
    columns: tuple[str, ...]  # labels
    column_sums: tuple[int, ...]
    lines: tuple[Line, ...]
    total: int

    @classmethod
    def of(cls, crossing: Crossing, document: dict[str, Any]) -> Self | None:
        """Read a crossed table from its document. None: nothing can be shown."""
        if not document["rows"]:
            return None
        by_row, by_column = crossing.tables
        shown = sorted(count for line in document["cells"] for count in line if count is not None)
        rows, columns = _reading_order(by_row, document["rows"]), _reading_order(by_column, document["columns"])
        lines = []
        for row, name, label in rows:
            counts = [(column, document["cells"][row][place]) for place, column, _label in columns]
            cells = (Cell(column, count, shade(count, shown)) for column, count in counts)
            lines.append(Line(name, label, tuple(cells), document["row_sums"][row]))
        return cls(
            CROSSINGS[crossing], tuple(label for _place, _name, label in columns),
            tuple(document["column_sums"][place] for place, _name, _label in columns), tuple(lines), document["total"],
        )  # fmt: skip

    @property
    def cells(self) -> list[Cell]:
        return [cell for line in self.lines for cell in line.cells]

    @property
    def shown_count(self) -> int:
        return sum(cell.count is not None for cell in self.cells)

    @property
    def title(self) -> str:
        return f"{self.breakdown.measure.label} {self.breakdown.label}"

    @property
    def definition(self) -> Definition:
        """The definition of its rows. Unit, population and who counted are the same for its columns."""
        return self.breakdown.definitions[0]

    @property
    def caution(self) -> str:
        """What the numbers do not mean, and which rows or columns are added up."""
        names = {*(line.row for line in self.lines), *(cell.column for cell in self.cells)}
        added_up = _(
            "“The others added up” are the rows or columns that an edition of the year hides, and those that are too"
            " small to be shown alone."
        )
        return f"{self.breakdown.caution} {added_up}" if REST in names else self.breakdown.caution

    @property
    def numbers(self) -> Iterator[tuple[str, str, int | None]]:
        """The code, the label and the count of each cell, and of each sum of a row or column."""
        in_all = _("In all")
        for line in self.lines:
            for cell, column in zip(line.cells, self.columns, strict=True):
                yield f"{line.row}{TO}{cell.column}", f"{line.label}; {column}", cell.count
            yield f"{line.row}{TO}{TOTAL}", f"{line.label}; {in_all}", line.total
        for cell, column, total in zip(self.lines[0].cells, self.columns, self.column_sums, strict=True):
            yield f"{TOTAL}{TO}{cell.column}", f"{in_all}; {column}", total


def _reading_order(table: Table, names: list[str]) -> list[tuple[int, str, str]]:
    """Return the place in the document, the name and the label of each row (or column), in reading order."""
    labels = {**{cell: str(label) for cell, label in OF[table].cells.items()}, REST: _("the others added up")}
    return [(names.index(name), name, label) for name, label in labels.items() if name in names]
