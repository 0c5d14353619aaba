"""Limits calls that were answered and not acknowledged yet, per host and in total.

A telephone sends its ACK within moments, a flood never does. Until then a call has a port but no sound, and is not in
the queue. Calls of a host over its limit are ended after a few seconds; others have the 32 s of RFC 3261, 13.3.1.4.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

IN_ALL, PER_HOST = 200, 100  # a carrier with 300 calls a second needs about eighty
PATIENCE = 2.5  # seconds


class Pending:
    """Counts pending calls. `exempt` hosts, such as trunks, have no limit of their own, only the total."""

    def __init__(self, exempt: tuple[str, ...] = ()) -> None:
        self._exempt = exempt
        self._hosts: Counter[str] = Counter()
        self._calls: dict[object, tuple[float, str, Callable[[], None]]] = {}  # began, host, give up; oldest first
        self._refused: dict[str | None, float] = {}  # by host: time of its last refusal; None: the total limit

    def __len__(self) -> int:
        return len(self._calls)

    def admits(self, host: str) -> bool:
        """Whether one more call from this host may be accepted. Where all places are taken, a call gives its place up
        that was not acknowledged for PATIENCE seconds."""
        now = asyncio.get_running_loop().time()
        if len(self) >= IN_ALL and not self._end_oldest(None, now):
            self._refused[None] = now
        elif self._is_over_its_limit(host) and not self._end_oldest(host, now):
            self._refused[host] = now
        else:
            return True
        return False

    def add(self, host: str, give_up: Callable[[], None]) -> Callable[[], None]:
        """Count a new call. Call the returned function once, when the call is no longer pending."""
        began, call = asyncio.get_running_loop().time(), object()
        self._hosts[host] += 1
        self._calls[call] = (began, host, give_up)

        def look() -> None:
            if max(self._refused.get(host, 0.0), self._refused.get(None, 0.0)) > began - PATIENCE:
                self._remove(call)
                give_up()

        timer = asyncio.get_running_loop().call_later(PATIENCE, look)

        def settle() -> None:
            timer.cancel()
            self._remove(call)

        return settle

    def _is_over_its_limit(self, host: str) -> bool:
        return self._hosts[host] >= PER_HOST and host not in self._exempt

    def _end_oldest(self, host: str | None, now: float) -> bool:
        """End the oldest call that is past its time, of this host or of any. Returns False if there is none."""
        for call, (began, whose, give_up) in self._calls.items():
            if now - began < PATIENCE:
                return False
            if host in (None, whose):
                self._remove(call)
                give_up()
                return True
        return False

    def _remove(self, call: object) -> None:
        _, host, _ = self._calls.pop(call, (0.0, None, None))
        if host is None:
            return
        self._hosts[host] -= 1
        if not self._hosts[host]:
            del self._hosts[host]
            self._refused.pop(host, None)
