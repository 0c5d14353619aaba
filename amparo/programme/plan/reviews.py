"""Data calls and yearly reviews of a plan: who still has to report, and how the plan stood on a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import tree
from .models import DataCall, Indicator, Plan

DECEMBER = 12


@dataclass(frozen=True)
class MissingValues:
    """How much of the newest data call an institution still has to report."""

    name: str
    missing: int


def newest_call(plan: Plan) -> DataCall | None:
    return plan.data_calls.order_by("-quarter").first()


def institutions_to_report(plan: Plan) -> list[MissingValues]:
    """Return the institutions that still owe values for the newest data call; the one with most comes first."""
    names = Indicator.objects.filter(node__plan=plan).to_report().values_list("responsible__name", flat=True)
    return [MissingValues(name, number) for name, number in Counter(names).most_common()]


def callable_quarters(plan: Plan, today: date) -> list[date]:
    """Return those of the last four quarters that have no data call yet: their first days, the newest first."""
    called = set(plan.data_calls.values_list("quarter", flat=True))
    first, found = today.replace(month=today.month - (today.month - 1) % 3, day=1), []
    for _quarter in range(4):
        first = date(first.year - (first.month == 1), (first.month - 4) % DECEMBER + 1, 1)
        found.append(first)
    return [quarter for quarter in found if quarter not in called]


def reviewable_years(plan: Plan, today: date) -> list[int]:
    """Return the years of the plan that are over and have no review, the newest first."""
    reviewed = set(plan.reviews.values_list("year", flat=True))
    last = min(today.year - 1, plan.ends_on.year)
    return [year for year in range(last, plan.starts_on.year - 1, -1) if year not in reviewed]


def review_document(plan: Plan, year: int) -> dict[str, Any]:
    """Return as JSON values how the plan stood on the last day of the year."""
    day = date(year, DECEMBER, 31)
    roots = tree.branches_of(plan, day)
    return {
        "as_of": day.isoformat(),
        "plan": {
            "title": plan.title, "starts_on": plan.starts_on.isoformat(), "ends_on": plan.ends_on.isoformat(),
            "law": plan.law.number if plan.law else "",
        },
        "lights": tree.counts_in_order(tree.count_all_lights(roots)),
        "indicators": [_leaf_document(leaf) for leaf in tree.leaves(roots)],
    }  # fmt: skip


def _leaf_document(leaf: tree.Leaf) -> dict[str, Any]:
    indicator = leaf.indicator
    return {
        "number": indicator.number, "text": indicator.text, "responsible": str(indicator.responsible),
        "unit": indicator.unit, "baseline": indicator.baseline, "target": indicator.target, "value": leaf.value,
        "as_of": leaf.as_of.isoformat() if leaf.as_of else None, "light": leaf.light.value,
        "evidence": leaf.evidence, "is_hidden": leaf.is_hidden,
    }  # fmt: skip
