"""Proof of work: a visitor's browser computes for a moment, so that ten thousand visits cost an attacker something.

For calls and chats it only decides the order: a visitor without it (an old phone, no script) comes later and is never
refused. Return codes require it while many codes are guessed.
"""

import functools
import hashlib
import secrets

from django.core import signing

BITS, SURGE_BITS = 18, 20  # each bit doubles the search; checking stays one hash
LIFETIME = 300  # seconds to search and to use the answer
LONGEST_ANSWER = 20  # digits


def make_challenge(bits: int = BITS) -> str:
    """Make a challenge; the server stores nothing of it."""
    return _signer().sign(f"{bits}.{secrets.token_hex(8)}")


def solved_challenge(challenge: str, answer: str) -> str | None:
    """Return the challenge's id if the answer solves it, otherwise None. By the id the caller notices a second use.

    It is solved if SHA-256 of "challenge.answer" begins with as many zero bits as the challenge requires.
    """
    if not (answer.isascii() and answer.isdigit() and len(answer) <= LONGEST_ANSWER):
        return None
    try:
        payload = _signer().unsign(challenge, max_age=LIFETIME)
    except (signing.BadSignature, UnicodeEncodeError):
        return None
    bits, _, name = payload.partition(".")
    return name if has_leading_zeros(f"{challenge}.{answer}", int(bits)) else None


@functools.cache
def _signer() -> signing.TimestampSigner:
    """Return the signer of challenges. Its key is in the home, so each web process can check those of the others."""
    return signing.TimestampSigner(salt="amparo.work")


def bits_of(challenge: str) -> int:
    """Number of bits that a challenge requires; only for one that `solved_challenge` accepted."""
    return int(challenge.partition(".")[0])


def has_leading_zeros(text: str, bits: int) -> bool:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0
