"""Progress on a terminal; silent elsewhere, such as in a nightly job."""

import sys
import time
from types import TracebackType

EVERY = 0.2  # seconds
WIPE = "\r\x1b[K"


class ProgressLine:
    """A line on the terminal that shows how much is done. It appears after a second, and disappears at the end."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total, self._done = what, total, 0
        self._next = time.monotonic() + 1
        self._shown = False

    def __enter__(self) -> "ProgressLine":
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
        amount = f"{100 * self._done // self._total} %" if self._total else f"{self._done / 1e6:,.0f} MB"
        print(f"{WIPE}  {self._what}: {amount}", end="", file=sys.stderr, flush=True)


def show_step(what: str) -> ProgressLine:
    """Show the name of a step at once, and no amount: for steps such as making indexes."""
    progress = ProgressLine(what)
    if sys.stderr.isatty():
        print(f"{WIPE}  {what} ...", end="", file=sys.stderr, flush=True)
        progress._shown = True
    return progress
