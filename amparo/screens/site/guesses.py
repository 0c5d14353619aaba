"""How many codes that open nothing came from a network: in memory alone, under pseudonyms that last as long as that."""

import time
from collections import OrderedDict
from collections.abc import Callable

from amparo.ground.core.pseudonyms import Pseudonyms

AT_MOST, WITHIN = 10, 600.0  # wrong codes, in seconds
TOGETHER = 1_000  # of all whose network nobody told us: one who guesses must not shut out the others
NETWORKS = 10_000  # remembered; then the oldest is forgotten


class Guesses:
    def __init__(self, clock: Callable[[], float] = time.monotonic, at_most: int = AT_MOST) -> None:
        self._clock, self._pseudonyms, self._at_most = clock, Pseudonyms(clock=clock), at_most
        self._wrong: OrderedDict[bytes | None, list[float]] = OrderedDict()

    def are_too_many(self, network: str | None) -> bool:
        most = TOGETHER if network is None else self._at_most
        return len(self._lately(self._pseudonyms.of(network))) >= most

    def wrong(self, network: str | None) -> None:
        who = self._pseudonyms.of(network)
        self._wrong[who] = [*self._lately(who), self._clock()]
        self._wrong.move_to_end(who)
        if len(self._wrong) > NETWORKS:
            self._wrong.popitem(last=False)

    def _lately(self, who: bytes | None) -> list[float]:
        return [at for at in self._wrong.get(who, []) if self._clock() - at < WITHIN]
