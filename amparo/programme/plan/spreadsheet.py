"""The plan as a spreadsheet (.xlsx) with two sheets: its lines, and their indicators.

An exported plan can be imported unchanged, even after another program saved it. An import reads the
whole file first; if anything is wrong, it saves nothing and names each wrong cell by sheet, row, column and reason.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from amparo.foundation.access.models import Agency
from amparo.foundation.core.dates import DAYS, FIRST_YEAR, LAST_YEAR
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.core.refusal import Refused

from .models import Indicator, Node, Plan
from .picklists import Frequency, NodeKind, PublishedMeasure

MOST_ROWS = 5000  # of a sheet
UNPACKED = 50_000_000  # bytes; an .xlsx is a zip file, which can grow a thousandfold
SHOWN = 50  # faults


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
class Column:
    """One column. `read` turns a cell into a value, and raises ValueError with a sentence for the user."""

    name: str
    label: str | Promise
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = lambda value: value

    @property
    def is_day(self) -> bool:
        return self.read is _day


@dataclass(frozen=True)
class Lines:
    """A whole plan that was read: rows by column name, parents before their children."""

    nodes: list[dict[str, Any]]
    indicators: list[dict[str, Any]]


def _text(longest: int, *, required: bool = True) -> Callable[[Any], str]:
    def read(cell: Any) -> str:
        text = f"{cell:g}" if isinstance(cell, float) else str("" if cell is None else cell)
        text = text.strip()
        if required and not text:
            raise ValueError(_("It is empty."))
        if len(text) > longest:
            raise ValueError(_("It is too long: at most %d letters.") % longest)
        return text

    return read


def _number(*, required: bool) -> Callable[[Any], float | None]:
    def read(cell: Any) -> float | None:
        if cell is None or cell == "":
            if required:
                raise ValueError(_("It is empty."))
            return None
        try:
            value = float(str(cell).replace(",", ".")) if not isinstance(cell, bool) else float("nan")
        except ValueError:
            value = float("nan")
        if not -1e15 < value < 1e15:
            raise ValueError(_("It is no number."))
        return value

    return read


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        cell = cell.date().isoformat()
    for form in DAYS:
        try:
            day = datetime.strptime(str(cell).strip(), form).date()  # a day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(_("Write a day, such as 31/12/2026."))


def _choice_or_none(cell: Any) -> str:
    return _choice(PublishedMeasure)(cell) if str("" if cell is None else cell).strip() else ""


def _label_or_none(value: str) -> str:
    return _label(PublishedMeasure)(value) if value else ""


def _choice(words: type[Picklist]) -> Callable[[Any], str]:
    """Return a reader for cells of this picklist: it accepts a label in any language, or the code word."""

    def read(cell: Any) -> str:
        typed = str("" if cell is None else cell).strip().casefold()
        for code, _name in settings.LANGUAGES:
            with override(code):
                for word in words:
                    if typed in (str(word.label).casefold(), word.value):
                        return word.value
        raise ValueError(_("Choose one of the list: %(words)s.") % {"words": ", ".join(str(w.label) for w in words)})

    return read


def _agency(cell: Any) -> Agency:
    name = str("" if cell is None else cell).strip()
    found = Agency.objects.filter(name__iexact=name).first()
    if found is None:
        raise ValueError(_("No institution is called “%(name)s”.") % {"name": name[:60]})
    return found


def _names(cell: Any) -> list[str]:
    return [name.strip()[:120] for name in str("" if cell is None else cell).split(";") if name.strip()]


def _number_of(node: Node | None) -> str:
    return node.number if node else ""


def _label(words: type[Picklist]) -> Callable[[Any], str]:
    return lambda value: str(words(value).label)


NODES = (
    Column("kind", gettext_lazy("Kind"), _choice(NodeKind), _label(NodeKind)),
    Column("number", gettext_lazy("Number"), _text(20)),
    Column("parent", gettext_lazy("Below"), _text(20, required=False), _number_of),
    Column("text", gettext_lazy("Text"), _text(500)),
)
INDICATORS = (
    Column("node", gettext_lazy("Line"), _text(20), _number_of),
    Column("number", gettext_lazy("Number"), _text(24)),
    Column("text", gettext_lazy("What is measured"), _text(500)),
    Column("unit", gettext_lazy("Unit"), _text(60)),
    Column("baseline", gettext_lazy("Baseline"), _number(required=False)),
    Column("baseline_on", gettext_lazy("Day of the baseline"), _day),
    Column("target", gettext_lazy("Target"), _number(required=True)),
    Column("due_on", gettext_lazy("Due on"), _day),
    Column("verification", gettext_lazy("Means of verification"), _text(200, required=False)),
    Column("frequency", gettext_lazy("How often"), _choice(Frequency), _label(Frequency)),
    Column("responsible", gettext_lazy("The one responsible body"), _agency, str),
    Column("co_responsible", gettext_lazy("Co-responsible, separated by ;"), _names, "; ".join),
    Column("budget", gettext_lazy("Budget and its source"), _text(200, required=False)),
    Column("measure", gettext_lazy("Published figure, if it fills itself"), _choice_or_none, _label_or_none),
)
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
        cells = [list(islice(sheet.iter_rows(values_only=True), MOST_ROWS + 1)) for sheet in sheets[: len(TITLES)]]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what it meets: KeyError, BadZipFile, errors of XML
        raise Refused(_("This is no spreadsheet (.xlsx). Save it as one, and send it again.")) from error
    if len(sheets) < len(TITLES):
        raise Refused(_("The spreadsheet has two sheets: the lines of the plan, and the indicators."))
    return checked([sheet.title for sheet in sheets[: len(TITLES)]], cells)


def checked(titles: list[str], cells: list[list[Any]]) -> Lines:
    """Read the cells of both sheets, by row. Raises `WrongSpreadsheet` with every fault."""
    faults: list[Fault] = []
    nodes = list(_rows(titles[0], cells[0], NODES, faults))
    indicators = list(_rows(titles[1], cells[1], INDICATORS, faults))
    faults += _unlike(titles[0], titles[1], nodes, indicators)
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


def _rows(
    sheet: str, rows: list[tuple[Any, ...]], columns: tuple[Column, ...], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the rows below the heads, with their numbers as a person counts them. Empty rows are passed over."""
    for number, cells in enumerate(rows, 1):
        if number == 1 or all(cell is None or cell == "" for cell in cells):
            continue
        if number > MOST_ROWS:
            faults.append(Fault(sheet, number, "", _("There are too many rows.")))
            return
        row: dict[str, Any] = {}
        padded = [*cells, *[None] * len(columns)]
        for column, cell in zip(columns, padded, strict=False):
            try:
                row[column.name] = column.read(cell)
            except ValueError as error:
                faults.append(Fault(sheet, number, str(column.label), str(error)))
        if len(row) == len(columns):
            yield number, row


def _unlike(
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
