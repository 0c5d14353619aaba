"""How often each of many was here lately, in memory alone: what is older than the window is forgotten, not kept."""

from collections import Counter, deque


class SlidingWindow:
    """`window` in seconds. Memory is bounded by what happens within one window."""

    def __init__(self, window: float) -> None:
        self.window = window
        self._seen: deque[tuple[float, bytes]] = deque()  # oldest first
        self._counts: Counter[bytes] = Counter()

    def __len__(self) -> int:
        return len(self._seen)

    def count(self, who: bytes, now: float) -> int:
        """How often `who` was here in the window that ends now."""
        self._forget(now)
        return self._counts[who]

    def add(self, who: bytes, now: float) -> None:
        """`now` in seconds of one clock; it may not run backwards."""
        self._forget(now)
        self._seen.append((now, who))
        self._counts[who] += 1

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] <= now - self.window:
            who = self._seen.popleft()[1]
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]
