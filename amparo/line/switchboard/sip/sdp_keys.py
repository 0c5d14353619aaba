"""The part of a session description about encryption: keys (RFC 4568) or certificates (RFC 5763)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from enum import StrEnum

SUITE = "AES_CM_128_HMAC_SHA1_80"  # the one every implementation of RFC 4568 must have
KEY_LENGTH = 30  # bytes: a key of 16 and a salt of 14
FINGERPRINT = re.compile(r"a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})", re.I)
CRYPTO = re.compile(rf"a=crypto:(\d{{1,9}}) {SUITE} inline:([A-Za-z0-9+/=]{{40}})(?:\|(?:2\^)?\d{{1,19}})?")


class Setup(StrEnum):
    """Who begins the DTLS handshake (RFC 4145)."""

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"


@dataclass(frozen=True, slots=True)
class Crypto:
    """The key with which this side encrypts, and its tag in the offer."""

    tag: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dtls:
    """The SHA-256 of this side's certificate, and its role in the handshake."""

    fingerprint: bytes
    setup: Setup


def sdp_lines(crypto: Crypto | None, dtls: Dtls | None) -> list[str]:
    """Return the lines of a description that offer or accept this encryption."""
    lines = []
    if crypto is not None:
        lines.append(f"a=crypto:{crypto.tag} {SUITE} inline:{base64.b64encode(crypto.key).decode()}")
    if dtls is not None:
        lines += [f"a=fingerprint:sha-256 {dtls.fingerprint.hex(':').upper()}", f"a=setup:{dtls.setup}"]
    return lines


def crypto_of(body: list[str]) -> Crypto | None:
    """Return the key in the first a=crypto line of a media section that we support, or None.

    That is a line with our suite, and without a key identifier or session parameters (RFC 4568 6).
    """
    for line in body:
        if found := CRYPTO.fullmatch(line):
            try:
                key = base64.b64decode(found[2], validate=True)
            except binascii.Error:
                continue
            if len(key) == KEY_LENGTH:
                return Crypto(int(found[1]), key)
    return None


def dtls_of(head: list[str], body: list[str]) -> Dtls | None:
    lines = (*body, *head)
    fingerprint = next(filter(None, map(FINGERPRINT.fullmatch, lines)), None)
    setup = next((line[8:] for line in lines if line.startswith("a=setup:")), Setup.ACTPASS)
    if fingerprint is None or setup not in tuple(Setup):
        return None
    return Dtls(bytes.fromhex(fingerprint[1].replace(":", "")), Setup(setup))
