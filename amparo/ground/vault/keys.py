"""The key-encryption key, and the box that seals bytes under one data key.

A key-encryption key, kept in a file outside the database, wraps one data key per call or contact; the data key seals
the fields with AES-256-GCM.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
NONCE = 12  # bytes; random nonces are safe here: one data key seals thousands of fields, not 2**32
BUCKETS = (64, 256, 1024, 4096, 16384)  # bytes: a yes and a no, a short name and a long one, look alike


class Forgotten(Exception):
    """The data key was destroyed: what it sealed is gone on purpose."""


class Tampered(Exception):
    """A sealed value does not belong to the place it was found in, or was altered."""


class FileKey:
    """A key-encryption key kept in AMPARO_HOME/keys, never in the database or its backup."""

    def __init__(self, name: str = "vault") -> None:
        secret = settings.ENVIRONMENT.secret(name).encode()
        self.name = f"file:{name}"
        self._box = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"amparo key-encryption key").derive(secret))

    def wrap(self, data_key: bytes, owner: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._box.encrypt(nonce, data_key, owner)

    def unwrap(self, wrapped: bytes, owner: bytes) -> bytes:
        try:
            return self._box.decrypt(wrapped[:NONCE], wrapped[NONCE:], owner)
        except InvalidTag as error:
            raise Tampered("a wrapped key") from error


class Box:
    """Seals and opens the fields of one owner. `place` names table, column and row, and is bound into the seal."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(data_key)

    def seal(self, value: bytes, place: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, _pad(value), place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        start = len(VERSION) + NONCE
        try:
            return _unpad(self._cipher.decrypt(sealed[len(VERSION) : start], sealed[start:], place.encode()))
        except (InvalidTag, ValueError) as error:
            raise Tampered(place) from error


def _pad(value: bytes) -> bytes:
    length = len(value) + 4
    size = next((s for s in BUCKETS if length <= s), -(-length // BUCKETS[-1]) * BUCKETS[-1])
    return len(value).to_bytes(4, "big") + value + bytes(size - length)


def _unpad(padded: bytes) -> bytes:
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]
