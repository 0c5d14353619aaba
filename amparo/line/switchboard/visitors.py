"""Who calls or writes from the public page: nothing of their browser is kept, a pseudonym only until its window ends.

There is one switchboard and many web processes: whichever of them asks, one network is one pseudonym here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from amparo.ground.core.pseudonyms import Pseudonyms
from amparo.ground.core.recent import Recent
from amparo.ground.core.refusal import TooOften
from amparo.ground.core.work import LIFETIME

from .browsers import Browsers
from .fair_queue import WITHOUT_WORK, FairQueue
from .live_call import LiveCall
from .models import Channel, Language

MINUTE, HOUR = 60.0, 3600.0  # seconds
ABSURD = 60  # calls a minute from one network: no household and no shelter calls so often, and each takes a port
CROWD = 20  # chats begun within a minute, from wherever: then there is more work to do before each (core/work.py)


class Visitors:
    def __init__(self, browsers: Browsers, take: Callable[..., LiveCall]) -> None:
        self._browsers, self._take = browsers, take
        self._pseudonyms, self._calls = Pseudonyms(HOUR), Recent(MINUTE)
        self._spent = Recent(2 * LIFETIME)  # works that already served
        self._chats, self._begun = FairQueue(), Recent(MINUTE)
        self._greeting: set[asyncio.Task[None]] = set()

    async def call_from_page(self, offer: str, language: str, network: str | None, work: str | None) -> dict[str, Any]:
        """`network` becomes a pseudonym at once, `work` is the name of a proof of work; either may be unknown."""
        who = self.recognise(network)
        leg, sound, sdp = await self._browsers.answer(offer)
        behind = 0.0 if self._is_new(work) else WITHOUT_WORK

        async def greet() -> None:
            if await sound.connected() and not sound.closed:  # what is said before is lost
                self._take(leg, who, behind, channel=Channel.BROWSER, language=Language(language))

        task = asyncio.create_task(greet())
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        return {"sdp": sdp}

    async def place_of_chat(self, network: str | None) -> dict[str, Any]:
        """How many seconds behind its arrival a chat from there stands; as with calls, and beside them."""
        who, now = self.recognise(network), asyncio.get_running_loop().time()
        self._begun.add(b"", now)
        return {"behind": self._chats.ticket(who, now).behind}

    @property
    def is_crowd(self) -> bool:
        return self._begun.count(b"", asyncio.get_running_loop().time()) > CROWD

    def recognise(self, network: str | None) -> bytes | None:
        """Its pseudonym of this hour, one more call or chat counted; None where it cannot be told. Raises TooOften."""
        who = self._pseudonyms.of(network)
        if who is None:
            return None
        now = asyncio.get_running_loop().time()
        self._calls.add(who, now)
        if self._calls.count(who, now) > ABSURD:
            raise TooOften(_("Too many calls or chats come from your network. Wait a minute, or call by telephone."))
        return who

    def _is_new(self, work: str | None) -> bool:
        """Each work serves once."""
        now = asyncio.get_running_loop().time()
        if work is None or self._spent.count(work.encode(), now):
            return False
        self._spent.add(work.encode(), now)
        return True
