"""The plan as a spreadsheet (.xlsx) with two sheets: its lines, and their indicators.

An exported plan can be imported again, even after another program saved it. Columns may be in any order: they are known
by their heads. An import reads the whole file first. If anything is wrong, it saves nothing and names each wrong cell
by sheet, row, column and reason.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from amparo.foundation.core.limited_process import NotParsed, TooCostly, parse_in_limited_process
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import mark_as_text

from .columns import INDICATORS, NODES, Column
from .models import Indicator, Plan
from .workbook import MOST_COLUMNS, MOST_ROWS, Row, is_empty, read_workbook

SHOWN = 50  # faults
SECONDS = 5  # of a processor, to read a file; 5000 rows in both sheets take two


@dataclass(frozen=True)
class Fault:
    sheet: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = {"sheet": self.sheet, "row": self.row, "column": self.column, "reason": self.reason}
        return _("Sheet %(sheet)s, row %(row)d, column %(column)s: %(reason)s") % place


class WrongSpreadsheet(Refused):
    """A spreadsheet has faults. The message is the first one in a sentence; `faults` has up to `SHOWN` of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(str(faults[0]))
        self.faults = faults[:SHOWN]


@dataclass(frozen=True)
class PlanRows:
    """A plan that was read: its lines and indicators as values by column name, parents before their children."""

    nodes: list[dict[str, Any]]
    indicators: list[dict[str, Any]]


TITLES = (gettext_lazy("Plan"), gettext_lazy("Indicators"))


def plan_as_xlsx(plan: Plan) -> bytes:
    """Return the plan as an .xlsx file. A text stays a text: a cell that begins with "=" is no formula."""
    book = Workbook()
    _fill_sheet(book.active, str(TITLES[0]), line_rows(plan))
    _fill_sheet(book.create_sheet(), str(TITLES[1]), indicator_rows(plan))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def line_rows(plan: Plan) -> Iterator[list[Any]]:
    """Yield the rows of the first sheet: the heads, and the lines of the plan."""
    return _sheet_rows(NODES, plan.nodes.select_related("parent").order_by("pk"))


def indicator_rows(plan: Plan) -> Iterator[list[Any]]:
    """Yield the rows of the second sheet: the heads, and the indicators."""
    measured = Indicator.objects.filter(node__plan=plan).select_related("node", "responsible").order_by("pk")
    return _sheet_rows(INDICATORS, measured)


def read_spreadsheet(content: bytes) -> PlanRows:
    """Read a plan from an .xlsx file. Raises `WrongSpreadsheet` with its faults, or `Refused` for another file."""
    try:
        found = parse_in_limited_process(read_workbook, content, seconds=SECONDS)
    except TooCostly:
        raise too_large() from None
    except NotParsed:
        raise Refused(_("This is no spreadsheet (.xlsx). Save it as one, and send it again.")) from None
    if "too_large" in found:
        raise too_large()
    if "too_many_cells" in found:
        raise too_many_cells(found["too_many_cells"])
    if found["sheets"] < len(TITLES):
        raise Refused(_("The spreadsheet has two sheets: the lines of the plan, and the indicators."))
    rows: list[list[Row]] = [
        [(number, [_from_json(cell) for cell in cells]) for number, cells in sheet] for sheet in found["rows"]
    ]
    return checked_plan_rows(found["titles"], rows)


def too_large() -> Refused:
    return Refused(_("The spreadsheet is too large."))


def too_many_cells(sheet: str) -> Refused:
    most = {"sheet": sheet, "rows": MOST_ROWS, "columns": MOST_COLUMNS}
    return Refused(
        _("Sheet %(sheet)s has more than %(rows)d rows or %(columns)d columns. Nothing was imported.") % most
    )


def checked_plan_rows(titles: list[str], rows: list[list[Row]]) -> PlanRows:
    """Check the rows of both sheets, and return the plan. Raises `WrongSpreadsheet`; wrong heads are reported alone."""
    faults: list[Fault] = []
    sheets = list(zip(titles, rows, (NODES, INDICATORS), strict=True))
    places = [_column_places(*sheet, faults) for sheet in sheets]
    if faults:
        raise WrongSpreadsheet(faults)
    nodes, indicators = (list(_read_rows(*sheet, at, faults)) for sheet, at in zip(sheets, places, strict=True))
    faults += _faults_between_rows(titles[0], titles[1], nodes, indicators)
    if faults:
        raise WrongSpreadsheet(faults)
    if not nodes:
        raise Refused(_("The plan has no line yet."))
    return PlanRows([row for _number, row in nodes], [row for _number, row in indicators])


def _sheet_rows(columns: tuple[Column, ...], rows: Iterable[Any]) -> Iterator[list[Any]]:
    yield [str(column.label) for column in columns]
    yield from ([column.show(getattr(row, column.name)) for column in columns] for row in rows)


def _fill_sheet(sheet: Worksheet, title: str, rows: Iterable[list[Any]]) -> None:
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            _write_cell(sheet.cell(number, place), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _write_cell(cell: Cell, value: Any) -> None:
    cell.value = value
    mark_as_text(cell)
    if isinstance(value, date):
        cell.number_format = "DD/MM/YYYY"


def _from_json(cell: Any) -> Any:
    return datetime.fromisoformat(cell["date"]) if isinstance(cell, dict) else cell


def _column_places(sheet: str, rows: list[Row], columns: tuple[Column, ...], faults: list[Fault]) -> dict[str, int]:
    """Find the columns by their heads. Return the place of each, by column name. Adds what is wrong to `faults`."""
    number, cells = rows[0] if rows else (1, ())
    names = {head: column.name for column in columns for head in column.accepted_heads}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if is_empty(cell):
            continue
        head = " ".join(str(cell).split())
        if (name := names.get(head.casefold())) is None:
            faults.append(Fault(sheet, number, head[:60], _("No column is called this.")))
        elif name in found:
            faults.append(Fault(sheet, number, head, _("This column stands twice.")))
        else:
            found[name] = place
    missing = [column for column in columns if column.name not in found and not column.may_be_missing]
    faults += [Fault(sheet, number, str(column.label), _("This column is missing.")) for column in missing]
    return found


def _read_rows(
    sheet: str, rows: list[Row], columns: tuple[Column, ...], places: dict[str, int], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and values of each row below the heads. Skips wrong rows, and adds their faults to `faults`."""
    for number, cells in rows[1:]:
        row: dict[str, Any] = {}
        for column in columns:
            try:
                place = places.get(column.name, len(cells))
                row[column.name] = column.read(next(iter(cells[place:]), None))
            except ValueError as error:
                faults.append(Fault(sheet, number, str(column.label), str(error)))
        lost = [place for place, cell in enumerate(cells) if not is_empty(cell) and place not in places.values()]
        for place in lost:
            faults.append(Fault(sheet, number, get_column_letter(place + 1), _("It has no head in the first row.")))
        if len(row) == len(columns):
            yield number, row


def _faults_between_rows(
    plan: str, measures: str, nodes: list[tuple[int, dict[str, Any]]], indicators: list[tuple[int, dict[str, Any]]]
) -> Iterator[Fault]:
    """Yield faults between rows: a number used twice, a parent line that is not above, dates in the wrong order.

    `plan` and `measures`: the titles of the two sheets. Each of `nodes` and `indicators` has the number of its row.
    """
    known: set[str] = set()
    for row, node in nodes:
        if node["number"] in known:
            reason = _("The number %(number)s stands in this plan already.") % {"number": node["number"]}
            yield Fault(plan, row, str(NODES[1].label), reason)
        if node["parent"] and node["parent"] not in known:
            reason = _("No line %(number)s stands above this one.") % {"number": node["parent"]}
            yield Fault(plan, row, str(NODES[2].label), reason)
        known.add(node["number"])
    taken: set[tuple[str, str]] = set()
    for row, indicator in indicators:
        if indicator["node"] not in known:
            reason = _("The plan has no line %(number)s.") % {"number": indicator["node"]}
            yield Fault(measures, row, str(INDICATORS[0].label), reason)
        if (own := (indicator["node"], indicator["number"])) in taken:
            reason = _("The number %(number)s stands in this plan already.") % {"number": indicator["number"]}
            yield Fault(measures, row, str(INDICATORS[1].label), reason)
        taken.add(own)
        if indicator["due_on"] <= indicator["baseline_on"]:
            reason = _("The target is due after the day of the baseline.")
            yield Fault(measures, row, str(INDICATORS[7].label), reason)
        if (indicator["budget_amount"] is None) != (not indicator["budget_currency"]):
            reason = _("An amount needs its currency, and a currency its amount.")
            blank = INDICATORS[13 if indicator["budget_amount"] is None else 14]
            yield Fault(measures, row, str(blank.label), reason)
