"""Each published table as an Ibis expression over the groups of a snapshot's file (snapshot_file.py).

The expressions name no database: Ibis makes SQL of them for DuckDB, Spark and others. What a number means stands in
`definitions.py`. They need the extra `open-data`.
"""

from dataclasses import dataclass

import ibis
from ibis import _

from amparo.figures.snapshot.tables import MONTHS, NOT_SAID, TO, Crossing, Table

# What a person in the file can be divided by. Each row has those of its breakdown; the others are null.
DIMENSIONS = (
    "department", "type", "channel", "month", "answer", "age", "gender", "origin", "destination", "transit", "closing",
)  # fmt: skip
GROUPS = ibis.table(
    {
        "breakdown": "string",  # a table or crossing that the snapshot counted
        **{name: "date" if name == "month" else "string" for name in DIMENSIONS},
        "n": "int64",  # contacts, persons, reports or cases, as the breakdown says
    },
    name="snapshot",
)


@dataclass(frozen=True)
class Measure:
    """A published table: of which counted breakdown, and what makes its cells."""

    of: Table | Crossing
    cell: ibis.Value

    @property
    def expression(self) -> ibis.Table:
        """Cells and how many, in the order of the cells."""
        counted = GROUPS.filter(_.breakdown == self.of.value).group_by(cell=self.cell)
        return counted.agg(n=_.n.sum()).order_by("cell")


MONTH = ((_.month.month() - 1) % len(MONTHS)).cases(*enumerate(MONTHS))
ROUTE = (_.origin + TO + _.destination).fill_null(NOT_SAID)

MEASURES = {
    Table.BY_DEPARTMENT: Measure(Crossing.DEPARTMENT_AND_TYPE, _.department),
    Table.BY_TYPE: Measure(Crossing.DEPARTMENT_AND_TYPE, _.type),
    Table.BY_CHANNEL: Measure(Crossing.DEPARTMENT_AND_CHANNEL, _.channel),
    Table.BY_MONTH: Measure(Table.BY_MONTH, MONTH),
    Table.REPORTS: Measure(Table.REPORTS, _.answer),
    Table.PERSONS_BY_AGE: Measure(Crossing.AGE_AND_GENDER, _.age),
    Table.PERSONS_BY_GENDER: Measure(Crossing.AGE_AND_GENDER, _.gender),
    Table.PERSONS_BY_MONTH: Measure(Table.PERSONS_BY_MONTH, MONTH),
    Table.ROUTES: Measure(Table.ROUTES, ROUTE),
    Table.TRANSIT: Measure(Table.TRANSIT, _.transit),
    Table.CLOSED: Measure(Table.CLOSED, _.closing),
}
