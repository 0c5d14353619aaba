"""What may be said of an estimate: one sentence, from the facts that decide it."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import words
from .unequal import LowerBound, Unequal

GOOD_OVERLAP = 30  # people on two or more lists; with fewer, an estimate rests on a handful of people
APART = 1.2  # estimates disagree if the highest is more than this times the lowest

type Range = tuple[float, float]


@dataclass(frozen=True)
class Facts:
    lists: int
    overlap: int  # people on two or more lists
    points: Sequence[float]  # of each method
    intervals: Sequence[Range]  # of each method that has one
    near: Range | None  # of the models that fit almost as well
    bound: LowerBound | None
    unequal: Unequal | None

    @property
    def lies_higher(self) -> bool:
        """Whether what allows for people who are harder to see lies above every interval, and fits no worse."""
        highest = max(high for _, high in self.intervals)
        by_model = self.unequal is not None and self.unequal.fits_no_worse and self.unequal.people > highest
        return by_model or bool(self.bound and self.bound.people > highest)

    @property
    def disagree(self) -> bool:
        """Whether the points, or the ends of `near`, differ by over a fifth."""
        found = [*self.points, *(self.near or ())]
        return bool(max(found) > APART * min(found))


def verdict(facts: Facts) -> str:
    """Return the sentence that says what may be published. It says so of no interval unless every test is passed."""
    if not facts.intervals:
        return words.WITHHELD
    if facts.lists == 2:
        return words.TWO_LISTS_ONLY
    if facts.overlap < GOOD_OVERLAP:
        return words.TOO_FEW_TWICE
    if facts.lies_higher:
        return words.LOWER_END
    return words.DISAGREE if facts.disagree else words.ESTIMATED
