"""The user agent: takes and places calls, and routes messages to their call (RFC 3261 sections 8 and 12)."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import replace

from .call import SipCall
from .dialog import MAX_FORWARDS, Dialog, Origin
from .digest import Credentials
from .endpoint import Endpoint
from .flow import Flow, Peer
from .invitation import CallFailed
from .message import ALLOW, SUPPORTED, Facts, Request, Response, tag_of, unsupported_extensions
from .registrar import Registrar
from .sdp import Sdp, SdpError, parse_sdp
from .session_timer import MIN_SE, SESSION_EXPIRES, timer_wish_of
from .transaction import ServerTransaction, Timers

SDP = "application/sdp"


class Agent:
    """Amparo's SIP side. Set what you need before `listen`:

    `on_call(call)`   a new incoming call: set its callbacks, then `ring`, `answer` or `hangup` it, now or later
    `refuses(host)`   the status that refuses a new call from this host, without storing anything; None accepts it
    `registrar`       serves REGISTER; without a registrar, REGISTER is refused
    `is_trunk(host)`  whether that host is one of our carrier's, which may speak for each other within a call
    `trusts(host)`    whether that host's Contact and Route are followed: our trunks and proxies, nobody else's
    """

    def __init__(
        self, *, timers: Timers | None = None, session_expires: int = SESSION_EXPIRES, min_se: int = MIN_SE
    ) -> None:
        self.session_expires, self.min_se = session_expires, min_se
        self.trusts: Callable[[str], bool] = lambda host: False
        self.is_trunk: Callable[[str], bool] = lambda host: False
        self.refuses: Callable[[str], int | None] = lambda host: None
        self.endpoint = Endpoint(
            self._on_request,
            self._is_ours,
            lambda host: self.trusts(host),
            timers,
            refuses=lambda host: self.refuses(host),
            is_flow_used=self._is_flow_used,
            is_known=self.is_known,
            is_foreign=self._is_foreign,
            is_same_side=self._is_same_side,
        )
        self.calls: dict[tuple[str, str], SipCall] = {}  # by Call-ID and our tag
        self.on_call: Callable[[SipCall], None] = lambda call: call.hangup(480)
        self.registrar: Registrar | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int = 5060, *, advertised: str | None = None) -> int:
        """Listen on UDP and TCP and return the port. Call it once for IPv4 and once for IPv6. A taken port raises
        OSError. `advertised` is the address given to others if `host` is a wildcard or behind NAT.
        """
        return await self.endpoint.transport.listen(host, port, advertised)

    async def listen_tls(self, host: str, port: int, context: ssl.SSLContext, *, advertised: str | None = None) -> int:
        """Listen on TLS with this certificate. Otherwise like `listen`."""
        return await self.endpoint.transport.listen_tls(host, port, context, advertised)

    def peer(self, host: str, port: int = 5060, protocol: str = "udp") -> Peer:
        """Return a peer for a literal address, over "udp" or "tcp"."""
        return self.endpoint.transport.peer(host, port, protocol)

    async def dial(
        self,
        uri: str,
        peer: Peer,
        sdp: Sdp,
        *,
        caller: str,
        forwards: int = MAX_FORWARDS,
        credentials: Credentials | None = None,
        on_progress: Callable[[int], None] = lambda code: None,
        on_hangup: Callable[[], None] = lambda: None,
    ) -> tuple[SipCall, Sdp]:
        """Place a call, wait for its answer, and return the call and the answer's SDP. Cancelling the task cancels it.

        Raises CallFailed. `caller` is the URI the other side sees, the only thing it learns about the caller.
        `forwards` is the Max-Forwards of the call that this one continues, less one, so that loops with a trunk end
        (RFC 7332). `on_progress` gets each provisional status; `on_hangup` is for a call that was answered. There is no
        limit for the ringing: use a timeout.
        """
        if forwards <= 0:
            raise CallFailed(483)
        call = SipCall(self, Dialog.calling(uri, caller, peer))
        call.credentials = credentials
        self.calls[call.dialog.key] = call
        call.on_hangup = on_hangup
        try:
            return call, await call.invite(sdp, forwards=min(forwards, MAX_FORWARDS), on_progress=on_progress)
        except BaseException:  # CancelledError too
            call.on_hangup = lambda: None  # the exception reports it already
            call.hangup()
            raise

    async def transact(self, request: Request, peer: Peer) -> Response:
        """Send a request other than INVITE and return its final response, which may be our own 408 or 503."""
        final: asyncio.Future[Response] = self.endpoint.loop.create_future()

        def on_response(response: Response) -> None:
            if response.status_code >= 200 and not final.done():
                final.set_result(response)

        self.endpoint.request(request, peer, on_response)
        return await final

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        task = self.endpoint.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """End every call and close the sockets."""
        for call in list(self.calls.values()):
            call.hangup(503)
        for task in self._tasks:
            task.cancel()
        self.endpoint.close()

    def is_known(self, host: str) -> bool:
        """Whether the host is a trunk's, or that of a phone that has registered since the start."""
        bindings = self.registrar.bindings.values() if self.registrar else ()
        return self.trusts(host) or any(binding.peer.host == host for binding in bindings)

    # -- requests of others

    def _is_ours(self, facts: Facts, host: str) -> bool:
        """Whether a request belongs to one of our calls and comes from the other side's host."""
        call = self.calls.get((facts.call_id, facts.to_tag or ""))
        return call is not None and call.dialog.comes_from(host)

    def _is_same_side(self, known: Peer, source: Peer) -> bool:
        """Whether `source` may go on with what `known` began. What began in TLS stays there: an address is shared."""
        if known.is_secure and not source.is_secure:
            return False
        return source.host == known.host or (self.is_trunk(source.host) and self.is_trunk(known.host))

    def _is_foreign(self, facts: Facts, source: Peer) -> bool:
        """Whether a request names one of our calls, but comes from elsewhere than its other side.

        Who overhears a call knows its tags. So they are not enough to end it, or to take its sound away.
        """
        call = self.calls.get((facts.call_id, facts.to_tag or ""))
        if call is None:
            return False
        sides = [call.dialog.source, call.dialog.peer]
        if (host := call.dialog.target_host) is not None:
            sides.append(replace(call.dialog.source, host=host))
        return not any(self._is_same_side(side, source) for side in sides)

    def _is_flow_used(self, flow: Flow) -> bool:
        """Whether a call or a registered phone needs this connection."""
        peers = [call.dialog.peer for call in self.calls.values()]
        peers += [binding.peer for binding in self.registrar.bindings.values()] if self.registrar else []
        return any(peer.flow is flow for peer in peers)

    def _on_request(self, transaction: ServerTransaction) -> None:
        request, facts = transaction.request, transaction.facts
        if strange := unsupported_extensions(request):
            transaction.reply(420, Unsupported=", ".join(strange))
        elif request.body and not (request.content_type or "").lower().startswith(SDP) and request.method != "INFO":
            transaction.reply(415, Accept=SDP)
        elif facts.to_tag:
            self._route_to_call(transaction)
        elif not request.uri.lower().startswith(("sip:", "sips:", "tel:")):
            transaction.reply(416)
        elif request.method == "INVITE":
            self._on_invite(transaction)
        elif request.method == "REGISTER" and self.registrar:
            self.registrar.receive(transaction)
        elif request.method == "OPTIONS":
            transaction.reply(200, Allow=ALLOW, Supported=SUPPORTED, Accept=SDP)
        elif request.method in ("BYE", "UPDATE", "INFO", "PRACK"):
            transaction.reply(481)
        else:
            transaction.reply(405, Allow=ALLOW)

    def _route_to_call(self, transaction: ServerTransaction) -> None:
        facts = transaction.facts
        call = self.calls.get((facts.call_id, facts.to_tag or ""))
        if call and tag_of(call.dialog.remote) == facts.from_tag:
            call.receive(transaction)
        else:
            transaction.reply(481)

    def _on_invite(self, transaction: ServerTransaction) -> None:
        origin, wish = Origin.of(transaction), timer_wish_of(transaction.request)
        if origin.forwards == 0:
            transaction.reply(483)  # RFC 7332: a B2BUA that would forward the call ends the loop here
        elif wish and wish.interval < self.min_se:
            transaction.reply(422, Min_SE=str(self.min_se))
        else:
            self._announce_call(transaction, origin)

    def _announce_call(self, transaction: ServerTransaction, origin: Origin) -> None:
        request = transaction.request
        try:
            offer = parse_sdp(request.text) if request.body else None
        except SdpError:
            transaction.reply(488)
            return
        dialog = Dialog.answering(transaction)
        call = SipCall(self, dialog, transaction, offer)
        call.origin = origin
        call.session.accept(request)
        self.calls[dialog.key] = call
        try:
            self.on_call(call)
        except Exception:
            call.hangup(500)
            raise
