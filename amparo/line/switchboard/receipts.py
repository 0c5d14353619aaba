"""What the page of a call keeps in its memory, to show it if a fault cuts the call: the signed id of the call.

The web process signs and reads receipts. The switchboard, which reads what strangers send, has no key.
"""

from functools import cache
from uuid import UUID

from django.core import signing


def receipt_of(call: UUID) -> str:
    """Return what the page of a call keeps in its memory, to show it if a fault cuts the call."""
    return _signer().sign(call.hex)


def call_of_receipt(receipt: str) -> UUID | None:
    """Return the call that a receipt of ours names. None: it is not ours."""
    try:
        return UUID(_signer().unsign(receipt))
    except (signing.BadSignature, UnicodeEncodeError, ValueError):
        return None


@cache
def _signer() -> signing.Signer:
    """Return the signer of receipts. Its key is in the home, so that a receipt is known after a restart too."""
    return signing.Signer(salt="amparo.cut-call")
