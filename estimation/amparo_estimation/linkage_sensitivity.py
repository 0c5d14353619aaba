"""Estimate from the same lists linked at other thresholds, to see how far the linkage decides the estimate.

A missed link raises an estimate and a false one lowers it. No resampling sees that, so the point estimates of all
linkages are shown together: `amparo figures link` writes one file for each of three thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .drawing import format_number
from .estimator import ALL, BIC, LATENT, METHODS, MOST_LISTS_OF_BIC, Estimate, Unsupported, estimate
from .lists import BadLists, Lists, read_lists

LINKAGE_DECIDES = "Linked at another threshold, the lists give an estimate outside the interval."


@dataclass(frozen=True)
class OtherLinkage:
    """The point estimates from the same lists when their records were linked at another threshold."""

    file: str
    observed: int
    points: dict[str, float]  # by method; empty: not enough data

    def as_json(self) -> dict[str, Any]:
        points = {method: round(people, 4) for method, people in self.points.items()}
        return {"lists": self.file, "observed": self.observed, "points": points}

    def in_words(self) -> str:
        points = ", ".join(f"{method} {format_number(people)}" for method, people in self.points.items())
        return f"{self.file}, {format_number(self.observed)} people observed: {points or 'not enough data'}."


def read_linkages(names: Sequence[str], paths: Sequence[str]) -> dict[str, Lists]:
    """Read the files of the other linkages, by path. Raises `Unsupported` for a bad file, or lists of other names."""
    linkages = {}
    for path in paths:
        try:
            lists = read_lists(path)
        except BadLists as wrong:
            raise Unsupported(f"{Path(path).name}: {wrong}") from wrong
        if set(lists.names + lists.left_out) != set(names):
            raise Unsupported(f"{Path(path).name} has other lists: give files of one linkage, at different thresholds.")
        linkages[path] = lists
    return linkages


def other_linkages(made: Estimate, linkages: Mapping[str, Lists], method: str, order: int | None) -> list[OtherLinkage]:
    """Estimate from each other linkage without an interval, by `stepwise` or `bic` or both, as `method` says."""
    methods = [it for it in METHODS if it != LATENT and method in (it, ALL)]
    if len(made.lists.names) > MOST_LISTS_OF_BIC:
        methods = [it for it in methods if it != BIC]
    found = []
    for path, lists in linkages.items():
        results = [it for each in methods for it in estimate(lists, each, order, boot=0).results]
        found.append(OtherLinkage(Path(path).name, lists.observed, {it.method: it.point for it in results}))
    return found


def range_of_points(made: Estimate, others: Sequence[OtherLinkage]) -> tuple[float, float] | None:
    """Return the lowest and highest point estimate of all linkages. None: there are none.

    Of `made`, only methods that the other linkages used too are compared.
    """
    tried = {method for other in others for method in other.points}
    points = [people for other in others for people in other.points.values()]
    points += [it.point for it in made.results if it.method in tried]
    return (min(points), max(points)) if points else None


def with_linkage_warning(made: Estimate, others: Sequence[OtherLinkage]) -> Estimate:
    """Return the estimate, with a warning if another linkage's point is outside the interval of the same method."""
    ends = {it.method: it.interval for it in made.results if it.interval}
    outside = any(
        method in ends and not ends[method][0] <= people <= ends[method][1]
        for other in others
        for method, people in other.points.items()
    )
    return replace(made, warnings=(*made.warnings, LINKAGE_DECIDES)) if outside else made
