"""The rules by version: what was signed is computed anew by the rule of its day, whatever the newest is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from amparo.care.people.picklists import Age

from . import answers
from .answers import Answers
from .determination import Result
from .indicators import Finding


class NotKept(Exception):
    """Something was signed under a rule that this Amparo does not have."""


@dataclass(frozen=True)
class Rule:
    """Two pure functions of the answers and the age. Once shipped it never says anything else of the same."""

    version: str  # of the legal test, and of the lists of signs
    result: Callable[[Answers, Age], Result]
    finding: Callable[[Answers, Age], Finding | None]  # None: the lists say nothing of this

    def compute(self, given: Answers, age: Age) -> dict[str, str]:
        """All that an assessment says, from its inputs: the same again whenever it is asked."""
        return {"result": str(self.result(given, age)), "finding": str(self.finding(given, age) or "")}


# Every rule that ever shipped, the newest last: its name stands beside what was signed. How to add one: README.md.
KEPT = {
    rule.version: rule
    for rule in (
        Rule(
            "palermo-129a/1 ilo-delphi-2009/1", answers.result, partial(answers.finding, lists="ilo-delphi-2009/1")
        ),
    )
}  # fmt: skip


def newest() -> Rule:
    """What the pages say, and what is signed under."""
    return KEPT[next(reversed(KEPT))]


def kept(version: str) -> Rule:
    """The rule of this version. Raises `NotKept`."""
    if version not in KEPT:
        raise NotKept(f"The rule «{version}» is not kept here, and what was signed under it cannot be computed anew.")
    return KEPT[version]
