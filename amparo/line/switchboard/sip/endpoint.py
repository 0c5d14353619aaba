"""The endpoint matches every message to its transaction (RFC 3261 17.1.3 and 17.2.3).

It passes each new request on once; repeated requests get the same response again.
"""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Callable

from .flow import MAX_MESSAGE, Flow, Peer
from .message import (
    Facts,
    Malformed,
    Request,
    Response,
    Via,
    hop_of,
    make_response,
    parse_message,
    record_source,
    top_via,
)
from .transaction import MAGIC, ClientTransaction, Key, ServerTransaction, Timers
from .transport import TransportLayer

log = logging.getLogger(__name__)

MAX_TRANSACTIONS = 20_000  # each lingers 32 s, about 3 kB
PER_CALL = 100  # of these; a caller who types a number sends one INFO for each key
RETRY_AFTER = "10"  # seconds; RFC 3261 20.33


class Endpoint:
    """The SIP transaction layer of the process. Calls are built on it; it handles ACK and CANCEL itself."""

    def __init__(
        self,
        on_request: Callable[[ServerTransaction], None],
        is_ours: Callable[[Facts, str], bool] = lambda facts, host: False,
        trusts: Callable[[str], bool] = lambda host: False,
        timers: Timers | None = None,
        *,
        refuses: Callable[[str], int | None] = lambda host: None,
        is_flow_used: Callable[[Flow], bool] = lambda flow: False,
        is_known: Callable[[str], bool] = lambda host: False,
        is_foreign: Callable[[Facts, Peer], bool] = lambda facts, source: False,
        is_same_side: Callable[[Peer, Peer], bool] = lambda known, source: known.host == source.host,
    ) -> None:
        self.is_foreign, self.is_same_side = is_foreign, is_same_side
        self.on_request, self.is_ours, self.trusts, self.refuses = on_request, is_ours, trusts, refuses
        self.timers = timers or Timers()
        self.loop = asyncio.get_running_loop()
        self.transport = TransportLayer(self.receive, self._fail_requests_on, is_flow_used, is_known)
        self.clients: dict[Key, ClientTransaction] = {}
        self.servers: dict[Key, ServerTransaction] = {}
        self.of_calls: Counter[tuple[str, str | None]] = Counter()  # server transactions within each call
        self.unacknowledged: dict[Facts, ServerTransaction] = {}  # our 2xx, by what the ACK will say
        self.unanswered: dict[Facts, ServerTransaction] = {}  # INVITEs, to find the same one by another path
        self.repeated = self.malformed = self.failed = self.shed = 0

    def peer_for(self, address: str, source: Peer) -> Peer:
        """Return the peer to which requests of a dialog go: mostly the `source` of the other side's messages.

        `address` is its Route or Contact, which may be wrong behind a NAT, or a victim's. It is followed only if the
        source is trusted and the address is literal and within our reach.
        """
        hop = hop_of(address) if self.trusts(source.host) else None
        if hop is None or (source.is_reliable and source.flow.is_open) or hop.protocol not in ("udp", "tcp"):
            return source
        try:
            return self.transport.peer(hop.host, hop.port, hop.protocol)
        except KeyError:  # no socket of that family
            return source

    def request(self, request: Request, peer: Peer, on_response: Callable[[Response], None]) -> ClientTransaction:
        if not peer.flow.is_open:
            peer = self._reopened(request, peer)
        return self.start(ClientTransaction(self, request, peer, on_response))

    def _reopened(self, request: Request, peer: Peer) -> Peer:
        """Return the peer to use in the place of one whose connection was closed.

        If we had opened the connection, we open it again. Otherwise `peer_for` decides.
        """
        if self.transport.may_reopen(peer):
            return self.transport.peer(peer.host, peer.port, "tcp")
        return self.peer_for(request.get_header("Route") or f"<{request.uri}>", peer)

    def start(self, transaction: ClientTransaction) -> ClientTransaction:
        self.clients[transaction.key] = transaction
        transaction.start()
        return transaction

    def receive(self, data: bytes, peer: Peer) -> None:
        """Handle received bytes. Whatever they are, the process continues, and no log quotes them."""
        if len(data) <= 4:
            return  # a keep-alive
        if len(data) > MAX_MESSAGE:
            self.malformed += 1
            return
        try:
            message, facts = parse_message(data)
            if isinstance(message, Response):
                self._receive_response(message, facts, peer)
            else:
                self._receive_request(message, facts, peer)
        except Malformed:
            self.malformed += 1
        except Exception as error:
            self._log_failure("a SIP message", error)

    def _receive_response(self, response: Response, facts: Facts, source: Peer) -> None:
        transaction = self.clients.get((top_via(response).branch or "", facts.method))
        if transaction:
            if source.host == transaction.peer.host:
                self.transport.amplification_limit.mark_validated(source.host)  # it read our branch
            transaction.receive(response)

    def _receive_request(self, request: Request, facts: Facts, source: Peer) -> None:
        via = top_via(request)
        key = _transaction_key(request, facts, via)
        known = self.servers.get(key)
        if request.method == "ACK":
            acknowledged = known or self.unacknowledged.get(facts)
            if acknowledged:
                if acknowledged.has_read(facts, source.host):
                    self.transport.amplification_limit.mark_validated(source.host)
                acknowledged.receive_ack(request, facts)
        elif known:
            known.receive_copy()
        else:
            record_source(request, via, source.host, source.port)
            self._receive_new(request, facts, key, _response_peer(via, source), source)

    def _receive_new(self, request: Request, facts: Facts, key: Key, peer: Peer, source: Peer) -> None:
        invite = self.servers.get(_cancelled_by(key)) if request.method == "CANCEL" else None
        is_stray = invite is None or not self.is_same_side(invite.source, source)
        if (request.method == "CANCEL" and is_stray) or self.is_foreign(facts, source):
            self._refuse_statelessly(request, peer, 481)
            return
        is_ours = self.is_ours(facts, source.host)
        if is_ours:
            self.transport.amplification_limit.mark_validated(source.host)
        if code := self._refusal_within_call(facts) if is_ours else self._refusal_of(facts, source):
            self._refuse_statelessly(request, peer, code)
            return
        transaction = self.servers[key] = ServerTransaction(self, request, facts, peer, key, source)
        self.of_calls[transaction.call] += 1
        if invite is not None:
            self._cancel_invite(transaction, invite)
        elif (
            transaction.is_invite
            and not facts.to_tag
            and self.unanswered.setdefault(facts, transaction) is not transaction
        ):
            transaction.reply(482)  # 8.2.2.2: one INVITE by two paths, from a forking proxy
        else:
            self._handle_request(transaction)

    def _refusal_within_call(self, facts: Facts) -> int | None:
        """Return 503 if a call has too many requests under way, or None. A BYE is always accepted."""
        is_full = self.of_calls[facts.call_id, facts.to_tag] >= PER_CALL
        return 503 if is_full and facts.method != "BYE" else None

    def _refusal_of(self, facts: Facts, source: Peer) -> int | None:
        """Return the status code with which to refuse a new request; None: accept it.

        Half of the transactions are reserved for new calls, so that a flood of other requests cannot block a caller.
        """
        if facts.method == "CANCEL":
            return None  # its INVITE has a place
        is_new_call = facts.method == "INVITE" and not facts.to_tag
        room = MAX_TRANSACTIONS if is_new_call else MAX_TRANSACTIONS // 2
        if len(self.servers) >= room and self.transport.is_known(source.host):
            room += MAX_TRANSACTIONS
        if len(self.servers) >= room:
            return 503
        return self.refuses(source.host) if is_new_call else None

    def _cancel_invite(self, cancel: ServerTransaction, invite: ServerTransaction) -> None:
        cancel.tag = invite.tag  # 9.2: the To tag of both responses should be the same
        cancel.reply(200)
        invite.cancel()

    def _handle_request(self, transaction: ServerTransaction) -> None:
        try:
            self.on_request(transaction)
        except Malformed:
            self.malformed += 1
            transaction.reply(400)
        except Exception as error:
            self._log_failure("a request", error)
            transaction.reply(500)

    def _refuse_statelessly(self, request: Request, peer: Peer, code: int) -> None:
        """Refuse a request without keeping a transaction (8.2.7); a repeated request is refused again."""
        self.shed += 1
        response = make_response(request, code)
        if code == 503:
            response.set_header("Retry-After", RETRY_AFTER)
        peer.send(bytes(response))

    def mark_answered(self, transaction: ServerTransaction) -> None:
        if self.unanswered.get(transaction.facts) is transaction:
            del self.unanswered[transaction.facts]

    def _fail_requests_on(self, flow: Flow) -> None:
        """Fail the requests that are under way on a connection that ended (17.1.4)."""
        for transaction in [client for client in self.clients.values() if client.peer.flow is flow]:
            transaction.fail(503)

    def _log_failure(self, what: str, error: Exception) -> None:
        """Log where the code failed, but never the text of the error: it may contain a telephone number."""
        self.failed += 1
        frames = traceback.extract_tb(error.__traceback__)
        places = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
        log.error("%s was not served: %s at %s", what, type(error).__name__, places)

    def close(self) -> None:
        self.transport.close()


def _transaction_key(request: Request, facts: Facts, via: Via) -> Key:
    """Return the key of the server transaction that a request belongs to: branch, sent-by and method (17.2.3).

    The ACK of an error response belongs to the transaction of its INVITE.
    """
    method = "INVITE" if request.method == "ACK" else request.method
    branch = via.branch or ""
    if not branch.startswith(MAGIC):  # a peer of RFC 2543: 17.2.3, second half
        branch = f"{facts.call_id} {facts.from_tag} {facts.seq} {request.get_header('Via')}"
    return branch, f"{via.host}:{via.port}".lower(), method


def _cancelled_by(cancel: Key) -> Key:
    """Return the key of the INVITE that a CANCEL with this key cancels (9.2)."""
    return (*cancel[:2], "INVITE")


def _response_peer(via: Via, source: Peer) -> Peer:
    """Return where responses go: to the source of the request (18.2.2 and RFC 3581).

    Without rport, the port is that of the Via header.
    """
    if source.is_reliable or "rport" in via.params:
        return source
    return Peer(source.flow, source.host, via.port or 5060)
