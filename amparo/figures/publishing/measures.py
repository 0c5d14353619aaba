"""Each published and each crossed table as an Ibis expression over the groups of a snapshot's file (snapshot_file.py).

The expressions name no database: Ibis makes SQL of them for DuckDB, Spark and others. What a number means stands in
figures/snapshot/tables.py. They need the extra `open-data`.
"""

from dataclasses import dataclass

import ibis
from ibis import _

from amparo.figures.snapshot.picklists import MONTHS, NOT_SAID, TO
from amparo.figures.snapshot.tables import Crossing, Table

# The columns of the file that divide a population. Each row has those of its breakdown; the others are null.
DIMENSIONS = tuple(dict.fromkeys(name for table in Table for name in table.dimensions))
GROUPS = ibis.table(
    {
        "breakdown": "string",  # a table or crossing that the snapshot counted
        **{name: "date" if name == "month" else "string" for name in DIMENSIONS},
        "n": "int64",  # how many; do not add up cells of a table that `allows_several_cells`
    },
    name="snapshot",
)


@dataclass(frozen=True)
class Measure:
    """A published or crossed table: the breakdown that it counts, and how its cells are made."""

    of: Table | Crossing
    cell: ibis.Value

    @property
    def expression(self) -> ibis.Table:
        """The cells of the table with the count of each, in the order of the cells."""
        counted = GROUPS.filter(_.breakdown == self.of.value).group_by(cell=self.cell)
        return counted.agg(n=_.n.sum()).order_by("cell")


MONTH = ((_.month.month() - 1) % len(MONTHS)).cases(*enumerate(MONTHS))
ROUTE = (_.origin + TO + _.destination).fill_null(NOT_SAID)


def _measure_of(table: Table | Crossing) -> Measure:
    """Return how a table is counted. If it is part of a crossed table, it is summed from that table's groups.

    So the file holds each group once.
    """
    if isinstance(table, Crossing):
        by_row, by_column = (_[it.dimensions[0]] for it in table.tables)
        return Measure(table, by_row + TO + by_column)
    cell = MONTH if table.is_by_month else ROUTE if table == Table.ROUTES else _[table.dimensions[0]]
    return Measure(next((crossing for crossing in Crossing if table in crossing.tables), table), cell)


MEASURES: dict[Table | Crossing, Measure] = {table: _measure_of(table) for table in (*Table, *Crossing)}
