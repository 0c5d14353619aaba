"""The plan as two CSV files, with the columns and the refusals of the spreadsheet: its lines, and their indicators."""

import csv
import io

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import would_compute

from .spreadsheet import TITLES, UNPACKED, Lines, Row, checked, filled

DELIMITERS = (",", ";", "\t")  # a spreadsheet that speaks Spanish writes semicolons


def read(lines: bytes, indicators: bytes) -> Lines:
    """Read both files. Raises `WrongSpreadsheet` with every fault, or `Refused` if one is no CSV file in UTF-8."""
    titles = [str(title) for title in TITLES]
    return checked(titles, [_rows(title, file) for title, file in zip(titles, (lines, indicators), strict=True)])


def _rows(sheet: str, content: bytes) -> list[Row]:
    if len(content) > UNPACKED:
        raise Refused(_("The spreadsheet is too large."))
    try:
        text = content.decode("utf-8-sig")
        if "\0" in text:
            raise ValueError
        heads = [next(csv.reader(io.StringIO(text, newline=""), delimiter=one), []) for one in DELIMITERS]
        delimiter = max(zip(heads, DELIMITERS, strict=True), key=lambda it: len(it[0]))[1]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return filled(sheet, ([_cell(cell) for cell in row] for row in rows))
    except (ValueError, csv.Error) as error:
        raise Refused(_("This is no CSV file in UTF-8. Save it as one, and send it again.")) from error


def _cell(cell: str) -> str:
    """Return a cell without the apostrophe that the export puts before a text which a spreadsheet would compute."""
    return cell[1:] if cell.startswith("'") and would_compute(cell) else cell
