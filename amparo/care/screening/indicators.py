"""Indicators of trafficking for labour exploitation: ILO and European Commission, Delphi indicators (2009).

They explain a result; the legal test in determination.py decides it. The rule for one dimension is ILO's. The rule that
combines dimensions comes from a secondary source, because ILO's brochure leaves it to the analyst. The two lists for
sexual exploitation are not in the shipped data, so these purposes have no profile and no strength.
"""

import functools
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist

VERSION = "ilo-delphi-2009/1"  # version of the lists in use; each version has its own file
DATA = Path(__file__).parent / "data"
RECRUITMENT = ("deceptive_recruitment", "coercive_recruitment", "vulnerability_recruitment")
DESTINATION = ("coercion_destination", "vulnerability_destination")
EXPLOITATION = "exploitation"


class Profile(Picklist):
    """An ILO list. Each list gives the indicators its own weights."""

    ADULT_LABOUR = "adult_labour", _("labour exploitation of an adult")
    CHILD_LABOUR = "child_labour", _("labour exploitation of a child")


class Strength(Picklist):
    STRONG = "strong", _("strong")
    MEDIUM = "medium", _("medium")
    WEAK = "weak", _("weak")


class Finding(Picklist):
    """The combined result of the six dimensions. It explains the legal test, and does not replace it."""

    TRAFFICKING = "trafficking_indicated", _("signs of trafficking")
    FORCED_LABOUR = "forced_labour_indicated", _("signs of forced labour")
    DECEPTION = "deception_and_exploitation", _("deception and exploitation")
    EXPLOITATION_ONLY = "exploitation_only", _("exploitation without the other signs")
    NOT_INDICATED = "not_indicated", _("no signs so far")


@dataclass(frozen=True)
class Indicator:
    """One sign of trafficking."""

    key: str  # "exploitation.low_salary"
    label: dict[str, str]  # language -> words
    strength: dict[str, Strength]  # profile -> weight; a missing profile does not list this indicator
    forced_labour: tuple[int, ...]  # numbers of the related ones among ILO's eleven indicators of forced labour

    @property
    def local_label(self) -> str:
        """The label in the reader's language."""
        return _local_label(self.label)


@dataclass(frozen=True)
class Dimension:
    """One of the six groups of indicators."""

    key: str
    label: dict[str, str]
    element: str  # the element of the legal test that it supports
    phase: str  # recruitment or destination
    indicators: tuple[Indicator, ...]

    @property
    def local_label(self) -> str:
        """The label in the reader's language."""
        return _local_label(self.label)

    def is_positive(self, present: set[str], profile: Profile) -> bool:
        """True if the indicators `present` (keys) make this dimension positive under `profile`."""
        return is_dimension_positive(sign.strength.get(profile) for sign in self.indicators if sign.key in present)


@functools.cache
def dimensions(version: str = VERSION) -> tuple[Dimension, ...]:
    """Return the six dimensions in the order of events, from recruitment to exploitation."""
    return tuple(
        Dimension(
            group["key"], _labels(group), group["palermo"], group["phase"],
            tuple(_indicator(entry) for entry in group["indicators"]),
        )
        for group in json.loads(data_file(version).read_text())["dimensions"]
    )  # fmt: skip


@functools.cache
def indicators_by_key(version: str = VERSION) -> dict[str, Indicator]:
    """Return all indicators by their key."""
    return {sign.key: sign for dimension in dimensions(version) for sign in dimension.indicators}


def data_file(version: str) -> Path:
    """Return the data file of a version. Never change a shipped file: signed assessments are recomputed from it."""
    return DATA / f"{version}.json"


def is_dimension_positive(strengths: Iterable[Strength | None]) -> bool:
    """Apply ILO's rule for one dimension to the strengths of its present indicators.

    It takes a strong indicator and any other, or three medium ones, or two medium and a weak one. None stands for an
    indicator that the profile does not list; it does not count.
    """
    count = Counter(strengths)
    strong, medium, weak = (count[strength] for strength in Strength)
    return (strong >= 1 and strong + medium + weak >= 2) or medium >= 3 or (medium >= 2 and weak >= 1)


def positive_dimensions(present: Iterable[str], profile: Profile, version: str = VERSION) -> frozenset[str]:
    """Return the keys of the dimensions that are positive."""
    signs = set(present)
    return frozenset(group.key for group in dimensions(version) if group.is_positive(signs, profile))


def combine_dimensions(present: Iterable[str], profile: Profile, version: str = VERSION) -> Finding:
    """Combine the positive dimensions into a finding.

    Under the profile for children, exploitation is enough; it is the legal test that also asks about the act.
    """
    positive = positive_dimensions(present, profile, version)
    if EXPLOITATION not in positive:
        return Finding.NOT_INDICATED
    if profile == Profile.CHILD_LABOUR:
        return Finding.TRAFFICKING
    recruited, kept = (not positive.isdisjoint(group) for group in (RECRUITMENT, DESTINATION))
    return {
        (True, True): Finding.TRAFFICKING,
        (False, True): Finding.FORCED_LABOUR,
        (True, False): Finding.DECEPTION,
        (False, False): Finding.EXPLOITATION_ONLY,
    }[recruited, kept]


def _indicator(entry: dict[str, Any]) -> Indicator:
    strength = {str(profile): Strength(entry[profile]) for profile in Profile if entry.get(profile)}
    return Indicator(entry["key"], _labels(entry), strength, tuple(entry["ilo11"]))


def _local_label(label: dict[str, str]) -> str:
    """Return the label in the reader's language, or in Spanish if there is no translation."""
    return label.get((get_language() or "es")[:2], label["es"])


def _labels(entry: dict[str, Any]) -> dict[str, str]:
    return {language: entry[f"label_{language}"] for language in ("es", "en")}
