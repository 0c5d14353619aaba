"""Which counts may be told, so that no count below ten is shown or can be worked out (docs/decisions/0019).

A table divides one population into cells, in an order that is public and does not depend on the counts.

1. Every cell below ten is hidden. Zero is too: else whoever forbids a telephone sees that somebody there has called.
2. If any is, the first cell of the order that is not small is hidden as well, and the next one, until those hidden are
   `ENOUGH` together. When they never are, nothing is told.
3. The others are told, and the total.

Why nobody works one out, even who knows these rules: let the hidden ones be S together. Take any of them but the first
of the order, and any value v from 0 to 9. Suppose that it is v, that the first is S - v, at least ten, and that the
other hidden ones are none: the same are small, the first is hidden with them, and the table told is the very same. So
v is possible. The first itself is either ten or more, or the second is hidden too and takes its place in this sentence.
Several tables of one population may be told: any counts of the one go with any of the other that have the same total.

A correction is the same question about what changed (`protect_again`): a change below ten is not told, nor a count
that is too small now; the earlier number stands, and with it that of the first in the order whose change is not small,
so that nobody works one out from the totals. What is supposed in its place must leave the first one told as it was:
that is the room in `_cannot_be_worked_out`. tests/test_promises/test_p16 tries all counts there are, on a smaller
scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST = (
    10  # standards.md D hides 1 to 10, security.md T13 all below 10; with zero hidden too, ten people are a crowd
)
ENOUGH = 2 * SMALLEST - 1
BASE = 5
REST = "the rest"

type Counts = Mapping[str, int]  # by cell, in the order in which they are hidden


@dataclass(frozen=True)
class SafeTable:
    """What may be told of a table: exact here, and rounded before anybody reads it."""

    shown: dict[str, int]
    hidden: tuple[str, ...]
    rest: int | None  # those hidden, together; None: nothing is told

    @property
    def total(self) -> int | None:
        return None if self.rest is None else self.rest + sum(self.shown.values())

    @property
    def parts(self) -> dict[str, int]:
        """What was told apart: the hidden ones are one."""
        return {**({REST: self.rest or 0} if self.hidden else {}), **self.shown}


def protect(counts: Counts) -> SafeTable:
    """Of a population that nothing was told of before."""
    hidden = held_back(dict.fromkeys(counts, 0), counts)
    rest = sum(counts[cell] for cell in hidden)
    if hidden and rest < ENOUGH:
        return _nothing(counts)
    return SafeTable(
        {c: n for c, n in counts.items() if c not in hidden}, tuple(c for c in counts if c in hidden), rest
    )


def protect_again(before: SafeTable, counts: Counts) -> SafeTable:
    """Of a population that `before` was told of: the same cells stay hidden, and what was taken back stays so."""
    if before.total is None:
        return before
    then = before.parts
    now = {part: counts[part] if part != REST else sum(counts[cell] for cell in before.hidden) for part in then}
    if _fell_too_far(then, now):
        return _nothing(counts)
    held = held_back(then, now)
    parts = {part: then[part] if part in held else now[part] for part in then}
    return SafeTable({part: n for part, n in parts.items() if part != REST}, before.hidden, parts.get(REST, 0))


def held_back(then: Counts, now: Counts) -> frozenset[str]:
    """Which cells' changes from `then` to `now` are not told."""
    held = {cell for cell in then if abs(now[cell] - then[cell]) < SMALLEST or now[cell] < _fewest(cell)}
    for cell in [cell for cell in then if held and cell not in held]:
        held.add(cell)
        if _cannot_be_worked_out(held, then, now):
            break
    return frozenset(held)


def _cannot_be_worked_out(held: set[str], then: Counts, now: Counts) -> bool:
    together = sum(now[cell] - then[cell] for cell in held)
    room = min([then[cell] - _fewest(cell) for cell in then if cell in held][:2])
    return abs(together) >= ENOUGH and room + together >= SMALLEST - 1


def _fell_too_far(then: Counts, now: Counts) -> bool:
    """So that no other part could hold what one of them lost."""
    second = sorted(then.values())[-2:][0]
    return sum(now.values()) < sum(then.values()) - second + SMALLEST - 1


def _fewest(cell: str) -> int:
    return ENOUGH if cell == REST else SMALLEST


def rounded(count: int) -> int:
    return BASE * round(count / BASE)


def _nothing(counts: Counts) -> SafeTable:
    return SafeTable({}, tuple(counts), None)
