"""What the web process remembers of visitors: keyed pseudonyms of their networks, in memory, for an hour at most."""

import threading
import time

from django.http import HttpRequest

from amparo.ground.core.pseudonyms import Pseudonyms, network
from amparo.ground.core.recent import Recent

MINUTE, HOUR = 60.0, 3600.0  # seconds
ABSURD = 60  # calls a minute from one network: no household and no shelter calls so often, and each takes a port


class Visitors:
    """Pages are answered by threads. Each web process has a key and a memory of its own; nothing is written."""

    def __init__(self) -> None:
        self._pseudonyms, self._calls = Pseudonyms(HOUR), Recent(MINUTE)
        self._one_at_a_time = threading.Lock()

    def who(self, request: HttpRequest) -> bytes | None:
        """The pseudonym of the network a request comes from; None where it cannot be told."""
        with self._one_at_a_time:
            return self._pseudonyms.of(network(request.META.get("REMOTE_ADDR", "")))

    def calls_absurdly_often(self, who: bytes | None) -> bool:
        """Counts this call too."""
        if who is None:
            return False
        now = time.monotonic()
        with self._one_at_a_time:
            self._calls.add(who, now)
            return self._calls.count(who, now) > ABSURD


VISITORS = Visitors()
