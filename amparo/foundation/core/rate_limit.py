"""Count and limit how often something happened lately, per key, in memory alone (decision 0049)."""

import threading
from collections import Counter, deque


class SlidingWindow:
    """Events of the last `window` seconds; older ones are forgotten. Threads may share it.

    Times are seconds of one clock that does not run backwards.
    """

    def __init__(self, window: float) -> None:
        self.window = window
        self._seen: deque[tuple[float, bytes]] = deque()  # oldest first
        self._counts: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def count(self, key: bytes, now: float) -> int:
        """Number of events of `key` in the window that ends at `now`."""
        with self._lock:
            self._forget(now)
            return self._counts[key]

    def add(self, key: bytes, now: float) -> None:
        """Record one event, however many there are."""
        with self._lock:
            self._add(key, now)

    def consume(self, key: bytes, now: float, *, at_most: int) -> bool:
        """Record one event and return True, or False if there are `at_most` already.

        What is refused is not recorded: a flood takes no memory, and who shares its key still gets a turn.
        """
        with self._lock:
            self._forget(now)
            if self._counts[key] >= at_most:
                return False
            self._add(key, now)
            return True

    def _add(self, key: bytes, now: float) -> None:
        self._forget(now)
        self._seen.append((now, key))
        self._counts[key] += 1

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] <= now - self.window:
            key = self._seen.popleft()[1]
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
