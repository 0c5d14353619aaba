"""Callers and chat visitors from the public page.

Nothing about their browser is stored; a pseudonym of the network lives only until its period ends. The pseudonyms are
here because there is one switchboard but many web processes.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from amparo.foundation.core.proof_of_work import LIFETIME
from amparo.foundation.core.pseudonyms import Pseudonyms
from amparo.foundation.core.rate_limit import SlidingWindow
from amparo.foundation.core.refusal import RateLimited

from .browsers import Browsers
from .fair_queue import WITHOUT_WORK, FairQueue
from .live_call import LiveCall
from .media.web import WebLeg
from .models import Channel, Language

MINUTE, HOUR = 60.0, 3600.0  # seconds
ABSURD = 60  # calls a minute from one network; no household or shelter calls so often, and each takes a port
UNCONNECTED, OF_ONE_NETWORK = 32, 4  # answered browsers that are not connected yet, in total and per network
CONNECTS_WITHIN = 2.5  # seconds, if others wait for its place; otherwise until its leg gives up
CROWD = 20  # chats begun within a minute, from all networks; above it, more proof of work is required


class Visitors:
    def __init__(self, browsers: Browsers, begin_call: Callable[..., LiveCall]) -> None:
        self._browsers, self._begin_call = browsers, begin_call
        self._pseudonyms, self._calls = Pseudonyms(HOUR), SlidingWindow(MINUTE)
        self._spent = SlidingWindow(2 * LIFETIME)  # proofs of work that were used
        self._chats, self._begun = FairQueue(), SlidingWindow(MINUTE)
        self._unconnected: Counter[bytes | None] = Counter()
        self._greeting: set[asyncio.Task[None]] = set()

    @property
    def are_connecting(self) -> bool:
        return self._unconnected.total() > 0

    async def call_from_page(
        self,
        offer: str,
        language: str,
        network: str | None,
        work: str | None,
        chat: str | None = None,
        operator: int | None = None,
        again: str = "",
    ) -> dict[str, Any]:
        """Answer a call from a browser. Returns our answer as `sdp`, and the id of the `call`.

        The call begins once the browser is connected. `again`: the id of a call that a fault may have cut.

        `network` becomes a pseudonym at once; `work` is the name of a proof of work; both may be None. `chat` is the id
        of the chat that goes on by this call, which rings first for its `operator`. Raises `RateLimited` if too many
        calls begin at once. If the network is unknown or capacity is scarce, only a new proof of work is accepted.
        """
        pseudonym, is_new = self.recognise_network(network), self._is_new_work(work)
        if not is_new and (pseudonym is None or self._is_scarce):
            raise RateLimited(
                _(
                    "The line is busy with calls from browsers. Your browser has to work a little longer first. "
                    "Try again, or call by telephone."
                )
            )
        if not self._has_room_for(pseudonym):
            raise RateLimited(
                _("Too many calls from browsers begin at once. Try again in a few seconds, or call by telephone.")
            )
        behind, call = 0.0 if is_new else WITHOUT_WORK, uuid4()
        self._unconnected[pseudonym] += 1
        try:
            leg, sound, sdp = await self._browsers.answer(offer)
        except BaseException:
            self._release_place(pseudonym)
            raise

        async def greet() -> None:
            try:
                connected = await self._wait_connected(sound)
            finally:
                self._release_place(pseudonym)
            if connected:  # sound sent before would be lost
                more = {
                    "chat": chat and UUID(chat),
                    "wanted": operator,
                    "came_from": UUID(again) if again else None,
                    "id": call,
                }
                self._begin_call(leg, pseudonym, behind, channel=Channel.BROWSER, language=Language(language), **more)

        task = asyncio.create_task(greet())
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        return {"sdp": sdp, "call": str(call)}

    async def _wait_connected(self, sound: WebLeg) -> bool:
        """Wait until the browser connects, and return whether it did. Gives up sooner if others wait for its place."""
        connected = asyncio.ensure_future(sound.wait_connected())
        if not (await asyncio.wait([connected], timeout=CONNECTS_WITHIN))[0] and self._is_scarce:
            sound.close()
        return await connected and not sound.closed

    @property
    def _is_scarce(self) -> bool:
        return self._unconnected.total() >= UNCONNECTED // 2 or self._browsers.spare_ports < UNCONNECTED

    def _has_room_for(self, pseudonym: bytes | None) -> bool:
        # Unknown networks count as one, which has half of all places: whoever computes proofs of work there leaves the
        # others to visitors whose network is known.
        most = UNCONNECTED // 2 if pseudonym is None else OF_ONE_NETWORK
        is_full = self._unconnected[pseudonym] >= most or self._unconnected.total() >= UNCONNECTED
        return not is_full and self._browsers.spare_ports > 0

    def _release_place(self, pseudonym: bytes | None) -> None:
        self._unconnected[pseudonym] -= 1
        if not self._unconnected[pseudonym]:
            del self._unconnected[pseudonym]

    async def queue_delay_of_chat(self, network: str | None) -> dict[str, Any]:
        """Count a chat from this network. Returns, as `behind`, how many seconds behind its arrival it is placed.

        Chats are counted apart from calls.
        """
        pseudonym, now = self.recognise_network(network), asyncio.get_running_loop().time()
        self._begun.add(b"", now)
        return {"behind": self._chats.issue_ticket(pseudonym, now).behind}

    @property
    def is_crowded(self) -> bool:
        begun = self._begun.count(b"", asyncio.get_running_loop().time())
        return begun > CROWD or self._unconnected.total() >= UNCONNECTED // 2

    def recognise_network(self, network: str | None) -> bytes | None:
        """Count one more call or chat from this network, and return the network's pseudonym for this hour.

        None: the network is unknown. Raises `RateLimited` for too many.
        """
        pseudonym = self._pseudonyms.of(network)
        if pseudonym is None:
            return None
        now = asyncio.get_running_loop().time()
        if not self._calls.consume(pseudonym, now, at_most=ABSURD):
            raise RateLimited(_("Too many calls or chats come from your network. Wait a minute, or call by telephone."))
        return pseudonym

    def _is_new_work(self, work: str | None) -> bool:
        """Whether this proof of work is new, and mark it as used."""
        now = asyncio.get_running_loop().time()
        return work is not None and self._spent.consume(work.encode(), now, at_most=1)
