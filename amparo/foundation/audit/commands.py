"""`amparo audit ...`, for the administrator and for anybody who inspects the hotline."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amparo.foundation.core.refusal import Misconfigured

from .chain import signing_key
from .verifying import verify_ledger as verify_ledger
from .witnesses import Witness


def print_verification(witnesses: tuple[Path, ...], key: str | None) -> int:
    """Verify the ledger against these witnesses, and print one line. Returns the exit status: 0 if all is intact."""
    report = verify_ledger([Witness(folder) for folder in witnesses], _public_key(key))
    print(report)
    return 0 if report.is_intact else 1


def _public_key(key: str | None) -> Ed25519PublicKey:
    if key is None:
        return signing_key().public_key()
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError as error:
        raise Misconfigured("--key is not a public key: 64 hexadecimal digits, as each witness file begins.") from error
