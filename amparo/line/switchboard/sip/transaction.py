"""SIP transactions: RFC 3261 section 17 with the 2xx rules of RFC 6026.

Above this module no one sees a duplicate or a lost datagram. A request without an answer yields a 408 made here, and
one that cannot be sent a 503. So the user of a transaction has one path for success and failure.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from .flow import Peer
from .message import Facts, Request, Response, make_response

if TYPE_CHECKING:
    from .endpoint import Endpoint

MAGIC = "z9hG4bK"  # RFC 3261 8.1.1.7: starts every branch that is unique
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timers:
    """RFC 3261 table 4, in seconds; tests shorten t1, t2 and t4 together."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @classmethod
    def scaled(cls, t1: float) -> "Timers":
        return cls(t1, 8 * t1, 10 * t1)

    @property
    def timeout(self) -> float:
        """The duration of timers B, D, F, H, J, L and M, in seconds."""
        return 64 * self.t1

    @property
    def trying_after(self) -> float:
        """Seconds until we send a 100, unless another response was sent before: 200 ms (17.2.1)."""
        return 0.4 * self.t1

    def glare_pause(self, *, owner: bool) -> float:
        """Return the pause after a 491 (14.1): it is 2.1 to 4 s for the owner of the Call-ID, up to 2 s for the other
        side.
        """
        tenths = secrets.randbelow(20)
        return self.t1 * ((42 + 2 * tenths) / 10 if owner else 2 * tenths / 10)


class State(Enum):
    TRYING = auto()  # nothing final yet; "Calling" for INVITE
    PROCEEDING = auto()
    COMPLETED = auto()  # a final response was seen or sent
    ACCEPTED = auto()  # INVITE answered 2xx (RFC 6026)
    CONFIRMED = auto()  # the ACK was received
    TERMINATED = auto()


class Transaction:
    """The common part of client and server: the peer, and at most one repeating and one closing timer."""

    def __init__(self, endpoint: "Endpoint", request: Request, facts: Facts, peer: Peer) -> None:
        self.endpoint, self.request, self.facts, self.peer = endpoint, request, facts, peer
        self.timers = endpoint.timers
        self.is_invite = request.method == "INVITE"
        self.state = State.TRYING
        self._repeat_timer: asyncio.TimerHandle | None = None
        self._close_timer: asyncio.TimerHandle | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the transaction has no final response yet."""
        return self.state in (State.TRYING, State.PROCEEDING)

    def _repeat(self, data: bytes, delay: float, cap: float) -> None:
        """Send `data` again after `delay`, then at growing intervals (timers A, E, G)."""

        def again() -> None:
            self.endpoint.repeated += 1
            self.peer.send(data)
            self._repeat(data, min(2 * delay, cap), cap)

        self._stop_repeating()
        self._repeat_timer = self.endpoint.loop.call_later(delay, again)

    def _stop_repeating(self) -> None:
        if self._repeat_timer:
            self._repeat_timer.cancel()
            self._repeat_timer = None

    def _close_after(self, delay: float, action: Callable[[], None]) -> None:
        self._cancel_close()
        self._close_timer = self.endpoint.loop.call_later(delay, action)

    def _cancel_close(self) -> None:
        if self._close_timer:
            self._close_timer.cancel()
            self._close_timer = None

    def _terminate(self) -> None:
        self.state = State.TERMINATED
        self._stop_repeating()
        self._cancel_close()


class ClientTransaction(Transaction):
    """A client transaction (17.1).

    `on_response` sees each provisional response and one final; for INVITE also every further 2xx, as each needs an ACK
    (13.2.2.4).
    """

    def __init__(
        self,
        endpoint: "Endpoint",
        request: Request,
        peer: Peer,
        on_response: Callable[[Response], None],
        branch: str | None = None,
    ) -> None:
        super().__init__(endpoint, request, Facts.of(request), peer)
        self.on_response, self.branch = on_response, branch or new_branch()
        self.key: Key = (self.branch, request.method)
        self._cancelled = False
        request.set_header("Via", peer.via_header(self.branch))

    def start(self) -> None:
        data = bytes(self.request)
        if not self.peer.send(data):
            self.endpoint.loop.call_soon(lambda: self.fail(503))
        elif not self.peer.is_reliable:
            self._repeat(data, self.timers.t1, self.timers.timeout if self.is_invite else self.timers.t2)  # A or E
        self._close_after(self.timers.timeout, lambda: self.fail(408))  # B or F

    def receive(self, response: Response) -> None:
        if response.status_code < 200:
            if self.is_pending:
                self._proceed(response)
            return
        accepted = self.is_invite and response.status_code < 300
        if self.is_invite and not accepted and self.state is not State.ACCEPTED:
            self._acknowledge(response)
        if self.is_pending:
            self._finish(accepted)
            self.on_response(response)
        elif self.state is State.ACCEPTED and accepted:
            self.on_response(response)

    def _proceed(self, response: Response) -> None:
        is_first, self.state = self.state is State.TRYING, State.PROCEEDING
        if self.is_invite and is_first:
            self._stop_repeating()
            self._cancel_close()  # from here on it may ring without limit
            if self._cancelled:
                self._send_cancel()
        elif not self.is_invite and not self.peer.is_reliable:
            self._repeat(bytes(self.request), self.timers.t2, self.timers.t2)
        self.on_response(response)

    def _finish(self, accepted: bool) -> None:
        self._stop_repeating()
        self.state = State.ACCEPTED if accepted else State.COMPLETED
        if accepted:
            linger = self.timers.timeout  # timer M: copies, and the 2xx of other forks
        elif self.peer.is_reliable:
            linger = 0.0
        else:
            linger = self.timers.timeout if self.is_invite else self.timers.t4  # timers D and K
        self._close_after(linger, self._terminate)

    def cancel(self) -> None:
        """Cancel an INVITE (9.1): now if it rings, else as soon as a provisional response allows it."""
        if self._cancelled or not self.is_pending:
            return
        self._cancelled = True
        if self.state is State.PROCEEDING:
            self._send_cancel()

    def _send_cancel(self) -> None:
        cancel = self._make_sibling("CANCEL")
        self.endpoint.start(ClientTransaction(self.endpoint, cancel, self.peer, lambda response: None, self.branch))
        self._close_after(self.timers.timeout, lambda: self.fail(408))  # 9.1: the INVITE is given up after 64*T1

    def _acknowledge(self, response: Response) -> None:
        ack = self._make_sibling("ACK")  # 17.1.1.3: in the same transaction, thus the same Via
        ack.set_header("To", response.get_header("To") or "")
        self.peer.send(bytes(ack))

    def _make_sibling(self, method: str) -> Request:
        request = Request(method=method, uri=self.request.uri)
        for name in ("Via", "Max-Forwards", "Route", "From", "To", "Call-ID"):
            for value in self.request.headers.get(name):
                request.add_header(name, value)
        request.set_header("CSeq", f"{self.facts.seq} {method}")
        return request

    def fail(self, code: int) -> None:
        """Make the final response ourselves (8.1.3.1): 408 for no answer, 503 for a transport error."""
        if self.is_pending:
            self._terminate()
            self.on_response(make_response(self.request, code))

    def _terminate(self) -> None:
        super()._terminate()
        self.endpoint.clients.pop(self.key, None)


class ServerTransaction(Transaction):
    """A server transaction (17.2), which also repeats our 2xx (13.3.1.4).

    Set the callbacks before `on_request` returns.
    """

    def __init__(
        self, endpoint: "Endpoint", request: Request, facts: Facts, peer: Peer, key: Key, source: Peer
    ) -> None:
        super().__init__(endpoint, request, facts, peer)
        self.key, self.source, self._last = key, source, b""
        self.tag = self.facts.to_tag or secrets.token_hex(8)
        self.on_cancel: Callable[[], None] = lambda: None
        self.on_ack: Callable[[Request], None] = lambda ack: None  # of a 2xx
        self.on_no_ack: Callable[[], None] = lambda: None  # our 2xx was never acknowledged
        if self.is_invite:
            self._repeat_timer = endpoint.loop.call_later(self.timers.trying_after, lambda: self.reply(100))

    def reply(self, code: int, **headers: str) -> None:
        """Respond without a body; header names with underscores for hyphens."""
        response = make_response(self.request, code, self.tag)
        for name, value in headers.items():
            response.set_header(name.replace("_", "-"), value)
        self.respond(response)

    def respond(self, response: Response) -> None:
        if not self.is_pending:
            return  # a final response is out already: a CANCEL or another task was quicker
        is_first, self._last = self.state is State.TRYING, bytes(response)
        self._stop_repeating()
        self.peer.send(self._last)
        if response.status_code < 200:
            self.state = State.PROCEEDING
            return
        self.endpoint.mark_answered(self)
        is_refused = response.status_code >= 300 and response.status_code != 487  # which answers a CANCEL
        if is_first and is_refused and self.is_invite and not self.facts.to_tag:
            self._terminate()  # the INVITE is repeated until it is answered, and refused again: keep no place for it
        elif self.is_invite:
            self._await_ack(accepted=response.status_code < 300)
        else:
            self.state = State.COMPLETED
            self._close_after(0 if self.peer.is_reliable else self.timers.timeout, self._terminate)  # timer J

    def _await_ack(self, *, accepted: bool) -> None:
        self.state = State.ACCEPTED if accepted else State.COMPLETED
        if accepted:
            self.endpoint.unacknowledged[self._ack_facts] = self
        if accepted or not self.peer.is_reliable:
            self._repeat(self._last, self.timers.t1, self.timers.t2)  # 13.3.1.4, or timer G
        self._close_after(self.timers.timeout, self._give_up)  # timer H or L

    def receive_copy(self) -> None:
        """Handle a copy of the request: our last response was lost, so send it again (17.2.1, 17.2.2)."""
        if self._last and self.state is not State.CONFIRMED:
            self.endpoint.repeated += 1
            self.peer.send(self._last)

    def receive_ack(self, ack: Request, facts: Facts) -> None:
        """Handle an ACK. That of a 2xx must contain our tag: a sender with a forged address knows only the branch."""
        if self.state is State.ACCEPTED and facts.to_tag == self.tag:
            self.settle()
            self.on_ack(ack)
        elif self.state is State.COMPLETED:
            self.state = State.CONFIRMED
            self._stop_repeating()
            self._close_after(0 if self.peer.is_reliable else self.timers.t4, self._terminate)  # timer I

    def has_read(self, ack: Facts, host: str) -> bool:
        """Whether this ACK proves that `host` reads what we send there.

        It does if it contains the tag that our response alone contained, and our response went to `host`.
        """
        return not self.facts.to_tag and ack.to_tag == self.tag and host == self.source.host

    def settle(self) -> None:
        """Stop repeating a 2xx: its ACK or a BYE has arrived."""
        if self.state is State.ACCEPTED:
            self.state = State.CONFIRMED
            self._stop_repeating()
            self.endpoint.unacknowledged.pop(self._ack_facts, None)
            self._close_after(self.timers.timeout, self._terminate)  # RFC 6026 timer L: stray copies of the INVITE

    def cancel(self) -> None:
        if self.is_invite and self.is_pending:
            self.reply(487)
            self.on_cancel()

    def _give_up(self) -> None:
        on_no_ack = self.on_no_ack if self.state is State.ACCEPTED else None
        self._terminate()
        if on_no_ack:
            on_no_ack()

    @property
    def call(self) -> tuple[str, str | None]:
        """The Call-ID, and our tag if the request is within a call."""
        return self.facts.call_id, self.facts.to_tag

    @property
    def _ack_facts(self) -> Facts:
        """The fields by which we recognise the ACK to our 2xx: it has a new branch (13.2.2.4)."""
        return self.facts._replace(to_tag=self.tag, method="ACK")

    def _terminate(self) -> None:
        super()._terminate()
        if self.endpoint.servers.pop(self.key, None):
            self.endpoint.of_calls[self.call] -= 1
            if not self.endpoint.of_calls[self.call]:
                del self.endpoint.of_calls[self.call]
        self.endpoint.unacknowledged.pop(self._ack_facts, None)
        self.on_cancel, self.on_ack, self.on_no_ack = lambda: None, lambda ack: None, lambda: None


def new_branch() -> str:
    return MAGIC + secrets.token_hex(12)
