"""Calls that were let in and not yet acknowledged: bounded for each host and in all.

A telephone acknowledges within moments, a flood never; until then a call has a port and no sound, and stands in no
queue. A host from which too much came is given up after a few seconds; any other has the 32 s of RFC 3261, 13.3.1.4.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

IN_ALL, PER_HOST = 200, 100  # a carrier's whole traffic at 300 calls a second needs some eighty
PATIENCE = 2.5  # seconds


class Pending:
    """`exempt` are hosts, such as trunks, that are bounded in all alone."""

    def __init__(self, exempt: tuple[str, ...] = ()) -> None:
        self._exempt = exempt
        self._hosts: Counter[str] = Counter()
        self._refused: dict[str | None, float] = {}  # when a host that has some was last refused; None: any host

    def __len__(self) -> int:
        return self._hosts.total()

    def admits(self, host: str) -> bool:
        """Whether one more may come from there."""
        now = asyncio.get_running_loop().time()
        if len(self) >= IN_ALL:
            self._refused[None] = now
        elif self._hosts[host] >= PER_HOST and host not in self._exempt:
            self._refused[host] = now
        else:
            return True
        return False

    def add(self, host: str, give_up: Callable[[], None]) -> Callable[[], None]:
        """One came; what is returned is to be called once when it is no longer pending."""
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
