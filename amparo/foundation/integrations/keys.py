"""Digests of tokens, and keys that sign webhooks. Both are made with a key of ours; no token and no key is stored."""

import base64
import functools
import hmac
import secrets
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.vault.wrapping import keyring

PREFIX = "amparo_"  # so that a token in a log or a repository can be recognised
BYTES = 32


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(BYTES)


def keyed_digest(text: str) -> bytes:
    """Return the keyed digest of a token or a request. Write access to the table is not enough to make a token."""
    return hmac.digest(_derived_key(keyring().search_key(HOTLINE), "token"), text.encode(), "sha256")


def signing_key(hook: UUID) -> bytes:
    return hmac.digest(_derived_key(keyring().search_key(HOTLINE), "hook"), hook.bytes, "sha256")


def signing_secret(hook: UUID) -> str:
    """Return the signing key as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(signing_key(hook)).decode()


@functools.lru_cache(maxsize=8)
def _derived_key(search_key: bytes, kind: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"amparo integrations|{kind}".encode()).derive(search_key)
