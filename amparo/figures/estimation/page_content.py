"""What a page shows of an estimate: numbers, sentences and drawings, with small counts hidden.

It runs in a process of its own, without Django, and takes seconds to import.
"""

from math import inf
from typing import Any

import numpy as np

from amparo.figures.protection.rules import REST, protect
from amparo.foundation.core.small_counts import round_to_five
from amparo_estimation import words
from amparo_estimation.drawing import Curve, binned, curve_plot, histogram, range_plot, upset_plot
from amparo_estimation.estimator import Estimate, Result, estimate
from amparo_estimation.latent import Posterior
from amparo_estimation.lists import Lists
from amparo_estimation.sensitivity import CurvePoint, curve_of_ratios, curve_of_shares, people_at

MODELS = 12  # shown
REST_CELL = 0


def estimate_for_page(names: list[str], counts: dict[str, int], resamples: int, seed: int) -> dict[str, Any]:
    """Estimate hidden people from counts by history, and return what the page shows as JSON values.

    `counts` is keyed by the number of a history (see `shown_histories`). The drawings hold no words but the names of
    lists and models, and one sentence that `reading.py` translates.
    """
    table = np.zeros(1 << len(names))
    for cell, people in counts.items():
        table[int(cell)] = people
    made = estimate(Lists(tuple(names), table), boot=resamples, seed=seed)
    bars = shown_histories(made.lists)
    return {
        **made.as_json(),
        "observed": round_to_five(made.lists.observed),
        "lowest": made.lowest,
        "models": [{"name": name, "bic": bic, "people": people} for name, bic, people in made.models[:MODELS]],
        "one_left_out": [{"name": name, "people": people} for name, people in made.one_left_out],
        "curves": _curves(made),
        "if_related": people_at(made.over_odds_ratios, 2),
        "if_unseen": people_at(made.over_shares, 0.2),
        "chains": _chain_ranges(made.posterior) if made.posterior else None,
        "histories": [{"lists": made.lists.list_names_of(cell), "people": people} for cell, people in bars],
        "drawings": {
            "histories": upset_plot(made.lists.names, bars, "", ""),
            "ranges": _draw_ranges(made) if made.results else "",
            "one_left_out": _draw_one_left_out(made),
            "resamples": [_resample_histogram(it) for it in made.results if it.interval],
        },
    }


def shown_histories(lists: Lists) -> list[tuple[int, int | None]]:
    """Return how many people have each history, rounded, with the small counts hidden. None: not shown.

    A history is the set of lists that a person is on, as the bits of its number. The number 0 stands for all hidden
    histories together. All possible histories are protected, so that nobody learns which of the hidden ones are empty.
    """
    counts = {str(cell): int(lists.table[cell]) for cell in range(len(lists.table) - 1, 0, -1)}
    safe = protect(counts)
    seen = sorted(((round_to_five(n), int(cell)) for cell, n in safe.shown.items()), key=lambda it: (-it[0], it[1]))
    rest = [(REST_CELL, round_to_five(safe.parts[REST]))] if safe.hidden and safe.rest is not None else []
    return [*((cell, people) for people, cell in seen), *rest]


def _draw_ranges(made: Estimate) -> str:
    rows = _interval_rows(made)
    if made.bound:
        rows.append(("≥ Chao", made.bound.interval[0], inf, made.bound.people))
    rows += [(f"ΔBIC < {within}", *ends, None) for within, ends in ((2, made.near), (6, made.far)) if ends]
    return range_plot(rows, "", words.TOO_LOW)


def _interval_rows(made: Estimate) -> list[tuple[str, float, float, float | None]]:
    return [(f"{it.method} {it.model}", *(it.interval or (it.point, it.point)), it.point) for it in made.results]


def _draw_one_left_out(made: Estimate) -> str:
    """Return an SVG: the estimates that leave one list out, beside the intervals of all lists. Blank: none was made."""
    points = [(f"− {name}", people, people, people) for name, people in made.one_left_out if people is not None]
    return range_plot([*_interval_rows(made), *points], "", words.TOO_LOW) if points else ""


def _curves(made: Estimate) -> list[dict[str, Any]]:
    """Return the estimate over how related the lists are, and over the share beyond all lists: drawn, and as rows."""
    shown: tuple[tuple[str, tuple[CurvePoint, ...], Curve], ...] = (
        ("ratios", made.over_odds_ratios, curve_of_ratios(made.over_odds_ratios)),
        ("shares", made.over_shares, curve_of_shares(made.over_shares)),
    )
    return [
        {
            "over": over,
            "drawing": curve_plot(drawn, "", words.TOO_LOW),
            "rows": [
                {**it.as_json(), "label": label} for it, (_place, label, *_ends) in zip(points, drawn, strict=True)
            ],
        }
        for over, points, drawn in shown
        if points
    ]


def _chain_ranges(posterior: Posterior) -> dict[str, Any]:
    """Return the range of each half of each Markov chain, drawn and as rows, and whether the chains agree (R-hat)."""
    rows: list[dict[str, Any]] = []
    for place, draws in enumerate(posterior.halves):
        low, middle, high = (float(it) for it in np.quantile(draws, (0.025, 0.5, 0.975)))
        second, chain = divmod(place, len(posterior.people))
        rows.append({"chain": f"{chain + 1}{'ab'[second]}", "low": low, "middle": middle, "high": high})
    rows.sort(key=lambda row: row["chain"])
    drawing = range_plot([(it["chain"], it["low"], it["high"], it["middle"]) for it in rows], "", words.TOO_LOW)
    return {"r_hat": posterior.r_hat, "agree": posterior.has_converged, "rows": rows, "drawing": drawing}


def _resample_histogram(result: Result) -> dict[str, Any]:
    bars = binned(result.resampled)
    ends = result.interval or (result.point, result.point)
    rows = [{"from": low, "to": high, "resamples": n} for low, high, n in bars if n]
    return {"method": result.method, "drawing": histogram(bars, ends, "", words.TOO_LOW), "rows": rows}
