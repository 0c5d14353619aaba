"""Rows as a file for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.styles import Font

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type Rows = Iterable[Sequence[Any]]  # the first row is the head


def as_csv(rows: Rows, name: str) -> HttpResponse:
    """A CSV file in UTF-8 to download, with a mark at its start by which spreadsheets know the encoding."""
    response = _download("text/csv; charset=utf-8", f"{name}.csv")
    response.write("\ufeff")
    csv.writer(response).writerows(rows)
    return response


def as_xlsx(rows: Rows, name: str, *, title: str) -> HttpResponse:
    """An .xlsx file to download; `title` is that of its only sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append([value if isinstance(value, int) else str(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    response = _download(XLSX, f"{name}.xlsx")
    response.write(file.getvalue())
    return response


def _download(content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
