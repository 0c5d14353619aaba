"""PDF documents: their fonts, and text that a font can print."""

import functools
import unicodedata
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

NO_SIGN = "[?]"  # a character that the font lacks
FONTS = Path(reportlab.__file__).parent / "fonts"  # Bitstream Vera, included in the library
MARGIN = 20 * mm
PLAIN = ParagraphStyle("plain", fontName="Vera", fontSize=10, leading=15, spaceAfter=3 * mm)
TITLE = ParagraphStyle("title", PLAIN, fontName="Vera-Bold", fontSize=16, leading=21)
HEADING = ParagraphStyle("heading", PLAIN, fontName="Vera-Bold", fontSize=11, spaceBefore=4 * mm)
LINE = ParagraphStyle("line", PLAIN, spaceAfter=0)
SMALL = ParagraphStyle("small", PLAIN, fontSize=8, leading=12)


def printable(text: Any) -> str:
    """Prepare text for the font: composed accents, nothing invisible, and a mark for missing characters."""
    joined = (c for c in unicodedata.normalize("NFC", str(text)) if unicodedata.category(c) != "Cf")
    return escape("".join(c if ord(c) in _available_characters() or c.isspace() else NO_SIGN for c in joined))


@functools.cache
def _available_characters() -> frozenset[int]:
    """Return the characters that our fonts have; the fonts are registered on the first call."""
    fonts = [TTFont(name, FONTS / file) for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf"))]
    for font in fonts:
        pdfmetrics.registerFont(font)
    return frozenset(fonts[0].face.charToGlyph)
