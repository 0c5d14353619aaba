"""Log filters: one line for an unreachable database instead of a traceback, and a limit for repeated warnings."""

import logging
import time
from collections.abc import Callable

from .rate_limit import SlidingWindow

AWAY = {"ConnectorException", "OperationalError", "InterfaceError"}  # procrastinate's error, and those of the database

PAUSE = 60.0  # seconds


def shorten_outage(record: logging.LogRecord) -> bool:
    """A filter that lets every record pass, and removes the traceback of an outage."""
    if record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ in AWAY:
        record.exc_info = record.exc_text = None
    return True


class RepeatFilter:
    """A log filter for warnings that anybody on the network can cause.

    Each of these loggers may warn once a minute. The next warning says how many were left out.
    """

    def __init__(self, *loggers: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._loggers = clock, loggers
        self._recent = SlidingWindow(PAUSE)
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        name = record.name
        if name not in self._loggers or record.levelno > logging.WARNING:
            return True
        if not self._recent.consume(name.encode(), self._clock(), at_most=1):
            self._left_out[name] = self._left_out.get(name, 0) + 1
            return False
        if left_out := self._left_out.pop(name, 0):
            record.msg, record.args = f"{record.getMessage()} ({left_out} more since the last such line)", ()
        return True
