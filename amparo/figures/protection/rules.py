"""Decide which counts may be published, so that no count below ten is shown or can be computed (docs/decisions/0019).

A table divides one population into cells. The order of the cells is public and does not depend on the counts.

1. Every cell below ten is hidden. So is zero: otherwise whoever forbids a telephone sees that somebody there called.
2. If any cell is hidden, the first cell of the order that is not small is hidden as well, and then the next one, until
   the hidden cells sum to at least `ENOUGH`. If they never do, nothing is published.
3. The other cells and the total are published.

Why nobody can compute a hidden count, even with these rules in hand: let S be the sum of the hidden cells. Take any
hidden cell but the first of the order, and any value v from 0 to 9. Suppose that this cell is v, that the first is
S - v (at least ten), and that the other hidden cells are zero. Then the same cells are small, the first is hidden with
them, and the published table is the same. So v is possible. The first cell itself is either ten or more, or the
second is hidden too and takes its place in this argument. Several tables of one population may be published: any
counts behind one fit any counts behind another with the same total.

A correction asks the same question about the changes (`protect_again`). A change below ten is not published, and
neither is a count that is too small now: the earlier number stands. The earlier number of the first cell whose
change is not small stands with it, so that the totals do not reveal the change. The alternative counts of the
argument must leave the published value of that first cell possible: this is the room in `_is_unknowable`.
tests/test_promises/test_p16 tries all counts on a smaller scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST = 10  # smaller counts are hidden, and so is zero; with zero hidden, ten people are a crowd
ENOUGH = 2 * SMALLEST - 1
BASE = 5
REST = "the rest"

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
    hidden = hidden_changes(dict.fromkeys(counts, 0), counts)
    rest = sum(counts[cell] for cell in hidden)
    if hidden and rest < ENOUGH:
        return _nothing(counts)
    return SafeTable(
        {c: n for c, n in counts.items() if c not in hidden}, tuple(c for c in counts if c in hidden), rest
    )


def protect_again(before: SafeTable, counts: Counts) -> SafeTable:
    """Protect newer counts of a population that `before` already described.

    The same cells stay hidden. A table that was withdrawn stays withdrawn.
    """
    if before.total is None:
        return before
    then = before.parts
    now = {part: counts[part] if part != REST else sum(counts[cell] for cell in before.hidden) for part in then}
    if _has_fallen_too_far(then, now):
        return _nothing(counts)
    unchanged = hidden_changes(then, now)
    parts = {part: then[part] if part in unchanged else now[part] for part in then}
    return SafeTable({part: n for part, n in parts.items() if part != REST}, before.hidden, parts.get(REST, 0))


def hidden_changes(then: Counts, now: Counts) -> frozenset[str]:
    """Return the cells whose change from `then` to `now` is not published."""
    hidden = {cell for cell in then if abs(now[cell] - then[cell]) < SMALLEST or now[cell] < _minimum(cell)}
    for cell in [cell for cell in then if hidden and cell not in hidden]:
        hidden.add(cell)
        if _is_unknowable(hidden, then, now):
            break
    return frozenset(hidden)


def _is_unknowable(hidden: set[str], then: Counts, now: Counts) -> bool:
    change = sum(now[cell] - then[cell] for cell in hidden)
    room = min([then[cell] - _minimum(cell) for cell in then if cell in hidden][:2])
    return abs(change) >= ENOUGH and room + change >= SMALLEST - 1


def _has_fallen_too_far(then: Counts, now: Counts) -> bool:
    """Whether the total fell so far that no other part could explain the loss of a single one."""
    second = sorted(then.values())[-2:][0]
    return sum(now.values()) < sum(then.values()) - second + SMALLEST - 1


def _minimum(cell: str) -> int:
    return ENOUGH if cell == REST else SMALLEST


def rounded(count: int) -> int:
    return BASE * round(count / BASE)


def _nothing(counts: Counts) -> SafeTable:
    return SafeTable({}, tuple(counts), None)
