"""The report of an estimate as PDF on A4. It needs the extra `pdf`: reportlab and resvg."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
import resvg_py
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .estimator import Estimate
from .linkage_sensitivity import OtherLinkage
from .report import STYLE, TITLE, Part, report_parts, translator_for

FONTS = Path(reportlab.__file__).parent / "fonts"
PLAIN, BOLD = "Vera", "VeraBd"
MARGIN, NUMBERS = 20 * mm, 34 * mm  # NUMBERS: the width of a column of them
LIGHT = STYLE.partition("@media")[0]  # paper is never dark
SHARP = 3  # pixels for each unit of a drawing
LINES = TableStyle([
    ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor(0xD5D9E0)), ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
])  # fmt: skip

for name in (PLAIN, BOLD):
    registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=8.5, leading=12)
CELL = ParagraphStyle("cell", TEXT, fontSize=7.5, leading=10)
COUNT = ParagraphStyle("count", CELL, alignment=2)
HEAD = ParagraphStyle("head", TEXT, fontName=BOLD, fontSize=11, leading=15, spaceBefore=5 * mm, spaceAfter=2 * mm)
FIRST = ParagraphStyle("first", HEAD, fontSize=15, leading=20, spaceBefore=0)
VERDICT = ParagraphStyle("verdict", TEXT, fontName=BOLD, fontSize=10, leading=14, spaceAfter=2 * mm)


def as_pdf(estimate: Estimate, others: Sequence[OtherLinkage] = (), language: str = "en") -> bytes:
    """Return the report as PDF. The same estimate gives the same bytes."""
    file, say = io.BytesIO(), translator_for(language)
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    document = SimpleDocTemplate(
        file, pagesize=A4, title=say(TITLE), author="", lang=language, invariant=True, **margins
    )
    flow: list[Flowable] = [_paragraph(say(TITLE), FIRST), _paragraph(say(estimate.verdict), VERDICT)]
    flow += [_paragraph(f"• {say(warning)}", TEXT) for warning in estimate.warnings]
    for part in report_parts(estimate, others, say):
        flow += _part_flowables(part, document.width)
    document.build(flow)
    return file.getvalue()


def _part_flowables(part: Part, width: float) -> Iterator[Flowable]:
    drawn: list[Flowable] = [_paragraph(part.title, HEAD), *([_picture(part.drawing, width)] if part.drawing else [])]
    yield KeepTogether(drawn)
    words = (width - NUMBERS * len(part.numbers)) / (len(part.heads) - len(part.numbers))
    widths = [NUMBERS if column in part.numbers else words for column in range(len(part.heads))]
    lines = [
        [_paragraph(cell, COUNT if column in part.numbers else CELL) for column, cell in enumerate(row)]
        for row in (part.heads, *part.rows)
    ]
    yield Table(lines, colWidths=widths, style=LINES, repeatRows=1, hAlign="LEFT")
    yield Spacer(0, 2 * mm)
    yield from (_paragraph(note, TEXT) for note in part.notes)


def _picture(drawing: str, width: float) -> Image:
    head, _, rest = drawing.partition(">")
    styled = f'{head} xmlns="http://www.w3.org/2000/svg"><style>{LIGHT}</style>{rest}'
    png = resvg_py.svg_to_bytes(
        svg_string=_printable(styled), background="#ffffff", zoom=SHARP, skip_system_fonts=True,
        font_files=[str(FONTS / f"{PLAIN}.ttf")], sans_serif_family="Bitstream Vera Sans",
        font_family="Bitstream Vera Sans",
    )  # fmt: skip
    image = Image(io.BytesIO(png))
    image.drawHeight *= width / image.drawWidth
    image.drawWidth = width
    return image


def _paragraph(words: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_printable(words)), style)


def _printable(words: str) -> str:
    """Return words with ordinary spaces in place of narrow ones, which the font lacks."""
    return words.replace("\u202f", "\u00a0")
