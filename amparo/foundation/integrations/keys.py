"""Digests of tokens, and keys that sign webhooks. Both are made with a key of ours; no token and no key is stored."""

import base64
import secrets
from uuid import UUID

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.core.derived_keys import keyed_digest
from amparo.foundation.vault.wrapping import keyring

PREFIX = "amparo_"  # so that a token in a log or a repository can be recognised
BYTES = 32


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(BYTES)


def secret_digest(text: str) -> bytes:
    """Return the keyed digest of a token or a request. Write access to the table is not enough to make a token."""
    return keyed_digest(keyring().search_key(HOTLINE), "integrations|token", text.encode())


def signing_key(hook: UUID) -> bytes:
    return keyed_digest(keyring().search_key(HOTLINE), "integrations|hook", hook.bytes)


def signing_secret(hook: UUID) -> str:
    """Return the signing key as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(signing_key(hook)).decode()
