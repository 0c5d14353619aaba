"""Offer and answer (RFC 3264): both sides' current descriptions within one call."""

from dataclasses import replace
from secrets import randbelow

from .message import Request, Response
from .sdp import Sdp, build, parse


class OfferAnswer:
    def __init__(self, remote: Sdp | None = None) -> None:
        self.local: Sdp | None = None  # our last description
        self.remote = remote  # the last accepted description of the other side
        self._before: Sdp | None = None
        self._session, self._version = randbelow(2**31), 0

    def write(self, sdp: Sdp) -> str:
        """Our description as text, with as many media lines as the other side's (section 6) and a version that grows
        whenever something changes (section 8)."""
        if self.remote:
            sdp = replace(sdp, refused=self.remote.refused, position=self.remote.position)
        if sdp != self.local:
            self._version += 1
        self._before, self.local = self.local, sdp
        return build(sdp, session=self._session, version=self._version)

    def withdraw(self) -> None:
        """Withdraw our offer after a refusal. Everything stays as before (section 8)."""
        self.local = self._before

    def read(self, message: Request | Response) -> Sdp:
        """Parse the other side's answer. Raises SdpError."""
        self.remote = parse(message.text)
        return self.remote
