"""The registrar: where the operators' phones are (RFC 3261 section 10), by digest (22.4, RFC 8760).

A nonce contains its time and a MAC over that time and the phone's address. So nothing is stored per challenge, and an
overheard REGISTER is useless at another address. The last count of a nonce that proved a password is stored until the
nonce is stale: each response works once, so an overheard REGISTER is useless at the same address too.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from .digest import digest_response
from .flow import Peer
from .message import (
    Malformed,
    Request,
    auth_params,
    make_response,
    nonce_count,
    parse_decimal,
    same_resource,
    uri_of,
    user_of,
)
from .transaction import ServerTransaction

NONCE_SECONDS = 300
DEFAULT_EXPIRES = "3600"  # RFC 3261 10.2.1.1


@dataclass(frozen=True, slots=True)
class Binding:
    """The location of a user's phone: dial `uri` at `peer`."""

    uri: str
    peer: Peer
    until: float
    call_id: str
    seq: int


class Proof(Enum):
    GOOD = auto()
    STALE = auto()  # the password is right, the nonce old or used: the phone need not ask its user (RFC 7616 3.3)
    BAD = auto()


class Registrar:
    """Keeps one phone per user: the one that registered last. `secret_of(user)` is the user's HA1 (see `digest.ha1`)
    for `realm` and `algorithm`, or None. MD5 is the default, because older phones fail at any challenge that mentions
    SHA-256.
    """

    def __init__(
        self,
        realm: str,
        secret_of: Callable[[str], str | None],
        *,
        lifetime: int = 300,
        algorithm: str = "MD5",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.realm, self.secret_of, self.algorithm = realm, secret_of, algorithm
        self.lifetime, self.clock = lifetime, clock  # seconds
        self.bindings: dict[str, Binding] = {}
        self._seal_key = secrets.token_bytes(32)
        self._counts: dict[str, int] = {}  # the last count of each nonce that proved a password and is not stale

    def lookup(self, user: str) -> Binding | None:
        """Return where the user's phone is now, or None."""
        binding = self.bindings.get(user)
        return binding if binding and binding.until > self.clock() and binding.peer.flow.is_open else None

    def receive(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        credentials = auth_params(request.get_header("Authorization") or "")
        proof = self._check_credentials(credentials, request, transaction.source)
        user = credentials.get("username", "")
        if proof is not Proof.GOOD:
            self._challenge(transaction, proof)
        elif user_of(request.get_header("To") or "") != user:
            transaction.reply(403)  # 10.3 step 4: users may register only their own address
        elif self._is_out_of_order(user, transaction):
            transaction.reply(500)
        else:
            transaction.endpoint.transport.amplification_limit.mark_validated(
                transaction.source.host
            )  # it read our nonce
            self._bind(user, transaction)
            self._confirm(user, transaction)

    def _bind(self, user: str, transaction: ServerTransaction) -> None:
        """Bind the user to each Contact, the last one wins. 0 seconds remove this Contact, and for `*` any (10.2.2)."""
        request, facts = transaction.request, transaction.facts
        for contact in request.headers.get("Contact"):
            seconds = self._lifetime_of(contact, request)
            if seconds == 0:
                known = self.bindings.get(user)
                if known and (contact.strip() == "*" or uri_of(contact) == known.uri):
                    del self.bindings[user]
            else:
                uri, until = uri_of(contact), self.clock() + seconds
                self.bindings[user] = Binding(uri, transaction.source, until, facts.call_id, facts.seq)

    def _lifetime_of(self, contact: str, request: Request) -> int:
        """Return the seconds for which a phone is registered.

        The phone asks for them in its Contact, else in the Expires header. We grant at most `self.lifetime`.
        """
        _, named, rest = contact.partition(">")[2].partition("expires=")
        requested = rest.partition(";")[0] if named else request.get_header("Expires") or DEFAULT_EXPIRES
        seconds = parse_decimal(requested, below=2**32)
        if contact.strip() == "*" and seconds != 0:
            raise Malformed("10.3 step 6: * only to remove")
        return min(seconds, self.lifetime)

    def _is_out_of_order(self, user: str, transaction: ServerTransaction) -> bool:
        """Whether this REGISTER is older than the last one of the same phone: it must not undo that (10.3 step 7)."""
        known, facts = self.lookup(user), transaction.facts
        return known is not None and known.call_id == facts.call_id and known.seq >= facts.seq

    def _confirm(self, user: str, transaction: ServerTransaction) -> None:
        response = make_response(transaction.request, 200, transaction.tag)
        binding = self.lookup(user)
        if binding:
            response.set_header("Contact", f"<{binding.uri}>;expires={round(binding.until - self.clock())}")
        transaction.respond(response)

    def _challenge(self, transaction: ServerTransaction, proof: Proof) -> None:
        stale = ", stale=true" if proof is Proof.STALE else ""
        nonce = self._nonce(f"{int(self.clock()):x}-{secrets.token_hex(8)}", transaction.source)
        transaction.reply(
            401,
            WWW_Authenticate=f'Digest realm="{self.realm}", nonce="{nonce}", algorithm={self.algorithm}, '
            f'qop="auth"{stale}',
        )

    def _nonce(self, stamp: str, source: Peer) -> str:
        """Return a nonce. `stamp` is its time and a unique part."""
        seal = hmac.new(self._seal_key, f"{stamp} {source.host}".encode(), hashlib.sha256)
        return f"{stamp}-{seal.hexdigest()[:32]}"

    def _check_credentials(self, credentials: dict[str, str], request: Request, source: Peer) -> Proof:
        """Check the credentials. Raises Malformed if they are for another URI than the request's (RFC 7616 3.4.6)."""
        nonce, user = credentials.get("nonce", ""), credentials.get("username", "")
        stamp = nonce.rpartition("-")[0]
        if credentials.get("realm") != self.realm or not _is_equal(nonce, self._nonce(stamp, source)):
            return Proof.BAD
        if not same_resource(credentials.get("uri", ""), request.uri):
            raise Malformed("digest for another URI")
        secret = self.secret_of(user)
        # also for unknown users, so that the time is the same
        ours = digest_response(secret or "", request.method, credentials, self.algorithm)
        if not _is_equal(ours, credentials.get("response", "").lower()) or not secret:
            return Proof.BAD
        return Proof.GOOD if self._consume_nonce(nonce, nonce_count(credentials)) else Proof.STALE

    def _consume_nonce(self, nonce: str, count: int) -> bool:
        """Record a use of the nonce. Returns False if it is too old, or was used with this count or a higher one."""
        now = self.clock()
        self._counts = {each: last for each, last in self._counts.items() if now - _nonce_time(each) <= NONCE_SECONDS}
        if now - _nonce_time(nonce) > NONCE_SECONDS or count <= self._counts.get(nonce, 0):
            return False
        self._counts[nonce] = count
        return True


def _nonce_time(nonce: str) -> int:
    """Return the time at which a nonce was made, in seconds. Its MAC must have been checked."""
    return int(nonce.partition("-")[0], 16)


def _is_equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
