"""The report of an estimate: its parts with drawings and tables, and one HTML page that fetches nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import inf
from pathlib import Path

import numpy as np

from . import words
from .drawing import binned, curve_plot, format_number, histogram, range_plot, shown_counts, upset_plot
from .estimator import LATENT, Estimate, Result
from .latent import AGREES, Posterior
from .linkage_sensitivity import OtherLinkage
from .sensitivity import curve_of_ratios, curve_of_shares
from .spanish import SPANISH

LANGUAGES: dict[str, dict[str, str]] = {"en": {}, "es": SPANISH}
TITLE = "How many people there may be"
STYLE = (Path(__file__).parent / "report.css").read_text()
MODELS = 20  # shown


type Say = Callable[[str], str]


def translator_for(language: str) -> Say:
    """Return a function that translates a report's words into one of `LANGUAGES`. Words without a translation stay."""
    known = LANGUAGES[language]
    return lambda words: known.get(words, words)


@dataclass(frozen=True)
class Part:
    """A part of a report: a heading, a drawing and the table of its numbers."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: tuple[int, ...]  # columns that hold numbers
    drawing: str = ""  # SVG; empty: the table alone
    notes: tuple[str, ...] = ()  # sentences below the table
    is_long: bool = False  # its table opens when somebody asks for it


def report_parts(estimate: Estimate, others: Sequence[OtherLinkage], say: Say) -> Iterator[Part]:
    """Yield the parts of a report. Counts below ten are hidden, and the others rounded to five."""
    if estimate.results:
        yield _results(estimate, say)
        yield from _ranges_of_models(estimate, say)
        yield from _curves(estimate, say)
    yield from (_resamples(it, say) for it in estimate.results if it.interval)
    if estimate.posterior:
        yield _chains(estimate.posterior, say)
    if estimate.lists.observed:
        yield _histories(estimate, say)
    if estimate.models:
        rows = [(name, f"{bic:.2f}", format_number(people)) for name, bic, people in estimate.models[:MODELS]]
        yield Part(say("The models that fit best"), (say("Model"), "BIC", say("People")), rows, (1, 2))
    if others or estimate.one_left_out:
        yield _sensitivity(estimate, others, say)


def html_page(estimate: Estimate, others: Sequence[OtherLinkage] = (), language: str = "en") -> str:
    """Return the report as one HTML page."""
    say = translator_for(language)
    warnings = "".join(f"<li>{escape(say(it))}</li>" for it in estimate.warnings)
    shown = "".join(_part_as_html(part, say) for part in report_parts(estimate, others, say))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{say(TITLE)}</title><style>{STYLE}</style></head><body><main><h1>{say(TITLE)}</h1>"
        f'<p class="verdict">{escape(say(estimate.verdict))}</p><ul>{warnings}</ul>{shown}</main></body></html>\n'
    )


def _results(estimate: Estimate, say: Say) -> Part:
    drawn = _interval_rows(estimate, say)
    bands = [(label, *ends, None) for label, ends in _bands(estimate, say)]
    rows = [
        (label, format_number(it.point), _range_in_words(it.interval, say), "" if it.bic is None else f"{it.bic:.1f}")
        for it, (label, *_) in zip(estimate.results, drawn, strict=True)
    ]
    if estimate.bound:
        label, ends = say("lower bound (Chao)"), _range_in_words(estimate.bound.interval, say)
        rows.append((label, format_number(estimate.bound.people), ends, ""))
        drawn.append((label, estimate.bound.interval[0], inf, estimate.bound.people))
    interval = say("{level:.0%} interval").format(level=estimate.results[0].level)
    heads = (say("Method and model"), say("Point"), interval, "BIC")
    notes = tuple(f"{it.method}: {say(flag)}" for it in estimate.results for flag in it.flags)
    if estimate.bound:
        notes = (say(words.AT_LEAST) % {"people": format_number(estimate.bound.people)}, *notes)
    alternative = say("Point and interval of each method, and the range of models that fit almost as well")
    drawing = range_plot([*drawn, *bands], alternative, say(words.TOO_LOW))
    return Part(say("The estimate and its doubts"), heads, rows, (1, 2, 3), drawing, notes)


def _ranges_of_models(estimate: Estimate, say: Say) -> Iterator[Part]:
    rows = [(label, _range_in_words(ends, say)) for label, ends in _bands(estimate, say)]
    if rows:
        heads = (say("Models"), say("Smallest and largest estimate"))
        yield Part(say("Models that fit almost as well"), heads, rows, (1,), notes=(say(words.RANGE_OF_MODELS),))


def _curves(estimate: Estimate, say: Say) -> Iterator[Part]:
    """Yield the curves over how related the lists are, and over the share of people beyond all lists."""
    related, unseen = "If lists lead people to each other", "If some people are beyond all lists"
    shown = (
        (estimate.over_odds_ratios, curve_of_ratios, related, "Odds ratio between lists", (words.OF_ONE_MODEL,)),
        (estimate.over_shares, curve_of_shares, unseen, "Share that no list could ever see", ()),
    )
    for points, curve, title, head, notes in shown:
        if points:
            drawn = curve(points)
            rows = [
                (label, format_number(it.people), _range_in_words(it.interval, say))
                for it, (_, label, *_) in zip(points, drawn, strict=True)
            ]
            alternative = say("{title}: how many people there would be, with the interval").format(title=say(title))
            drawing = curve_plot(drawn, alternative, say(words.TOO_LOW))
            heads = (say(head), say("People"), say("{level:.0%} interval").format(level=estimate.results[0].level))
            yield Part(say(title), heads, rows, (1, 2), drawing, tuple(map(say, (words.NO_POINT_IS_KNOWN, *notes))))


def _bands(estimate: Estimate, say: Say) -> list[tuple[str, tuple[float, float]]]:
    label = say("models within {within} BIC")
    return [(label.format(within=within), ends) for within, ends in ((2, estimate.near), (6, estimate.far)) if ends]


def _interval_rows(estimate: Estimate, say: Say) -> list[tuple[str, float, float, float]]:
    return [
        (f"{it.method} {say(it.model)}", *(it.interval or (it.point, it.point)), it.point) for it in estimate.results
    ]


def _resamples(result: Result, say: Say) -> Part:
    ends = result.interval or (result.point, result.point)
    bars = binned(result.resampled)
    what = say("draws" if result.method == LATENT else "resamples")
    title = say("Distribution of {many} {what}, {method}; shaded: the interval").format(
        many=format_number(result.boot), what=what, method=result.method
    )
    rows = [(_range_in_words((low, high), say), format_number(count)) for low, high, count in bars if count]
    seed = say("Seed {seed}.").format(seed=result.seed)
    drawn = histogram(bars, ends, title, say(words.TOO_LOW))
    return Part(title, (say("People"), what.capitalize()), rows, (1,), drawn, (seed,), is_long=True)


def _chains(posterior: Posterior, say: Say) -> Part:
    """Draw each half of each chain, because R-hat compares the halves."""
    chains = len(posterior.people)
    rows = []
    for place, draws in enumerate(posterior.halves):
        low, middle, high = (float(it) for it in np.quantile(draws, (0.025, 0.5, 0.975)))
        half = say("chain {chain}, second half" if place >= chains else "chain {chain}, first half")
        rows.append((half.format(chain=place % chains + 1), low, high, middle))
    rows.sort()
    agree = "the chains agree" if posterior.has_converged else "the chains do not agree, so their result is withheld"
    note = say("R-hat {r_hat:.2f}: {agree} (they do below {limit}).")
    alternative = say("Where each half of each chain was: its median, and 95% of its draws")
    return Part(
        say("The chains of the latent classes"),
        (say("Chain"), say("Middle"), say("95% of the draws")),
        [(label, format_number(middle), _range_in_words((low, high), say)) for label, low, high, middle in rows],
        (1, 2),
        range_plot(rows, alternative, say(words.TOO_LOW)),
        (note.format(r_hat=posterior.r_hat, agree=say(agree), limit=AGREES),),
    )


def _histories(estimate: Estimate, say: Say) -> Part:
    bars, few = shown_counts(estimate.lists.histories), say("fewer than 10")
    rows = [
        (" + ".join(estimate.lists.list_names_of(cell)), few if n is None else format_number(n)) for cell, n in bars
    ]
    title = say("People on each combination of lists, to the nearest five")
    return Part(title, (say("Lists"), say("People")), rows, (1,), upset_plot(estimate.lists.names, bars, title, "<10"))


def _sensitivity(estimate: Estimate, others: Sequence[OtherLinkage], say: Say) -> Part:
    """Return the part on how the estimate moves without one list, and with lists linked at other thresholds."""
    without, few = say("without {name}"), say("not enough data")
    moved = [(without.format(name=name), "stepwise", people) for name, people in estimate.one_left_out]
    for other in others:
        moved += [(other.file, method, people) for method, people in other.points.items()]
        moved += [] if other.points else [(other.file, "", None)]
    points = [(f"{label}, {method}", people, people, people) for label, method, people in moved if people is not None]
    rows = [(label, method, few if people is None else format_number(people)) for label, method, people in moved]
    title = say("Without one of the lists, and linked at other thresholds" if others else "Without one of the lists")
    heads = (say("What was changed"), say("Method"), say("People"))
    alternative = say("{title}: the points beside the intervals of the estimate").format(title=title)
    drawn = [*_interval_rows(estimate, say), *points]
    picture = range_plot(drawn, alternative, say(words.TOO_LOW)) if points else ""
    notes = (say("A missed link raises an estimate and a false one lowers it; no interval holds that doubt."),)
    return Part(title, heads, rows, (2,), picture, notes if others else ())


def _range_in_words(ends: tuple[float, float] | None, say: Say) -> str:
    return (
        "" if ends is None else say("{low} to {high}").format(low=format_number(ends[0]), high=format_number(ends[1]))
    )


def _part_as_html(part: Part, say: Say) -> str:
    def line(tag: str, cells: tuple[str, ...]) -> str:
        made = (
            f"<{tag}{' class=n' if i in part.numbers else ''}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr>{''.join(made)}</tr>"

    def region(what: str, name: str) -> str:
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">{what}</div>'

    body = "".join(line("td", row) for row in part.rows)
    rows = f"<table><thead>{line('th', part.heads)}</thead><tbody>{body}</tbody></table>"
    table = region(rows, f"{say('Table')}: {part.title}")
    if part.is_long:
        table = f"<details><summary>{say('Table')}</summary>{table}</details>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in part.notes)
    drawing = region(part.drawing, f"{say('Drawing')}: {part.title}") if part.drawing else ""
    return f"<h2>{escape(part.title)}</h2>{drawing}{table}{notes}"
