"""Codes that open nothing, counted in memory alone, under pseudonyms: further tries cost work, and no door shuts.

What one guesser does makes work for his own network; where no network is known, for all of those. It is never so much
that a browser could not do it. Who has opened a code goes on with it without work.
"""

import functools
import time
from collections.abc import Callable, Mapping

from django.core import signing
from django.utils.crypto import constant_time_compare

from amparo.foundation.core.proof_of_work import LIFETIME, bits_of, solved_challenge
from amparo.foundation.core.pseudonyms import Pseudonyms
from amparo.foundation.core.sliding_window import SlidingWindow

WITHIN = 600.0  # seconds in which tries count
FREE = 10  # wrong codes of one network
FREE_TOGETHER = 100  # of all whose network nobody told us: Tor, or a proxy that tells no address
FREE_OF_ONE_CODE = 60  # tries of the same code or link, whether it opens or not
LEAST, MOST = (
    16,
    20,
)  # bits of work; one more each time that the count doubles. The most takes an old phone some seconds


class FailedCodes:
    """Of one web process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._pseudonyms = clock, Pseudonyms(clock=clock)
        self._wrong, self._codes, self._spent = (
            SlidingWindow(WITHIN),
            SlidingWindow(WITHIN),
            SlidingWindow(2 * LIFETIME),
        )

    def work_before(self, network: str | None, code: str, sent: Mapping[str, str]) -> int:
        """Bits of work that are asked for before `code` is looked at; 0: look at it.

        `sent` is the form: it may bring the work (`challenge`, `found`), and the `mark` of a page that `code` opened.
        """
        now = self._clock()
        bits = _growing(self._codes.count(self._of(code), now), FREE_OF_ONE_CODE)
        if not has_opened(code, sent.get("mark", "")):
            free = FREE_TOGETHER if network is None else FREE
            bits = max(bits, _growing(self._wrong.count(self._of(network), now), free))
        return 0 if bits == 0 or self._is_done(sent, bits) else bits

    def tried(self, network: str | None, code: str, *, is_wrong: bool) -> None:
        """`code` was looked at. A slip of the hand, which cannot be a code, is not tried."""
        now = self._clock()
        self._codes.add(self._of(code), now)
        if is_wrong:
            self._wrong.add(self._of(network), now)

    def _of(self, what: str | None) -> bytes:
        return self._pseudonyms.of(what) or b""

    def _is_done(self, sent: Mapping[str, str], bits: int) -> bool:
        """Each work serves once."""
        challenge, now = sent.get("challenge", ""), self._clock()
        name = solved_challenge(challenge, sent.get("found", ""))
        if name is None or bits_of(challenge) < bits or self._spent.count(name.encode(), now):
            return False
        self._spent.add(name.encode(), now)
        return True


def mark(code: str) -> str:
    """Of a page that `code` opened: what is sent from it needs no work. It tells nothing of the code."""
    return _signer().signature(code)


def has_opened(code: str, mark_of_page: str) -> bool:
    return constant_time_compare(mark(code), mark_of_page)


def _growing(count: int, free: int) -> int:
    return 0 if count < free else min(LEAST + (count // free).bit_length() - 1, MOST)


@functools.cache
def _signer() -> signing.Signer:
    """Made where it is first asked for: only the web reads its key."""
    return signing.Signer(salt="amparo.opened")
