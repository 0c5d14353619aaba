"""The receipt of a chat, and the mark of the page that is open: who has the first comes back, who has both goes on.

A receipt has the form of a return code and is kept nowhere. The mark is bound to the receipt and to the entry: each
coming back makes a new one, so that a page that was closed, or is open elsewhere, goes on no more.
"""

import functools

from django.core import signing

from amparo.foundation.access.bearers import bearer
from amparo.foundation.access.spoken_codes import digits_of
from amparo.foundation.core.actor import Actor

FIRST = 1  # entry: the page on which a chat begins


def acting_with(receipt: str) -> Actor:
    """Whoever says this receipt. Refused, in words that help to find the slip, when it cannot be one."""
    return bearer("chat", digits_of(receipt))


def mark(receipt: str, entry: int = FIRST) -> str:
    return f"{entry}.{_signer().signature(f'{digits_of(receipt)}.{entry}')}"


def entry_of(receipt: str, mark_of_page: str) -> int | None:
    """Of which entry a page is; None: of none, so that whoever asks comes back by the receipt alone."""
    entry, _, signature = mark_of_page.partition(".")
    if not (entry.isascii() and entry.isdigit() and len(entry) < 6):
        return None
    return int(entry) if mark(receipt, int(entry)) == f"{entry}.{signature}" else None


@functools.cache
def _signer() -> signing.Signer:
    """Made where it is first asked for: only the web reads its key."""
    return signing.Signer(salt="amparo.chat")
