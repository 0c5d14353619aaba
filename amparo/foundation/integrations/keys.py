"""What stands for a token in the database, and the secret that signs what we send: neither is kept."""

import base64
import functools
import hmac
import secrets
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.vault.wrapping import keyring

PREFIX = "amparo_"  # so that who finds one, in a log or a repository, knows what it opens
BYTES = 32


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(BYTES)


def digest(text: str) -> bytes:
    """Nobody guesses 256 bits; keyed all the same, so that who writes to the table alone can make no token."""
    return hmac.digest(_key(keyring().search_key(HOTLINE), "token"), text.encode(), "sha256")


def signing_key(hook: UUID) -> bytes:
    return hmac.digest(_key(keyring().search_key(HOTLINE), "hook"), hook.bytes, "sha256")


def signing_secret(hook: UUID) -> str:
    """The same, as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(signing_key(hook)).decode()


def signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Standard Webhooks 1.0: of id, time and body, so that an old message cannot be sent again as a new one."""
    said = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, said, "sha256")).decode()


@functools.lru_cache(maxsize=8)
def _key(search_key: bytes, kind: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"amparo integrations|{kind}".encode()).derive(search_key)
