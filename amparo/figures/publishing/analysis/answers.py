"""Answers of the analyst's desk: a measure by a breakdown and a period, from published figures alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from amparo.figures.publishing.models import Edition, Year, YearCode
from amparo.figures.publishing.partial_sums import months_in_words, total_label
from amparo.figures.publishing.sources import Source, joined_names, sources_of_table
from amparo.figures.snapshot.months import Month, Months, period_from_code, period_of
from amparo.figures.snapshot.picklists import MONTHS as OF_THE_QUARTER
from amparo.figures.snapshot.tables import OF_A_YEAR, Table
from amparo.foundation.core.charts import Chart, bars_of
from amparo.foundation.core.small_counts import SMALLEST

from .breakdowns import MONTHS, QUARTERS, Breakdown
from .notes import notes
from .periods import Period, periods

HALF = 2  # by which a number that is rounded to the nearest five may be too high
DRAWN = 40  # rows; more are in the table alone

type Written = Mapping[str, Any]  # a table of a document: its total, and its cells


@dataclass(frozen=True)
class Row:
    cell: str
    label: str
    count: int | None  # None: not shown
    at_least: int | None = None  # if it is not shown: the sum of its published parts. None: no part is published

    @property
    def known(self) -> int | None:
        return self.at_least if self.count is None else self.count


@dataclass(frozen=True)
class Published:
    """All published figures: the newest edition of each month or quarter, and released years. No snapshot is read."""

    parts: dict[Months, dict[str, Any]]
    years: dict[int, dict[str, Any]]

    @classmethod
    def read(cls) -> Self:
        editions = Edition.objects.published().order_by("first_day", "pk")
        found = list(editions.values_list("first_day", "months", "document"))
        revisions = Counter(Year.objects.values_list("year", flat=True))
        years = Year.objects.current().order_by("year").values_list("year", "document")
        return cls(
            {period_of(first_day, months): document or {} for first_day, months, document in found},  # the last wins
            {
                year: {**document, "edition": str(YearCode(year, revisions[year])), "revision": revisions[year]}
                for year, document in years
            },
        )

    @property
    def periods(self) -> list[Period]:
        return periods(self.parts, list(self.years))

    def tables(self, table: Table, period: Period) -> list[Written]:
        """Return the published tables that sum to this period. Empty: a part of it did not count the table."""
        found = [document["tables"].get(table.value) for document in self.documents(period)]
        return [] if None in found else found

    def uncounted(self, table: Table, period: Period) -> list[Months]:
        """Return the months, quarters and years in which a table was not counted yet."""
        if period.part:
            parts = self._published_parts(period.part)
            return [it for it in parts if table.value not in self.parts[it]["tables"]]
        found: list[Months] = []
        for year in period.years:
            written = self.years[year]["tables"].get(table.value, {"uncounted": [str(year)]})
            found += [period_from_code(code) for code in written.get("uncounted", ())]
        return found

    def documents(self, period: Period) -> list[dict[str, Any]]:
        """Return the editions or years whose numbers sum to this period."""
        if period.part:
            return [self.parts[it] for it in self._published_parts(period.part)]
        return [self.years[year] for year in period.years]

    def documents_in_time(self, period: Period) -> list[dict[str, Any]]:
        """Return the editions of the months and quarters of a period, even if it is one of years."""
        return [
            self.parts[it] for quarter in period.quarters for it in self._published_parts(quarter) if it in self.parts
        ]

    def total(self, table: Table, part: Months) -> int | None:
        """Return the total of a month or quarter. None: not shown, or not counted."""
        found = [self.parts[it]["tables"].get(table.value) for it in self._published_parts(part)]
        return _sum_if_all_shown([it and it["total"] for it in found])

    def at_least(self, table: Table, cell: str | None, period: Period) -> int | None:
        """Return the least that a cell has in a period, by what is published of its parts; None as the cell: the total.

        A longer period never has less than one within it. The sum says no more than its numbers. None: there are none.
        """
        if period.part:
            found = [
                _number(self.parts[it], table, cell) for it in self._published_parts(period.part) if it in self.parts
            ]
            return sum(map(least_of, _known(found))) if _known(found) else None
        found = [self._at_least_in_year(table, cell, year) for year in period.years]
        return sum(_known(found)) if _known(found) else None

    def _at_least_in_year(self, table: Table, cell: str | None, year: int) -> int | None:
        count = _number(self.years[year], table, cell)
        parts = [_number(written, table, cell) for part, written in self.parts.items() if part.first.year == year]
        if count is not None:
            return least_of(count)
        return sum(map(least_of, _known(parts))) if _known(parts) else None

    def _published_parts(self, part: Months) -> Sequence[Months]:
        """Return what to sum for a month or quarter: itself if it has an edition, else its months."""
        return [part] if part in self.parts else part.months


@dataclass(frozen=True)
class Answer:
    breakdown: Breakdown
    period: Period
    rows: tuple[Row, ...]
    total: int | None  # None: not shown
    without: tuple[Months, ...]  # parts of the period that the numbers leave out: too few people
    uncounted: tuple[Months, ...]  # parts that they leave out: not counted yet
    was_counted: bool  # in any part of the period
    corrections: tuple[str, ...]  # why editions of these years were corrected
    sources: tuple[Source, ...]  # the sheets that made the numbers
    total_at_least: int | None = None  # if the total is not shown: the sum of its published parts

    @property
    def is_of_years_alone(self) -> bool:
        """Whether this is counted for years alone, and the period is shorter."""
        return self.period.part is not None and not self.was_counted and self.breakdown.table in OF_A_YEAR

    @property
    def total_label(self) -> str:
        months = months_in_words(self.period.months, (*self.without, *self.uncounted))
        return total_label(self.breakdown.definition, months)

    @property
    def known_total(self) -> int | None:
        """The total, or the least that it can be. None: neither is known."""
        return self.total if self.total_at_least is None else self.total_at_least

    @property
    def known_total_label(self) -> str:
        return self.total_label if self.total_at_least is None else _at_least(self.total_label)

    @property
    def shown_count(self) -> int:
        """How many rows show a number, if only the least that it can be."""
        return sum(row.known is not None for row in self.rows)

    @property
    def has_partial_numbers(self) -> bool:
        """Whether a number is only the least that it can be, because some of its parts are not shown."""
        return any(number is not None for number in (self.total_at_least, *(row.at_least for row in self.rows)))

    @property
    def shows_nothing(self) -> bool:
        return self.total is None and not self.shown_count

    @property
    def correction_notice(self) -> str:
        """What a correction means for these numbers; blank: nothing was corrected."""
        if not self.corrections:
            return ""
        return _(
            "Corrected: these numbers supersede the first ones of the year. A number that would change by less than"
            " ten, or that its quarter hides, stands as it was, so the rows may not add up to the total."
        )

    @property
    def title(self) -> str:
        return f"{self.breakdown.measure.label} {self.breakdown.label}: {self.period}"

    @property
    def query(self) -> str:
        return f"what={self.breakdown.code}&period={self.period.code}"

    @property
    def listed_rows(self) -> tuple[Row, ...]:
        """The rows that the page lists. There are a thousand routes, so those whose count is hidden are left out."""
        return tuple(r for r in self.rows if r.known is not None) if self.breakdown.by == Table.ROUTES else self.rows

    @property
    def unlisted_count(self) -> int:
        return len(self.rows) - len(self.listed_rows)

    @property
    def chart(self) -> Chart:
        rows = [(row_label(row), row.known) for row in self.listed_rows[:DRAWN]]
        heads = (_("Period") if self.breakdown.is_in_time else _("Part"), str(self.breakdown.measure.label))
        return Chart(self.title, "rows", _("To the nearest five."), heads, bars_of(rows), hidden=_("not shown"))

    @property
    def notes(self) -> Iterator[tuple[str, str]]:
        hidden = _(
            "Fewer than ten, none, or a number that would give away another, also beside the quarters or the year."
        )
        definition = self.breakdown.definition
        return notes(definition, self.period, str(definition.caution), hidden)

    def spreadsheet_rows(self) -> Iterator[list[Any]]:
        """The answer as rows of a spreadsheet, with a head."""
        about = [str(self.breakdown.measure.label), self.breakdown.label, str(self.period)]
        source = [f"{_('Source')}: {joined_names(self.sources)}."] if self.sources else []
        note = " ".join([*(words for _name, words in self.notes), *source])
        yield [_("Measure"), _("Breakdown"), _("Period"), _("Part"), _("How many"), _("Note")]
        yield [*about, self.known_total_label, "" if self.known_total is None else self.known_total, note]
        for row in self.rows:
            if row.at_least is None:
                shown = row.count is not None
                yield [*about, row.label, row.count if shown else "", "" if shown else _("not shown")]
            else:
                yield [*about, row.label, row.at_least, _("at least: a part of it is not shown")]
        for quarter in self.without:
            yield [*about, "", "", _("Without %(quarter)s: too few people.") % {"quarter": quarter}]
        for part in self.uncounted:
            yield [*about, "", "", _("Without %(part)s: not counted yet.") % {"part": part}]
        if self.correction_notice:
            yield [*about, "", "", self.correction_notice]


def answer(published: Published, breakdown: Breakdown, period: Period) -> Answer:
    """Return the published numbers of a breakdown in a period, what they leave out and where they were published."""
    counted = breakdown.measure.any_table if breakdown.is_in_time else breakdown.table
    tables = published.tables(counted, period)
    rows = (
        _rows_in_time(published, breakdown, period)
        if breakdown.is_in_time
        else _rows_by_cell(published, breakdown, period)
    )
    without = {code for table in tables for code in table.get("without", ())}
    total = _sum_if_all_shown([table["total"] for table in tables])
    is_of_years_alone = period.part and not tables and counted in OF_A_YEAR
    uncounted = [] if is_of_years_alone else published.uncounted(counted, period)
    return Answer(
        breakdown, period, tuple(rows), total,
        tuple(map(period_from_code, sorted(without))), tuple(uncounted), bool(tables),
        () if period.part else tuple(why for year in period.years for why in published.years[year].get("why", ())),
        tuple(_sources(published, breakdown, period)),
        published.at_least(counted, None, period) if total is None else None,
    )  # fmt: skip


def _sources(published: Published, breakdown: Breakdown, period: Period) -> Iterator[Source]:
    finer = breakdown.by in (MONTHS, QUARTERS)
    for document in published.documents_in_time(period) if finer else published.documents(period):
        is_of_a_month = breakdown.by == MONTHS and breakdown.table not in document["tables"]
        yield from sources_of_table([document], breakdown.measure.any_table if is_of_a_month else breakdown.table)


def _rows_by_cell(published: Published, breakdown: Breakdown, period: Period) -> Iterator[Row]:
    tables = published.tables(breakdown.table, period)
    for cell, label in breakdown.definition.cells.items():
        count = _sum_if_all_shown([table["cells"].get(cell) for table in tables])
        at_least = published.at_least(breakdown.table, cell, period) if count is None else None
        yield Row(cell, str(label), count, at_least)


def _rows_in_time(published: Published, breakdown: Breakdown, period: Period) -> Iterator[Row]:
    if breakdown.by == MONTHS:
        for quarter in period.quarters:
            yield from _rows_by_month(published, breakdown, quarter)
    elif breakdown.by == QUARTERS:
        for quarter in period.quarters:
            yield Row(quarter.code, str(quarter), published.total(breakdown.table, quarter))
    else:
        for year in period.years:
            table = published.years.get(year, {"tables": {}})["tables"].get(breakdown.table.value)
            yield Row(str(year), _year_label(year, table or {}), table and table["total"])


def _year_label(year: int, table: Written) -> str:
    """Return a year, or the months of it that a table holds."""
    left_out = map(period_from_code, (*table.get("without", ()), *table.get("uncounted", ())))
    return months_in_words(Period(year, year).months, left_out) or str(year)


def _rows_by_month(published: Published, breakdown: Breakdown, part: Months) -> Iterator[Row]:
    """Yield a row for each month of a quarter, from the quarter's edition or from the editions of its months."""
    if isinstance(part, Month) or part not in published.parts:
        for month in part.months:
            yield Row(month.code, str(month), published.total(breakdown.measure.any_table, month))
        return
    cells = published.parts[part]["tables"].get(breakdown.table.value, {"cells": {}})["cells"]
    for month, cell in zip(part.months, OF_THE_QUARTER, strict=True):
        yield Row(month.code, str(month), cells.get(cell))


def least_of(count: int) -> int:
    """Return the least that a published number stands for: it is rounded to the nearest five, and never below ten."""
    return max(SMALLEST, count - HALF)


def _known(counts: Iterable[int | None]) -> list[int]:
    return [count for count in counts if count is not None]


def row_label(row: Row) -> str:
    """Return what a row is called where its number stands."""
    return row.label if row.at_least is None else _at_least(row.label)


def _at_least(label: str) -> str:
    return _("%(part)s, at least") % {"part": label}


def _number(document: Mapping[str, Any], table: Table, cell: str | None) -> int | None:
    """Return a published number of a document; of no cell the total."""
    written = document["tables"].get(table.value, {"total": None, "cells": {}})
    found: int | None = written["total"] if cell is None else written["cells"].get(cell)
    return found


def _sum_if_all_shown(counts: list[int | None]) -> int | None:
    """Return the sum. None: one of the counts is not shown, or there are none."""
    known = [count for count in counts if count is not None]
    return sum(known) if counts and len(known) == len(counts) else None
