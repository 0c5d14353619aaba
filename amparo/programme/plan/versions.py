"""Compare a plan with an earlier version of it: lines and indicators that were added, removed and reworded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise

from amparo.foundation.core.picklists import Picklist
from amparo.programme.campaigns.picklists import Currency

from .columns import INDICATORS, NODES, Column
from .models import Indicator, Plan, Version
from .picklists import ChangeKind, Frequency, NodeKind, PlanState, PublishedMeasure

SHEETS = {"nodes": NODES, "indicators": INDICATORS}
WORDS: dict[str, type[Picklist]] = {
    "kind": NodeKind, "frequency": Frequency, "measure": PublishedMeasure, "budget_currency": Currency,
}  # fmt: skip

type Document = dict[str, dict[str, dict[str, str]]]  # sheet -> id of the row -> code of the column -> its text


@dataclass(frozen=True)
class Cell:
    """The old and the new text of one column of a line or indicator. Blank: it did not exist, or no longer does."""

    label: str | Promise
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    sheet: str
    number: str
    cells: tuple[Cell, ...]  # changed cells; for an added or removed line, all cells with text


def version_document(plan: Plan) -> Document:
    """Return all lines and indicators of a plan as texts, to store them as a version."""
    nodes = plan.nodes.select_related("parent").order_by("pk")
    indicators = Indicator.objects.filter(node__plan=plan).select_related("node", "responsible").order_by("pk")
    return {"nodes": _rows_as_text(NODES, nodes), "indicators": _rows_as_text(INDICATORS, indicators)}


def version_to_compare(plan: Plan) -> Version | None:
    """Return the version to compare a plan with: the newest one of a draft, else the one before the newest."""
    newest = list(plan.versions.order_by("-number")[:2])
    if plan.state != PlanState.DRAFT:
        newest = newest[1:]
    return newest[0] if newest else None


def changes_between(before: Document, after: Document) -> Iterator[Change]:
    """Yield the changes: of lines, then of indicators. In each, removed ones come last."""
    for sheet, columns in SHEETS.items():
        old, new = before[sheet], after[sheet]
        for row in [*new, *(row for row in old if row not in new)]:
            was, now = old.get(row, {}), new.get(row, {})
            cells = [
                Cell(it.label, _shown_text(it, was.get(it.name, "")), _shown_text(it, now.get(it.name, "")))
                for it in columns
                if was.get(it.name, "") != now.get(it.name, "")
            ]
            if cells:
                kind = ChangeKind.ADDED if not was else ChangeKind.REMOVED if not now else ChangeKind.REWORDED
                yield Change(kind, sheet, (now or was)["number"], tuple(cells))


def _rows_as_text(columns: tuple[Column, ...], rows: Iterable[Any]) -> dict[str, dict[str, str]]:
    return {str(row.pk): {column.name: _stored_text(column, row) for column in columns} for row in rows}


def _stored_text(column: Column, row: Any) -> str:
    """Return a value as text that does not depend on a language: code words, and days in ISO 8601."""
    value = getattr(row, column.name)
    if isinstance(value, float):
        return f"{value:.15g}"
    return value if isinstance(value, str) else str("" if value is None else column.show(value))


def _shown_text(column: Column, written: str) -> str:
    if written and column.name in WORDS:
        return str(WORDS[column.name](written).label)
    return date_format(date.fromisoformat(written), "SHORT_DATE_FORMAT") if written and column.is_day else written
