"""Answer a measure by two breakdowns at once, from the crossed tables that are published of years."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from amparo.figures.publishing.crossings import REST
from amparo.figures.publishing.models import CrossedYear, Edition
from amparo.figures.publishing.shown_numbers import shade
from amparo.figures.publishing.sources import Source, names, sheets
from amparo.figures.snapshot.tables import OF, Table

from .breakdowns import CrossedBreakdown
from .notes import notes
from .periods import Period


@dataclass(frozen=True)
class Cell:
    count: int | None  # None: not shown
    step: str  # shade: "hidden", or 1 to 5


@dataclass(frozen=True)
class Line:
    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class CrossedAnswer:
    breakdown: CrossedBreakdown
    period: Period
    columns: tuple[str, ...]  # labels
    column_sums: tuple[int, ...]
    lines: tuple[Line, ...]  # none: nothing can be shown
    total: int | None
    is_released: bool  # whether there is a crossed table of this period at all
    years: tuple[Period, ...]  # other periods with a crossed table that shows something
    sources: tuple[Source, ...]  # the sheets of rows and columns, in the editions that were crossed

    @property
    def title(self) -> str:
        return f"{self.breakdown.measure.label} {self.breakdown.label}: {self.period}"

    @property
    def query(self) -> str:
        return f"what={self.breakdown.code}&period={self.period.code}"

    @property
    def cells(self) -> int:
        return len(self.lines) * len(self.columns)

    @property
    def shown(self) -> int:
        return sum(cell.count is not None for line in self.lines for cell in line.cells)

    @property
    def why_nothing(self) -> str:
        """Why there is no table; blank if there is one."""
        if self.lines:
            return ""
        if self.is_released:
            return _("Nothing can be shown crossed: too few people, and the sums would give somebody away.")
        if self.period.part or self.period.first != self.period.last:
            return _("Two breakdowns at once are shown of one calendar year: choose a year.")
        return _("This year has no crossed table yet. It is released with the next edition of figures.")

    @property
    def notes(self) -> Iterator[tuple[str, str]]:
        rows, columns = self.breakdown.definitions
        hidden = _("Fewer than ten, none, or a number that a sum of its row or column would give away.")
        return notes(rows, self.period, f"{rows.beware} {columns.beware}", hidden)

    def sheet(self) -> Iterator[list[Any]]:
        """The answer as rows of a spreadsheet, with a head."""
        yield [self.title, *self.columns, _("In all")]
        for line in self.lines:
            yield [line.label, *(_("not shown") if it.count is None else it.count for it in line.cells), line.total]
        if self.lines:
            yield [_("In all"), *self.column_sums, self.total]
        else:
            yield [self.why_nothing]
        for name, words in self.notes:
            yield [name, words]
        if self.sources:
            yield [_("Source"), names(self.sources)]


def crossed_answer(breakdown: CrossedBreakdown, period: Period, periods: list[Period]) -> CrossedAnswer:
    found = dict(CrossedYear.objects.filter(crossing=breakdown.crossing.value).values_list("year", "document"))
    is_year = not period.part and period.first == period.last
    document = found.get(period.first) if is_year else None
    others = tuple(
        it
        for it in periods
        if it != period and not it.part and it.first == it.last and found.get(it.first, {}).get("rows")
    )
    if not document or not document["rows"]:
        return CrossedAnswer(breakdown, period, (), (), (), None, document is not None, others, ())
    by_row, by_column = breakdown.crossing.tables
    shown = sorted(count for line in document["cells"] for count in line if count is not None)
    rows, columns = _reading_order(by_row, document["rows"]), _reading_order(by_column, document["columns"])
    lines = tuple(
        Line(
            label,
            tuple(_cell(document["cells"][row][column], shown) for column, _label in columns),
            document["row_sums"][row],
        )
        for row, label in rows
    )
    return CrossedAnswer(
        breakdown, period, tuple(label for _place, label in columns),
        tuple(document["column_sums"][place] for place, _label in columns), lines, document["total"], True, others,
        tuple(_sources(breakdown.crossing.tables, document["editions"])),
    )  # fmt: skip


def _sources(tables: tuple[Table, Table], editions: list[int]) -> Iterator[Source]:
    found = Edition.objects.published().filter(pk__in=editions).order_by("first_day")
    for document in found.values_list("document", flat=True):
        for table in tables:
            for source in sheets([document] if document else [], table):
                yield replace(source, name=f"{source.name}: {table.definition.title}")


def _reading_order(table: Table, names: list[str]) -> list[tuple[int, str]]:
    """Return the places of these lines in the document, each with its label, in the order in which people read them."""
    labels = {**{cell: str(label) for cell, label in OF[table].cells.items()}, REST: _("the others added up")}
    return [(names.index(name), label) for name, label in labels.items() if name in names]


def _cell(count: int | None, shown: list[int]) -> Cell:
    return Cell(count, shade(count, shown))
