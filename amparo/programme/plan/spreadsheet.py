"""The plan as a spreadsheet (.xlsx) with two sheets: its lines, and their indicators.

An exported plan can be imported unchanged, even after another program saved it. Columns stand in any order: their heads
tell. An import reads the whole file first; if anything is wrong, it saves nothing and names each wrong cell by sheet,
row, column and reason.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from amparo.foundation.core.refusal import Refused

from .columns import INDICATORS, NODES, Column
from .models import Indicator, Plan

MOST_ROWS, MOST_COLUMNS = 5000, 100  # of a sheet; its heads are no row
LAST_ROW = 1_048_576  # of a sheet; a damaged file may name one far beyond, and all rows before it would be empty
UNPACKED = 50_000_000  # bytes; an .xlsx is a zip file, which can grow a thousandfold
SHOWN = 50  # faults

type Row = tuple[int, Sequence[Any]]  # its number, as a person counts it, and its cells


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
    """The first fault in a sentence; all of them in `faults`."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(str(faults[0]))
        self.faults = faults[:SHOWN]


@dataclass(frozen=True)
class Lines:
    """A whole plan that was read: rows by column name, parents before their children."""

    nodes: list[dict[str, Any]]
    indicators: list[dict[str, Any]]


TITLES = (gettext_lazy("Plan"), gettext_lazy("Indicators"))


def export(plan: Plan) -> bytes:
    """Return the plan as an .xlsx file. Each text is a text: a cell that begins with "=" is no formula."""
    book = Workbook()
    _fill(book.active, str(TITLES[0]), lines_of(plan))
    _fill(book.create_sheet(), str(TITLES[1]), indicators_of(plan))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def lines_of(plan: Plan) -> Iterator[list[Any]]:
    """The first sheet: its head, and the lines of the plan."""
    return _sheet(NODES, plan.nodes.select_related("parent").order_by("pk"))


def indicators_of(plan: Plan) -> Iterator[list[Any]]:
    """The second sheet: its head, and the indicators."""
    measured = Indicator.objects.filter(node__plan=plan).select_related("node", "responsible").order_by("pk")
    return _sheet(INDICATORS, measured)


def read(content: bytes) -> Lines:
    """Read a whole file. Raises `WrongSpreadsheet` with every fault, or `Refused` if it is no spreadsheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED:
                raise Refused(_("The spreadsheet is too large."))
        sheets = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets
        for sheet in sheets:
            sheet.reset_dimensions()  # some programs write a wrong size, and what is outside would be lost
        rows = [filled(sheet.title, sheet.iter_rows(values_only=True)) for sheet in sheets[: len(TITLES)]]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what it meets: KeyError, BadZipFile, errors of XML
        raise Refused(_("This is no spreadsheet (.xlsx). Save it as one, and send it again.")) from error
    if len(sheets) < len(TITLES):
        raise Refused(_("The spreadsheet has two sheets: the lines of the plan, and the indicators."))
    return checked([sheet.title for sheet in sheets[: len(TITLES)]], rows)


def filled(sheet: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Return the rows that hold something, the heads first. Raises `Refused` if there are too many."""
    found: list[Row] = []
    for number, cells in enumerate(rows, 1):
        width = max((place for place, cell in enumerate(cells, 1) if not _is_empty(cell)), default=0)
        if width:
            found.append((number, cells[:width]))
        if len(found) > MOST_ROWS + 1 or width > MOST_COLUMNS or number > LAST_ROW:
            most = {"sheet": sheet, "rows": MOST_ROWS, "columns": MOST_COLUMNS}
            raise Refused(
                _("Sheet %(sheet)s has more than %(rows)d rows or %(columns)d columns. Nothing was imported.") % most
            )
    return found


def checked(titles: list[str], rows: list[list[Row]]) -> Lines:
    """Read the rows of both sheets. Raises `WrongSpreadsheet` with every fault: those of the heads first."""
    faults: list[Fault] = []
    sheets = list(zip(titles, rows, (NODES, INDICATORS), strict=True))
    places = [_places(*sheet, faults) for sheet in sheets]
    if faults:
        raise WrongSpreadsheet(faults)
    nodes, indicators = (list(_rows(*sheet, at, faults)) for sheet, at in zip(sheets, places, strict=True))
    faults += _faults_between_rows(titles[0], titles[1], nodes, indicators)
    if faults:
        raise WrongSpreadsheet(faults)
    if not nodes:
        raise Refused(_("The plan has no line yet."))
    return Lines([row for _number, row in nodes], [row for _number, row in indicators])


def _sheet(columns: tuple[Column, ...], rows: Iterable[Any]) -> Iterator[list[Any]]:
    yield [str(column.label) for column in columns]
    yield from ([column.show(getattr(row, column.name)) for column in columns] for row in rows)


def _fill(sheet: Worksheet, title: str, rows: Iterable[list[Any]]) -> None:
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            _write(sheet.cell(number, place), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _write(cell: Cell, value: Any) -> None:
    if isinstance(value, str):
        cell.value, cell.data_type = value, "s"
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = "DD/MM/YYYY"


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _places(sheet: str, rows: list[Row], columns: tuple[Column, ...], faults: list[Fault]) -> dict[str, int]:
    """Find each column by its head: where it stands, by its name. Faults are added."""
    number, cells = rows[0] if rows else (1, ())
    names = {head: column.name for column in columns for head in column.heads}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if _is_empty(cell):
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


def _rows(
    sheet: str, rows: list[Row], columns: tuple[Column, ...], places: dict[str, int], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the rows below the heads, with their numbers."""
    for number, cells in rows[1:]:
        row: dict[str, Any] = {}
        for column in columns:
            try:
                place = places.get(column.name, len(cells))
                row[column.name] = column.read(next(iter(cells[place:]), None))
            except ValueError as error:
                faults.append(Fault(sheet, number, str(column.label), str(error)))
        lost = [place for place, cell in enumerate(cells) if not _is_empty(cell) and place not in places.values()]
        for place in lost:
            faults.append(Fault(sheet, number, get_column_letter(place + 1), _("It has no head in the first row.")))
        if len(row) == len(columns):
            yield number, row


def _faults_between_rows(
    plan: str, measures: str, nodes: list[tuple[int, dict[str, Any]]], indicators: list[tuple[int, dict[str, Any]]]
) -> Iterator[Fault]:
    """Yield faults between rows: a number used twice, a parent line that is not above, dates in the wrong order."""
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
