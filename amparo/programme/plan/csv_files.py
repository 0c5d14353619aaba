"""The plan as two CSV files, its lines and their indicators. Columns and faults are those of spreadsheet.py."""

import csv
import io

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import would_compute

from .spreadsheet import TITLES, PlanRows, checked_plan_rows, too_large, too_many_cells
from .workbook import UNPACKED, Row, TooManyCells, filled_rows

DELIMITERS = (",", ";", "\t")  # a spreadsheet that speaks Spanish writes semicolons


def read_csv_files(lines: bytes, indicators: bytes) -> PlanRows:
    """Read a plan from both files. Raises `WrongSpreadsheet` with its faults, or `Refused` if one is not CSV."""
    titles = [str(title) for title in TITLES]
    rows = [_parse_rows(title, file) for title, file in zip(titles, (lines, indicators), strict=True)]
    return checked_plan_rows(titles, rows)


def _parse_rows(sheet: str, content: bytes) -> list[Row]:
    if len(content) > UNPACKED:
        raise too_large()
    try:
        text = content.decode("utf-8-sig")
        if "\0" in text:
            raise ValueError
        heads = [next(csv.reader(io.StringIO(text, newline=""), delimiter=one), []) for one in DELIMITERS]
        delimiter = max(zip(heads, DELIMITERS, strict=True), key=lambda it: len(it[0]))[1]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return filled_rows([_without_apostrophe(cell) for cell in row] for row in rows)
    except TooManyCells:
        raise too_many_cells(sheet) from None
    except (ValueError, csv.Error) as error:
        raise Refused(_("This is no CSV file in UTF-8. Save it as one, and send it again.")) from error


def _without_apostrophe(cell: str) -> str:
    """Return a cell without its first apostrophe: the export adds one to texts that a spreadsheet would compute."""
    return cell[1:] if cell.startswith("'") and would_compute(cell) else cell
