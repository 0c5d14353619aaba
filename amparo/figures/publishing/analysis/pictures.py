"""An answer as a picture to download, in SVG or PNG. The notes on its numbers are written below them."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

import resvg_py
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from amparo.figures.publishing.shown_numbers import printed
from amparo.figures.publishing.sources import joined_names
from amparo.foundation.core.paper import FONTS

from .answers import Answer, row_label
from .crossed_answers import CrossedAnswer

MARGIN, LINE, LETTER = 24, 22, 7.4  # units: of the page, of a row, and of a letter of a label
BAR, BESIDE = 400, 90  # the longest bar, and the number beside it
COLUMN, NARROWEST = 104, 640
NOTE = 16  # the height of a line of the notes
INK, SOFT, EDGE, EMPTY = "#221d17", "#5d564c", "#8a8174", "#f0ebe0"
SHADES = {"hidden": EMPTY, "1": "#d5deec", "2": "#a9bddb", "3": "#6d8fc0", "4": "#3d639e", "5": "#1f3c6c"}
ON_DARK = {"4", "5"}  # shades with white numbers
TWICE = 2  # pixels of the PNG for each unit


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    words: str
    anchor: str = "start"
    size: int = 13
    weight: str = "normal"
    fill: str = INK


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    is_hidden: bool = False


type Shape = Text | Box


def as_svg(answer: Answer | CrossedAnswer) -> str:
    drawn = list(_draw_table(answer) if isinstance(answer, CrossedAnswer) else _draw_bars(answer))
    width = max([NARROWEST, *(it.x + it.width + MARGIN for it in drawn if isinstance(it, Box))])
    if isinstance(answer, Answer):
        width = max(width, _label_width(answer) + BAR + BESIDE + 2 * MARGIN)
    title = wrap(answer.title, int((width - 2 * MARGIN) / 10.5))
    shapes: list[Shape] = [
        Text(MARGIN, MARGIN + 18 + 22 * number, line, size=17, weight="bold") for number, line in enumerate(title)
    ]
    top = MARGIN + 22 * len(title) + 14
    shapes += [_moved_down(shape, top) for shape in drawn]
    bottom = max([top, *(it.y + (it.height if isinstance(it, Box) else 6) for it in shapes)]) + 30
    named = [*answer.notes, *([(_("Source"), joined_names(answer.sources))] if answer.sources else [])]
    notes = [
        line
        for name, words in named
        for line in wrap(f"{name}: {words}", int((width - 2 * MARGIN) / 6.7), subsequent_indent="    ")
    ]
    shapes += [Text(MARGIN, bottom + NOTE * number, line, size=11, fill=SOFT) for number, line in enumerate(notes)]
    return render_to_string(
        "publishing/picture.svg",
        {
            "title": answer.title, "description": " ".join(f"{name}: {words}" for name, words in named),
            "width": round(width), "height": round(bottom + NOTE * len(notes) + MARGIN), "edge": EDGE, "empty": EMPTY,
            "texts": [it for it in shapes if isinstance(it, Text)],
            "boxes": [it for it in shapes if isinstance(it, Box)],
        },
    )  # fmt: skip


def as_png(answer: Answer | CrossedAnswer) -> bytes:
    """Return the picture of `as_svg` as PNG. Its font has no arrow, so “>” stands in place of “→”."""
    return resvg_py.svg_to_bytes(
        svg_string=as_svg(answer).replace("→", "&gt;"), background="#ffffff", zoom=TWICE, skip_system_fonts=True,
        font_files=[str(FONTS / "Vera.ttf"), str(FONTS / "VeraBd.ttf")], sans_serif_family="Bitstream Vera Sans",
    )  # fmt: skip


def _moved_down(shape: Shape, by: float) -> Shape:
    if isinstance(shape, Box):
        return Box(shape.x, shape.y + by, shape.width, shape.height, shape.fill, shape.is_hidden)
    return Text(shape.x, shape.y + by, shape.words, shape.anchor, shape.size, shape.weight, shape.fill)


def _label_width(answer: Answer) -> float:
    labels = (answer.known_total_label, *(row_label(row) for row in answer.listed_rows))
    return max(60, *(LETTER * len(label) for label in labels))


def _draw_bars(answer: Answer) -> Iterator[Shape]:
    """Draw a bar with its number for each row, then write the total."""
    start = MARGIN + _label_width(answer) + 10
    highest = max([1, *(row.known for row in answer.listed_rows if row.known)])
    for place, row in enumerate(answer.listed_rows):
        y = LINE * place
        yield Text(start - 10, y + 13, row_label(row), "end")
        length = 28 if row.known is None else max(1, BAR * row.known / highest)
        yield Box(start, y, length, 16, SHADES["3"], row.known is None)
        yield Text(start + length + 8, y + 13, printed(row.known))
    y = LINE * len(answer.listed_rows) + 16
    yield Text(start - 10, y, answer.known_total_label, "end", weight="bold")
    yield Text(start, y, printed(answer.known_total), weight="bold")


def _draw_table(answer: CrossedAnswer) -> Iterator[Shape]:
    """Draw a shaded table: rows by columns, with their sums. If there is none, write why."""
    table = answer.table
    if not table:
        for number, line in enumerate(wrap(answer.why_nothing, 76)):
            yield Text(MARGIN, 16 + 18 * number, line)
        return
    start = MARGIN + max(LETTER * len(line.label) for line in table.lines) + 10
    heads = [wrap(label, 13) for label in (*table.columns, _("In all"))]
    top = 16 * max(map(len, heads)) + 6
    for place, head in enumerate(heads):
        for number, line in enumerate(reversed(head)):
            yield Text(start + COLUMN * (place + 0.5), top - 8 - 16 * number, line, "middle", 12)
    for number, row in enumerate(table.lines):
        y = top + 26 * number
        yield Text(start - 10, y + 17, row.label, "end")
        for place, cell in enumerate(row.cells):
            x = start + COLUMN * place
            yield Box(x, y, COLUMN - 2, 24, SHADES[cell.step], cell.count is None)
            fill = "#ffffff" if cell.step in ON_DARK else INK
            yield Text(x + COLUMN / 2 - 1, y + 17, printed(cell.count), "middle", 12, fill=fill)
        yield Text(start + COLUMN * (len(row.cells) + 0.5), y + 17, printed(row.total), "middle", 12, "bold")
    y = top + 26 * len(table.lines) + 17
    yield Text(start - 10, y, _("In all"), "end", weight="bold")
    for place, count in enumerate((*table.column_sums, table.total)):
        yield Text(start + COLUMN * (place + 0.5), y, printed(count), "middle", 12, "bold")
    yield Box(start + COLUMN * len(heads), y, 0, 0, EMPTY)  # the right edge of the last sums
