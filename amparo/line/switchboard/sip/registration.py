"""Registers us at a trunk (RFC 3261 section 10.2), which then sends our calls here."""

import asyncio
import logging
import secrets
from contextlib import suppress

from .agent import Agent
from .dialog import MAX_FORWARDS
from .digest import Credentials, authorize
from .flow import Peer
from .message import Malformed, Request, Response, parse_decimal

log = logging.getLogger(__name__)

EXPIRES = 300  # seconds that we ask for
RETRY_SECONDS = 30.0
FAREWELL_SECONDS = 2.0  # how long a stop may wait for the trunk
ATTEMPTS = 3  # a challenge and a 423 may come in between


class Registration:
    """Keeps `address` (`sip:amparo@trunk.example`) registered at `registrar` (`sip:trunk.example`) while `run` runs."""

    def __init__(self, agent: Agent, address: str, registrar: str, peer: Peer, credentials: Credentials) -> None:
        self.agent, self.peer, self.credentials = agent, peer, credentials
        self.address, self.registrar = address, registrar
        self.is_registered = False
        self.last_code = 0  # of the last attempt
        self._call_id, self._tag, self._seq = secrets.token_hex(16), secrets.token_hex(8), 0
        self._expires = EXPIRES

    async def run(self) -> None:
        """Register and refresh. Unregister when the task is cancelled."""
        try:
            while True:
                granted = await self.register(self._expires)
                self.is_registered = granted > 0
                await asyncio.sleep(granted / 2 if granted else RETRY_SECONDS)
        finally:
            if self.is_registered:
                self.is_registered = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.register(0), FAREWELL_SECONDS)

    async def register(self, expires: int) -> int:
        """Register once, through a challenge if necessary. Returns the seconds granted, 0 for none."""
        authorization: tuple[str, str] | None = None
        for _ in range(ATTEMPTS):
            response = await self.agent.transact(self._make_request(expires, authorization), self.peer)
            self.last_code = response.status_code
            if self.last_code < 300:
                return self._granted_seconds(response, expires)
            if self.last_code == 423:  # Interval Too Brief: 10.2.8
                expires = self._expires = max(expires, _seconds(response.get_header("Min-Expires")))
                continue
            authorization = None if authorization else self._authorization_for(response)
            if authorization is None:
                break
        log.warning("registration at a trunk failed with %s", self.last_code)
        return 0

    def _make_request(self, expires: int, authorization: tuple[str, str] | None) -> Request:
        self._seq += 1  # 10.2: one Call-ID, and a CSeq that grows
        request = Request(method="REGISTER", uri=self.registrar)
        request.set_header("Max-Forwards", str(MAX_FORWARDS))
        request.set_header("From", f"<{self.address}>;tag={self._tag}")
        request.set_header("To", f"<{self.address}>")
        request.set_header("Call-ID", self._call_id)
        request.set_header("CSeq", f"{self._seq} REGISTER")
        request.set_header("Contact", f"<{self.peer.contact}>")
        request.set_header("Expires", str(expires))
        if authorization:
            request.set_header(*authorization)
        return request

    def _authorization_for(self, response: Response) -> tuple[str, str] | None:
        return authorize(self.credentials, response, "REGISTER", self.registrar)

    def _granted_seconds(self, response: Response, requested: int) -> int:
        """Return the granted seconds: the expires of our Contact, else the Expires header, else our request."""
        for contact in response.headers.get("Contact"):
            if self.peer.contact in contact and "expires=" in contact:
                return _seconds(contact.rpartition("expires=")[2].partition(";")[0])
        return _seconds(response.get_header("Expires")) if response.get_header("Expires") else requested


def _seconds(text: str | None) -> int:
    try:
        return parse_decimal(text or "0")
    except Malformed:
        return 0
