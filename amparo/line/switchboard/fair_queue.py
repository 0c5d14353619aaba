"""Whose turn it is. Nobody is refused or dropped: who calls again and again comes behind who calls for the first time.

A start-time fair queue: each contact of one pseudonym within half an hour is placed a slot further behind. A withheld
number is nobody's: each such call stands alone, for one bucket would punish every frightened person for a flood.
"""

from dataclasses import dataclass

from amparo.foundation.core.sliding_window import SlidingWindow

SLOT = 120.0  # seconds behind, for each contact of the same pseudonym before
MEMORY = 1800.0  # seconds in which contacts count
HOUR = 3600.0  # seconds
DANGERS_AN_HOUR = 3  # of one pseudonym go ahead by key; an operator's mark always does
AHEAD = 24 * HOUR  # danger comes before everybody
UNSEEN = 1 * HOUR  # behind, in a surge, until a key is pressed: longer than robots hold, and an end to it all the same
KEEPS_ONE_FREE = 3  # operators on shift, from which on one is kept free for people in a surge
WITHOUT_WORK = 300.0  # seconds behind, for a browser that did no proof of work


@dataclass
class Ticket:
    """What decides a caller's turn."""

    who: bytes | None = None  # the pseudonym; None: withheld
    behind: float = 0.0  # seconds, decided at arrival
    is_ahead: bool = False
    has_pressed: bool = False  # any key: a person is there


class FairQueue:
    """Times are seconds of one clock."""

    def __init__(self) -> None:
        self._contacts, self._dangers = SlidingWindow(MEMORY), SlidingWindow(HOUR)

    def ticket(self, who: bytes | None, now: float, *, behind: float = 0.0) -> Ticket:
        """For who arrives now; their contacts before count, and this one does from now on."""
        if who is None:
            return Ticket(behind=behind)
        before = self._contacts.count(who, now)
        self._contacts.add(who, now)
        return Ticket(who, behind + before * SLOT)

    def let_ahead(self, ticket: Ticket, now: float) -> None:
        """They pressed the key of danger: before everybody or, once others used that up, where they arrived.

        Anybody may put a victim's number into From, so calls before hers never push her behind others.
        """
        ticket.behind = 0.0
        if ticket.is_ahead or (ticket.who and self._dangers.count(ticket.who, now) >= DANGERS_AN_HOUR):
            return
        ticket.is_ahead = True
        if ticket.who:
            self._dangers.add(ticket.who, now)


def turn(ticket: Ticket, since: float, *, in_surge: bool) -> float:
    """The moment by which they are in line: the earliest comes first."""
    if ticket.is_ahead:
        return since - AHEAD
    unseen = in_surge and not ticket.has_pressed
    return since + ticket.behind + UNSEEN * unseen


def leaves_one_free(ticket: Ticket, turn_at: float, now: float, *, seats: int) -> bool:
    """In a surge, who pressed no key is not given the last free operator: the next person should find somebody.

    Not on a small shift, and not once their turn has come: nobody waits for ever.
    """
    return seats >= KEEPS_ONE_FREE and not ticket.has_pressed and turn_at > now
