"""Limits what we send to hosts whose address is not validated. A UDP sender can forge a victim's address as its source.

As in RFC 9000, section 8.1: at most three times the bytes received, until the host shows that it reads what we send.
"""

from collections import OrderedDict

TIMES = 3
MOST_HOSTS = 10_000  # the most recent hosts; a forgotten one starts again with no allowance


class AmplificationLimit:
    """For each host: the bytes that may still be sent, and whether its address is validated."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, int] = OrderedDict()
        self._validated: OrderedDict[str, None] = OrderedDict()

    def record_received(self, host: str, size: int) -> None:
        """Count `size` bytes received from `host`."""
        if host not in self._validated:
            self._left[host] = self._left.pop(host, 0) + TIMES * size
            if len(self._left) > MOST_HOSTS:
                self._left.popitem(last=False)

    def consume(self, host: str, size: int) -> bool:
        """Return whether `size` bytes may be sent to `host`, and if so deduct them."""
        if host in self._validated:
            return True
        left = self._left.get(host, 0)
        if left < size:
            return False
        self._left[host] = left - size
        return True

    def mark_validated(self, host: str) -> None:
        """Mark the host as validated: it proved that it reads our messages, or it comes from a setting."""
        self._left.pop(host, None)
        self._validated[host] = None
        self._validated.move_to_end(host)
        if len(self._validated) > MOST_HOSTS:
            self._validated.popitem(last=False)
