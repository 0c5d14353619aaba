"""The hash chain over the ledger's entries, and signed checkpoints that say how far it reaches."""

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from amparo.foundation.core.derived_keys import derive_key

GENESIS = hashlib.sha256(b"amparo ledger 1").digest()
COLUMNS = ("id", "at", "user_id", "agency_id", "role", "purpose", "what", "about", "key", "fields")
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical_form(columns: Iterable[Any]) -> bytes:
    """Return the canonical form of an entry's `COLUMNS`: a JSON list, with time in UTC and microseconds."""
    number, at, user, agency, role, purpose, what, about, key, fields = columns
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    file = None if key is None else str(key)
    return _write([number, moment, user, agency, role, purpose, what, about, file, fields]).encode()


def chain_hash(previous: bytes, number: int, entry: bytes) -> bytes:
    """Return the hash of entry `number` in canonical form. It covers `previous`, the hash of the entry before it."""
    return hashlib.sha256(previous + number.to_bytes(8, "big") + entry).digest()


@dataclass(frozen=True)
class Checkpoint:
    """The sealer's signed statement: at this time, the last entry had this number and this hash."""

    number: int
    hash: bytes
    at: datetime
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        return f"amparo ledger checkpoint|{self.number}|{self.hash.hex()}|{self.at.isoformat()}".encode()

    def signed(self, key: Ed25519PrivateKey) -> "Checkpoint":
        return Checkpoint(self.number, self.hash, self.at, key.sign(self.statement))

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, self.statement)
        except InvalidSignature:
            return False
        return True


@functools.cache
def signing_key() -> Ed25519PrivateKey:
    """Return the key that signs checkpoints, derived from a secret in AMPARO_HOME/keys. Only the sealer signs."""
    secret = settings.ENVIRONMENT.secret("ledger").encode()
    return Ed25519PrivateKey.from_private_bytes(derive_key(secret, "ledger"))
