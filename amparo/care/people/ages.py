"""The range of ages that a person may have. Often the exact age is unknown, but it is known whether they are a child.

A shelter or service with age limits fits a person when it accepts at least one age of their range. Requiring all ages
would leave nothing for "under 18", because few services start at 0. When it accepts only part of the range, the page
asks staff to find out the age. "Under 18" is therefore never offered a service that starts at 18, and "18 or older"
is never offered one that ends at 17.
"""

from typing import NamedTuple

from .picklists import MAJORITY, OLDEST, Age


class AgeRange(NamedTuple):
    """The ages in years that a person may have, from the youngest to the oldest."""

    youngest: int
    oldest: int

    def within(self, youngest: int | None, oldest: int | None) -> bool:
        """True if the whole range lies between `youngest` and `oldest`. None means no limit on that side."""
        return (youngest is None or youngest <= self.youngest) and (oldest is None or oldest >= self.oldest)


OF_GROUP: dict[str, AgeRange] = {Age.CHILD: AgeRange(0, MAJORITY - 1), Age.ADULT: AgeRange(MAJORITY, OLDEST)}


def age_range(age: int | None, group: str) -> AgeRange | None:
    """Return the range for an exact age if there is one, else for the age group. None: neither is known."""
    return OF_GROUP.get(group) if age is None else AgeRange(age, age)
