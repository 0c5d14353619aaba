"""Callers from the public page: nothing of their browser is kept, and a pseudonym only until its window ends."""

import asyncio
from collections.abc import Callable
from typing import Any

from amparo.ground.core.recent import Recent
from amparo.ground.core.work import LIFETIME

from .browsers import Browsers
from .fair_queue import WITHOUT_WORK
from .live_call import LiveCall
from .models import Channel, Language


class Visitors:
    def __init__(self, browsers: Browsers, take: Callable[..., LiveCall]) -> None:
        self._browsers, self._take = browsers, take
        self._spent = Recent(2 * LIFETIME)  # works that already served
        self._greeting: set[asyncio.Task[None]] = set()

    async def call_from_page(self, offer: str, language: str, who: str | None, work: str | None) -> dict[str, Any]:
        """`who` is the pseudonym of a network (hex), `work` the name of a proof of work; either may be unknown."""
        leg, sound, sdp = await self._browsers.answer(offer)
        behind = 0.0 if self._is_new(work) else WITHOUT_WORK
        pseudonym = bytes.fromhex(who) if who else None

        async def greet() -> None:
            if await sound.connected() and not sound.closed:  # what is said before is lost
                self._take(leg, pseudonym, behind, channel=Channel.BROWSER, language=Language(language))

        task = asyncio.create_task(greet())
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        return {"sdp": sdp}

    def _is_new(self, work: str | None) -> bool:
        """Each work serves once."""
        now = asyncio.get_running_loop().time()
        if work is None or self._spent.count(work.encode(), now):
            return False
        self._spent.add(work.encode(), now)
        return True
