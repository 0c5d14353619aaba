"""Session timers (RFC 4028): they end a call whose BYE was lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .message import Malformed, Request, Response, parse_decimal

MIN_SE = 90  # RFC 4028 section 5: never less
SESSION_EXPIRES = 1800
LONGEST = 86_400


@dataclass(frozen=True, slots=True)
class TimerWish:
    """The wish of one side for a session timer: a Session-Expires header."""

    interval: int  # seconds
    refresher: str | None = None  # "uac", "uas", or left to the server


def timer_wish_of(message: Request | Response) -> TimerWish | None:
    """Return what the Session-Expires (short form: `x`) of a message says, or None without one. Raises Malformed."""
    raw = message.get_header("Session-Expires") or message.get_header("x")
    if raw is None:
        return None
    interval, *params = (part.strip().lower() for part in raw.split(";"))
    refreshers = [param.partition("=")[2].strip() for param in params if param.startswith("refresher")]
    if refreshers and refreshers[0] not in ("uac", "uas"):
        raise Malformed("no such refresher")
    return TimerWish(min(parse_decimal(interval), LONGEST), refreshers[0] if refreshers else None)


def supports_timer(message: Request | Response) -> bool:
    return any(option.lower() == "timer" for option in message.headers.get("Supported"))


class SessionTimer:
    """Decides which side refreshes the session, and when it has expired."""

    def __init__(self, interval: int, min_se: int) -> None:
        self.interval, self.min_se = interval, min_se  # seconds
        self.we_refresh = True
        self._timer: asyncio.TimerHandle | None = None

    def accept(self, request: Request) -> None:
        """As the called side (UAS), agree on a timer: the caller's wish decides which side refreshes (section 9)."""
        wish = timer_wish_of(request)
        if wish is None:
            self.we_refresh = True
            return
        self.interval = wish.interval
        left_to_us = wish.refresher is None
        self.we_refresh = not supports_timer(request) if left_to_us else wish.refresher == "uas"

    def offer(self, request: Request) -> None:
        """As the calling side (UAC), write into our request the headers that ask for a timer (7.1)."""
        request.set_header("Session-Expires", str(self.interval))
        request.set_header("Min-SE", str(self.min_se))

    def settle(self, response: Response) -> None:
        """As the calling side, adopt the timer of the 2xx (7.2). We refresh even if the other side has no timers."""
        with suppress(Malformed):  # then as if it said nothing
            wish = timer_wish_of(response)
            self.we_refresh = wish is None or wish.refresher != "uas"
            self.interval = max(wish.interval, self.min_se) if wish else self.interval

    def lengthen(self, response: Response) -> bool:
        """As the calling side, adopt the Min-SE of a 422 (7.4). Returns False if our interval does not grow."""
        with suppress(Malformed):
            least = min(parse_decimal((response.get_header("Min-SE") or "").partition(";")[0]), LONGEST)
            grew, self.interval = least > self.interval, max(least, self.interval)
            return grew
        return False

    def confirm(self, response: Response) -> None:
        """As the called side, write the agreed timer into our 2xx (section 9)."""
        response.set_header("Session-Expires", f"{self.interval};refresher={'uas' if self.we_refresh else 'uac'}")
        if not self.we_refresh:
            response.set_header("Require", "timer")

    def start(self, refresh: Callable[[], None], expire: Callable[[], None]) -> None:
        """Start the timer anew (section 10). If we refresh, it calls `refresh` at half of the interval; otherwise it
        calls `expire` min(32, interval/3) seconds before the end of the interval.
        """
        self.stop()
        delay = self.interval / 2 if self.we_refresh else self.interval - min(32.0, self.interval / 3)
        self._timer = asyncio.get_running_loop().call_later(delay, refresh if self.we_refresh else expire)

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
