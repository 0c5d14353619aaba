"""The order of the queue. Nobody is refused or dropped; repeated callers come after first-time callers.

A start-time fair queue: a contact is placed one slot further back for each contact of the same pseudonym in the half
hour before. Calls with a withheld number are each counted alone, because a common slot would punish every frightened
person for a flood.
"""

from dataclasses import dataclass

from amparo.foundation.core.rate_limit import SlidingWindow

SLOT = 120.0  # seconds further back, for each earlier contact of the same pseudonym
MEMORY = 1800.0  # seconds for which contacts count
HOUR = 3600.0  # seconds
DANGERS_AN_HOUR = 3  # key presses per pseudonym that move it ahead; an operator's mark always does
AHEAD = 24 * HOUR  # seconds; danger comes before all others
# seconds further back in a surge until a key is pressed: robots do not wait so long, and the wait still ends
UNSEEN = 1 * HOUR
KEEPS_ONE_FREE = 3  # with at least so many operators on shift, one is kept free for people in a surge
SLOWED, SLOWED_FOR = 600.0, 2 * HOUR  # seconds further back, and for how long, once a supervisor decided it
WITHOUT_WORK = 300.0  # seconds further back, for a browser without a proof of work


@dataclass
class Ticket:
    """What decides a caller's place in the queue."""

    pseudonym: bytes | None = None  # None: number withheld
    behind: float = 0.0  # seconds, set on arrival
    is_ahead: bool = False
    comes_back: bool = False  # a fault of ours cut the caller's last call
    has_pressed: bool = False  # any key shows that the caller is a person


class FairQueue:
    """Counts contacts and danger keys per pseudonym. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._contacts, self._dangers = SlidingWindow(MEMORY), SlidingWindow(HOUR)
        self._slowed: dict[bytes, float] = {}  # pseudonym -> until when

    def issue_ticket(self, pseudonym: bytes | None, now: float, *, behind: float = 0.0) -> Ticket:
        """Return the ticket of a caller who arrives now, placed by their earlier contacts, and count this contact."""
        if pseudonym is None:
            return Ticket(behind=behind)
        before = self._contacts.count(pseudonym, now)
        self._contacts.add(pseudonym, now)
        slowed = SLOWED if self.slowed_until(pseudonym, now) else 0.0
        return Ticket(pseudonym, behind + before * SLOT + slowed)

    def slow(self, pseudonym: bytes, now: float, *, on: bool) -> None:
        """Place the next calls of a pseudonym behind others for two hours (`on`), or stop doing so.

        A call that waits already keeps its place. The decision is kept in memory alone: a restart ends it.
        """
        self._slowed = {each: until for each, until in self._slowed.items() if until > now and each != pseudonym}
        if on:
            self._slowed[pseudonym] = now + SLOWED_FOR

    def slowed_until(self, pseudonym: bytes, now: float) -> float | None:
        """Return until when the pseudonym's calls are placed behind others. None: they are not."""
        until = self._slowed.get(pseudonym, now)
        return until if until > now else None

    def move_ahead(self, ticket: Ticket, now: float) -> None:
        """Move a caller in danger ahead of all; beyond DANGERS_AN_HOUR of one pseudonym, only to their arrival time.

        Their earlier calls count no more: anybody can forge a victim's number in From, to push the victim back.
        """
        ticket.behind = 0.0
        if not ticket.is_ahead:
            dangers = self._dangers
            ticket.is_ahead = not ticket.pseudonym or dangers.consume(ticket.pseudonym, now, at_most=DANGERS_AN_HOUR)


def queue_time(ticket: Ticket, since: float, *, in_surge: bool) -> float:
    """Return the time by which waiting calls are ordered, earliest first. `since` is when the caller began to wait."""
    if ticket.is_ahead:
        return since - AHEAD
    if ticket.comes_back:
        return since - AHEAD / 2  # after danger, and before all others
    unseen = in_surge and not ticket.has_pressed
    return since + ticket.behind + UNSEEN * unseen


def leaves_one_free(ticket: Ticket, turn_at: float, now: float, *, seats: int) -> bool:
    """Whether, in a surge, a caller who pressed no key must leave the last free operator to the next person.

    False on a small shift, and once their turn has come, so that nobody waits for ever.
    """
    return seats >= KEEPS_ONE_FREE and not ticket.has_pressed and turn_at > now
