"""How strongly the signs point to trafficking for labour: ILO and European Commission, Delphi indicators (2009).

They explain a result and never decide it: the legal test does (determination.py). The rule of a dimension is ILO's; how
dimensions combine is told by a secondary source and left to the analyst by ILO's own brochure. The two lists for sexual
exploitation are not among the shipped data: for these there is no profile, and no strength is claimed.
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

VERSION = "ilo-delphi-2009/1"  # of the lists that are asked from; each version is a file of its own
DATA = Path(__file__).parent / "data"
RECRUITMENT = ("deceptive_recruitment", "coercive_recruitment", "vulnerability_recruitment")
DESTINATION = ("coercion_destination", "vulnerability_destination")
EXPLOITATION = "exploitation"


class Profile(Picklist):
    ADULT_LABOUR = "adult_labour", _("labour exploitation of an adult")
    CHILD_LABOUR = "child_labour", _("labour exploitation of a child")


class Strength(Picklist):
    STRONG = "strong", _("strong")
    MEDIUM = "medium", _("medium")
    WEAK = "weak", _("weak")


class Finding(Picklist):
    TRAFFICKING = "trafficking_indicated", _("signs of trafficking")
    FORCED_LABOUR = "forced_labour_indicated", _("signs of forced labour")
    DECEPTION = "deception_and_exploitation", _("deception and exploitation")
    EXPLOITATION_ONLY = "exploitation_only", _("exploitation without the other signs")
    NOT_INDICATED = "not_indicated", _("no signs so far")


@dataclass(frozen=True)
class Indicator:
    key: str  # "exploitation.low_salary"
    label: dict[str, str]  # language -> words
    strength: dict[str, Strength]  # profile -> how much it weighs; a profile that is missing does not know it
    forced_labour: tuple[int, ...]  # which of ILO's eleven indicators of forced labour it feeds

    @property
    def said(self) -> str:
        return _said(self.label)


@dataclass(frozen=True)
class Dimension:
    key: str
    label: dict[str, str]
    element: str  # of the legal test that it speaks for
    phase: str  # recruitment or destination
    indicators: tuple[Indicator, ...]

    @property
    def said(self) -> str:
        return _said(self.label)

    def is_positive(self, present: set[str], profile: Profile) -> bool:
        return is_positive(it.strength.get(profile) for it in self.indicators if it.key in present)


@functools.cache
def dimensions(version: str = VERSION) -> tuple[Dimension, ...]:
    """All six, in the order in which things happen."""
    return tuple(
        Dimension(
            it["key"], _labels(it), it["palermo"], it["phase"],
            tuple(_indicator(one) for one in it["indicators"]),
        )
        for it in json.loads(file_of(version).read_text())["dimensions"]
    )  # fmt: skip


@functools.cache
def by_key(version: str = VERSION) -> dict[str, Indicator]:
    return {it.key: it for dimension in dimensions(version) for it in dimension.indicators}


def file_of(version: str) -> Path:
    """What is in it is never changed, not by a word: signed assessments are computed anew from it."""
    return DATA / f"{version}.json"


def is_positive(strengths: Iterable[Strength | None]) -> bool:
    """ILO's rule for one dimension. None: the profile does not know this sign, and it counts for nothing."""
    count = Counter(strengths)
    strong, medium, weak = (count[it] for it in Strength)
    return (strong >= 1 and strong + medium + weak >= 2) or medium >= 3 or (medium >= 2 and weak >= 1)


def positive_dimensions(present: Iterable[str], profile: Profile, version: str = VERSION) -> frozenset[str]:
    """The keys of the dimensions for which these signs are enough."""
    signs = set(present)
    return frozenset(it.key for it in dimensions(version) if it.is_positive(signs, profile))


def find(present: Iterable[str], profile: Profile, version: str = VERSION) -> Finding:
    """What the dimensions say together. For a child exploitation is enough; the act is asked apart."""
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
    """In the reader's language; Spanish where there is no other."""
    return label.get((get_language() or "es")[:2], label["es"])


def _labels(it: dict[str, Any]) -> dict[str, str]:
    return {language: it[f"label_{language}"] for language in ("es", "en")}
