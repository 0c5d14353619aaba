"""A caller's number becomes a pseudonym here, in the switchboard's memory, and goes no further.

The key is made at start, lives in memory alone and is replaced each day, so that yesterday's pseudonyms can be
recomputed by nobody: a repeated call within the day is recognised, a person is not.
"""

import hmac
import secrets
import time
from collections.abc import Callable

WINDOW = 24 * 3600.0  # seconds
LENGTH = 16  # bytes
WITHHELD = {"", "anonymous", "unknown", "restricted", "unavailable", "private"}


class Pseudonyms:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._renew()

    def of(self, number: str) -> bytes | None:
        """The pseudonym of a number for this window; None where the number was withheld."""
        digits = "".join(c for c in number if c.isdigit()) or number.casefold().strip()
        if digits in WITHHELD:
            return None
        if self._clock() >= self._until:
            self._renew()
        return hmac.digest(self._key, digits.encode(), "sha256")[:LENGTH]

    def _renew(self) -> None:
        self._key, self._until = secrets.token_bytes(32), self._clock() + WINDOW
