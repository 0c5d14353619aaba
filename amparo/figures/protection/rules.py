"""Decide which counts may be published, so that no count below ten is shown or can be computed (docs/decisions/0019).

A table divides one population into cells. The order of the cells is public and does not depend on the counts.

1. Every cell below ten is hidden. So is zero: otherwise a trafficker could see that somebody there called.
2. If any cell is hidden, the first cell of the order that is not small is hidden as well, and then the next one, until
   the hidden cells sum to at least `ENOUGH`. If they never do, nothing is published.
3. The other cells and the total are published.

Why nobody can compute a hidden count, even with these rules in hand: let S be the sum of the hidden cells. Take any
hidden cell but the first of the order, and any value v from 0 to 9. Suppose that this cell is v, that the first is
S - v (at least ten), and that the other hidden cells are zero. Then the same cells are small, the first is hidden with
them, and the published table is the same. So v is possible. The first cell itself is either ten or more, or the
second is hidden too and takes its place in this argument. Several tables of one population may be published: any
counts behind one fit any counts behind another with the same total.

A correction asks the same question about the changes (`protect_again`) since the last edition, and since every earlier
one of the same months: readers keep them all, and subtract any two. A cell gets no new number if its count is too small
now, or differs by one to nine from any number ever published of it: its last number stands. The first cell whose change
is not small keeps its last number too, so that the totals do not reveal the change. The argument is as above: the first
cell makes up for what another one gains, and all others keep what was published last. The first cell must differ by ten
or more from every number published of it, whichever edition the other cell is compared with (`_may_make_up_for`). A
total is the sum of published numbers, and says no more. If the total fell so far that one cell cannot count nine more
than was ever published of it, the table is withdrawn. tests/test_promises/test_p16 tries all counts on a smaller scale.

Years (docs/decisions/0034). A year is the sum of its quarters. A number of the year minus their published numbers
is the sum of their hidden cells. So a number of the year is published only if that gives no cell
away. The quarters are protected by `protect`; the year is computed once from the same counts (`protect_year`).

1. The quarters that withheld a table (fewer than `ENOUGH` people) are added up, and the sum is protected like a
   quarter. If nothing of it can be published, the year leaves these quarters out, and says so. It does the same if the
   sum is too large for one of them to be empty, unless it is so large that none of them is below ten
   (`_leaves_each_quarter_open`).
2. A cell that is published in every other quarter is their sum.
3. A cell that is hidden in some quarters is published for the year if what it holds there can be anything:
   a. It is hidden in n quarters and holds there from ten to 9 (n - 1). So each of them may be 0 to 9: the others make
      up the rest.
   b. In none of them is it one of the first two hidden cells of the order. Those two make up for the
      others.
   c. In each of them room is left: the hidden cells together, minus nine for each cell that is published this way, are
      at least `ENOUGH`. Cells are tried from the end of the order, which is what readers miss most.

Why nobody can compute a hidden count of a quarter: take any hidden cell and any value v from 0 to 9. Give it v in that
quarter, share the rest of the cells of rule 3 over their quarters with at most 9 in each, set all other hidden cells to
zero, and give the first hidden cell of each quarter what is missing to its sum: at least ten, by rule c. The same cells
are small, so the quarters publish the same; and the cells of rule 3 hold the same, so the year does. If the cell is the
first one, the second takes its place. Quarters that withheld a table share no person with the others.

Years of two cells. Let h quarters hide both and tell only their sums, and let w people be in quarters that withheld
the table but are added to the year. The year tells both cells if one of them fits. A cell fits if k of it are in all
these quarters, and

a. k is from ten to 9 (h - 1); or, with quarters that withheld it, from `ENOUGH` to 9 (h - 2) + w;
b. in each of the h quarters there are at least k + 10 people, or at most k.

Why nobody can compute a hidden count: in one of the h quarters the cell may be any v from 0 to 9, because the others
can hold k - v, with at most 9 in each or in what was withheld. By rule b the other cell has at least ten there however
k is shared out; or it may be any v too, because k can hold all the rest of that quarter. A quarter that withheld the
table has at most 18 people, hence the difference in rule a. Where the year tells nothing, a quarter may have v of the
cell and the others nothing, or v of the other cell and the others nothing of that: neither fits.

A table in which one person may be in several cells, or in none (means, purposes), is protected as many tables, one
for each cell: those in it, and all others. Their totals are the same, and any counts behind one fit those of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.foundation.core.small_counts import SMALLEST

if TYPE_CHECKING:
    from .crossing import SafeCrossing

REST = "the rest"
ENOUGH = 2 * SMALLEST - 1
TWO = 2  # cells: somebody is in one or in the other

type Counts = Mapping[str, int]  # by cell, in the order in which they are hidden


@dataclass(frozen=True)
class SafeTable:
    """The publishable part of a table. Counts here are exact; they are rounded before anybody reads them."""

    shown: dict[str, int]
    hidden: tuple[str, ...]
    rest: int | None  # sum of the hidden cells; None: nothing is published

    @property
    def total(self) -> int | None:
        return None if self.rest is None else self.rest + sum(self.shown.values())

    @property
    def parts(self) -> dict[str, int]:
        """The published numbers; the hidden cells together are one of them, under `REST`."""
        return {**({REST: self.rest or 0} if self.hidden else {}), **self.shown}


def protect(counts: Counts) -> SafeTable:
    """Protect a table of a population about which nothing was published before."""
    hidden = cells_without_new_number([dict.fromkeys(counts, 0)], counts)
    rest = sum(counts[cell] for cell in hidden)
    if hidden and rest < ENOUGH:
        return _withheld_table(counts)
    return SafeTable(
        {c: n for c, n in counts.items() if c not in hidden}, tuple(c for c in counts if c in hidden), rest
    )


def protect_again(earlier: Sequence[SafeTable], counts: Counts) -> SafeTable:
    """Protect new counts of a population of which counts were published before.

    `earlier` holds the counts of every earlier edition, the newest last. A hidden cell stays hidden, and a withdrawn
    table stays withdrawn.
    """
    last = earlier[-1]
    if last.total is None:
        return last
    published = [table.parts for table in earlier]
    now = {part: counts[part] if part != REST else sum(counts[cell] for cell in last.hidden) for part in last.parts}
    if _has_fallen_too_far(published, now):
        return _withheld_table(counts)
    unchanged = cells_without_new_number(published, now)
    parts = {part: last.parts[part] if part in unchanged else now[part] for part in now}
    return SafeTable({part: n for part, n in parts.items() if part != REST}, last.hidden, parts.get(REST, 0))


def cells_without_new_number(published: Sequence[Counts], now: Counts) -> frozenset[str]:
    """Return the cells that get no new number. `published`: the counts of each earlier edition, the newest last."""
    hidden = {
        cell
        for cell, count in now.items()
        if count < _smallest_shown_count(cell) or any(abs(count - counts[cell]) < SMALLEST for counts in published)
    }
    for cell in [cell for cell in now if hidden and cell not in hidden]:
        hidden.add(cell)
        if _is_unknowable([cell for cell in now if cell in hidden], published, now):
            break
    return frozenset(hidden)


def _is_unknowable(hidden: Sequence[str], published: Sequence[Counts], now: Counts) -> bool:
    """Whether no reader can compute the change of a hidden cell.

    For all that readers know, each may differ by any number below ten from every number published of it before.
    """
    first, second, *_others = hidden
    pairs = [(first, cell) for cell in hidden if cell != first] + [(second, first)]
    change = sum(now[cell] - published[-1][cell] for cell in hidden)
    return all(_may_make_up_for(cell, absorber, change, published) for absorber, cell in pairs)


def _may_make_up_for(cell: str, absorber: str, change: int, published: Sequence[Counts]) -> bool:
    """Whether `absorber` may hide a change of `cell`: if `cell` had any of its earlier published counts again, the
    absorber would be far from each of its own.

    `change` is the sum of both changes. All other hidden cells have the count that was published last.
    """
    last = published[-1]
    left = [last[absorber] + change + last[cell] - counts[cell] for counts in published]
    return min(left) >= _smallest_shown_count(absorber) + SMALLEST - 1 and all(
        abs(count - counts[absorber]) >= ENOUGH for count in left for counts in published
    )


def _has_fallen_too_far(published: Sequence[Counts], now: Counts) -> bool:
    """Whether the total is now so small that some cell could not count nine more than was published of it before."""
    return sum(now.values()) < max(max(counts.values()) for counts in published) + SMALLEST - 1


def _smallest_shown_count(cell: str) -> int:
    return ENOUGH if cell == REST else SMALLEST


def _withheld_table(counts: Counts) -> SafeTable:
    return SafeTable({}, tuple(counts), None)


@dataclass(frozen=True)
class SafeYear:
    """The publishable part of a year."""

    table: SafeTable
    without: tuple[int, ...]  # places of the quarters that the numbers leave out


def protect_year(quarters: Sequence[Counts]) -> SafeYear:
    """Protect the sum of these quarters, each of which was published as `protect(counts)`."""
    tables = [protect(counts) for counts in quarters]
    withheld = [place for place, table in enumerate(tables) if table.total is None]
    block = protect(_sum_of_quarters([quarters[place] for place in withheld])) if withheld else None
    if block and not _leaves_each_quarter_open(block.total, len(withheld)):
        block = None
    else:
        withheld = []
    published = [(counts, table) for counts, table in zip(quarters, tables, strict=True) if table.total is not None]
    if not published and not block:
        return SafeYear(SafeTable({}, tuple(quarters[0]), None), tuple(range(len(quarters))))
    total = sum(table.total or 0 for _counts, table in published) + ((block and block.total) or 0)
    in_year = [counts for place, counts in enumerate(quarters) if place not in withheld]
    if len(quarters[0]) == TWO and any(table.hidden for _counts, table in published):
        cells = set(quarters[0]) if _may_show_both_cells(published, in_year) else set()
    else:
        unlocked = _cells_shown_by_rule_3(published)
        cells = {
            cell
            for cell in quarters[0]
            if (cell in unlocked or all(cell in table.shown for _counts, table in published))
            and (block is None or cell in block.shown)
        }
    shown = {cell: sum(counts[cell] for counts in in_year) for cell in quarters[0] if cell in cells}
    hidden = tuple(cell for cell in quarters[0] if cell not in shown)
    return SafeYear(SafeTable(shown, hidden, total - sum(shown.values())), tuple(withheld))


def revise_year(year: SafeYear, quarters: Sequence[tuple[SafeTable, SafeTable]]) -> SafeYear:
    """Add to a year what corrections changed in its quarters. A pair is a quarter as first published, and as it is now.

    The result is a sum of published numbers, so it says no more than they do. A quarter that was withdrawn withdraws
    the year.
    """
    counted = [
        (first, now)
        for place, (first, now) in enumerate(quarters)
        if place not in year.without and first.total is not None
    ]
    if year.table.total is None or any(now.total is None for _first, now in counted):
        return SafeYear(_withheld_table(dict.fromkeys((*year.table.shown, *year.table.hidden), 0)), year.without)
    shown = {
        cell: count + sum(now.shown[cell] - first.shown[cell] for first, now in counted if cell in first.shown)
        for cell, count in year.table.shown.items()
    }
    total = year.table.total + sum((now.total or 0) - (first.total or 0) for first, now in counted)
    return SafeYear(SafeTable(shown, year.table.hidden, total - sum(shown.values())), year.without)


def protect_crossing(parts: Sequence[Sequence[Sequence[int]]]) -> "SafeCrossing | None":
    """Protect a crossed table: one breakdown in rows, another in columns.

    Each of `parts` is the table of one period (a list of rows); only the sum of the parts is published. The total of
    each row and column was published before, by `protect`. A row or column that one of the parts hides is merged with
    the other hidden ones. None: nothing was published of one of the parts, so nothing is published of the sum.
    """
    import numpy as np

    from .crossing import protect_crossing

    tables = [np.array(part, dtype=np.int64) for part in parts]
    lines = [
        [protect({str(place): int(count) for place, count in enumerate(table.sum(axis=axis))}) for table in tables]
        for axis in (1, 0)
    ]
    if any(line.total is None for of_axis in lines for line in of_axis):
        return None
    rows, columns = (
        [all(str(place) in line.shown for line in of_axis) for place in range(tables[0].shape[axis])]
        for axis, of_axis in enumerate(lines)
    )
    return protect_crossing(tables, rows, columns)


def _leaves_each_quarter_open(together: int | None, quarters: int) -> bool:
    """Rule 1 for years: whether the sum of these withheld quarters leaves open what each of them is.

    Either each may be anything from 0 to 9, or none can be below ten.
    """
    if together is None:
        return False
    at_least = together - (ENOUGH - 1) * (quarters - 1)  # if all others are as large as a withheld quarter can be
    return at_least <= 0 or at_least >= SMALLEST


def _cells_shown_by_rule_3(published: Sequence[tuple[Counts, SafeTable]]) -> set[str]:
    """Return the cells that rule 3 publishes for the year, although some quarters hide them."""
    absorbers = _absorbers([table for _counts, table in published])
    rest = {place: table.rest or 0 for place, (_counts, table) in enumerate(published)}
    found = set()
    for cell in reversed(list(published[0][0]) if published else []):
        where = [place for place, (_counts, table) in enumerate(published) if cell in table.hidden]
        left = {place: rest[place] - (SMALLEST - 1) for place in where}
        there = sum(published[place][0][cell] for place in where)
        if cell not in absorbers and _may_be_shared_out(there, len(where)) and all(map(_has_room, left.values())):
            found.add(cell)
            rest |= left
    return found


def _may_be_shared_out(there: int, quarters: int) -> bool:
    """Rule 3a for years: whether a cell may be anything from 0 to 9 in each of the quarters that hide it.

    `there`: how many people of the cell these quarters have together.
    """
    return SMALLEST <= there <= (SMALLEST - 1) * (quarters - 1)


def _absorbers(tables: Sequence[SafeTable]) -> set[str]:
    """Rule 3b: return the cells that are among the first two hidden cells of a quarter. They make up for the others."""
    return {cell for table in tables for cell in table.hidden[:2]}


def _may_show_both_cells(published: Sequence[tuple[Counts, SafeTable]], in_year: Sequence[Counts]) -> bool:
    """Whether a year may show both cells of a two-cell table, although some quarters hide them.

    `in_year`: the quarters that are summed.
    """
    totals = [table.total or 0 for _counts, table in published if table.hidden]
    shown = [counts for counts, table in published if not table.hidden]
    unseen = {cell: sum(it[cell] for it in in_year) - sum(it[cell] for it in shown) for cell in in_year[0]}
    withheld = sum(unseen.values()) - sum(totals)
    return any(_may_show_cell_of_two(count, totals, withheld) for count in unseen.values())


def _may_show_cell_of_two(count: int, totals: Sequence[int], withheld: int) -> bool:
    """Rules a and b for years of two cells: whether a cell fits.

    `count`: its people in all quarters that do not show it. `totals`: all people of each quarter that hides both cells.
    `withheld`: people in quarters that withheld the table but are added to the year.
    """
    most = SMALLEST - 1
    low, high = (ENOUGH, most * (len(totals) - 2) + withheld) if withheld else (SMALLEST, most * (len(totals) - 1))
    return low <= count <= high and all(total >= count + SMALLEST or total <= count for total in totals)


def _has_room(rest: int) -> bool:
    """Rule 3c: whether the other hidden cells of a quarter, which sum to `rest`, are still enough."""
    return rest >= ENOUGH


def _sum_of_quarters(quarters: Sequence[Counts]) -> dict[str, int]:
    return {cell: sum(counts[cell] for counts in quarters) for cell in quarters[0]}
