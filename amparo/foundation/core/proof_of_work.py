"""Proof of work: a visitor's browser searches for a moment, so that ten thousand visits cost somebody something.

For calls and chats it only decides who comes first: who brings none (an old phone, no script) comes later and is never
refused. Codes are asked for with it while many are guessed.
"""

import functools
import hashlib
import secrets

from django.core import signing

BITS, SURGE_BITS = 18, 20  # each bit doubles the search; to check it stays one hash
LIFETIME = 300  # seconds to search and to use what was found
LONGEST_ANSWER = 20  # digits


def challenge(bits: int = BITS) -> str:
    """A riddle to be searched for; nothing of it is kept here."""
    return _signer().sign(f"{bits}.{secrets.token_hex(8)}")


def solved_challenge(challenge: str, answer: str) -> str | None:
    """The riddle's own name, by which its second use is told; None where the work was not done.

    Done: SHA-256 of "challenge.answer" begins with as many zero bits as the challenge asks for.
    """
    if not (answer.isascii() and answer.isdigit() and len(answer) <= LONGEST_ANSWER):
        return None
    try:
        riddle = _signer().unsign(challenge, max_age=LIFETIME)
    except (signing.BadSignature, UnicodeEncodeError):
        return None
    bits, _, name = riddle.partition(".")
    return name if has_leading_zeros(f"{challenge}.{answer}", int(bits)) else None


@functools.cache
def _signer() -> signing.TimestampSigner:
    """With the key of the house, which only the web reads: any of its processes checks what another one asked."""
    return signing.TimestampSigner(salt="amparo.work")


def bits_of(challenge: str) -> int:
    """How much work was asked for; of a challenge that `solved_challenge` took."""
    return int(challenge.partition(".")[0])


def has_leading_zeros(text: str, bits: int) -> bool:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0
