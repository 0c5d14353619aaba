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
    """What the dimensions say together."""

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
    def said(self) -> str:
        """The label in the reader's language."""
        return _said(self.label)


@dataclass(frozen=True)
class Dimension:
    """One of the six groups of indicators."""

    key: str
    label: dict[str, str]
    element: str  # the element of the legal test that it supports
    phase: str  # recruitment or destination
    indicators: tuple[Indicator, ...]

    @property
    def said(self) -> str:
        """The label in the reader's language."""
        return _said(self.label)

    def is_positive(self, present: set[str], profile: Profile) -> bool:
        """True if the indicators `present` (keys) make this dimension positive under `profile`."""
        return is_positive(it.strength.get(profile) for it in self.indicators if it.key in present)


@functools.cache
def dimensions(version: str = VERSION) -> tuple[Dimension, ...]:
    """Return the six dimensions in the order of events, from recruitment to exploitation."""
    return tuple(
        Dimension(
            it["key"], _labels(it), it["palermo"], it["phase"],
            tuple(_indicator(one) for one in it["indicators"]),
        )
        for it in json.loads(file_of(version).read_text())["dimensions"]
    )  # fmt: skip


@functools.cache
def by_key(version: str = VERSION) -> dict[str, Indicator]:
    """Return all indicators by their key."""
    return {it.key: it for dimension in dimensions(version) for it in dimension.indicators}


def file_of(version: str) -> Path:
    """Return the data file of a version. Never change a shipped file: signed assessments are recomputed from it."""
    return DATA / f"{version}.json"


def is_positive(strengths: Iterable[Strength | None]) -> bool:
    """Apply ILO's rule for one dimension to the strengths of its present indicators.

    None is an indicator that the profile does not list; it does not count.
    """
    count = Counter(strengths)
    strong, medium, weak = (count[it] for it in Strength)
    return (strong >= 1 and strong + medium + weak >= 2) or medium >= 3 or (medium >= 2 and weak >= 1)


def positive_dimensions(present: Iterable[str], profile: Profile, version: str = VERSION) -> frozenset[str]:
    """Return the keys of the dimensions that are positive."""
    signs = set(present)
    return frozenset(it.key for it in dimensions(version) if it.is_positive(signs, profile))


def find(present: Iterable[str], profile: Profile, version: str = VERSION) -> Finding:
    """Combine the dimensions into a finding. For a child, exploitation is enough; the legal test asks about the act."""
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


def _indicator(one: dict[str, Any]) -> Indicator:
    strength = {str(profile): Strength(one[profile]) for profile in Profile if one.get(profile)}
    return Indicator(one["key"], _labels(one), strength, tuple(one["ilo11"]))


def _said(label: dict[str, str]) -> str:
    """Return the label in the reader's language, or in Spanish if there is no translation."""
    return label.get((get_language() or "es")[:2], label["es"])


def _labels(it: dict[str, Any]) -> dict[str, str]:
    return {language: it[f"label_{language}"] for language in ("es", "en")}
