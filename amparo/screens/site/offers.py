"""Limits calls offered by the public page before they take a thread, so that a flood of calls blocks no page.

Offers have threads of their own. If the network is unknown, or has sent many offers, an offer needs proof of work.
The switchboard checks that the work is new and that there is room.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _

from amparo.foundation.core.asgi_body import Receive, Scope
from amparo.foundation.core.proof_of_work import LIFETIME, solved_challenge
from amparo.foundation.core.pseudonyms import Pseudonyms, network_of
from amparo.foundation.core.rate_limit import SlidingWindow

from .anonymous import ALWAYS

PATH = "/call/offer"
MINUTE = 60.0  # seconds
THREADS, MOST_WAITING = 2, 24  # of each web process
WITHOUT_WORK = 20  # offers per minute from one network, in each web process
LONGEST_OFFER = 1 << 16  # bytes; with its proof of work a browser's has a few kB
USES = 3  # of one proof of work, in each web process; the switchboard accepts it once

type App = Callable[[Scope, Receive, Any], Awaitable[None]]


class OfferLimit:
    def __init__(self) -> None:
        self._waiting = 0
        self._pseudonyms, self._without_work, self._uses = (
            Pseudonyms(MINUTE),
            SlidingWindow(MINUTE),
            SlidingWindow(2 * LIFETIME),
        )

    async def handle(self, app: App, scope: Scope, body: Receive, send: Any) -> None:
        """Let `app` answer, or refuse with 429, or with 503 if too many offers wait."""
        try:
            messages = [await body()]
            while messages[-1].get("more_body"):
                messages.append(await body())
        except BadRequest:
            return await _refuse(send, 400)
        address = (scope.get("client") or ("",))[0]
        if not self._is_worth_a_thread(address, b"".join(message.get("body", b"") for message in messages)):
            return await _refuse(send, 429)
        if self._waiting >= MOST_WAITING:
            return await _refuse(send, 503)
        self._waiting += 1
        try:
            await app(scope, _replay(messages), send)
        finally:
            self._waiting -= 1

    def _is_worth_a_thread(self, address: str, body: bytes) -> bool:
        now = asyncio.get_running_loop().time()
        if name := _solved_work_in(body):
            return self._uses.consume(name.encode(), now, at_most=USES)
        pseudonym = None if address in settings.ENVIRONMENT.proxies else self._pseudonyms.of(network_of(address))
        return pseudonym is not None and self._without_work.consume(pseudonym, now, at_most=WITHOUT_WORK)


def _solved_work_in(body: bytes) -> str | None:
    if len(body) > LONGEST_OFFER:  # the page refuses it in a sentence; parsing megabytes here would hold up every page
        return None
    try:
        offer = json.loads(body)
        return solved_challenge(str(offer["challenge"]), str(offer["found"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _replay(messages: list[MutableMapping[str, Any]]) -> Receive:
    remaining = iter(messages)

    async def receive() -> MutableMapping[str, Any]:
        return next(remaining)

    return receive


async def _refuse(send: Any, status: int) -> None:
    text = _(
        "The line is busy with calls from browsers. Your browser has to work a little longer first. "
        "Try again, or call by telephone."
    )
    headers = {**ALWAYS, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": text.encode()})
