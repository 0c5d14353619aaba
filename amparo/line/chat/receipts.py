"""The receipt of a chat, with which a visitor returns, and the mark of an open page, which may continue the chat.

A receipt has the form of a return code and is stored nowhere. The mark is a signature over the receipt and the entry.
Each return starts a new entry, so that an older page, closed or open elsewhere, cannot continue.
"""

import functools

from django.core import signing

from amparo.foundation.access.bearers import bearer_of
from amparo.foundation.access.spoken_codes import checked_digits
from amparo.foundation.core.actor import Actor

FIRST = 1  # the entry on which a chat begins


def acting_with(receipt: str) -> Actor:
    """Return the actor for the bearer of this receipt. A visitor reads and writes a chat with the rights of this actor.

    Raises `Refused` for a mistyped receipt, in words that help to find the mistake.
    """
    return bearer_of("chat", checked_digits(receipt))


def page_mark(receipt: str, entry: int = FIRST) -> str:
    """Return the mark that an open chat page sends with each request: its entry number and a signature."""
    return f"{entry}.{_page_mark_signer().signature(f'{checked_digits(receipt)}.{entry}')}"


def entry_of(receipt: str, mark_of_page: str) -> int | None:
    """Return the entry number in a page's mark.

    None: the mark is not valid, so the visitor comes back by the receipt alone.
    """
    entry, _, signature = mark_of_page.partition(".")
    if not (entry.isascii() and entry.isdigit() and len(entry) < 6):
        return None
    return int(entry) if page_mark(receipt, int(entry)) == f"{entry}.{signature}" else None


@functools.cache
def _page_mark_signer() -> signing.Signer:
    """Return the signer of marks. It is made at first use, because only the web process has the key."""
    return signing.Signer(salt="amparo.chat")
