"""How far it is, for whoever watches a terminal; silent elsewhere, such as in a nightly job."""

import sys
import time
from types import TracebackType

EVERY = 0.2  # seconds
WIPE = "\r\x1b[K"


class Progress:
    """One line that is written over; it comes after a second, and goes when it is done."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total, self._done = what, total, 0
        self._next = time.monotonic() + 1
        self._shown = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            print(WIPE, end="", file=sys.stderr, flush=True)

    def add(self, size: int) -> None:
        self._done += size
        if time.monotonic() < self._next or not sys.stderr.isatty():
            return
        self._next = time.monotonic() + EVERY
        self._shown = True
        far = f"{100 * self._done // self._total} %" if self._total else f"{self._done / 1e6:,.0f} MB"
        print(f"{WIPE}  {self._what}: {far}", end="", file=sys.stderr, flush=True)


def step(what: str) -> Progress:
    """For what says nothing while it lasts, such as making indexes: its name stands there at once."""
    progress = Progress(what)
    if sys.stderr.isatty():
        print(f"{WIPE}  {what} ...", end="", file=sys.stderr, flush=True)
        progress._shown = True
    return progress
