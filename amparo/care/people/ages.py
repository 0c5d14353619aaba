"""How old somebody may be. Often no number is known, but whether she is a child.

A house or a service that takes some ages alone is for her when it takes any age that she may have. Were it asked to
take all of them, none would be left to who is only known as "under 18": few begin at 0. Where it takes a part of
them alone, the page says to ask her age. So "under 18" is never offered what begins at 18, nor "18 or older" what ends
at 17.
"""

from typing import NamedTuple

from .picklists import MAJORITY, OLDEST, Age


class Years(NamedTuple):
    youngest: int
    oldest: int

    def within(self, youngest: int | None, oldest: int | None) -> bool:
        """Whatever age she has of these, it is taken from `youngest` to `oldest`; None: there is no such limit."""
        return (youngest is None or youngest <= self.youngest) and (oldest is None or oldest >= self.oldest)


OF_GROUP: dict[str, Years] = {Age.CHILD: Years(0, MAJORITY - 1), Age.ADULT: Years(MAJORITY, OLDEST)}


def years_of(age: int | None, group: str) -> Years | None:
    """A number says more than a group; None: neither is known."""
    return OF_GROUP.get(group) if age is None else Years(age, age)
