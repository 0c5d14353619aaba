"""Rows as a file for spreadsheets. A text stays a text: no cell of it is computed (CWE-1236)."""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

if TYPE_CHECKING:
    from openpyxl.cell import Cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# A spreadsheet computes a text that begins with one of these; some take the full-width signs of East Asia for the same.
COMPUTED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")

type Rows = Iterable[Iterable[Any]]  # the first row is the head


def as_csv(rows: Rows, name: str) -> HttpResponse:
    """Return a download of a CSV file in UTF-8. It begins with a byte order mark, by which spreadsheets know UTF-8."""
    response = _download("text/csv; charset=utf-8", f"{name}.csv")
    response.write("\ufeff")
    response.writelines(csv_lines(rows))
    return response


def csv_lines(rows: Rows) -> Iterator[str]:
    """Yield each row as a line of CSV (RFC 4180). A text that would be computed gets an apostrophe before it."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(map(_as_text, row))
        yield line.getvalue()


def would_compute(cell: str) -> bool:
    """True if a spreadsheet would compute this text. Leading apostrophes do not count: one may be ours."""
    return cell.lstrip("'").startswith(COMPUTED)


def _as_text(value: Any) -> Any:
    if value is None or isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return f"'{text}" if would_compute(text) else text


def as_xlsx(rows: Rows, name: str, *, title: str) -> HttpResponse:
    """An .xlsx file to download; `title` is that of its only sheet."""
    from openpyxl import Workbook  # late: each command would wait for it
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append([value if isinstance(value, int) else str(value) for value in row])
    for line in sheet.iter_rows():
        for cell in line:
            mark_as_text(cell)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    response = _download(XLSX, f"{name}.xlsx")
    response.write(file.getvalue())
    return response


def mark_as_text(cell: "Cell") -> None:
    """Keep a text a text. One that looks like a formula is marked as what somebody typed behind an apostrophe."""
    if isinstance(cell.value, str):
        cell.data_type = "s"
        cell.quotePrefix = would_compute(cell.value)


def _download(content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
