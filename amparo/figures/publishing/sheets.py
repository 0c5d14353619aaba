"""An edition or year as pages and files show it: each number with its label and its definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amparo.figures.snapshot.months import CalendarYear, Months, Quarter, period_from_code, period_of
from amparo.figures.snapshot.picklists import IN_TIME, NOT_SAID
from amparo.figures.snapshot.tables import OF, OF_A_YEAR, OF_CONTACTS, Crossing, Definition, Table
from amparo.foundation.core.spreadsheets import csv_lines
from amparo.foundation.places import outline

from . import flows
from .analysis.breakdowns import MEASURES, Measure
from .crossed_tables import TOTAL, CrossedTable
from .dcat import as_dcat
from .open_data import ctdc_rows, dictionary_rows
from .partial_sums import months_in_words, total_label
from .safe_tables import Document
from .shown_numbers import printed, shade

LICENCE = "CC BY 4.0"


@dataclass(frozen=True)
class Row:
    cell: str
    label: str
    count: int | None  # None: hidden
    step: str  # shade on the map: "hidden", or 1 to 5


@dataclass(frozen=True)
class Sheet:
    """One table of an edition."""

    table: Table
    total: int | None  # None: nothing of this table is published
    rows: tuple[Row, ...]
    without: tuple[Months, ...] = ()  # of a year: what its numbers leave out, because it is too small
    uncounted: tuple[Months, ...] = ()  # what they leave out, because this was not counted yet
    months: str = ""  # the months that its numbers hold, in words; blank: all of its period (partial_sums.py)

    @property
    def left_out(self) -> list[str]:
        """A sentence for each part of the year that is not in the numbers."""
        return [_("Without %(quarter)s: too few people.") % {"quarter": it} for it in self.without] + [
            _("Without %(part)s: not counted yet.") % {"part": it} for it in self.uncounted
        ]

    @property
    def definition(self) -> Definition:
        return OF[self.table]

    @property
    def total_label(self) -> str:
        return total_label(self.definition, self.months)

    @property
    def title(self) -> str:
        """The title of the table, with the months that it holds if they are not all."""
        return f"{self.definition.title}: {self.months}" if self.months else str(self.definition.title)

    @property
    def hidden_count(self) -> int:
        return sum(row.count is None for row in self.rows)

    @property
    def shows_only_its_total(self) -> bool:
        return self.hidden_count == len(self.rows)

    @property
    def is_map(self) -> bool:
        return self.table == Table.BY_DEPARTMENT

    @property
    def is_flow(self) -> bool:
        """Whether the rows are routes. There are a thousand routes, so only those with a published count have a row."""
        return self.table == Table.ROUTES

    @property
    def arrows(self) -> list[flows.Arrow]:
        shown = ((row.cell, row.count) for row in self.rows if row.count and row.cell != NOT_SAID)
        return flows.arrows(shown) if self.is_flow else []

    @property
    def view_box(self) -> str:
        """The `viewBox` of the map of routes."""
        return flows.VIEW

    @property
    def country_points(self) -> list[flows.Point]:
        return flows.points(row.cell for row in self.rows if row.cell != NOT_SAID)

    @property
    def shapes(self) -> list[tuple[outline.Outline, Row]]:
        rows = {row.cell: row for row in self.rows}
        return [(shape, rows[shape.ubigeo]) for shape in outline.outlines()]

    @property
    def classes(self) -> Iterator[tuple[str, str]]:
        """Each shade of the map with the least and the greatest number that it stands for."""
        mapped = {shape.ubigeo for shape in outline.outlines()}
        shown = sorted((row.step, row.count) for row in self.rows if row.count is not None and row.cell in mapped)
        for step, group in groupby(shown, key=lambda it: it[0]):
            counts = [count for _step, count in group]
            yield step, "–".join(map(printed, sorted({counts[0], counts[-1]})))

    @property
    def decided_in_time_of_ten(self) -> int | None:
        """How many of every ten reports were decided in time. None: no reports, or it would reveal a hidden count."""
        in_time = next((row.count for row in self.rows if row.cell == IN_TIME), None)
        return (
            round(10 * in_time / self.total) if in_time is not None and self.total and not self.hidden_count else None
        )


@dataclass(frozen=True)
class Population:
    """The tables of one population. They share their definition; each has its own caution."""

    measure: Measure
    sheets: tuple[Sheet, ...]

    @property
    def definition(self) -> Definition:
        return self.measure.any_table.definition


@dataclass(frozen=True)
class Change:
    table: str  # its title
    cell: str
    was: int | None
    now: int | None


@dataclass(frozen=True)
class ReadableEdition:
    """An edition or year for reading, made from its document."""

    document: Document
    period: Months
    published_on: date | None
    sheets: tuple[Sheet, ...]
    changes: tuple[Change, ...]
    crossed: tuple[CrossedTable, ...] = ()  # of a year; without those of which nothing can be shown
    superseded_by: str | None = None  # the newest edition of the same months

    width, height = outline.WIDTH, outline.HEIGHT

    @classmethod
    def of(cls, document: Document, superseded_by: str | None = None) -> Self:
        day, period, tables = document["published_on"], _period_of(document), document["tables"]
        return cls(
            document, period, date.fromisoformat(day) if day else None,
            tuple(_sheet(table, tables[table], period) for table in Table if table in tables),
            tuple(_change(written) for written in document["changes"]), _crossed_tables(document), superseded_by,
        )  # fmt: skip

    @property
    def contacts(self) -> Sheet | None:
        """The sheet whose total says how many contacts there were. None: not shown."""
        return next((sheet for sheet in self.shown if sheet.table in OF_CONTACTS), None)

    @property
    def departments(self) -> tuple[outline.Outline, ...]:
        """The outlines that the maps of this page use; none if it has no map."""
        has_map = any(sheet.is_map or sheet.arrows for sheet in self.shown)
        return outline.outlines() if has_map else ()

    @property
    def is_of_a_year(self) -> bool:
        return isinstance(self.period, CalendarYear)

    @property
    def is_counted_anew(self) -> bool:
        """Whether it is of a year that counted persons and cases itself (years.py)."""
        return any(written.get("is_of_the_year") for written in self.document["tables"].values())

    @property
    def is_without_persons(self) -> bool:
        """Whether it shows contacts and reports alone, because persons and cases are counted with the year."""
        return not any(table.value in self.document["tables"] for table in OF_A_YEAR)

    @property
    def persons(self) -> Sheet | None:
        """The sheet whose total says how many persons at risk are in new cases. None: not shown."""
        return next((sheet for sheet in self.shown if sheet.table == Table.PERSONS_BY_AGE), None)

    @property
    def counted_anew(self) -> "list[Population]":
        """The tables that a year counted itself, by what they count."""
        return [it for it in self.populations if it.sheets[0].table in OF_A_YEAR] if self.is_counted_anew else []

    @property
    def reports(self) -> Sheet:
        return next(sheet for sheet in self.sheets if sheet.table == Table.REPORTS)

    @property
    def shown(self) -> list[Sheet]:
        return [sheet for sheet in self.sheets if sheet.total is not None]

    @property
    def populations(self) -> Iterator[Population]:
        """The tables that are shown, by what they count."""
        measures = {measure.code: measure for measure in MEASURES}
        for population, sheets in groupby(self.shown, key=lambda sheet: sheet.table.population):
            yield Population(measures[population], tuple(sheets))

    @property
    def crossed_editions(self) -> list[int]:
        """The numbers of the editions that the crossed tables count: the first ones of the year's months."""
        return next((it["editions"] for it in self.document.get("crossed", {}).values()), [])

    @property
    def unshown(self) -> list[Sheet]:
        """Tables of which no number can be shown."""
        return [sheet for sheet in self.sheets if sheet.total is None]

    @property
    def superseded_sentence(self) -> str:
        return _("Superseded by edition %(number)s") % {"number": self.superseded_by} if self.superseded_by else ""

    @property
    def crossed_tables_sentence(self) -> str:
        """The sentence that the crossed tables of a superseded year remain valid. Blank: it does not apply."""
        if not (self.superseded_by and self.crossed):
            return ""
        return _("Its tables with two breakdowns at once are still the ones to quote: a correction leaves them.")

    @property
    def shows_nothing(self) -> bool:
        return not self.shown

    def as_csv(self) -> str:
        return "".join(csv_lines(self.csv_rows()))

    def csv_rows(self) -> Iterator[list[Any]]:
        """The edition as rows of a spreadsheet, with a head."""
        yield ["edition", "from", "before", "table", "cell", "label", "count", "note"]
        about = [self.document["edition"], self.period.first.isoformat(), self.period.first_day_after.isoformat()]
        for sheet in self.sheets:
            note = _definition_note(sheet.definition, sheet.definition.caution, *sheet.left_out)
            yield [*about, sheet.table, TOTAL, sheet.title, _blank_if_none(sheet.total), note]
            for row in sheet.rows:
                yield [
                    *about,
                    sheet.table,
                    row.cell,
                    row.label,
                    _blank_if_none(row.count),
                    "" if row.count else _("not shown"),
                ]
        for table in self.crossed:
            crossing, note = table.breakdown.crossing, _definition_note(table.definition, table.caution)
            yield [*about, crossing, TOTAL, table.title, table.total, note]
            for cell, label, count in table.numbers:
                yield [*about, crossing, cell, label, _blank_if_none(count), _("not shown") if count is None else ""]
        how = _("To the nearest five; nothing below ten is shown, nor what would give it away.")
        yield [*about, "", "", _("Licence: %(name)s") % {"name": LICENCE}, "", how]
        if self.superseded_sentence:
            yield [*about, "", "", self.superseded_sentence, "", self.crossed_tables_sentence]

    def as_ctdc(self) -> str:
        return "".join(csv_lines(ctdc_rows(self)))

    def as_dictionary(self) -> str:
        return "".join(csv_lines(dictionary_rows(self)))

    def as_pdf(self) -> bytes:
        from .edition_pdf import as_pdf  # reportlab takes a moment, and a page needs it rarely

        return as_pdf(self, LICENCE)

    def as_dcat(self, page: str) -> dict[str, Any]:
        """Return the JSON-LD of this edition. `page`: the public address of all figures; its files are beneath it."""
        return as_dcat(self, page)


def _period_of(document: Document) -> Months:
    return period_of(date.fromisoformat(document["first_day"]), document.get("months", Quarter.length))


def _blank_if_none(count: int | None) -> int | str:
    return "" if count is None else count


def _definition_note(definition: Definition, *more: str | Promise) -> str:
    """Return a table's definition as one text, for the note beside its total."""
    return " ".join(map(str, (definition.unit, definition.population, definition.counted_by, *more)))


def _sheet(table: Table, written: dict[str, Any], period: Months) -> Sheet:
    counts = written["cells"]
    shown = sorted(count for count in counts.values() if count is not None)
    rows = [
        Row(cell, str(label), counts.get(cell), shade(counts.get(cell), shown))
        for cell, label in OF[table].cells.items()
    ]
    if table == Table.ROUTES:
        rows = sorted((row for row in rows if row.count is not None), key=lambda row: -(row.count or 0))
    without, uncounted = (tuple(map(period_from_code, written.get(why, ()))) for why in ("without", "uncounted"))
    months = months_in_words(period.months, (*without, *uncounted))
    return Sheet(table, written["total"], tuple(rows), without, uncounted, months)


def _crossed_tables(document: Document) -> tuple[CrossedTable, ...]:
    found = (CrossedTable.of(Crossing(name), written) for name, written in document.get("crossed", {}).items())
    return tuple(table for table in found if table)


def _change(written: dict[str, Any]) -> Change:
    table = Table(written["table"])
    cell = written["cell"]
    label = _("in all") if cell is None else OF[table].cells[cell]
    return Change(str(OF[table].title), str(label), written["was"], written["is"])
