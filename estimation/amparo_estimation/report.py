"""One page of HTML that draws the doubts of an estimate: everything in one file, nothing fetched."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from .drawing import binned, histogram, number, ranges, shown, upset
from .estimator import LATENT, Estimate, Result

STYLE = (Path(__file__).parent / "report.css").read_text()


def page(estimate: Estimate) -> str:
    """The report as HTML. Counts below ten are hidden and the others rounded to five."""
    title = "How many people there may be"
    parts = [f'<p class="verdict">{escape(estimate.verdict)}</p>', _list(estimate.warnings)]
    parts += (
        [_results(estimate), *map(_resamples, filter(lambda it: it.interval, estimate.results))]
        if estimate.results
        else []
    )
    parts += [_histories(estimate), _models(estimate), _one_left_out(estimate)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _results(estimate: Estimate) -> str:
    rows = [(f"{it.method} {it.model}", *(it.interval or (it.point, it.point)), it.point) for it in estimate.results]
    bands = [
        (f"models within {within} BIC", *ends, None) for within, ends in ((2, estimate.near), (6, estimate.far)) if ends
    ]
    cells = [
        (
            it.method,
            it.model,
            number(it.point),
            _between(it.interval),
            "" if it.bic is None else f"{it.bic:.1f}",
            " ".join(it.flags),
        )
        for it in estimate.results
    ]
    cells += [(label, "", "", _between((low, high)), "", "") for label, low, high, _ in bands]
    drawn = ranges(
        [*rows, *bands], "Point and interval of each method, and the range of models that fit almost as well"
    )
    heads = ("Method", "Model", "Point", f"{estimate.results[0].level:.0%} interval or range", "BIC", "Flags")
    return f"<h2>The estimate and its doubts</h2>{drawn}{_table(heads, cells, numbers=(2, 3, 4))}"


def _resamples(result: Result) -> str:
    ends = result.interval or (result.point, result.point)
    bars = binned(result.resampled)
    what = "draws" if result.method == LATENT else "resamples"
    title = f"Distribution of {number(result.boot)} {what}, {result.method}; shaded: the interval"
    rows = [(f"{number(low)} to {number(high)}", number(count)) for low, high, count in bars if count]
    table = _table(("People", "Resamples"), rows, numbers=(1,))
    drawn = histogram(bars, ends, title)
    return (
        f"<h2>{escape(title)}</h2>{drawn}<details><summary>Table</summary>{table}</details><p>Seed {result.seed}.</p>"
    )


def _histories(estimate: Estimate) -> str:
    bars = shown(estimate.lists.histories)
    rows = [(" + ".join(estimate.lists.named(cell)), "fewer than 10" if n is None else number(n)) for cell, n in bars]
    title = "People on each combination of lists, to the nearest five"
    drawn = upset(estimate.lists.names, bars, title, "<10")
    return f"<h2>{title}</h2>{drawn}{_table(('Lists', 'People'), rows, numbers=(1,))}"


def _models(estimate: Estimate) -> str:
    rows = [(name, f"{bic:.2f}", number(people)) for name, bic, people in estimate.models[:20]]
    return (
        f"<h2>The models that fit best</h2>{_table(('Model', 'BIC', 'People'), rows, numbers=(1, 2))}" if rows else ""
    )


def _one_left_out(estimate: Estimate) -> str:
    rows = [(name, "not enough data" if people is None else number(people)) for name, people in estimate.one_left_out]
    heads = ("Left out", "Stepwise estimate")
    return f"<h2>Without one of the lists</h2>{_table(heads, rows, numbers=(1,))}" if rows else ""


def _between(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def _list(sentences: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape(it)}</li>" for it in sentences) + "</ul>"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], numbers: tuple[int, ...]) -> str:
    def line(tag: str, cells: tuple[str, ...]) -> str:
        made = (f"<{tag}{' class=n' if i in numbers else ''}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<div class="scroll"><table><thead>{line("th", heads)}</thead><tbody>{body}</tbody></table></div>'
