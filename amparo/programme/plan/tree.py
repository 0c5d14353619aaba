"""The plan as a tree: each branch with the worst light below it, and how many lights of each colour there are."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from . import lights
from .models import Indicator, Measurement, Node, Plan
from .picklists import Light

TRACK_LENGTH = 112  # length of the line that shows progress, in units of its drawing; the template draws it


@dataclass(frozen=True)
class Leaf:
    """An indicator with its newest value."""

    indicator: Indicator
    value: float | None  # None: never measured, or not shown
    as_of: date | None
    light: Light
    expected: float  # elapsed share of its time, 0 to 1
    progress: float  # share of the way to the target, 0 to 1
    newest: Measurement | None = None

    @property
    def evidence(self) -> str:
        return self.newest.shown_evidence if self.newest else ""

    @property
    def is_hidden(self) -> bool:
        """Whether the published figures do not show its newest value."""
        return self.newest is not None and self.newest.value is None

    @property
    def done_x(self) -> float:
        return round(4 + TRACK_LENGTH * self.progress, 1)

    @property
    def due_x(self) -> float:
        return round(4 + TRACK_LENGTH * self.expected, 1)


@dataclass
class Branch:
    node: Node
    leaves: list[Leaf] = field(default_factory=list)
    branches: list["Branch"] = field(default_factory=list)

    @cached_property  # a page asks each branch eight times, and each time all below it would be added up again
    def counts(self) -> Counter[Light]:
        own = lights.count_lights(leaf.light for leaf in self.leaves)
        return sum((branch.counts for branch in self.branches), own)

    @property
    def light(self) -> Light:
        return lights.worst_light(self.counts)

    @property
    def counts_in_order(self) -> list[int]:
        """How many indicators below the branch are green, amber, red and grey."""
        return counts_in_order(self.counts)

    @property
    def counts_by_light(self) -> list[tuple[Light, int]]:
        return counts_by_light(self.counts)


def counts_in_order(counts: Counter[Light]) -> list[int]:
    return [counts[each] for each in Light]


def counts_by_light(counts: Counter[Light]) -> list[tuple[Light, int]]:
    """Return each light with its count, in the order of `Light`."""
    return [(each, counts[each]) for each in Light]


def branches_of(plan: Plan, today: date) -> list[Branch]:
    """Return the top branches of the plan, with all below them. It takes three queries.

    Values and lights are those of the day `today`.
    """
    branches = {node.pk: Branch(node) for node in plan.nodes.order_by("pk")}
    newest = {
        each.indicator_id: each
        for each in Measurement.objects.filter(indicator__node__plan=plan, as_of__lte=today).newest_of_each()
    }
    indicators = Indicator.objects.filter(node__plan=plan).select_related("responsible").order_by("pk")
    for indicator in indicators:
        branches[indicator.node_id].leaves.append(_leaf(indicator, newest.get(indicator.pk), today))
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branch.node.parent_id
        (branches[parent].branches if parent else roots).append(branch)
    return roots


def count_all_lights(roots: list[Branch]) -> Counter[Light]:
    return sum((branch.counts for branch in roots), Counter())


def leaves(roots: list[Branch]) -> Iterator[Leaf]:
    for branch in roots:
        yield from branch.leaves
        yield from leaves(branch.branches)


def unanswered_lines(roots: list[Branch]) -> list[Node]:
    """Return the lines without an indicator, on them or below them: no institution answers for them."""
    found = []
    for branch in roots:
        found += [] if next(leaves([branch]), None) else [branch.node]
        found += unanswered_lines(branch.branches)
    return found


def _leaf(indicator: Indicator, newest: Measurement | None, today: date) -> Leaf:
    value, as_of = (newest.value, newest.as_of) if newest else (None, None)
    elapsed = lights.elapsed_share(indicator.baseline_on, indicator.due_on, today)
    stale = as_of is not None and lights.is_stale(as_of, indicator.frequency, today)
    light = lights.light_of_progress(indicator.baseline, indicator.target, value, elapsed, stale=stale)
    return Leaf(indicator, value, as_of, light, min(max(elapsed, 0.0), 1.0), _progress(indicator, value), newest)


def _progress(indicator: Indicator, value: float | None) -> float:
    if value is None or indicator.baseline is None or indicator.baseline == indicator.target:
        return 0.0
    return min(max((value - indicator.baseline) / (indicator.target - indicator.baseline), 0.0), 1.0)
