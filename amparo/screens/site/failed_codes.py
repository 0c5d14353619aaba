"""Counts codes that open nothing. After some failures, further tries cost proof of work; nobody is locked out.

Counts are kept in memory only, under pseudonyms. A guesser causes work for their own network, or for everybody whose
network is unknown. The work is never more than a browser can do. A visitor whose code opened needs
work only after many tries of that same code.
"""

import functools
import threading
import time
from collections.abc import Callable, Mapping

from django.core import signing
from django.utils.crypto import constant_time_compare

from amparo.foundation.core.proof_of_work import LIFETIME, bits_of, solved_challenge
from amparo.foundation.core.pseudonyms import Pseudonyms
from amparo.foundation.core.rate_limit import SlidingWindow

WITHIN = 600.0  # seconds for which a try counts
FREE = 10  # wrong codes of one network that cost nothing
FREE_TOGETHER = 100  # of all visitors with no known network: Tor, or a proxy that sends no address
FREE_OF_ONE_CODE = 60  # tries of the same code or link, whether it opens or not
LEAST, MOST = (
    16,
    20,
)  # bits of work; one more each time that the count doubles. The most takes an old phone some seconds


class FailedCodes:
    """Counts the codes tried in this web process, and says how much work the next try needs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._pseudonyms = clock, Pseudonyms(clock=clock)
        self._lock = threading.Lock()  # pages are served by several threads
        self._wrong, self._codes, self._spent = (
            SlidingWindow(WITHIN),
            SlidingWindow(WITHIN),
            SlidingWindow(2 * LIFETIME),
        )

    def needed_work(self, network: str | None, code: str, sent: Mapping[str, str]) -> int:
        """Return the bits of work needed before `code` is looked up; 0: look it up.

        `sent` is the form. It may hold the work (`challenge`, `found`), and the `mark` of a page that `code` opened.
        """
        with self._lock:
            now = self._clock()
            bits = _bits_after(self._codes.count(self._pseudonym(code), now), FREE_OF_ONE_CODE)
            if not has_opened(code, sent.get("mark", "")):
                free = FREE_TOGETHER if network is None else FREE
                bits = max(bits, _bits_after(self._wrong.count(self._pseudonym(network), now), free))
            return 0 if bits == 0 or self._is_done(sent, bits) else bits

    def count_try(self, network: str | None, code: str, *, is_wrong: bool) -> None:
        """Count one lookup of `code`. Do not call this for a typing mistake that cannot be a code."""
        with self._lock:
            now = self._clock()
            self._codes.add(self._pseudonym(code), now)
            if is_wrong:
                self._wrong.add(self._pseudonym(network), now)

    def _pseudonym(self, what: str | None) -> bytes:
        return self._pseudonyms.of(what) or b""

    def _is_done(self, sent: Mapping[str, str], bits: int) -> bool:
        """Whether the form has a proof of work of at least `bits` bits that nobody used yet. This uses it."""
        challenge, now = sent.get("challenge", ""), self._clock()
        name = solved_challenge(challenge, sent.get("found", ""))
        return name is not None and bits_of(challenge) >= bits and self._spent.consume(name.encode(), now, at_most=1)


def mark_of_opened_page(code: str) -> str:
    """Return a signature for the page that `code` opened: with it, failures of the network cost that page no work.

    The signature does not reveal the code.
    """
    return _opened_page_signer().signature(code)


def has_opened(code: str, mark_of_page: str) -> bool:
    return constant_time_compare(mark_of_opened_page(code), mark_of_page)


def _bits_after(count: int, free: int) -> int:
    return 0 if count < free else min(LEAST + (count // free).bit_length() - 1, MOST)


@functools.cache
def _opened_page_signer() -> signing.Signer:
    """Created on first use, because only the web process can read its key."""
    return signing.Signer(salt="amparo.opened")
