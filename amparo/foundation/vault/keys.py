"""The box that seals bytes under one data key, with AES-256-GCM. Data keys are wrapped in wrapping.py."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE = 12  # bytes; random nonces are safe here: one data key seals thousands of fields, not 2**32
SHORT = (64, 256)  # bytes: a yes and a no, a short name and a long one, one line and three, look alike


class KeyDestroyed(Exception):
    """The data key was destroyed on purpose: its sealed data cannot be opened any more."""


class Tampered(Exception):
    """A sealed value does not belong to the place it was found in, or was altered."""


class Box:
    """Seals and opens the fields of one record under its data key.

    `place`, the field's label and the row's id, is bound into the seal. `open` raises `Tampered` for another place.
    """

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(data_key)

    def seal(self, value: bytes, place: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, _pad(value), place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        start = len(VERSION) + NONCE
        if sealed[: len(VERSION)] != VERSION:
            raise Tampered(place)
        try:
            return _unpad(self._cipher.decrypt(sealed[len(VERSION) : start], sealed[start:], place.encode()))
        except (InvalidTag, ValueError) as error:
            raise Tampered(place) from error


def padded_length(length: int) -> int:
    """Return the length to which so many bytes are padded, so that the length of a sealed value reveals little.

    Between two powers of two there are eight such lengths, so a value grows by an eighth at most. They are sizes of
    Padmé (Nikitin et al., PURBs, PETS 2019) without those that lie nearer together (docs/decisions/0023).
    """
    for short in SHORT:
        if length <= short:
            return short
    step = 1 << (length - 1).bit_length() - 4
    return -(-length // step) * step


def _pad(value: bytes) -> bytes:
    length = len(value) + 4
    return len(value).to_bytes(4, "big") + value + bytes(padded_length(length) - length)


def _unpad(padded: bytes) -> bytes:
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]
