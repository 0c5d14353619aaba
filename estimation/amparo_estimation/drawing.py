"""Draw an estimate's doubts as SVG, without script or style: a page gives the classes their colours.

Classes: `bar`, `bar-hidden`, `on`, `off`, `join`, `axis`, `band`, `curve`, `whisker`, `arrow`, `point`, `label`, `row`,
`note`.
The caller puts a table beside each drawing, and a note below each of estimates: a picture travels without its page.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import inf, isfinite

import numpy as np

from .bootstrap import Estimates

WIDTH = 640
NARROW = 36  # of a bar with the space beside it
MOST_LEFT = WIDTH // 2  # of the space for labels
NOTE = 22  # height of the sentence below a drawing
LABEL = 30  # half of what a number below an axis may need
BASE, SMALLEST = 5, 10  # counts below ten are hidden, the others are rounded to five

type Bars = Sequence[tuple[int, int | None]]  # history as a cell, people; None: hidden
type Curve = Sequence[tuple[float, str, float, float, float]]


def shown_counts(histories: Sequence[tuple[int, int]]) -> list[tuple[int, int | None]]:
    """Return (cell, people) with the counts that a report may show: to the nearest five, None for those below ten.

    The hidden counts come last, in an order that does not depend on them.
    """
    seen = [(cell, BASE * round(count / BASE)) for cell, count in histories if count >= SMALLEST]
    return [*seen, *((cell, None) for cell, count in sorted(histories) if count < SMALLEST)]


def format_number(value: float) -> str:
    """Round a number and group its digits: 1234567 as 1 234 567, with narrow spaces that do not break."""
    return f"{round(value):,}".replace(",", "\u202f")


def upset_plot(names: Sequence[str], bars: Bars, title: str, hidden: str) -> str:
    """Draw who is on which lists (an UpSet plot): a bar for each history, and dots below it for its lists.

    `hidden` is written on the bar of a hidden count. Cell 0 is a bar without dots: all hidden histories together.
    """
    names = [_shortened(name, (MOST_LEFT - 20) // 8) for name in names]
    left = 20 + 8 * max(map(len, names))
    wide = (WIDTH - left) / max(len(bars), 1)
    is_upright = wide < NARROW  # numbers are turned, because they would overlap
    top, height, row = 48 if is_upright else 24, 130, 24
    most = max((count for _, count in bars if count), default=1)
    floor = top + height
    body = [
        f'<rect class="row" x="0" y="{floor + 10 + row * i}" width="{WIDTH}" height="{row}" data-odd="{i % 2}"/>'
        f'<text class="label" x="4" y="{floor + 27 + row * i}">{escape(name)}</text>'
        for i, name in enumerate(names)
    ]
    for at, (cell, count) in enumerate(bars):
        middle = left + wide * (at + 0.5)
        tall = 4 if count is None else max(height * count / most, 1)
        kind, words = ("bar-hidden", hidden) if count is None else ("bar", format_number(count))
        width = min(wide * 0.6, 40)
        body.append(
            f'<rect class="{kind}" x="{middle - width / 2:.1f}" y="{floor - tall:.1f}" '
            f'width="{width:.1f}" height="{tall:.1f}"/>'
            f"{_value_label(middle, floor - tall - 5, words, is_upright)}"
        )
        levels = [floor + 22 + row * i for i in range(len(names))]
        members = [y for i, y in enumerate(levels) if cell >> i & 1] or [0]
        if cell:
            body.append(
                f'<line class="join" x1="{middle:.1f}" x2="{middle:.1f}" y1="{members[0]}" y2="{members[-1]}"/>'
            )
        body += [
            f'<circle class="{"on" if y in members else "off"}" cx="{middle:.1f}" cy="{y}" r="5"/>' for y in levels
        ]
    body.append(f'<line class="axis" x1="{left}" x2="{WIDTH}" y1="{floor}" y2="{floor}"/>')
    return _svg(floor + 20 + row * len(names), title, body)


def _value_label(x: float, y: float, words: str, is_upright: bool) -> str:
    turned = f'transform="rotate(-90 {x:.1f} {y:.1f})" dy="4"' if is_upright else 'text-anchor="middle"'
    return f'<text class="value" x="{x:.1f}" y="{y:.1f}" {turned}>{escape(words)}</text>'


def range_plot(rows: Sequence[tuple[str, float, float, float | None]], title: str, note: str) -> str:
    """Draw ranges below each other on one scale, above a note.

    A row: label, lower end, upper end (infinite: an arrow), point (None: a range of models, so a bar without ends).
    """
    row, right = 34, 24
    labels = [_shortened(label, (MOST_LEFT - 16) // 7) for label, *_ in rows]
    left = max(200, 16 + 7 * max(map(len, labels)))
    ends = [end for row in rows for end in row[1:] if end is not None and isfinite(end)]
    low, high = _scale_ends(min(ends), max(ends))

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (value - low) / (high - low)

    body = _axis(low, high, x, row * len(rows) + 8)
    for at, (label, (_, start, end, point)) in enumerate(zip(labels, rows, strict=True)):
        y = 20 + row * at
        body.append(f'<text class="label" x="4" y="{y + 4}">{escape(label)}</text>')
        if point is None:
            width = max(x(end) - x(start), 2)
            body.append(f'<rect class="band" x="{x(start):.1f}" y="{y - 7}" width="{width:.1f}" height="14"/>')
            continue
        last = WIDTH - right if end == inf else x(end)
        body.append(f'<line class="whisker" x1="{x(start):.1f}" x2="{last:.1f}" y1="{y}" y2="{y}"/>')
        caps = [x(start)] if end == inf else [x(start), last]
        body += [f'<line class="whisker" x1="{at:.1f}" x2="{at:.1f}" y1="{y - 6}" y2="{y + 6}"/>' for at in caps]
        if end == inf:
            body.append(f'<path class="arrow" d="M{last} {y - 6}l10 6-10 6z"/>')
        body.append(f'<circle class="point" cx="{x(point):.1f}" cy="{y}" r="6"/>')
    below = row * len(rows) + 44
    return _svg(below + NOTE, title, [*body, _note(below, note)])


def histogram(bars: Sequence[tuple[float, float, int]], ends: tuple[float, float], title: str, note: str) -> str:
    """Draw how many resamples have which estimate, with the interval shaded. `bars` come from `binned`."""
    top, height = 12, 120
    low, high = bars[0][0], bars[-1][1]

    def x(value: float) -> float:
        return LABEL + (WIDTH - 2 * LABEL) * (min(max(value, low), high) - low) / (high - low)

    most = max(count for _, _, count in bars)
    body = [
        f'<rect class="band" x="{x(ends[0]):.1f}" y="{top}" width="{x(ends[1]) - x(ends[0]):.1f}" height="{height}"/>'
    ]
    for start, end, count in bars:
        tall = height * count / most
        body.append(
            f'<rect class="bar" x="{x(start):.1f}" y="{top + height - tall:.1f}" '
            f'width="{max(x(end) - x(start) - 1, 0.5):.1f}" height="{tall:.1f}"/>'
        )
    below = top + height + 34
    return _svg(below + NOTE, title, [*body, *_axis(low, high, x, top + height), _note(below, note)])


def curve_plot(points: Curve, title: str, note: str) -> str:
    """Draw people as a curve with its interval as a band, from zero up, above a note.

    A point: place along the axis, its words, lower end, people, upper end. The scale ends at a quarter above the
    highest people, and a wider band is cut there: the table beside the drawing has its ends.
    """
    top, height, right = 12, 200, 24
    first, last = points[0][0], points[-1][0]
    high = 1.25 * max(people for *_, people, _ in points)
    ticks = _ticks(0, high)
    left = 16 + 8 * max(len(format_number(tick)) for tick in ticks)
    floor = top + height

    def x(place: float) -> float:
        return left + LABEL + (WIDTH - left - 2 * LABEL - right) * (place - first) / (last - first)

    def y(people: float) -> float:
        return floor - height * min(people, high) / high

    def path(ends: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x(place):.1f},{y(people):.1f}" for place, people in ends)

    below = [(place, low) for place, _, low, _, _ in points]
    above = [(place, up) for place, *_, up in reversed(points)]
    body = [f'<polygon class="band" points="{path([*below, *above])}"/>']
    for tick in ticks:
        body.append(f'<line class="axis" x1="{left - 4}" x2="{WIDTH - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        number = format_number(tick)
        body.append(f'<text class="tick" x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{number}</text>')
    body.append(f'<polyline class="curve" points="{path([(place, people) for place, *_, people, _ in points])}"/>')
    for place, label, _, people, _ in points:
        body.append(f'<circle class="point" cx="{x(place):.1f}" cy="{y(people):.1f}" r="4"/>')
        words = f'x="{x(place):.1f}" y="{floor + 18}" text-anchor="middle"'
        body.append(f'<text class="tick" {words}>{escape(label)}</text>')
    return _svg(floor + 34 + NOTE, title, [*body, _note(floor + 34, note)])


def binned(resampled: Estimates, bins: int = 40) -> list[tuple[float, float, int]]:
    """Group the resamples into (from, to, how many). The outer groups hold also the lowest 0.5% and the highest 1%."""
    known = resampled[np.isfinite(resampled)]
    low, high = np.quantile(known, [0.005, 0.99])
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(known, low, high), bins, (low, high))
    return [(float(edges[i]), float(edges[i + 1]), int(counts[i])) for i in range(bins)]


def _note(y: float, words: str) -> str:
    return f'<text class="note" x="4" y="{y + 12}">{escape(words)}</text>'


def _shortened(label: str, most: int) -> str:
    """Shorten a long label in its middle; the table beside the drawing has the full label."""
    half = (most - 1) // 2
    return label if len(label) <= most else f"{label[:half]}…{label[-half:]}"


def _scale_ends(low: float, high: float) -> tuple[float, float]:
    margin = 0.05 * (high - low) or 1
    return max(low - margin, 0), high + margin


def _ticks(low: float, high: float) -> list[float]:
    step = 10 ** np.floor(np.log10((high - low) / 2))
    step *= 5 if (high - low) / step > 12 else 2 if (high - low) / step > 6 else 1
    return [float(tick) for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]


def _axis(low: float, high: float, x: Callable[[float], float], y: float) -> list[str]:
    body = [f'<line class="axis" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}"/>']
    for tick in _ticks(low, high):
        body.append(f'<line class="axis" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{y}" y2="{y + 4}"/>')
        body.append(
            f'<text class="tick" x="{x(tick):.1f}" y="{y + 18}" text-anchor="middle">{format_number(tick)}</text>'
        )
    return body


def _svg(height: float, title: str, body: Sequence[str]) -> str:
    """Return the SVG element. `title` is its alternative text; blank: the page around it says what is drawn."""
    alternative = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" {alternative}>{"".join(body)}</svg>'
