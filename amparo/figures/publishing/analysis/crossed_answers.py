"""Answers by two breakdowns at once, from the crossed tables that are published of years."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from amparo.figures.publishing.crossed_tables import CrossedTable
from amparo.figures.publishing.models import CrossedYear, Edition
from amparo.figures.publishing.sources import Source, joined_names, sources_of_table
from amparo.figures.snapshot.tables import Table

from .breakdowns import CrossedBreakdown
from .notes import notes
from .periods import Period


@dataclass(frozen=True)
class CrossedAnswer:
    breakdown: CrossedBreakdown
    period: Period
    table: CrossedTable | None  # None: nothing can be shown
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
    def why_nothing(self) -> str:
        """Why there is no table; blank if there is one."""
        if self.table:
            return ""
        if self.is_released:
            return _("Nothing can be shown crossed: too few people, and the sums would give somebody away.")
        if self.period.part or self.period.first != self.period.last:
            return _("Two breakdowns at once are shown of one calendar year: choose a year.")
        return _("This year has no crossed table yet. It is released with the next edition of figures.")

    @property
    def notes(self) -> Iterator[tuple[str, str]]:
        rows, _columns = self.breakdown.definitions
        caution = self.table.caution if self.table else self.breakdown.caution
        hidden = _("Fewer than ten, none, or a number that a sum of its row or column would give away.")
        return notes(rows, self.period, caution, hidden)

    def spreadsheet_rows(self) -> Iterator[list[Any]]:
        """The answer as rows of a spreadsheet, with a head."""
        if self.table:
            yield [self.title, *self.table.columns, _("In all")]
            for line in self.table.lines:
                yield [line.label, *(_("not shown") if it.count is None else it.count for it in line.cells), line.total]
            yield [_("In all"), *self.table.column_sums, self.table.total]
        else:
            yield [self.title, _("In all")]
            yield [self.why_nothing]
        for name, words in self.notes:
            yield [name, words]
        if self.sources:
            yield [_("Source"), joined_names(self.sources)]


def crossed_answer(breakdown: CrossedBreakdown, period: Period, periods: list[Period]) -> CrossedAnswer:
    """Return the crossed table of a year, or why there is none. `periods`: all that can be chosen."""
    found = dict(CrossedYear.objects.filter(crossing=breakdown.crossing.value).values_list("year", "document"))
    is_year = not period.part and period.first == period.last
    document = found.get(period.first) if is_year else None
    others = tuple(
        it
        for it in periods
        if it != period and not it.part and it.first == it.last and found.get(it.first, {}).get("rows")
    )
    table = CrossedTable.of(breakdown.crossing, document) if document else None
    sources = tuple(_sources(breakdown.crossing.tables, document["editions"])) if document and table else ()
    return CrossedAnswer(breakdown, period, table, document is not None, others, sources)


def _sources(tables: tuple[Table, Table], editions: list[int]) -> Iterator[Source]:
    found = Edition.objects.published().filter(pk__in=editions).order_by("first_day")
    for document in found.values_list("document", flat=True):
        for table in tables:
            for source in sources_of_table([document] if document else [], table):
                yield replace(source, name=f"{source.name}: {table.definition.title}")
