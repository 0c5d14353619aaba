"""What an analyst can choose: a measure, and the breakdown that divides it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.tables import OF, Crossing, Definition, Table

MONTHS, QUARTERS, YEARS = "months", "quarters", "years"
IN_TIME = {MONTHS: _("month by month"), QUARTERS: _("quarter by quarter"), YEARS: _("year by year")}


@dataclass(frozen=True)
class Measure:
    """One population that is counted. All its tables have the same total."""

    code: str
    label: Promise
    tables: tuple[Table, ...]  # but the one by months
    months: Table | None = None  # None: it is not counted by month
    crossings: tuple[Crossing, ...] = ()

    @property
    def any_table(self) -> Table:
        return self.tables[0]


@dataclass(frozen=True)
class Breakdown:
    measure: Measure
    by: str  # a table, or one of `IN_TIME`

    @property
    def code(self) -> str:
        return f"{self.measure.code}.{self.by}"

    @property
    def label(self) -> str:
        return str(IN_TIME[self.by] if self.is_in_time else self.definition.by)

    @property
    def is_in_time(self) -> bool:
        return self.by in IN_TIME

    @property
    def table(self) -> Table:
        """The table that has the numbers. For a breakdown in time, a table of the measure whose totals are read."""
        if self.is_in_time:
            return self.measure.months if self.by == MONTHS and self.measure.months else self.measure.any_table
        return Table(self.by)

    @property
    def definition(self) -> Definition:
        return OF[self.table]


@dataclass(frozen=True)
class CrossedBreakdown:
    """A measure divided by two tables at once."""

    measure: Measure
    crossing: Crossing

    @property
    def code(self) -> str:
        return f"{self.measure.code}.{self.crossing}"

    @property
    def label(self) -> str:
        by_row, by_column = (definition.by for definition in self.definitions)
        return gettext("%(rows)s and %(columns)s") % {"rows": by_row, "columns": by_column}

    @property
    def definitions(self) -> tuple[Definition, Definition]:
        by_row, by_column = self.crossing.tables
        return OF[by_row], OF[by_column]

    @property
    def caution(self) -> str:
        """What the numbers do not mean."""
        by_row, by_column = self.definitions
        return f"{by_row.caution} {by_column.caution}"


def _measure_of_population(population: str, label: Promise) -> Measure:
    tables = [table for table in Table if table.population == population]
    return Measure(
        population, label,
        tuple(table for table in tables if not table.is_by_month),
        next((table for table in tables if table.is_by_month), None),
        tuple(crossing for crossing in Crossing if crossing.tables[0] in tables),
    )  # fmt: skip


MEASURES = (
    _measure_of_population("contacts", _("Contacts")),
    _measure_of_population("persons", _("Persons at risk in new cases")),
    _measure_of_population("victims", _("Persons recognised as victims")),
    _measure_of_population("events", _("Events in closed cases")),
    _measure_of_population("perpetrators", _("Alleged perpetrators")),
    _measure_of_population("cases", _("Closed cases")),
    _measure_of_population("reports", _("Police reports")),
)


def breakdowns_of(measure: Measure) -> Iterator[Breakdown]:
    for table in measure.tables:
        yield Breakdown(measure, table.value)
    for step in IN_TIME:
        if step != MONTHS or measure.months:
            yield Breakdown(measure, step)


def crossed_breakdowns_of(measure: Measure) -> list[CrossedBreakdown]:
    return [CrossedBreakdown(measure, crossing) for crossing in measure.crossings]


CROSSINGS = {each.crossing: each for measure in MEASURES for each in crossed_breakdowns_of(measure)}
CROSSED = {each.code: each for each in CROSSINGS.values()}
BREAKDOWNS = {each.code: each for measure in MEASURES for each in breakdowns_of(measure)}
