"""The UDP ports of the switchboard's sound, for telephones and browsers alike (the firewall opens one range)."""

import errno
import random
import socket
from collections import deque

# Buffers a second of sound while the process is busy; the kernel may grant less (net.core.rmem_max).
RECEIVE_BUFFER = 1 << 20


class NoPortLeft(OSError):
    """Every port of the range is in use. Answer 503, do not ring."""


class Ports:
    """The even ports of `first`..`last`. The port that was free longest is taken first.

    So late packets of an ended call reach no other call. A tenth of the ports is reserved for running calls, which need
    one for an operator, and a quarter for telephones. `take` ignores this: check `free_count` before a new call.
    """

    def __init__(self, first: int, last: int) -> None:
        free = list(range(first + first % 2, last + 1, 2))
        random.shuffle(free)
        self._free = deque(free)
        self._taken: set[int] = set()
        self.for_running_calls, self.for_telephones = max(len(free) // 10, 3), len(free) // 4

    @property
    def free_count(self) -> int:
        return len(self._free)

    @property
    def taken_count(self) -> int:
        return len(self._taken)

    def take(self, address: str) -> socket.socket:
        """Return a non-blocking UDP socket bound to `address` (literal) and a port of the range.

        Give its port back with `release`. Raises NoPortLeft.
        """
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                bound = _bind(family, address, port)
            except BaseException as reason:
                self._free.append(port)
                if isinstance(reason, OSError) and reason.errno == errno.EADDRINUSE:
                    continue  # another program has it
                raise
            self._taken.add(port)
            return bound
        raise NoPortLeft("No port is left for the sound of another call.")

    def release(self, port: int) -> None:
        """Take a port back. A second time does nothing."""
        if port in self._taken:
            self._taken.discard(port)
            self._free.append(port)


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        bound.bind((address, port))
    except BaseException:
        bound.close()
        raise
    return bound
