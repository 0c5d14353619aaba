from django.conf import settings
from django.db import models

from amparo.foundation.core import row_security

from .months import Months, Quarter, period_of
from .picklists import NOT_SAID, OTHERS, TO
from .tables import BY_MONTHS, Crossing, Table

PUBLISHER = "hotline/publisher"
# Of the columns `first_day` and `months`: a month, or a quarter of a year.
MONTH_OR_QUARTER = models.Q(first_day__day=1) & (
    models.Q(months=1) | models.Q(months=Quarter.length, first_day__month__in=range(1, 13, Quarter.length))
)


class Snapshot(models.Model):
    """Counts of one month or quarter over all rooms, at one moment. It never holds a person's row and never changes.

    Only the database function `snapshot_take` makes one: it counts past the row policies.
    """

    first_day = models.DateField()
    months = models.PositiveSmallIntegerField(default=Quarter.length)  # how many it counts: 1 or 3
    counts = models.JSONField()  # table -> cell -> count; a missing cell is zero
    checksum = models.CharField(max_length=64)  # SHA-256 of the counts as the database writes them
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByRole(PUBLISHER, web="select")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=MONTH_OR_QUARTER, name="a_snapshot_is_of_a_month_or_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"snapshot {self.pk}"

    @property
    def period(self) -> Months:
        return period_of(self.first_day, self.months)

    @property
    def tables(self) -> list[Table]:
        """The tables that were counted. A month has no table by month."""
        return [table for table in Table if self.months > 1 or table not in BY_MONTHS]

    def crossed_counts(self, crossing: Crossing) -> list[list[int]]:
        """Return the counts of a crossed table, row by row, in the orders of its two tables.

        A row that its table does not know counts as "not said"; a column that its table does not know is left out.
        """
        rows, columns = (table.cells for table in crossing.tables)
        places = {(row, column): 0 for row in rows for column in columns}
        for cell, count in self.counts.get(crossing, {}).items():
            row, column = cell.split(TO)
            known = (row if row in rows else NOT_SAID, column)
            if known in places:
                places[known] += count
        return [[places[row, column] for column in columns] for row in rows]

    def counts_of(self, table: Table) -> dict[str, int]:
        """Return the count of each cell, in the order in which cells are hidden. Unknown cells count as "not said".

        A word that the line added counts under the shipped one that was chosen when it was added."""
        known, words = dict.fromkeys(table.cells, 0), table.definition.words
        for code, count in self.counts.get(table, {}).items():
            cell = words.counted_as(code) if words else code
            if cell in known:
                known[cell] += count
            elif NOT_SAID in known:
                known[NOT_SAID] += count
        return known

    def partition_counts(self, table: Table, cell: str) -> dict[str, int]:
        """Return the counts of one partition of the population: all cells of a table, or one cell and everybody else.

        `cell` is one of `table.partitions`; "" stands for all cells.
        """
        counted = self.counts_of(table)
        if not cell:
            return counted
        everybody = next(it for it in Table if it.population == table.population and not it.allows_several_cells)
        return {OTHERS: sum(self.counts_of(everybody).values()) - counted[cell], cell: counted[cell]}
