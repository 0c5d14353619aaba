"""All shipped versions of the screening rules, so that a signed assessment can be recomputed by the rule of its day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from amparo.care.people.picklists import Age

from . import answers
from .answers import Answers
from .indicators import Finding
from .picklists import Result


class UnknownRule(Exception):
    """An assessment was signed under a rule that this version of Amparo does not have."""


@dataclass(frozen=True)
class Rule:
    """One version of the legal test and of the combined finding, as pure functions of the answers and the age.

    Once shipped, a rule never gives another result for the same input.
    """

    version: str  # version of the legal test and of the lists of indicators
    result: Callable[[Answers, Age], Result]
    finding: Callable[[Answers, Age], Finding | None]  # None: no list applies

    def compute(self, given: Answers, age: Age) -> dict[str, str]:
        """Return the computed fields of an `Assessment`. The same input always gives the same output."""
        return {"result": str(self.result(given, age)), "finding": str(self.finding(given, age) or "")}


# Every rule that was ever shipped, newest last. An assessment stores the version. README.md says how to add one.
KEPT = {
    rule.version: rule
    for rule in (
        Rule(
            "palermo-129a/1 ilo-delphi-2009/1", answers.legal_result,
            partial(answers.combined_finding, lists="ilo-delphi-2009/1"),
        ),
    )
}  # fmt: skip


def newest_rule() -> Rule:
    """Return the rule that the pages use and new assessments are signed under."""
    return KEPT[next(reversed(KEPT))]


def rule_of_version(version: str) -> Rule:
    """Return the rule of this version. Raises `UnknownRule`."""
    if version not in KEPT:
        raise UnknownRule(
            f"The rule «{version}» is not kept here, and what was signed under it cannot be computed anew."
        )
    return KEPT[version]
