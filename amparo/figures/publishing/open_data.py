"""Open data of an edition: its counts by CTDC's columns, and a dictionary of all tables and cells.

Only published counts are read. CTDC publishes a row for each person; no such row is made here.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from amparo.figures.snapshot.picklists import NATIONALITIES
from amparo.figures.snapshot.tables import Table

from .crossed_tables import TOTAL

if TYPE_CHECKING:
    from .sheets import ReadableEdition

GENDER = {"feminine": ("gender", "Female"), "masculine": ("gender", "Male")}
MAJORITY = {"child": ("majorityStatusAtExploit", "Minor"), "adult": ("majorityStatusAtExploit", "Adult")}
# CTDC's column and value of a cell. Only cells that mean the same: what has no equal there is missing, not mapped to
# something alike. The names are those of CTDC's k-anonymised data set (2021).
CTDC: dict[Table, dict[str, tuple[str, str]]] = {
    Table.PERSONS_BY_GENDER: GENDER,
    Table.PERSONS_BY_AGE: MAJORITY,
    Table.PERSONS_BY_NATIONALITY: {code: ("citizenship", code) for code in NATIONALITIES},
    Table.PERSONS_BY_PURPOSE: {
        cell: (column, "1")
        for cell, column in {
            "sexual": "isSexualExploit", "forced_labour": "isForcedLabour", "slavery": "isSlaveryAndPractices",
            "organs": "isOrganRemoval", "begging": "typeOfLabourBegging",
        }.items()
    },
    Table.PERSONS_BY_CONTROL: {
        cell: (f"meansOfControl{cell.title().replace('_', '')}", "1") for cell in Table.PERSONS_BY_CONTROL.cells
    },
    Table.VICTIMS_BY_GENDER: GENDER,
    Table.VICTIMS_BY_AGE: MAJORITY,
}  # fmt: skip


def ctdc_rows(reading: "ReadableEdition") -> Iterator[list[Any]]:
    """Yield a head, then a row for each count: the column of CTDC, the value, and how many people. Blank: not shown."""
    yield ["edition", "from", "before", "population", "column", "value", "count", "note"]
    about = [reading.document["edition"], reading.period.first.isoformat(), reading.period.first_day_after.isoformat()]
    for sheet in reading.sheets:
        names = CTDC.get(sheet.table, {})
        for row in sheet.rows:
            if row.cell in names:
                shown = row.count is not None
                yield [
                    *about, sheet.table.population, *names[row.cell], row.count if shown else "",
                    str(sheet.definition.population) if shown else _("not shown"),
                ]  # fmt: skip


def dictionary_rows(reading: "ReadableEdition") -> Iterator[list[str]]:
    """Yield a head, then a row for each table and each cell, those of crossed tables too: what it means."""
    yield [
        "table", "cell", "title", "label", "unit", "population", "counted_by", "caution", "ctdc_column", "ctdc_value"
    ]  # fmt: skip
    for sheet in reading.sheets:
        of = sheet.definition
        about = [str(words) for words in (of.unit, of.population, of.counted_by, of.caution)]
        for cell, label in ((TOTAL, sheet.total_label), *of.cells.items()):
            column, value = CTDC.get(sheet.table, {}).get(cell, ("", ""))
            yield [sheet.table.value, cell, str(of.title), str(label), *about, column, value]
    for crossed in reading.crossed:
        of, name = crossed.definition, crossed.breakdown.crossing.value
        about = [str(of.unit), str(of.population), str(of.counted_by), crossed.caution]
        codes = ((code, words) for code, words, _count in crossed.numbers)
        for code, words in ((TOTAL, str(of.total_label)), *codes):
            yield [name, code, crossed.title, words, *about, "", ""]
