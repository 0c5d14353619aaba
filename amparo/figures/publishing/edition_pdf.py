"""An edition or a year as PDF: each table with its definition. Crossed tables are not in it; it says where they are."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Table, TableStyle

from amparo.foundation.core.paper import HEADING, LINE, MARGIN, PLAIN, SMALL, TITLE, printable

from .shown_numbers import printed

if TYPE_CHECKING:
    from .sheets import ReadableEdition, Sheet

GREY = HexColor(0x8A8174)
LINES = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, GREY), ("LINEABOVE", (0, -1), (-1, -1), 0.75, GREY)])
NUMBERS = 35 * mm  # the width of their column


def as_pdf(reading: "ReadableEdition", licence: str) -> bytes:
    """Return the edition on A4, the same bytes each time."""
    file = io.BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    title = _("Figures of the hotline, %(quarter)s") % {"quarter": reading.period}
    document = SimpleDocTemplate(file, pagesize=A4, title=title, author="", invariant=True, **margins)
    words = [Paragraph(printable(title), TITLE), *_about(reading), *_correction(reading)]
    for sheet in reading.shown:
        words.append(KeepTogether([*_sheet(sheet, document.width)]))
    if reading.unshown:
        words.append(Paragraph(printable(_("Not shown, because they are too few")), HEADING))
        words += [Paragraph(printable(str(sheet.definition.title)), LINE) for sheet in reading.unshown]
    mark = [_("Demonstration: demo data.")] if reading.document["invented"] else []
    foot = " ".join([_("Licence: %(name)s") % {"name": licence} + ".", *mark])

    def on_each_page(page: Any, _document: Any) -> None:
        line = Paragraph(printable(f"{foot} · {page.getPageNumber()}"), SMALL)
        line.wrapOn(page, document.width, MARGIN)
        line.drawOn(page, MARGIN, 10 * mm)

    document.build(words, onFirstPage=on_each_page, onLaterPages=on_each_page)
    return file.getvalue()


def _about(reading: "ReadableEdition") -> Iterator[Flowable]:
    written = reading.document
    published = f"{_('Published on')} {date_format(reading.published_on)}. " if reading.published_on else ""
    edition = f"{_('Edition')} {written['edition']}, {_('snapshot')} {written['snapshot']}."
    yield Paragraph(printable(published + edition), LINE)
    if reading.is_of_a_year:
        numbers = ", ".join(map(str, written["editions"]))
        yield Paragraph(printable(f"{_('The sum of these editions, and no new count:')} {numbers}."), LINE)
    if reading.crossed:
        where = _(
            "Its tables with two breakdowns at once are on the public pages, in the CSV and in the .xlsx, not here."
        )
        yield Paragraph(printable(where), PLAIN)
    if reading.superseded_sentence:
        yield Paragraph(printable(f"{reading.superseded_sentence}."), HEADING)
    how = _("To the nearest five; nothing below ten is shown, nor what would give it away.")
    yield Paragraph(printable(how), PLAIN)


def _correction(reading: "ReadableEdition") -> Iterator[Flowable]:
    if not reading.document["corrects"]:
        return
    yield Paragraph(printable(_("What this edition corrects")), HEADING)
    yield Paragraph(printable(reading.document["why"]), PLAIN)
    for change in reading.changes:
        words = f"{change.table}: {change.cell}: {printed(change.was)} > {printed(change.now)}"
        yield Paragraph(printable(words), LINE)


def _sheet(sheet: "Sheet", width: float) -> Iterator[Flowable]:
    definition = sheet.definition
    yield Paragraph(printable(definition.title), HEADING)
    for sentence in sheet.left_out:
        yield Paragraph(printable(sentence), PLAIN)
    for name, words in (
        (_("Unit"), definition.unit), (_("Of which"), definition.population), (_("Counted by"), definition.counted_by),
        (_("Caution"), definition.caution),
    ):  # fmt: skip
        yield Paragraph(f"<b>{printable(name)}:</b> {printable(words)}", SMALL)
    rows = [(row.label, row.count) for row in sheet.rows] if not sheet.shows_only_its_total else []
    lines = [
        [Paragraph(printable(label.replace("→", ">")), LINE), Paragraph(printable(printed(count)), LINE)]
        for label, count in (*rows, (sheet.total_label, sheet.total))
    ]
    yield Table(lines, colWidths=[width - NUMBERS, NUMBERS], style=LINES, repeatRows=0, hAlign="LEFT")
