"""Read the cells of an .xlsx file. It needs no Django: `core/limited_process.py` runs it in a process of its own."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any

MOST_SHEETS = 2  # that are read
MOST_ROWS, MOST_COLUMNS = 5000, 100  # of a sheet, without its heads
LAST_ROW = 1_048_576  # of a sheet; a damaged file may name a row far beyond, and reading up to it would take too long
UNPACKED = 50_000_000  # bytes of all parts; an .xlsx is a zip file, which can grow a thousandfold
UNPACKED_PART = 5_000_000  # bytes of a part that is neither a sheet nor the list of texts: openpyxl reads it as a whole
STREAMED = ("xl/worksheets/", "xl/sharedstrings.xml")

type Row = tuple[int, Sequence[Any]]  # number of the row, from 1, and its cells


class TooManyCells(Exception):
    """A sheet has too many rows or columns."""


def read_workbook(content: bytes) -> dict[str, Any]:
    """Return {"sheets": number of sheets, "titles": [...], "rows": [[number, cells], ...] of each sheet}.

    Of these sheets only the first `MOST_SHEETS` are read. {"too_large": True} or {"too_many_cells": title} instead, if
    it goes beyond a limit. A date is {"date": ISO 8601}; any other cell is as JSON has it.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if is_too_large(packed.infolist()):
            return {"too_large": True}
    from openpyxl import load_workbook

    sheets = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets
    rows = []
    for sheet in sheets[:MOST_SHEETS]:
        sheet.reset_dimensions()  # some programs write a wrong size, and what is outside would be lost
        try:
            found = filled_rows(sheet.iter_rows(values_only=True))
        except TooManyCells:
            return {"too_many_cells": sheet.title}
        rows.append([[number, [_as_json(cell) for cell in cells]] for number, cells in found])
    return {"sheets": len(sheets), "titles": [sheet.title for sheet in sheets[:MOST_SHEETS]], "rows": rows}


def is_too_large(parts: Iterable[zipfile.ZipInfo]) -> bool:
    parts = list(parts)
    others = (part.file_size for part in parts if not part.filename.lower().startswith(STREAMED))
    return sum(part.file_size for part in parts) > UNPACKED or any(size > UNPACKED_PART for size in others)


def filled_rows(rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Return the rows that are not empty, the heads first. Raises `TooManyCells`."""
    found: list[Row] = []
    for number, cells in enumerate(rows, 1):
        width = max((place for place, cell in enumerate(cells, 1) if not is_empty(cell)), default=0)
        if width:
            found.append((number, cells[:width]))
        if len(found) > MOST_ROWS + 1 or width > MOST_COLUMNS or number > LAST_ROW:
            raise TooManyCells
    return found


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _as_json(cell: Any) -> Any:
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    return str(cell) if isinstance(cell, time | timedelta) else cell
