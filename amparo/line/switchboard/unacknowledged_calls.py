"""Limits the calls that we answered and whose ACK has not come yet: per host, for all strangers together, and in total.

A telephone sends its ACK within moments, a flood never does. Until the ACK a call has a port but no sound, and is not
in the queue. Calls of a host over its limit are ended after a few seconds; others have the 32 s of RFC 3261, 13.3.1.4.

A machine that is late reads many calls before their ACKs, and that looks like a flood. So a few calls without a place
wait a second for one before they are refused.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

IN_ALL, PER_HOST = 200, 100  # a carrier with 300 calls a second needs about eighty
FOR_KNOWN = 50  # of all places, only for hosts of trunks and registered phones
FEW = 10  # places of one host that are never taken away for another's call
PATIENCE = 2.5  # seconds
MOST_WAITING, WAIT = 50, 1.0  # calls without a place, of all strangers together; seconds
# Of these, of one host that is no trunk and no registered phone: behind one address are rarely more than ten who call
# within the same second, and a flood from one host leaves the rest to others.
WAITING_PER_HOST = 10
# More that only trunks and registered phones may let wait: a carrier's 300 calls of one second.
WAITING_OF_KNOWN = 300
ALL, STRANGERS = "all", "strangers"


@dataclass(frozen=True, eq=False, repr=False)
class PendingCall:
    host: str
    is_known: bool
    began: float
    give_up: Callable[[], None]


@dataclass(frozen=True, eq=False, repr=False)
class WaitingCall:
    host: str
    is_known: bool
    begin: Callable[[], None]


class PendingCalls:
    """Counts the calls whose ACK has not come, and ends some of them to make room for others.

    `is_known(host)` is True for trunks and registered phones: only the total limits them.
    """

    def __init__(self, is_known: Callable[[str], bool] = lambda host: False) -> None:
        self._is_known = is_known
        self._hosts: Counter[str] = Counter()
        self._calls: dict[PendingCall, None] = {}  # oldest first
        self._strangers = 0  # of these calls
        self._waiting: dict[WaitingCall, asyncio.TimerHandle] = {}  # oldest first
        self._refused: dict[str, float] = {}  # by host, or ALL or STRANGERS: time of the last refusal

    def __len__(self) -> int:
        return len(self._calls)

    def admits(self, host: str) -> bool:
        """Return whether one more call from this host may be accepted. It may end another call for this.

        If all places are taken, a call that was not acknowledged for PATIENCE seconds is ended to make room. If there
        is no such call, the stranger with the most calls loses one to a stranger with fewer.
        """
        now, is_known = asyncio.get_running_loop().time(), self._is_known(host)
        late = now - PATIENCE
        if self._hosts[host] >= PER_HOST and not is_known:
            limit, has_place = host, self._end_oldest(lambda call: call.host == host, late)
        elif len(self) >= IN_ALL:
            limit, has_place = ALL, self._end_oldest(lambda call: True, late)
        elif self._strangers >= IN_ALL - FOR_KNOWN and not is_known:
            has_place = self._end_oldest(lambda call: not call.is_known, late) or self._end_one_of_many(host, now)
            limit = STRANGERS
        else:
            return True
        if not has_place:
            self._refused[limit] = now
        return has_place

    def has_place(self, host: str) -> bool:
        """Whether a call from this host fits within all limits. Unlike `admits`, it ends no other call."""
        is_known = self._is_known(host)
        is_crowded = self._hosts[host] >= PER_HOST or self._strangers >= IN_ALL - FOR_KNOWN
        return len(self) < IN_ALL and (is_known or not is_crowded)

    def may_wait(self, host: str) -> bool:
        """Whether one more call from this host may wait for a place."""
        if self._is_known(host):
            return len(self._waiting) < MOST_WAITING + WAITING_OF_KNOWN
        hosts = Counter(waiting.host for waiting in self._waiting if not waiting.is_known)
        return hosts.total() < MOST_WAITING and hosts[host] < WAITING_PER_HOST

    def wait(self, host: str, begin: Callable[[], None], refuse: Callable[[], None]) -> Callable[[], None]:
        """Let a call wait for a place: `begin` is called when there is one, `refuse` after WAIT seconds without one.

        Call the returned function if the caller hangs up before.
        """
        waiting = WaitingCall(host, self._is_known(host), begin)

        def give_up() -> None:
            del self._waiting[waiting]
            refuse()

        timer = self._waiting[waiting] = asyncio.get_running_loop().call_later(WAIT, give_up)

        def forget() -> None:
            timer.cancel()
            self._waiting.pop(waiting, None)

        return forget

    def _begin_next(self) -> None:
        """Begin the oldest waiting call that has a place now."""
        for waiting, timer in self._waiting.items():
            if self.has_place(waiting.host):
                timer.cancel()
                del self._waiting[waiting]
                waiting.begin()
                return

    def add(self, host: str, give_up: Callable[[], None]) -> Callable[[], None]:
        """Count a call, which `give_up` ends. Call the returned function once, when the call is no longer pending."""
        call = PendingCall(host, self._is_known(host), asyncio.get_running_loop().time(), give_up)
        self._hosts[host] += 1
        self._strangers += not call.is_known
        self._calls[call] = None

        def end_if_refused() -> None:
            limits = (host, ALL) if call.is_known else (host, ALL, STRANGERS)
            if max(self._refused.get(limit, 0.0) for limit in limits) > call.began - PATIENCE:
                self._remove(call)
                give_up()
                self._begin_next()

        timer = asyncio.get_running_loop().call_later(PATIENCE, end_if_refused)

        def settle() -> None:
            timer.cancel()
            if call in self._calls:  # otherwise its place was taken for the call that needed it
                self._remove(call)
                self._begin_next()

        return settle

    def _end_one_of_many(self, host: str, now: float) -> bool:
        """End the oldest call of the stranger with the most calls, if `host` has fewer."""
        counts = Counter(call.host for call in self._calls if not call.is_known)
        heaviest, places = counts.most_common(1)[0]
        return places > max(FEW, counts[host] + 1) and self._end_oldest(lambda call: call.host == heaviest, now)

    def _end_oldest(self, may_end: Callable[[PendingCall], bool], before: float) -> bool:
        """End the oldest call that `may_end` accepts, if it began before this time. Returns False if there is none."""
        for call in self._calls:
            if call.began > before:
                return False
            if may_end(call):
                self._remove(call)
                call.give_up()
                return True
        return False

    def _remove(self, call: PendingCall) -> None:
        if call not in self._calls:
            return
        del self._calls[call]
        self._strangers -= not call.is_known
        self._hosts[call.host] -= 1
        if not self._hosts[call.host]:
            del self._hosts[call.host]
            self._refused.pop(call.host, None)
