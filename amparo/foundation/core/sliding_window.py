"""Count recent events per key, in memory alone; events older than the window are forgotten.

For one thread, or under a lock of whoever counts: to look and then to add must be one step anyway.
"""

from collections import Counter, deque


class SlidingWindow:
    """`window` in seconds. Memory is bounded by the number of events within one window."""

    def __init__(self, window: float) -> None:
        self.window = window
        self._seen: deque[tuple[float, bytes]] = deque()  # oldest first
        self._counts: Counter[bytes] = Counter()

    def __len__(self) -> int:
        return len(self._seen)

    def count(self, key: bytes, now: float) -> int:
        """Number of events of `key` in the window that ends at `now`."""
        self._forget(now)
        return self._counts[key]

    def add(self, key: bytes, now: float) -> None:
        """Record one event. `now` in seconds of one clock that does not run backwards."""
        self._forget(now)
        self._seen.append((now, key))
        self._counts[key] += 1

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] <= now - self.window:
            key = self._seen.popleft()[1]
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
