"""A dialog: the state that lets requests of a call reach the other side (RFC 3261 section 12)."""

import secrets
from dataclasses import dataclass, field

from .flow import Peer
from .message import (
    ALLOW,
    SUPPORTED,
    Malformed,
    Request,
    Response,
    hop_of,
    make_response,
    parse_decimal,
    tag_of,
    uri_of,
    user_of,
)
from .transaction import ServerTransaction

MAX_FORWARDS = 70  # RFC 3261 8.1.1.6


@dataclass(slots=True, repr=False)
class Dialog:
    """The state of a dialog. `local` (our side) and `remote` are the raw From and To of our requests."""

    call_id: str
    local: str
    remote: str
    target: str  # the remote target: a URI
    peer: Peer  # where our requests go
    source: Peer  # where the other side's requests come from; it has proved that it reads what we send there
    routes: list[str] = field(default_factory=list)
    local_seq: int = field(default_factory=lambda: 1 + secrets.randbelow(10_000))
    remote_seq: int = -1  # none received yet

    @classmethod
    def answering(cls, invite: ServerTransaction) -> "Dialog":
        """Return the dialog that our answer to this INVITE creates (12.1.1).

        Our requests go to the source of the INVITE until its ACK proves that the source reads our messages.
        """
        request = invite.request
        return cls(
            call_id=invite.facts.call_id,
            local=f"{request.get_header('To')};tag={invite.tag}",
            remote=request.get_header("From") or "",
            target=uri_of(request.get_header("Contact") or ""),
            peer=invite.source,
            source=invite.source,
            routes=list(request.headers.get("Record-Route")),
            remote_seq=invite.facts.seq,
        )

    @classmethod
    def calling(cls, uri: str, caller: str, peer: Peer) -> "Dialog":
        """Return the dialog of a new outgoing call. Nothing in it comes from another call."""
        tag = secrets.token_hex(8)
        return cls(secrets.token_hex(16), f"<{caller}>;tag={tag}", f"<{uri}>", uri, peer, peer)

    @property
    def key(self) -> tuple[str, str]:
        return self.call_id, tag_of(self.local) or ""

    @property
    def next_hop(self) -> str:
        """Where to send a request of this dialog: to the first route, else to the target (12.2.1.1)."""
        return self.routes[0] if self.routes else f"<{self.target}>"

    def comes_from(self, host: str) -> bool:
        """Whether `host` is a side of this dialog.

        Call-ID and tags prove nothing: one side may forge the address of a victim, who is then sent our responses.
        """
        return host in (self.source.host, self.peer.host)

    @property
    def target_host(self) -> str | None:
        """The host of the other side's Contact, whose requests may come directly, past a proxy. None: not literal."""
        try:
            hop = hop_of(f"<{self.target}>")
        except Malformed:
            return None
        return hop.host if hop else None

    def accept(self, response: Response) -> None:
        """Complete the dialog by a 2xx to our first INVITE, whose Record-Route, reversed, is our route set (12.1.2)."""
        self.remote = response.get_header("To") or ""
        self.routes = list(reversed(response.headers.get("Record-Route")))
        self.refresh_target(response)

    def refresh_target(self, message: Request | Response) -> None:
        """Address further requests to the Contact of this message, if it has one (12.2)."""
        contact = message.get_header("Contact")
        if contact:
            self.target = uri_of(contact)

    def request(self, method: str, *, seq: int | None = None, forwards: int = MAX_FORWARDS) -> Request:
        """Return a new request within the dialog, with the next CSeq number. An ACK passes its INVITE's as `seq`."""
        if seq is None:
            self.local_seq += 1
        request = Request(method=method, uri=self.target)
        for route in self.routes:
            request.add_header("Route", route)
        request.set_header("Max-Forwards", str(forwards))
        request.set_header("From", self.local)
        request.set_header("To", self.remote)
        request.set_header("Call-ID", self.call_id)
        request.set_header("CSeq", f"{self.local_seq if seq is None else seq} {method}")
        if method == "INVITE":
            self._add_contact(request)
        return request

    def response(self, transaction: ServerTransaction, code: int, sdp: str = "") -> Response:
        response = make_response(transaction.request, code, tag_of(self.local) or "", sdp)
        self._add_contact(response)
        return response

    def _add_contact(self, message: Request | Response) -> None:
        message.set_header("Contact", f"<{self.peer.contact}>")
        message.set_header("Allow", ALLOW)
        message.set_header("Supported", SUPPORTED)


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """The caller, the dialled number and Max-Forwards of an incoming call. Never log it."""

    host: str
    port: int
    caller: str  # the user part of From: mostly the caller's number
    dialled: str  # the user part of the Request-URI
    forwards: int  # Max-Forwards as received

    @classmethod
    def of(cls, transaction: ServerTransaction) -> "Origin":
        request, source = transaction.request, transaction.source
        return cls(
            host=source.host,
            port=source.port,
            caller=user_of(request.get_header("From") or ""),
            dialled=user_of(f"<{request.uri}>"),
            forwards=parse_decimal(request.get_header("Max-Forwards") or str(MAX_FORWARDS)),
        )
