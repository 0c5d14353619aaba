"""The report of an estimate: its findings and drawings, and one HTML page of them, in one file that fetches nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from .drawing import binned, histogram, number, ranges, shown, upset
from .estimator import LATENT, Estimate, Result
from .latent import AGREES, Posterior
from .otherwise_linked import OtherLinkage

TITLE = "How many people there may be"
STYLE = (Path(__file__).parent / "report.css").read_text()
MODELS = 20  # shown


@dataclass(frozen=True)
class Part:
    """A heading, a drawing and the table of its numbers."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: tuple[int, ...]  # columns that hold numbers
    drawing: str = ""  # SVG; empty: the table alone
    notes: tuple[str, ...] = ()  # sentences below the table
    is_long: bool = False  # its table opens when somebody asks for it


def parts(estimate: Estimate, others: Sequence[OtherLinkage] = ()) -> Iterator[Part]:
    """What a report shows. Counts below ten are hidden and the others rounded to five."""
    if estimate.results:
        yield _results(estimate)
    yield from (_resamples(it) for it in estimate.results if it.interval)
    if estimate.posterior:
        yield _chains(estimate.posterior)
    if estimate.lists.observed:
        yield _histories(estimate)
    if estimate.models:
        rows = [(name, f"{bic:.2f}", number(people)) for name, bic, people in estimate.models[:MODELS]]
        yield Part("The models that fit best", ("Model", "BIC", "People"), rows, (1, 2))
    if others or estimate.one_left_out:
        yield _sensitivity(estimate, others)


def page(estimate: Estimate, others: Sequence[OtherLinkage] = ()) -> str:
    """The report as HTML."""
    warnings = "".join(f"<li>{escape(it)}</li>" for it in estimate.warnings)
    shown = "".join(_html(part) for part in parts(estimate, others))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{TITLE}</title><style>{STYLE}</style></head><body><main><h1>{TITLE}</h1>"
        f'<p class="verdict">{escape(estimate.verdict)}</p><ul>{warnings}</ul>{shown}</main></body></html>\n'
    )


def _results(estimate: Estimate) -> Part:
    drawn = [(f"{it.method} {it.model}", *(it.interval or (it.point, it.point)), it.point) for it in estimate.results]
    bands = [
        (f"models within {within} BIC", *ends, None) for within, ends in ((2, estimate.near), (6, estimate.far)) if ends
    ]
    rows = [
        (label, number(it.point), _between(it.interval), "" if it.bic is None else f"{it.bic:.1f}")
        for it, (label, *_) in zip(estimate.results, drawn, strict=True)
    ]
    rows += [(label, "", _between((low, high)), "") for label, low, high, _ in bands]
    heads = ("Method and model", "Point", f"{estimate.results[0].level:.0%} interval or range", "BIC")
    notes = tuple(f"{it.method}: {flag}" for it in estimate.results for flag in it.flags)
    alternative = "Point and interval of each method, and the range of models that fit almost as well"
    return Part("The estimate and its doubts", heads, rows, (1, 2, 3), ranges([*drawn, *bands], alternative), notes)


def _resamples(result: Result) -> Part:
    ends = result.interval or (result.point, result.point)
    bars = binned(result.resampled)
    what = "draws" if result.method == LATENT else "resamples"
    title = f"Distribution of {number(result.boot)} {what}, {result.method}; shaded: the interval"
    rows = [(f"{number(low)} to {number(high)}", number(count)) for low, high, count in bars if count]
    drawn = histogram(bars, ends, title)
    return Part(title, ("People", what.capitalize()), rows, (1,), drawn, (f"Seed {result.seed}.",), is_long=True)


def _chains(posterior: Posterior) -> Part:
    """Draw each half of each chain, because R-hat compares the halves."""
    chains = len(posterior.people)
    rows = []
    for place, draws in enumerate(posterior.halves):
        low, middle, high = (float(it) for it in np.quantile(draws, (0.025, 0.5, 0.975)))
        rows.append((f"chain {place % chains + 1}, {'second' if place >= chains else 'first'} half", low, high, middle))
    rows.sort()
    agree = "the chains agree" if posterior.has_converged else "the chains do not agree, so their result is withheld"
    return Part(
        "The chains of the latent classes",
        ("Chain", "Middle", "95% of the draws"),
        [(label, number(middle), _between((low, high))) for label, low, high, middle in rows],
        (1, 2),
        ranges(rows, "Where each half of each chain was: its median, and 95% of its draws"),
        (f"R-hat {posterior.r_hat:.2f}: {agree} (they do below {AGREES}).",),
    )


def _histories(estimate: Estimate) -> Part:
    bars = shown(estimate.lists.histories)
    rows = [(" + ".join(estimate.lists.named(cell)), "fewer than 10" if n is None else number(n)) for cell, n in bars]
    title = "People on each combination of lists, to the nearest five"
    return Part(title, ("Lists", "People"), rows, (1,), upset(estimate.lists.names, bars, title, "<10"))


def _sensitivity(estimate: Estimate, others: Sequence[OtherLinkage]) -> Part:
    """The same estimate without each list, and from the lists as they were linked at other thresholds."""
    moved = [(f"without {name}", "stepwise", people) for name, people in estimate.one_left_out]
    for other in others:
        moved += [(other.file, method, people) for method, people in other.points.items()]
        moved += [] if other.points else [(other.file, "", None)]
    drawn = [(f"{it.method} {it.model}", *(it.interval or (it.point, it.point)), it.point) for it in estimate.results]
    points = [(f"{label}, {method}", people, people, people) for label, method, people in moved if people is not None]
    rows = [(label, method, "not enough data" if people is None else number(people)) for label, method, people in moved]
    title = "Without one of the lists" + (", and linked at other thresholds" if others else "")
    heads = ("What was changed", "Method", "People")
    picture = ranges([*drawn, *points], f"{title}: the points beside the intervals of the estimate") if points else ""
    notes = ("A missed link raises an estimate and a false one lowers it; no interval holds that doubt.",)
    return Part(title, heads, rows, (2,), picture, notes if others else ())


def _between(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def _html(part: Part) -> str:
    def line(tag: str, cells: tuple[str, ...]) -> str:
        made = (
            f"<{tag}{' class=n' if i in part.numbers else ''}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr>{''.join(made)}</tr>"

    def region(what: str, name: str) -> str:
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">{what}</div>'

    body = "".join(line("td", row) for row in part.rows)
    rows = f"<table><thead>{line('th', part.heads)}</thead><tbody>{body}</tbody></table>"
    table = region(rows, f"Table: {part.title}")
    if part.is_long:
        table = f"<details><summary>Table</summary>{table}</details>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in part.notes)
    drawing = region(part.drawing, f"Drawing: {part.title}") if part.drawing else ""
    return f"<h2>{escape(part.title)}</h2>{drawing}{table}{notes}"
