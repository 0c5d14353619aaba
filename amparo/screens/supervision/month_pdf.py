"""The work of the line as PDF, for donors and the ministry: each number with its definition, as on the page."""

import io
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from amparo.foundation.core.paper import HEADING, LINE, MARGIN, PLAIN, SMALL, TITLE, printable

from .measures import Value, WorkOfDays

LINES = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor(0x8A8174)), ("VALIGN", (0, 0), (-1, -1), "TOP")])
NUMBERS = 30 * mm  # the width of their column


def as_pdf(month: WorkOfDays) -> bytes:
    file = io.BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    title = _("The work of the line: %(when)s") % {"when": month.title}
    document = SimpleDocTemplate(file, pagesize=A4, title=title, author="", invariant=True, **margins)
    counted_at = date_format(timezone.localtime(month.counted_at), "DATETIME_FORMAT")
    counted = _("Counted on %(at)s. Small numbers are not hidden: do not publish it.")
    words: list[Flowable] = [
        Paragraph(printable(title), TITLE),
        Paragraph(printable(counted % {"at": counted_at}), PLAIN),
    ]
    parts = {_("Calls"): month.total, _("Conversations in writing"): month.written, _("What was done"): month.done}
    for heading, values in parts.items():
        words += [Paragraph(printable(heading), HEADING), _table_with_definitions(values, document.width)]
    tables = [*month.tables, (_("In writing, by channel"), month.by_channel), *month.contacts]
    for heading, lines in tables:
        rows = [(line.label, line.values[0]) for line in lines]
        if rows:
            head = f"{heading}: {rows[0][1].measure.label}"
            words += [Paragraph(printable(head), HEADING), _two_column_table(rows, document.width)]
    document.build(words)
    return file.getvalue()


def _table_with_definitions(values: list[Value], width: float) -> Table:
    rows = [
        [[Paragraph(printable(each.measure.label), LINE), Paragraph(printable(each.measure.definition), SMALL)],
         Paragraph(printable(each.text), LINE)]
        for each in values
    ]  # fmt: skip
    return Table(rows, colWidths=[width - NUMBERS, NUMBERS], style=LINES, hAlign="LEFT")


def _two_column_table(rows: list[tuple[str, Value]], width: float) -> Table:
    lines = [[Paragraph(printable(label), LINE), Paragraph(printable(value.text), LINE)] for label, value in rows]
    return Table(lines, colWidths=[width - NUMBERS, NUMBERS], style=LINES, hAlign="LEFT")
