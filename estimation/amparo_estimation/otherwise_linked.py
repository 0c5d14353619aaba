"""Estimate from the same lists linked at other thresholds, and say how far the linkage decides the estimate.

A missed link raises an estimate and a false one lowers it. No resampling sees that, so the points of each linkage stand
beside each other: `amparo figures link` writes one file for each of three thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .drawing import number
from .estimator import ALL, BIC, LATENT, METHODS, MOST_LISTS_OF_BIC, Estimate, NotBuilt, estimate
from .lists import BadLists, Lists, read_lists

LINKAGE_DECIDES = "Linked at another threshold, the lists give an estimate outside the interval."


@dataclass(frozen=True)
class OtherLinkage:
    file: str
    observed: int
    points: dict[str, float]  # by method; empty: not enough data

    def as_json(self) -> dict[str, Any]:
        points = {method: round(people, 4) for method, people in self.points.items()}
        return {"lists": self.file, "observed": self.observed, "points": points}

    def in_words(self) -> str:
        points = ", ".join(f"{method} {number(people)}" for method, people in self.points.items())
        return f"{self.file}, {number(self.observed)} people observed: {points or 'not enough data'}."


def read_linkages(names: Sequence[str], paths: Sequence[str]) -> dict[str, Lists]:
    """Read the files of the other linkages. Raises `NotBuilt` for lists of other names."""
    linkages = {}
    for path in paths:
        try:
            lists = read_lists(path)
        except BadLists as wrong:
            raise NotBuilt(f"{Path(path).name}: {wrong}") from wrong
        if set(lists.names + lists.left_out) != set(names):
            raise NotBuilt(f"{Path(path).name} has other lists: give files of one linkage, at different thresholds.")
        linkages[path] = lists
    return linkages


def other_linkages(made: Estimate, linkages: Mapping[str, Lists], method: str, order: int | None) -> list[OtherLinkage]:
    """Points without an interval, by the methods that have a model."""
    methods = [it for it in METHODS if it != LATENT and method in (it, ALL)]
    if len(made.lists.names) > MOST_LISTS_OF_BIC:
        methods = [it for it in methods if it != BIC]
    found = []
    for path, lists in linkages.items():
        results = [it for each in methods for it in estimate(lists, each, order, boot=0).results]
        found.append(OtherLinkage(Path(path).name, lists.observed, {it.method: it.point for it in results}))
    return found


def points_of_all(made: Estimate, others: Sequence[OtherLinkage]) -> tuple[float, float] | None:
    """The lowest and the highest point of the linkages, by the methods that were tried on all. None: there is none."""
    tried = {method for other in others for method in other.points}
    points = [people for other in others for people in other.points.values()]
    points += [it.point for it in made.results if it.method in tried]
    return (min(points), max(points)) if points else None


def warned(made: Estimate, others: Sequence[OtherLinkage]) -> Estimate:
    """The estimate with a warning if another linkage has a point outside the interval of the same method."""
    ends = {it.method: it.interval for it in made.results if it.interval}
    outside = any(
        method in ends and not ends[method][0] <= people <= ends[method][1]
        for other in others
        for method, people in other.points.items()
    )
    return replace(made, warnings=(*made.warnings, LINKAGE_DECIDES)) if outside else made
