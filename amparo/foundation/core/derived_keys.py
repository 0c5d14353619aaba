"""Keys that are derived from a secret, each for one label: no key serves two purposes, and only the secret is stored.

A label never changes: what was sealed, signed or stored under its key would not be opened or found any more
(`tests/test_derived_keys.py`).
"""

import functools
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BYTES = 32


def derive_key(secret: bytes, label: str) -> bytes:
    """Return the key of 32 bytes for this label (HKDF with SHA-256, RFC 5869)."""
    return HKDF(SHA256(), BYTES, salt=None, info=f"amparo {label}".encode()).derive(secret)


def keyed_digest(secret: bytes, label: str, content: bytes) -> bytes:
    """Return the HMAC-SHA256 of `content` under the key for this label: 32 bytes.

    Equal contents have equal digests. Without the secret nobody can compute one, or try out contents.
    """
    return hmac.digest(_cached_key(secret, label), content, "sha256")


@functools.lru_cache(maxsize=64)
def _cached_key(secret: bytes, label: str) -> bytes:
    return derive_key(secret, label)
