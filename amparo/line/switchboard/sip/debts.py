"""What we may send to hosts that have not proved their address: by UDP whoever sends may name a victim as the source.

As RFC 9000, section 8.1: three times the bytes that came from there, until the host shows that it reads what we send.
"""

from collections import OrderedDict

TIMES = 3
MOST_HOSTS = 10_000  # remembered, the last heard of; who is forgotten begins anew with nothing


class Debts:
    """By host: the bytes that may still be sent there, and who has proved that it is there."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, int] = OrderedDict()
        self._proved: OrderedDict[str, None] = OrderedDict()

    def owe(self, host: str, size: int) -> None:
        """`size` bytes came from `host`."""
        if host not in self._proved:
            self._left[host] = self._left.pop(host, 0) + TIMES * size
            if len(self._left) > MOST_HOSTS:
                self._left.popitem(last=False)

    def pay(self, host: str, size: int) -> bool:
        """Whether `size` bytes may be sent to `host`; if so, they are."""
        if host in self._proved:
            return True
        left = self._left.get(host, 0)
        if left < size:
            return False
        self._left[host] = left - size
        return True

    def prove(self, host: str) -> None:
        """The host answered something that only who reads our messages can know; or it was named to us by a setting."""
        self._left.pop(host, None)
        self._proved[host] = None
        self._proved.move_to_end(host)
        if len(self._proved) > MOST_HOSTS:
            self._proved.popitem(last=False)
