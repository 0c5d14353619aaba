"""Encrypted sound of telephones: SRTP (RFC 3711) with keys from the SDP or from a DTLS handshake (RFC 5764)."""

import asyncio
import secrets
from collections.abc import Callable
from functools import cache

from aiortc.rtcdtlstransport import SRTP_AES128_CM_SHA1_80, generate_certificate
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate
from OpenSSL import SSL
from pylibsrtp import Error, Policy, Session

KEY_LENGTH = 30  # bytes: a key of 16 and a salt of 14 (AES_CM_128_HMAC_SHA1_80)
LARGEST_DATAGRAM = 1200  # bytes of a handshake
EXPORTER = b"EXTRACTOR-dtls_srtp"  # RFC 5764, 4.2


def new_key() -> bytes:
    return secrets.token_bytes(KEY_LENGTH)


class Cipher:
    """Encrypts what we send and decrypts what we receive. Without keys, nothing is sent or heard."""

    def __init__(self) -> None:
        self._ours = self._theirs = b""
        self._sealing: Session | None = None
        self._opening: Session | None = None

    def set_keys(self, ours: bytes, theirs: bytes) -> None:
        """Use these keys from now on. The same keys again keep their counters."""
        if ours != self._ours:
            self._ours, self._sealing = ours, Session(Policy(ours, Policy.SSRC_ANY_OUTBOUND))
        if theirs != self._theirs:
            self._theirs, self._opening = theirs, Session(Policy(theirs, Policy.SSRC_ANY_INBOUND))

    def seal(self, packet: bytes) -> bytes | None:
        return self._sealing.protect(packet) if self._sealing is not None else None

    def open(self, datagram: bytes) -> bytes | None:
        """Decrypt a packet. None if the other side did not encrypt it, if it is a copy, or if there are no keys yet."""
        if self._opening is None:
            return None
        try:
            return self._opening.unprotect(datagram)
        except (Error, ValueError):
            return None


class Handshake:
    """One DTLS handshake with a telephone, which must present the certificate whose SHA-256 is in its SDP.

    `send` sends datagrams to the telephone. `on_keys(ours, theirs)` is called once, when the handshake is complete.
    """

    def __init__(
        self, fingerprint: bytes, send: Callable[[bytes], object], on_keys: Callable[[bytes, bytes], None]
    ) -> None:
        self.fingerprint = fingerprint
        self._send, self._on_keys = send, on_keys
        self._connection = SSL.Connection(_dtls_context())
        self._connection.set_ciphertext_mtu(LARGEST_DATAGRAM)
        self._begins = self._is_over = False
        self._again: asyncio.TimerHandle | None = None
        self._connection.set_accept_state()

    def begin(self) -> None:
        """Begin the handshake ourselves. Without this call we wait for the telephone to begin."""
        if not self._begins:
            self._begins = True
            self._connection.set_connect_state()
            self._continue()

    def receive(self, datagram: bytes) -> None:
        self._connection.bio_write(datagram)
        self._continue()

    def close(self) -> None:
        self._is_over = True
        if self._again is not None:
            self._again.cancel()

    def _continue(self) -> None:
        try:
            if self._is_over:
                self._connection.recv(LARGEST_DATAGRAM)  # our last flight was lost: it is sent again
            else:
                self._connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._schedule_repeat()
            return
        except SSL.Error:
            return  # what is not a handshake changes nothing; without keys nobody hears anything
        self._flush()
        if not self._is_over:
            self._finish()

    def _finish(self) -> None:
        self.close()
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None or certificate.fingerprint(SHA256()) != self.fingerprint:
            return  # another certificate: no keys
        profile = SRTP_AES128_CM_SHA1_80
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._connection.export_keying_material(EXPORTER, length)
        keys = profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1)
        ours, theirs = keys if self._begins else reversed(keys)
        self._on_keys(ours, theirs)

    def _flush(self) -> None:
        while True:
            try:
                self._send(self._connection.bio_read(LARGEST_DATAGRAM))
            except SSL.WantReadError:
                return

    def _schedule_repeat(self) -> None:
        """Set the timer that sends a lost flight again (RFC 6347, 4.2.4)."""
        seconds = self._connection.DTLSv1_get_timeout()
        if self._again is not None:
            self._again.cancel()
        if seconds is not None and not self._is_over:
            self._again = asyncio.get_running_loop().call_later(max(seconds, 0.01), self._repeat)

    def _repeat(self) -> None:
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            return  # it was sent often enough
        self._flush()
        self._schedule_repeat()


@cache
def _own_certificate() -> tuple[ec.EllipticCurvePrivateKey, Certificate]:
    """Return our key and certificate, new at each start of the process. The SDP contains the fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key, generate_certificate(key)


def own_fingerprint() -> bytes:
    """Return the SHA-256 of our certificate."""
    return _own_certificate()[1].fingerprint(SHA256())


@cache
def _dtls_context() -> SSL.Context:
    key, certificate = _own_certificate()
    context = SSL.Context(SSL.DTLS_METHOD)
    # Accept any certificate, since they are self-signed, and then compare its fingerprint.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *about: True)
    context.set_options(SSL.OP_NO_TICKET)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_tlsext_use_srtp(SRTP_AES128_CM_SHA1_80.openssl_profile)
    return context
