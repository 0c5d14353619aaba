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
        self._refused: dict[str | None, float] = {}  # by host: time of its last refusal; None: the total limit

    def __len__(self) -> int:
        return self._hosts.total()

    def admits(self, host: str) -> bool:
        """Whether one more call from this host may be accepted."""
        now = asyncio.get_running_loop().time()
        if len(self) >= IN_ALL:
            self._refused[None] = now
        elif self._hosts[host] >= PER_HOST and host not in self._exempt:
            self._refused[host] = now
        else:
            return True
        return False

    def add(self, host: str, give_up: Callable[[], None]) -> Callable[[], None]:
        """Count a new call. Call the returned function once, when the call is no longer pending."""
        began = asyncio.get_running_loop().time()
        self._hosts[host] += 1

        def look() -> None:
            if max(self._refused.get(host, 0.0), self._refused.get(None, 0.0)) > began - PATIENCE:
                give_up()

        timer = asyncio.get_running_loop().call_later(PATIENCE, look)

        def settle() -> None:
            timer.cancel()
            self._hosts[host] -= 1
            if not self._hosts[host]:
                del self._hosts[host]
                self._refused.pop(host, None)

        return settle
