"""Offer and answer (RFC 3264): both sides' current descriptions within one call."""

from dataclasses import replace
from secrets import randbelow

from .message import Request, Response
from .sdp import Sdp, parse_sdp, write_sdp


class OfferAnswer:
    def __init__(self, remote: Sdp | None = None) -> None:
        self.local: Sdp | None = None  # our last description
        self.remote = remote  # the last accepted description of the other side
        self._before: Sdp | None = None
        self._session, self._version = randbelow(2**31), 0

    def write_local(self, sdp: Sdp) -> str:
        """Return our description as text, and keep it as the current one.

        It has as many media lines as the other side's (section 6). Its version grows with each change (section 8).
        """
        if self.remote:
            sdp = replace(sdp, refused=self.remote.refused, position=self.remote.position)
        if sdp != self.local:
            self._version += 1
        self._before, self.local = self.local, sdp
        return write_sdp(sdp, session=self._session, version=self._version)

    def withdraw(self) -> None:
        """Withdraw our offer after a refusal. Everything stays as before (section 8)."""
        self.local = self._before

    def read_answer(self, message: Request | Response) -> Sdp:
        """Parse the other side's answer. Raises SdpError."""
        self.remote = parse_sdp(message.text)
        return self.remote
